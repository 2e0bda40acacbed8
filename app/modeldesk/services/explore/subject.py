"""What the Explore page looks at: the rows of one source, and the columns of them that may be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modeldesk.core.errors import ModeldeskError, Problem
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.batch.row_tables import positive_class
from modeldesk.model_service.package.folder import HOLDOUT
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.ports.analytics import (
    ACTUAL,
    ERROR,
    HIGH,
    INPUT,
    KEY,
    LOW,
    PREDICTION,
    PROBABILITY,
    SCORE,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Column,
    Extent,
    Measure,
    RowSource,
)
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.explore.parts import Dimension
from modeldesk.services.explore.row_sources import row_source
from modeldesk.services.explore.view import SourceKind, View, read_parts, read_source
from modeldesk.services.privacy import shown_features, shows_records

FRESH_SECONDS = 30
"""How old figures of all rows may be where outcomes come in."""
_LABELS = {PREDICTION: "Prediction", PROBABILITY: "Probability", SCORE: "Score"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A view with the rows it is of. ``dimensions`` are the columns that may be looked at, by column:
    inputs in the order of the form, then what is known of a prediction. ``prediction`` tells what charts
    show of a prediction, ``answer`` what is told of many, ``actual`` the same of their outcomes; ``positive``
    is the class that a model of two looks for. ``asked`` is about when: outcomes change without new rows."""

    model: LoadedModel
    view: View
    source: RowSource
    extent: Extent
    dimensions: Mapping[str, Dimension]
    prediction: Dimension
    positive: str | None
    answer: Measure | None
    actual: Measure | None
    asked: int

    @property
    def inputs(self) -> tuple[Dimension, ...]:
        """The inputs that charts may be drawn by."""
        result = [item for item in self.dimensions.values() if item.column.startswith(INPUT) and item.charted]
        return tuple(result)

    @property
    def charted(self) -> tuple[Dimension, ...]:
        """All columns that charts may be drawn by, inputs first."""
        return tuple(item for item in self.dimensions.values() if item.charted and item.column in self._offered)

    @property
    def _offered(self) -> frozenset[str]:
        return frozenset({TIME, VERSION, SOURCE, WARNINGS, *(item.column for item in self.inputs)})

    @property
    def coordinates(self) -> tuple[Dimension, Dimension] | None:
        """Latitude and longitude, where the model reads such."""
        result = {
            field.widget: self.dimensions.get(f"{INPUT}{field.name}")
            for field in self.model.fields
            if field.widget in ("latitude", "longitude")
        }
        latitude, longitude = result.get("latitude"), result.get("longitude")
        return (latitude, longitude) if latitude and longitude else None

    @property
    def time(self) -> Dimension | None:
        """What tells when: when predictions of the log were made, else the first input that is a time."""
        times = [self.dimensions.get(TIME), *(item for item in self.inputs if item.kind == "time")]
        return next((item for item in times if item is not None), None)

    @property
    def value(self) -> Dimension | None:
        """The prediction as a number, where it is one or has one."""
        return self.prediction if self.prediction.kind == "number" else self.dimensions.get(PROBABILITY)

    @property
    def shows_rows(self) -> bool:
        """Whether single rows may be shown."""
        return shows_records(self.model)

    def columns(self) -> tuple[Column, ...]:
        """The source's columns that may be looked at and filtered by."""
        return tuple(column for column in self.source.columns if column.name in self.dimensions)


def subject(
    context: AppContext, caller: Caller, name: str, query: Mapping[str, Any]
) -> tuple[Subject, tuple[Problem, ...]]:
    """What an address asks for, and what of it cannot be had; the rest is kept.

    Raises NotAllowed, NotFound, ModelUnavailable, StoreUnavailable.
    """
    caller.require(Permission.SEE_PERFORMANCE)
    model = context.model(caller, name)
    view, problems = read_source(query)
    if not query.get("source"):
        view = view.elsewhere(**_first(context, caller, model))
    try:
        source = _rows(context, caller, name, view)
    except ModeldeskError as error:
        if error.status >= 500:
            raise
        problems = (*problems, Problem("source", "address", error.detail))
        view = view.elsewhere(**_first(context, caller, model))
        source = _rows(context, caller, name, view)
    if view.version is not None and view.kind != "log":
        model = context.model(caller, name, view.version)
    result = _subject(context, model, view, source)
    view, more = read_parts(view, query, result.columns())
    return replace(result, view=view), (*problems, *more)


def finished_batches(context: AppContext, caller: Caller, name: str) -> Sequence[Batch]:
    """The caller's own scored files of a model, newest first."""
    return [batch for batch in batches.own(context, caller, model=name).batches if batch.state == "succeeded"]


def has_holdout(model: LoadedModel) -> bool:
    """Whether a hold-out was given with the version."""
    return (model.folder / HOLDOUT).is_file()


def _first(context: AppContext, caller: Caller, model: LoadedModel) -> dict[str, SourceKind]:
    """Where to begin: the log, unless nothing is in it."""
    log = _rows(context, caller, model.name, View())
    if context.store.analyst.extent(log).rows:
        return {"kind": "log"}
    return {"kind": "holdout" if has_holdout(model) else "reference"}


def _rows(context: AppContext, caller: Caller, name: str, view: View) -> RowSource:
    return row_source(
        context,
        caller,
        name,
        view.kind,
        version=view.version,
        batch_id=view.batch,
        since=view.begins,
        until=view.ends,
    )


def _subject(context: AppContext, model: LoadedModel, view: View, source: RowSource) -> Subject:
    known = {column.name for column in source.columns}
    positive = positive_class(model.manifest, model.settings)
    answer, actual = model.manifest.task.measures(positive)
    return Subject(
        model=model,
        view=view,
        source=source,
        extent=context.store.analyst.extent(source),
        dimensions=dimensions_of(model, known),
        prediction=_prediction(model, PROBABILITY in known),
        positive=positive,
        answer=answer if answer.column in known else None,
        actual=actual if ACTUAL in known else None,
        asked=int(context.clock().timestamp() / FRESH_SECONDS),
    )


def dimensions_of(model: LoadedModel, known: Collection[str]) -> dict[str, Dimension]:
    """Those of the ``known`` columns that may be looked at, as people call them: inputs in the order of the form,
    then what is known of a prediction."""
    return {item.column: item for item in (*_inputs(model), *_outputs(model)) if item.column in known}


def _inputs(model: LoadedModel) -> list[Dimension]:
    shown = frozenset(shown_features(model))
    result = []
    for field in model.fields:
        if field.name not in shown or field.widget == "pixel":
            continue
        feature = field.feature
        kind: Any = "time" if feature.type in ("date", "datetime") else "number" if feature.numeric else "category"
        result.append(
            Dimension(
                f"{INPUT}{field.name}",
                field.label,
                field.unit or "",
                kind,
                whole=feature.type == "integer",
                clock=feature.type == "datetime",
                charted=feature.type != "text",
                year=field.year,
            )
        )
    return result


def _prediction(model: LoadedModel, chances: bool) -> Dimension:
    task = model.manifest.task
    column = task.main_column(probabilities=chances)
    if column != PREDICTION:
        return Dimension(column, _LABELS[column])
    if task.numeric:
        return Dimension(PREDICTION, _LABELS[PREDICTION], model.settings.unit)
    return Dimension(PREDICTION, _LABELS[PREDICTION], kind="category")


def _outputs(model: LoadedModel) -> list[Dimension]:
    number = model.manifest.task.numeric
    unit = model.settings.unit if number else ""
    kind: Any = "number" if number else "category"
    result = [Dimension(PREDICTION, _LABELS[PREDICTION], unit, kind)]
    result += [Dimension(column, _LABELS[column]) for column in (PROBABILITY, SCORE)]
    if number:
        result += [Dimension(LOW, "Lower end", unit), Dimension(HIGH, "Upper end", unit)]
    return [
        *result,
        Dimension(ACTUAL, "Actual", unit, kind),
        Dimension(ERROR, "Error" if number else "Wrong", unit, kind),
        Dimension(WARNINGS, "Warnings", whole=True),
        Dimension(TIME, "Time", kind="time", clock=True),
        Dimension(VERSION, "Version", whole=True),
        Dimension(SOURCE, "Source", kind="category"),
        Dimension(KEY, "Your key", kind="category", charted=False),
    ]
