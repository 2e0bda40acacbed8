"""The page of all models in words."""

from __future__ import annotations

from modeldesk.web.ui.common.sentences import Plural

TITLE = "Models"
SHOW_MODELS = "Show models that answer"
ALL = "All {count}"
NEEDS_ATTENTION = "Needs attention {count}"
OF_A_TASK = "{task} {count}"
FILTER_MODELS = "Filter models"
ORDER = "Order of the models"
SORTS = {"used": "Most used first", "name": "By name", "new": "Newest first", "attention": "Needs attention first"}
"""The orders, by what addresses call them."""

READING_MODELS = "Reading the models"
NO_MATCH = "No model matches"
NO_MATCH_HINT = "Take a filter off, or look for another word."
NO_MODELS = "No models yet"
NO_MODELS_HINT = "Publish a trained model and its data: {command}"

ARRIVING = "The example models are being trained and published: {here} of {whole} are here."
ARRIVED = "Examples here"
TO_COME = "Still to come: {names}. Each appears as soon as it serves."

VERSION = "Version {version}"
PUBLISHED = "published {day}"
LOG_UNREADABLE = "The prediction log cannot be read now."
USAGE = Plural("prediction, {days} days", "predictions, {days} days")
"""Stands under the number of predictions."""

USAGE_LINE = "Predictions a day over {days} days: from {least} to {most}, today {today}"
NO_VERSION = "No version can be served."
WHAT_TO_DO = "What to do"

LATEST = "Your latest predictions"
ALL_HISTORY = "All history"
READING_PREDICTIONS = "Reading your predictions"
NO_PREDICTIONS = "No predictions yet"
NO_PREDICTIONS_HINT = "Open a model and press Predict: the answers you get are listed here."

_USED = Plural(
    "{serving} of {models} serving · {n} prediction in the last {days} days",
    "{serving} of {models} serving · {n} predictions in the last {days} days",
)
_USE_UNKNOWN = "{serving} of {models} serving · the prediction log cannot be read now"


def figures(serving: int, models: int, predictions: int | None, days: int) -> str:
    """How many serve, and how much they are used in that many days (None: unknown)."""
    counts = {"serving": f"{serving:,}", "models": f"{models:,}"}
    return _USE_UNKNOWN.format(**counts) if predictions is None else _USED.of(predictions, days=days, **counts)
