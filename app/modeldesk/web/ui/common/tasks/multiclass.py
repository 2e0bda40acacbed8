"""Telling several classes apart, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEW = TaskView(
    label="One of many",
    summary=SummaryNames("How sure, average", ""),
    moved="chance of the class answered before",
)
