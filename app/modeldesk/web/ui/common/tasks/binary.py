"""Telling two classes apart, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEW = TaskView(
    label="Yes or no",
    summary=SummaryNames("Predicted {positive}", "Actual {positive}"),
    compared="chances",
    moved="chance of {positive}",
)
