"""All stores that a process works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modeldesk.ports.analytics import Analyst, LogFiles
from modeldesk.ports.batches import Batches
from modeldesk.ports.decisions import DecisionLog, ServedChange, ThresholdChange
from modeldesk.ports.feedback import FeedbackLog
from modeldesk.ports.jobs import Workers
from modeldesk.ports.outcomes import Outcomes
from modeldesk.ports.predictions import PredictionLog
from modeldesk.ports.presets import Presets
from modeldesk.ports.saved_views import SavedViews
from modeldesk.ports.version_labels import LabelChange


@dataclass(frozen=True, slots=True)
class Store:
    """The stores a process works with, chosen in ``app/modeldesk/bootstrap.py`` only."""

    log: PredictionLog
    served: DecisionLog[ServedChange]
    batches: Batches
    workers: Workers
    outcomes: Outcomes
    feedback: FeedbackLog
    thresholds: DecisionLog[ThresholdChange]
    version_labels: DecisionLog[LabelChange]
    saved_views: SavedViews
    presets: Presets
    analyst: Analyst
    log_files: LogFiles
    close: Callable[[], None] = lambda: None
