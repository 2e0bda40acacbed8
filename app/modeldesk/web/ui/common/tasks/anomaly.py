"""Telling unusual rows from usual ones, in words."""

from __future__ import annotations

from modeldesk.model_service.tasks.anomaly import UNUSUAL, USUAL
from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

ANSWERS = {UNUSUAL: "Unusual", USUAL: "Normal"}
"""What an answer says, in words."""

VIEW = TaskView(
    label="Anomaly detection",
    summary=SummaryNames("Unusual", "Really unusual"),
    compared="ranks of scores",
    moved="rank of the score",
)
