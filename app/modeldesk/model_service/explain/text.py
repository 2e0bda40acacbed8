"""Which words of a text move the model's answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.explain.answers import Answers
from modeldesk.model_service.explain.permutation import sample_shapley
from modeldesk.model_service.package.insights import ExplanationScale

MAX_PLAYERS = 60
"""More different words than this are taken together with their neighbours."""
PAIRS = 24

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class WordContribution:
    """What a word, or a run of words, adds wherever it stands: ``spans`` are (start, end) in the text."""

    text: str
    spans: tuple[tuple[int, int], ...]
    contribution: float
    error: float


@dataclass(frozen=True, slots=True)
class TextExplanation:
    """Base value + words = output, where the base value is the answer without any word, all other
    inputs as they are."""

    feature: str
    scale: ExplanationScale
    of_class: str | None
    base_value: float
    output: float
    words: tuple[WordContribution, ...]


def explain_words(
    answers: Answers, frame: pd.DataFrame, feature: str, of_class: Any = None, *, pairs: int = PAIRS, seed: int = 0
) -> TextExplanation:
    """Shapley values of the words of one text column, for the one row in ``frame``.

    A word takes part by standing in the text or being cut out of it, at all its places at once.
    Raises KeyError for an unknown feature or class, and what the artifact raises.
    """
    frame = frame[list(answers.schema.names)].iloc[:1]
    own = frame[feature].iloc[0]
    text = "" if pd.isna(own) else str(own)
    players = _players(text)
    answer = answers.ask(frame)[0]
    column = answers.column(of_class, answer)

    def ask(texts: list[str]) -> np.ndarray:
        rows = frame.take(np.zeros(len(texts), dtype=int)).reset_index(drop=True)
        rows[feature] = pd.Series(texts, dtype=object).astype(frame[feature].dtype)
        return np.asarray(answers.ask(rows)[:, column])

    def evaluate(masks: np.ndarray, _: np.ndarray) -> np.ndarray:
        distinct, index = np.unique(masks, axis=0, return_inverse=True)
        return ask([_without(text, players, mask) for mask in distinct])[index.ravel()]

    absent = ask([_without(text, players, np.zeros(len(players), dtype=bool))]) if players else answer[[column]]
    active = np.ones((1, len(players)), dtype=bool)
    terms, errors = sample_shapley(evaluate, active, float(answer[column]), absent, pairs, seed)
    words = tuple(
        WordContribution(text[spans[0][0] : spans[0][1]], spans, float(term), float(error))
        for spans, term, error in zip(players, terms, errors, strict=True)
    )
    name = answers.classes[column] if answers.classes else None
    return TextExplanation(feature, answers.scale, name, float(absent[0]), float(answer[column]), words)


def _players(text: str) -> list[tuple[tuple[int, int], ...]]:
    """The places of each different word; of runs of words where there are too many different ones."""
    result: dict[str, list[tuple[int, int]]] = {}
    spans = [match.span() for match in _WORD.finditer(text)]
    for start, end in spans:
        result.setdefault(text[start:end].casefold(), []).append((start, end))
    if len(result) <= MAX_PLAYERS:
        return [tuple(indices) for indices in result.values()]
    size = -(-len(spans) // MAX_PLAYERS)
    return [((spans[at][0], spans[min(at + size, len(spans)) - 1][1]),) for at in range(0, len(spans), size)]


def _without(text: str, players: list[tuple[tuple[int, int], ...]], present: np.ndarray) -> str:
    """The text with the words that are not kept cut out."""
    gone = sorted(span for spans, stays in zip(players, present, strict=True) if not stays for span in spans)
    parts, at = [], 0
    for start, end in gone:
        parts.append(text[at:start])
        at = end
    return "".join([*parts, text[at:]])
