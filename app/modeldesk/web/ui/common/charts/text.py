"""The card of a chart, and what charts of several pages say, in words."""

from __future__ import annotations

from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.web.ui.common.sentences import Plural

DRAWING = "Drawing the chart"
AS_A_TABLE = "{title} as a table"
PICTURE = "Picture (PNG)"
VECTOR = "Drawing (SVG)"
DATA = "Data (CSV)"
DOWNLOAD = "Download {title}"

REFUSED = "refused by a rule"
"""What stands where an answer would."""

PAST_CASES = "Where past cases lie"

# Contributions
ADDS: dict[ExplanationScale, str] = {
    "log_odds": "Adds to the log-odds",
    "probability": "Adds to the probability, in points",
    "score": "Adds to the score",
    "value": "Adds to the answer",
}
ADDS_UNIT = "Adds to the answer, {unit}"
LOG_ODDS = "{amount} log-odds"
POINTS = "{amount} points"
LOG_ODDS_RANGE = "{low} to {high} log-odds"
POINTS_RANGE = "{low} to {high} points"

# The waterfall
BASE_VALUE = "Base value"
THIS_ANSWER = "This answer"
OTHER_INPUTS = Plural("{n} other input", "{n} other inputs")
INPUT = "Input"
VALUE = "Value"
ADDED = "Adds"
STANDARD_ERROR = "Standard error"
BARS = {
    "probability": "Bars are points of probability and add up to the answer.",
    "log_odds": "Bars multiply (×) or divide (÷) the odds; their lengths are log-odds, which add up.",
    "score": "Bars are on the model's own score, which they add up to.",
    "value": "Bars add up to the answer.",
}
ESTIMATED = "They are estimated by sampling; the table gives the error of each."
PIXEL = "Row %{y}, column %{x}: %{z:+.3g}<extra></extra>"
"""Plotly fills this one in."""
