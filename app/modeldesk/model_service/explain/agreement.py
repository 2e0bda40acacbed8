"""Whether a decomposition's sums are what the model really answers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from modeldesk.model_service.explain.answers import AnswerKind
from modeldesk.model_service.package.insights import ExplanationScale

Link = Literal["identity", "logistic", "softmax"]
"""From margins to answers: as they are; a margin to the second class's probability; k margins
to k probabilities."""


def find_link(margins: np.ndarray, answers: np.ndarray, kind: AnswerKind, tolerance: float, unit: float) -> Link | None:
    """The link under which margins (n, j) give answers (n, k) in every row, or None."""
    for link in _possible(margins.shape[1], answers.shape[1], kind):
        if bool(agrees(margins, answers, link, tolerance, unit).all()):
            return link
    return None


def scale_of(link: Link, kind: AnswerKind) -> ExplanationScale:
    """The scale that margins under a link are on."""
    if link == "logistic":
        return "log_odds"
    if link == "softmax":
        return "score"
    if kind == "value":
        return "value"
    return "probability" if kind == "probability" else "score"


def agrees(margins: np.ndarray, answers: np.ndarray, link: Link, tolerance: float, unit: float) -> np.ndarray:
    """Row by row (n,), whether the margins give the answers within the relative tolerance.

    ``unit`` is the size of a usual difference between answers, for answers near zero. Under a
    link both the probabilities and, as far as their precision allows, the log-odds must agree:
    a margin wrong by ten hardly shows in a probability of 0.99999.
    """
    if not np.isfinite(margins).all(axis=1).all():
        return np.zeros(len(margins), dtype=bool)
    if link == "identity":
        expected = _both_classes(margins, answers.shape[1])
        return np.asarray((np.abs(expected - answers) <= tolerance * np.maximum(np.abs(answers), unit)).all(axis=1))
    logits = np.column_stack([np.zeros(len(margins)), margins[:, 0]]) if link == "logistic" else margins
    log_told = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    near = (np.abs(np.exp(log_told) - answers) <= tolerance).all(axis=1)
    precision = 1e-6 if tolerance > 1e-5 else 1e-15
    with np.errstate(divide="ignore"):
        log_answers = np.log(answers)
        # 1 - p carries the rounding of p, so the smaller probability has the greater error.
        slack = precision / np.maximum(answers, np.finfo(float).tiny)
    allowed = tolerance * np.maximum(1.0, np.abs(log_told)) + slack
    close = (np.abs(log_told - log_answers) <= allowed) | (slack > 1)
    return np.asarray(near & close.all(axis=1))


def _both_classes(margins: np.ndarray, columns: int) -> np.ndarray:
    """One margin for two columns stands for the second; the first is its negative."""
    if margins.shape[1] == 1 and columns == 2:
        return np.column_stack([-margins[:, 0], margins[:, 0]])
    return margins


def _possible(margins: int, answers: int, kind: AnswerKind) -> tuple[Link, ...]:
    if kind == "label":
        return ()
    if kind == "probability" and margins == 1:
        return ("logistic",) if answers == 2 else ()
    if margins == answers:
        return ("identity", "softmax") if kind == "probability" else ("identity",)
    return ("identity",) if kind == "decision" and margins == 1 and answers == 2 else ()
