"""An analysis job: a question in steps, with a guess of how long they take."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from modeldesk.model_service.explain.choose import SECONDS_A_RECORD
from modeldesk.model_service.importance.contributions import EXACT_ROWS, SAMPLED_ROWS, ContributionAnalysis
from modeldesk.model_service.importance.dependence import MOST_ROWS as DEPENDENCE_ROWS
from modeldesk.model_service.importance.dependence import STEP_VALUES, DependenceAnalysis
from modeldesk.model_service.importance.permutation import MOST_ROWS, REPEATS, ShufflingAnalysis
from modeldesk.model_service.importance.question import AnalysisRequest
from modeldesk.model_service.registry.loaded import LoadedModel

_ANSWERED, _EXPLAINED = (20, 400), (2, 12)
"""How many rows speed is measured with."""
_CROWD = 4
"""As many times longer a call may take on a busy machine and still count as quick."""


class Analysis(Protocol):
    """What answers a question. Steps give the same whoever takes them, and however often; what they
    give, and what ``join`` makes of it, is JSON."""

    @property
    def steps(self) -> int:
        """How many steps there are, at least one."""

    def step(self, index: int) -> dict[str, Any]:
        """Take one step."""

    def join(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Make the answer of what all steps gave, in their order."""


def analysis_of(model: LoadedModel, request: AnalysisRequest) -> Analysis:
    """The analysis that answers a question. Raises KeyError for a feature that the model does not read."""
    if request.kind == "contributions":
        return ContributionAnalysis(model, request.of_class)
    if request.kind == "shuffling":
        return ShufflingAnalysis(model)
    return DependenceAnalysis(model, request.feature or "", request.of_class)


@dataclass(frozen=True, slots=True)
class _Pace:
    """What a call takes beside its rows, and what each row takes; in seconds."""

    call: float
    row: float

    def seconds(self, calls: int, rows: int) -> float:
        """About how long so many calls with so many rows in all take."""
        return self.call * calls + self.row * rows


class Speed:
    """How fast one version answers and explains in this process, measured when first asked for."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._answers = _pace(model.score, model, _ANSWERED)
        self._explains: _Pace | None = None

    def seconds(self, request: AnalysisRequest) -> float:
        """About how long a question takes."""
        model = self._model
        steps = analysis_of(model, request).steps
        if request.kind == "shuffling":
            calls = steps * (REPEATS + 1)
            return self._answers.seconds(calls, calls * MOST_ROWS)
        if request.kind == "dependence":
            return self._answers.seconds(steps, steps * STEP_VALUES * min(DEPENDENCE_ROWS, len(model.reference)))
        if model.explainer.spec.method == "permutation":
            return SECONDS_A_RECORD * SAMPLED_ROWS
        if self._explains is None:
            self._explains = _pace(model.explainer.attribute, model, _EXPLAINED)
        return self._explains.seconds(steps, min(EXACT_ROWS, len(model.reference)))


def _pace(ask: Callable[[pd.DataFrame], object], model: LoadedModel, sizes: tuple[int, int]) -> _Pace:
    """Measured with few rows and with more, the shorter of two times each."""
    rows = model.reference[list(model.schema.names)]
    few, more = (rows.head(size) for size in sizes)
    ask(few)  # first calls build caches that later ones find
    short, long = (min(_timed(ask, part) for _ in range(2)) for part in (few, more))
    a_row = max(0.0, long - short) / max(1, len(more) - len(few))
    return _Pace(max(0.0, short - a_row * len(few)), a_row)


def _timed(ask: Callable[[pd.DataFrame], object], rows: pd.DataFrame) -> float:
    """The processor time of this thread, which others that are busy do not lengthen; a part of the time that
    went by, where an artifact has other threads work for it."""
    started, cpu = time.perf_counter(), time.thread_time()
    ask(rows)
    return max(time.thread_time() - cpu, (time.perf_counter() - started) / _CROWD)
