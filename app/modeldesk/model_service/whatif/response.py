"""How a model answers around one record: response curves, surfaces, and where a result stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.answering import outputs_of
from modeldesk.model_service.engine.results import Output, Outputs, native
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of
from modeldesk.model_service.schema.schema import Feature, Scalar

AnswerScale = Literal["value", "probability", "score", "class"]

CURVE_POINTS = 64
SURFACE_POINTS = 24
HISTOGRAM_BINS = 40
MAX_OPTIONS = 50


@dataclass(frozen=True, slots=True)
class Curve:
    """The model's answer as one feature of a record moves and all else stays.

    ``values`` (n,) are JSON values of the feature, in order; ``answers`` (n,) are on
    ``scale``: the predicted value, the probability of ``of_class``, an anomaly score, or the
    position in ``classes`` where a classifier gives no probabilities; None where a rule refuses.
    ``seen`` (n,) is False where the published data held no such value. ``present`` is the record's
    own value and ``answer`` what the model says for it, None where a rule refuses. ``counts`` with
    ``edges`` (numbers, ISO strings) or ``values`` (options) tell how the reference rows are spread.
    """

    feature: str
    values: tuple[Scalar, ...]
    answers: tuple[float | None, ...]
    seen: tuple[bool, ...]
    scale: AnswerScale
    of_class: str | None
    classes: tuple[str, ...]
    present: Scalar
    answer: float | None
    edges: tuple[Scalar, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Surface:
    """The model's answer over two features: ``answers`` is (len(y_values), len(x_values)), NaN where
    a rule refuses; ``answer`` is that to the record itself, None where a rule refuses it."""

    x: str
    y: str
    x_values: tuple[Scalar, ...]
    y_values: tuple[Scalar, ...]
    answers: np.ndarray
    scale: AnswerScale
    of_class: str | None
    classes: tuple[str, ...]
    present: tuple[Scalar, Scalar]
    answer: float | None

    def rows(self) -> list[list[float | None]]:
        """``answers`` as lists, None where a rule refuses."""
        return [[_plain(answer) for answer in row] for row in self.answers.tolist()]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an answer stands among those for the reference rows.

    ``counts`` (m,) fall between ``edges`` (m + 1,); ``below`` is the share of reference rows
    with a smaller answer (0 to 1), ties counting half. On the scale ``class`` the counts are
    those of ``classes`` and there are no edges.
    """

    scale: AnswerScale
    of_class: str | None
    classes: tuple[str, ...]
    value: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    below: float
    rows: int


def class_in_view(model: LoadedModel, output: Output) -> str | None:
    """The one class that an answer's headline, its place among past ones, its curves and its
    explanation speak of: the ``positive`` one where a threshold decides for it, else the predicted
    one. Where a rule refuses to say, the positive or else the first one. None for models without classes."""
    classes = [str(native(value)) for value in model.manifest.classes]
    if not classes:
        return None
    positive = model.settings.positive
    known = positive is not None and str(positive) in classes
    if output.refused is not None:
        return str(positive) if known else classes[0]
    decides = known and model.settings.threshold is not None and output.probability is not None
    return str(positive) if decides and model.manifest.task.has_positive else str(output.prediction)


def on_scale(model: LoadedModel, outputs: Outputs, of_class: str | None) -> tuple[AnswerScale, np.ndarray]:
    """Each row's answer as one number (n,), NaN where a rule refuses it, and the scale it is on."""
    classes = [str(native(value)) for value in model.manifest.classes]
    if outputs.score is not None:
        return "score", np.asarray(outputs.score, dtype=float)
    if outputs.probability is not None and of_class in classes:
        return "probability", np.asarray(outputs.probability[:, classes.index(of_class)], dtype=float)
    if classes:
        indices = {name: index for index, name in enumerate(classes)}
        return "class", np.array([indices.get(str(native(value)), np.nan) for value in outputs.prediction], dtype=float)
    return "value", np.asarray(outputs.prediction, dtype=float)


def curve(model: LoadedModel, record: Mapping[str, Any], feature_name: str, of_class: str | None = None) -> Curve:
    """The response along one feature. ``record`` is a checked record. Raises KeyError for an
    unknown feature."""
    feature = model.schema.feature(feature_name)
    present = record.get(feature_name)
    values = grid(model, feature, present, CURVE_POINTS)
    frame = frame_of(model.schema, [{**record, feature_name: value} for value in values] + [dict(record)])
    outputs = outputs_of(model, frame)
    own = outputs.row(len(outputs) - 1)
    of_class = of_class or class_in_view(model, own)
    scale, answers = on_scale(model, outputs, of_class)
    edges, counts = spread(model, feature, values)
    return Curve(
        feature=feature_name,
        values=values,
        answers=tuple(_plain(answer) for answer in answers[:-1].tolist()),
        seen=tuple(was_seen(feature, value) for value in values),
        scale=scale,
        of_class=of_class if scale == "probability" else None,
        classes=tuple(str(native(value)) for value in model.manifest.classes),
        present=present,
        answer=_plain(answers[-1]),
        edges=edges,
        counts=counts,
    )


def surface(
    model: LoadedModel, record: Mapping[str, Any], x_name: str, y_name: str, of_class: str | None = None
) -> Surface:
    """The response over two features. Raises KeyError for an unknown feature."""
    x, y = model.schema.feature(x_name), model.schema.feature(y_name)
    x_values = grid(model, x, record.get(x_name), SURFACE_POINTS)
    y_values = grid(model, y, record.get(y_name), SURFACE_POINTS)
    rows = [{**record, x_name: a, y_name: b} for b in y_values for a in x_values]
    outputs = outputs_of(model, frame_of(model.schema, [*rows, dict(record)]))
    own = outputs.row(len(outputs) - 1)
    of_class = of_class or class_in_view(model, own)
    scale, answers = on_scale(model, outputs, of_class)
    return Surface(
        x=x_name,
        y=y_name,
        x_values=x_values,
        y_values=y_values,
        answers=answers[:-1].reshape(len(y_values), len(x_values)),
        scale=scale,
        of_class=of_class if scale == "probability" else None,
        classes=tuple(str(native(value)) for value in model.manifest.classes),
        present=(record.get(x_name), record.get(y_name)),
        answer=_plain(answers[-1]),
    )


def standing(model: LoadedModel, output: Output, of_class: str | None = None) -> Standing:
    """Where one answer stands among the reference rows' answers."""
    of_class = of_class or class_in_view(model, output)
    scale, reference = on_scale(model, model.reference_outputs, of_class)
    reference = reference[np.isfinite(reference)]
    classes = tuple(str(native(value)) for value in model.manifest.classes)
    if scale == "score":
        value = float(output.score if output.score is not None else np.nan)
    elif scale == "probability":
        value = (output.probability or {}).get(of_class or "", np.nan)
    elif scale == "class":
        value = float(classes.index(str(output.prediction)))
    else:
        value = float(output.prediction)
    below = float((np.sum(reference < value) + 0.5 * np.sum(reference == value)) / max(len(reference), 1))
    if scale == "class":
        counts = np.bincount(reference.astype(int), minlength=len(classes))
        return Standing(scale, None, classes, value, (), tuple(counts.tolist()), below, len(reference))
    limits = (0.0, 1.0) if scale == "probability" else None
    counts, edges = np.histogram(reference, bins=HISTOGRAM_BINS, range=limits)
    of_class = of_class if scale == "probability" else None
    return Standing(
        scale, of_class, classes, value, tuple(edges.tolist()), tuple(counts.tolist()), below, len(reference)
    )


def _plain(answer: float) -> float | None:
    return float(answer) if np.isfinite(answer) else None


def grid(model: LoadedModel, feature: Feature, present: Scalar, points: int) -> tuple[Scalar, ...]:
    """Values of a feature to try, in order: its options, or even steps over the range seen with
    its ends and the present value among them."""
    if feature.options and not (feature.numeric and feature.distinct > MAX_OPTIONS):
        values: list[Scalar] = [option.value for option in feature.options[:MAX_OPTIONS]]
        if present is not None and present not in values:
            values.append(present)
        return tuple(sorted(values)) if feature.numeric else tuple(values)  # type: ignore[type-var]
    if feature.type == "boolean":
        return (False, True)
    if feature.minimum is None or feature.maximum is None:
        return (present,) if present is not None else (feature.default,)
    if feature.type in ("date", "datetime"):
        return _times(feature, present, points)
    # The ends of what was seen and the present value are tried exactly, whatever the steps.
    ends = {float(feature.minimum), float(feature.maximum)}
    if isinstance(present, int | float) and not isinstance(present, bool):
        ends.add(float(present))
    low, high = min(ends), max(ends)
    if feature.type == "integer":
        steps = np.unique(np.linspace(low, high, points).round())
        return tuple(sorted({int(value) for value in steps} | {int(value) for value in ends}))
    return tuple(sorted({float(value) for value in np.linspace(low, high, points)} | set(ends)))


def spread(
    model: LoadedModel, feature: Feature, values: Sequence[Scalar]
) -> tuple[tuple[Scalar, ...], tuple[int, ...]]:
    """How the reference rows are spread over a feature: bin edges with counts, or, for options,
    no edges and a count for each of ``values``."""
    column = model.reference[feature.name].dropna()
    if feature.type in ("date", "datetime"):
        times = pd.to_datetime(column).dt.tz_localize(None) if feature.aware else pd.to_datetime(column)
        counts, edges = np.histogram(times.astype("datetime64[s]").astype("int64"), bins=HISTOGRAM_BINS)
        return tuple(pd.Timestamp(int(edge), unit="s").isoformat() for edge in edges), tuple(counts.tolist())
    if feature.numeric and not feature.options:
        counts, edges = np.histogram(column.astype(float), bins=HISTOGRAM_BINS)
        return tuple(edges.tolist()), tuple(counts.tolist())
    result = column.map(native).value_counts()
    return (), tuple(int(result.get(value, 0)) for value in values)


def _times(feature: Feature, present: Scalar, points: int) -> tuple[Scalar, ...]:
    low, high = pd.Timestamp(str(feature.minimum)), pd.Timestamp(str(feature.maximum))
    if present is not None:
        low, high = min(low, pd.Timestamp(str(present))), max(high, pd.Timestamp(str(present)))
    times = pd.date_range(low, high, periods=points)
    if feature.type == "datetime":
        return tuple(time.isoformat() for time in times.round("s"))
    days = {time.date().isoformat() for time in times}
    return tuple(sorted(days if present is None else days | {str(present)}))


def was_seen(feature: Feature, value: Scalar) -> bool:
    """Whether the published data held such a value: one of the options, or one within the range."""
    if value is None:
        return feature.missing_share > 0
    if feature.options and not feature.numeric:
        return any(option.value == value for option in feature.options)
    if feature.minimum is None or feature.maximum is None:
        return True
    if feature.numeric:
        return bool(float(feature.minimum) <= float(value) <= float(feature.maximum))
    return pd.Timestamp(str(feature.minimum)) <= pd.Timestamp(str(value)) <= pd.Timestamp(str(feature.maximum))
