"""Telling several classes apart, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEW = TaskView(
    label="Multiclass",
    summary=SummaryNames("How sure, average", ""),
    key_figures=("accuracy", "recall_macro", "f1_macro", "f1_weighted", "roc_auc", "log_loss"),
    moved="probability of the class answered before",
)
