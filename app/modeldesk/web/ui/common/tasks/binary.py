"""Telling two classes apart, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEW = TaskView(
    label="Binary",
    summary=SummaryNames("Predicted {positive}", "Actual {positive}"),
    key_figures=("accuracy", "recall_macro", "f1_macro", "f1_weighted", "roc_auc", "log_loss"),
    compared="probabilities",
    moved="probability of {positive}",
)
