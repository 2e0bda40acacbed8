"""Ids of the Performance page; ``assets/pages/performance/performance.js`` names the same."""

from __future__ import annotations

from typing import Any

from modeldesk.web.ui.common.filters.form import FilterFormIds

MODEL = "performance-model"
READY = "performance-ready"
"""A store: which version and rows the page shows, once their figures are there."""
WANTED = "performance-wanted"
"""A store: what the address asked for when the page was opened."""
SEGMENT = "performance-segment"
"""A store: the conditions that rows are limited by, as ``conditions.written`` writes them."""
WHERE = "performance-where"
"""A store: the filters of a person's own cohort, as ``cohort_text`` writes them."""

ERRORS = "performance-errors"
FOLLOW_ERRORS = "performance-follow-errors"
SOURCE = "performance-source"
EXPORTS = "performance-exports"
ROWS = "performance-rows"
VERSION = "performance-version"
NOTICE = "performance-notice"
SEGMENT_CHIP = "performance-segment-chip"
KPIS = "performance-kpis"
FILTER = FilterFormIds("performance")
ADD_ERRORS = "performance-add-errors"
REMOVE_ERRORS = "performance-remove-errors"
CHIPS = "performance-chips"
CLEAR = "performance-clear"
LINK = "performance-link"

CONTROLS = "performance-controls"
SLIDER = "performance-slider"
NUMBER = "performance-number"
NUMBER_MESSAGE = "performance-number-message"
"""What is wrong with the number beside the slider; the browser says it."""
THRESHOLD = "performance-threshold"
"""A store: the threshold that charts are asked for, a share. It follows the slider as fast as the
charts can."""
ANSWERED = "performance-answered"
"""A store: the threshold of the last answer."""
SETTLED = "performance-settled"
"""A store: the threshold once the slider rests, for what is too heavy to follow it."""
SLIDER_WORDS = "performance-slider-words"
GO = "performance-go-to"
COST_BOX = "performance-cost-box"
COST_MISSED = "performance-cost-missed"
COST_ALARM = "performance-cost-alarm"
COST_MISSED_LABEL = "performance-cost-missed-label"
COST_ALARM_LABEL = "performance-cost-alarm-label"
WANT_FOUND = "performance-want-found"
WANT_RIGHT = "performance-want-right"
TYPED = "performance-typed"
"""A store: what the fields of costs and wanted shares stand for, by their ids."""
STANDING = "performance-standing"
"""A store: the threshold in use as the page shows it."""
IN_USE = "performance-in-use"
SAVE_BOX = "performance-save-box"
SAVE = "performance-save"
BACK = "performance-back"
DECISION = "performance-decision"
"""A store: the decision that the dialog is open for, and what it is based on."""
SAVED = "performance-saved"
"""A store: the last decision that was made here."""
SAVE_OUTCOME = "performance-save-outcome"
FOLLOW = "performance-follow"
CLASS_BOX = "performance-class-box"
CLASS = "performance-class"

MATRIX = "matrix"
COST = "cost"
ROC = "roc"
CALIBRATION = "calibration"
SCORES = "scores"
RECALL_PRECISION = "recall-precision"
GAIN = "gain"
CONFUSION = "confusion"
EACH = "each"
PREDICTED = "predicted"
RESIDUALS = "residuals"
QUANTILES = "quantiles"
COVERAGE = "coverage"
UNUSUAL = "unusual"
CASES = "cases"
FAILS = "fails"
GROUPS = "groups"
FIGURES = "figures"
COHORT = "cohort"
RECORDS = "records"
"""Names of the page's cards, and of the charts in them."""

CARDS = (
    COHORT, MATRIX, CONFUSION, PREDICTED, UNUSUAL, COST, EACH, RESIDUALS, CASES, ROC, QUANTILES,
    CALIBRATION, COVERAGE, SCORES, FAILS, RECALL_PRECISION, GAIN, FIGURES, GROUPS, RECORDS,
)  # fmt: skip
"""In the order of the page."""

MATRIX_BODY = "performance-matrix"
FIGURES_BODY = "performance-figures"
EACH_BODY = "performance-each"
CASES_BODY = "performance-cases"
RESIDUAL_FEATURE = "performance-residual-feature"
FAIL_KIND = "performance-fail-kind"
FAIL_KIND_BOX = "performance-fail-kind-box"
FAILS_BODY = "performance-fails"
FAILS_ERRORS = "performance-fails-errors"
GROUP_FEATURE = "performance-group-feature"
FAVOURABLE = "performance-favourable"
GAPS_BODY = "performance-gaps"
COHORT_BODY = "performance-cohort"
COHORT_ERRORS = "performance-cohort-errors"
ROWS_GRID = "performance-rows-grid"
ROWS_NOTE = "performance-rows-note"
ROWS_ERRORS = "performance-rows-errors"
GROUPS_BODY = "performance-groups"
GROUPS_ERRORS = "performance-groups-errors"


def part(name: Any) -> dict[str, Any]:
    """The place of one card, hidden where the model has no use for it."""
    return {"part": "performance-card", "name": name}


def message(field: str) -> str:
    """The place beside a field for what is wrong with it."""
    return f"{field}-message"


def go(threshold: Any) -> dict[str, Any]:
    """The button that moves the slider to a threshold (its exact text)."""
    return {"part": "performance-go", "name": threshold}


def limit(segment: Any) -> dict[str, Any]:
    """The button that limits the rows to a segment, or, with an empty one, takes the limit off."""
    return {"part": "performance-limit", "name": segment}


def without(filter_text: Any) -> dict[str, Any]:
    """The button that takes one filter of the cohort off."""
    return {"part": "performance-without", "name": filter_text}
