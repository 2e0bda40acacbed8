"""Feature importance of a version over many rows: computed once by a job and cached."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.importance.analysis import Speed, analysis_of
from modeldesk.model_service.importance.contributions import Contributions, picture_sizes, read_contributions
from modeldesk.model_service.importance.dependence import Dependence, read_dependence
from modeldesk.model_service.importance.interactions import Bin, binned, telling
from modeldesk.model_service.importance.permutation import Shuffling, read_shuffling
from modeldesk.model_service.importance.question import (
    AnalysisRequest,
    Driver,
    class_names,
    drivers_of,
    request_key,
    usual_class,
)
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import json_values
from modeldesk.model_service.schema.one_hot import choice_field
from modeldesk.model_service.schema.schema import Feature, Scalar
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import workers_alive
from modeldesk.services.importance.analysis_storage import AnalysisJob
from modeldesk.services.privacy import shown_features, shows_records

log = logging.getLogger("modeldesk.drivers")

AT_ONCE_SECONDS = 1.0
"""An analysis that takes longer is left to the workers."""
CACHED_ANSWERS, CACHED_SPEEDS = 32, 16

Answer = TypeVar("Answer", Contributions, Shuffling, Dependence)

# Answers never change, and each is read from its file once a process.
_answers: LruCache[Any] = LruCache(CACHED_ANSWERS)
_speeds: LruCache[Speed] = LruCache(CACHED_SPEEDS)


@dataclass(frozen=True)
class FeatureImportance:
    """The version whose feature importance is shown. ``of_class`` is the class that contributions and dependence
    are about, None for models without classes; ``classes`` are those to choose from."""

    model: LoadedModel
    of_class: str | None
    classes: tuple[str, ...]

    @cached_property
    def shown(self) -> tuple[tuple[int, Driver], ...]:
        """The inputs that may be shown, with their place among all of the version's."""
        names = frozenset(shown_features(self.model))
        return tuple(
            (index, driver)
            for index, driver in enumerate(drivers_of(self.model))
            if any(name in names for name in driver.columns)
        )

    @cached_property
    def hidden(self) -> int:
        """How many inputs may not be shown."""
        return len(drivers_of(self.model)) - len(self.shown)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The inputs whose values can be drawn along an axis: no pictures and no free text."""
        single = [driver.key for _, driver in self.shown if not driver.picture]
        return tuple(name for name in single if self.model.schema.feature(name).type != "text")

    @property
    def rows_shown(self) -> bool:
        """Whether single rows may be drawn."""
        return shows_records(self.model)

    @property
    def has_outcomes(self) -> bool:
        """Whether answers can be held against outcomes at all."""
        return self.model.manifest.target is not None and self.model.manifest.task.has_errors


@dataclass(frozen=True, slots=True)
class JobStatus(Generic[Answer]):
    """The state of an analysis: its answer, the reason why it failed, or how many of its steps are done."""

    found: Answer | None = None
    failed: str | None = None
    done: int = 0
    steps: int = 0
    idle: bool = False
    """Whether no worker is running that could continue it."""

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.found is None and self.failed is None


def feature_importance(
    context: AppContext, caller: Caller, name: str, *, version: int | None = None, of_class: str | None = None
) -> FeatureImportance:
    """Return the version whose feature importance is shown, the served one unless named; ignore a class that it
    does not have. Raises NotAllowed, NotFound, ModelUnavailable."""
    caller.require(Permission.SEE_PERFORMANCE)
    model = context.model(caller, name, version)
    classes = class_names(model) if model.manifest.task.one_of_many else ()
    return FeatureImportance(model, of_class if of_class in classes else usual_class(model), classes)


def contributions(context: AppContext, importance: FeatureImportance) -> JobStatus[Contributions]:
    """Return the contributions of each input to the answers about the class, or the state of the analysis."""
    return _asked(
        context, importance, AnalysisRequest(kind="contributions", of_class=importance.of_class), read_contributions
    )


def shuffling(context: AppContext, importance: FeatureImportance) -> JobStatus[Shuffling]:
    """Return the permutation importance of each input, or the state of the analysis."""
    if not importance.has_outcomes:
        return JobStatus(failed="This model has no outcome that its answers could be held against.")
    return _asked(context, importance, AnalysisRequest(kind="shuffling"), read_shuffling)


def dependence(context: AppContext, importance: FeatureImportance, feature: str) -> JobStatus[Dependence]:
    """Return the partial dependence of the answers about the class on one input. Raises NotFound for an
    input that is not shown."""
    if feature not in importance.inputs:
        raise NotFound(f"There is no input {feature!r} to draw answers by.")
    request = AnalysisRequest(kind="dependence", of_class=importance.of_class, feature=feature)
    return _asked(context, importance, request, read_dependence)


def ask_again(context: AppContext, importance: FeatureImportance) -> None:
    """Restart the analyses of this version that failed."""
    for request in (
        AnalysisRequest(kind="contributions", of_class=importance.of_class),
        AnalysisRequest(kind="shuffling"),
    ):
        _again(context, importance, request)
    for feature in importance.inputs:
        _again(context, importance, AnalysisRequest(kind="dependence", of_class=importance.of_class, feature=feature))


@dataclass(frozen=True, slots=True)
class ByValue:
    """The contributions (n,) of one input beside its ``values`` (n, JSON), and those of the input named by
    ``colour`` (None: none). Where single rows are not shown there are ``bins`` instead of values."""

    feature: str
    contributions: np.ndarray
    values: Sequence[Scalar]
    colour: str | None
    colours: Sequence[Scalar]
    bins: tuple[Bin, ...]


AUTOMATIC = "auto"


def by_value(
    importance: FeatureImportance, result: Contributions, feature: str, colour: str | None = AUTOMATIC
) -> ByValue:
    """Contributions of one input against its value; ``colour`` AUTOMATIC takes the input that tells most of
    what the value does not. Raises NotFound for inputs that are not shown."""
    for name in (feature, *([] if colour in (None, AUTOMATIC) else [colour])):
        if name not in importance.inputs:
            raise NotFound(f"There is no input {name!r} to draw contributions by.")
    features, table = _as_inputs(importance, importance.model.reference.iloc[result.places])
    own = features[feature]
    index = next(at for at, driver in importance.shown if driver.key == feature)
    amounts = result.values[:, index]
    if not importance.rows_shown:
        return ByValue(feature, amounts, (), None, (), binned(amounts, own, table[feature]))
    if colour == AUTOMATIC:
        colour = telling(amounts, own, table, [features[name] for name in importance.inputs if name != feature])
    colours = () if colour is None else tuple(json_values(features[colour], table[colour]))
    return ByValue(feature, amounts, tuple(json_values(own, table[feature])), colour, colours, ())


def _as_inputs(importance: FeatureImportance, table: pd.DataFrame) -> tuple[dict[str, Feature], pd.DataFrame]:
    """The inputs that can be drawn along an axis, and rows with a column of each: of a choice what was chosen."""
    features = {name: importance.model.schema.feature(name) for name in importance.inputs}
    fields = {field.name: field for field in importance.model.fields}
    choices = [driver.choice for _, driver in importance.shown if driver.choice is not None]
    features |= {choice.columns[0]: choice_field(fields[choice.columns[0]], choice).feature for choice in choices}
    return features, table.assign(**{choice.columns[0]: choice.texts(table) for choice in choices})


def pixels(importance: FeatureImportance, result: Contributions, driver: Driver) -> list[float]:
    """The mean absolute contribution of each pixel of a picture, row by row from the top left."""
    return [float(size) for size in picture_sizes(result, importance.model.schema.names, driver)]


class _NotKept(Exception):
    """No answer is stored yet."""


def _asked(
    context: AppContext,
    importance: FeatureImportance,
    request: AnalysisRequest,
    read: Callable[[Mapping[str, Any]], Answer],
) -> JobStatus[Answer]:
    model, storage = importance.model, context.analysis_storage
    key = request_key(model, request)

    def read_kept() -> Answer:
        answer = storage.answer(model.name, model.version, key)
        if answer is None:
            raise _NotKept
        return read(answer)

    try:
        return JobStatus(found=_answers.get(key, read_kept))
    except _NotKept:
        opened = storage.opened(key)
    if opened is None:
        failure = storage.failure(model.name, model.version, key)
        if failure is not None:
            return JobStatus(failed=failure.reason)
        steps = analysis_of(model, request).steps
        opened = AnalysisJob(key=key, model=model.name, version=model.version, question=request, steps=steps)
        if _speed(model).seconds(request) <= AT_ONCE_SECONDS:
            return _answer_now(context, model, opened, read)
        storage.open(opened)
    return JobStatus(done=storage.parts(opened), steps=opened.steps, idle=not workers_alive(context))


def _answer_now(
    context: AppContext, model: LoadedModel, job: AnalysisJob, read: Callable[[Mapping[str, Any]], Answer]
) -> JobStatus[Answer]:
    """Compute in the calling thread; another caller of the same analysis waits for it."""

    def make() -> Answer:
        analysis = analysis_of(model, job.question)
        answer = analysis.join([analysis.step(index) for index in range(analysis.steps)])
        context.analysis_storage.keep(job, answer)
        return read(answer)

    try:
        return JobStatus(found=_answers.get(job.key, make))
    except ModeldeskError as error:
        reason = str(error)
    except Exception as error:  # an artifact may raise anything
        log.exception("The feature_importance of %s cannot be found out.", model.name)
        reason = f"The model failed on it ({type(error).__name__}); the server's log says more."
    context.analysis_storage.keep_failure(job, reason)
    return JobStatus(failed=reason)


def _again(context: AppContext, importance: FeatureImportance, request: AnalysisRequest) -> None:
    model, storage = importance.model, context.analysis_storage
    failure = storage.failure(model.name, model.version, request_key(model, request))
    if failure is not None:
        storage.open(failure.asked.model_copy(update={"attempt": failure.asked.attempt + 1}))


def _speed(model: LoadedModel) -> Speed:
    return _speeds.get((str(model.folder), model.digest), lambda: Speed(model))
