"""Ids of the Predict page; ``assets/pages/predict/predict.js`` names the same."""

from __future__ import annotations

FORM = "predict-form"
BODY = "predict-body"
SPEC = "predict-spec"
"""The store with the form's description for the browser (``predict_spec.form_spec``)."""

LIVE = "predict-live"
"""``{model, version, values, seq}``: the form's texts while somebody edits."""

SETTLED = "predict-settled"
"""The same once they pause, for what is too heavy to follow each step."""

OPENED = "predict-opened"
"""A new number each time they pause while something is open that is made only for those who look at it."""

SUBMIT = "predict-submit"
"""The same, to be predicted and recorded."""

ANSWER = "predict-answer"
"""What the browser must know of an answer: its kind, problems by field, the headline."""

SUBMITTED = "predict-submitted"
"""The same of an answer to what was submitted: a preview that comes at once must not take its place."""

RESULT = "predict-result"
RESULT_MAIN = "predict-result-main"
RESULT_FOOT = "predict-result-foot"
RESULT_ERRORS = "predict-result-errors"
RESULT_CHECKS = "predict-result-checks"
STANDING_BOX = "predict-standing"
STANDING_WORDS = "predict-standing-words"
VERSION_NOTICE = "predict-version"
REDRAW = "predict-redraw"
REDRAW_LINE = "predict-redraw-line"

STANDING = "standing"
CURVE = "curve"
SURFACE = "surface"
"""Names of the page's charts."""

CURVE_BOX = "predict-curve-box"
SURFACE_BOX = "predict-surface-box"
CURVE_FEATURE = "predict-curve-feature"
SURFACE_X = "predict-surface-x"
SURFACE_Y = "predict-surface-y"


def place_map(number: int) -> str:
    """The name of a map among the inputs."""
    return f"place-{number}"
