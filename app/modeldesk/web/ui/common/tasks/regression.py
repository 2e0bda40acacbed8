"""Predicting a number, in words."""

from __future__ import annotations

from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEW = TaskView(
    label="Regression",
    summary=SummaryNames("Predicted, average", "Actual, average", share=False),
    key_figures=("mae", "rmse", "median_error", "bias", "r2"),
)
