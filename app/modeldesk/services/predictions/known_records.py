"""Starting from a record that is known: of the published data, or of the log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from modeldesk.core.errors import InvalidInput, NotFound, TooLarge
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import Output, native, positive_place
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.neighbours.similar import Percentile, percentiles
from modeldesk.model_service.neighbours.table_filters import Filter, matching
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.one_hot import describe_choices
from modeldesk.ports.predictions import LogPage, LogQuery, PredictionRecord
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history
from modeldesk.services.predictions.predict import Prediction, explained, score
from modeldesk.services.privacy import NOT_SHOWN, shown_features, shown_target, shows_records

__all__ = [
    "ComparedRecord",
    "Comparison",
    "Filter",
    "RecordSearch",
    "KnownRecord",
    "compare_known",
    "find",
    "known",
    "past",
    "refs_in",
]

MAX_RESULTS = 50
MAX_COMPARED = 8
AT_HAND = "This record"

_ROW, _PREDICTION = "row:", "prediction:"
_REF = re.compile(r"row:\d{1,9}|prediction:[0-9a-fA-F-]{36}(-\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record to start from.

    ``ref`` finds it again (``known``): ``row:17`` of the published data, or ``prediction:ID``.
    ``title`` is what people would call it. ``record`` is what a form is filled with (a masked
    column of the published data by its default); ``outcome`` is what was actually so, where the
    data says; ``output`` what the model said. ``key`` is its name in the log, if it has one.
    ``explainable`` says that the output is this version's of just this record.
    """

    ref: str
    title: str
    record: Mapping[str, Any]
    output: Output
    outcome: Any = None
    key: str | None = None
    version: int | None = None
    at: datetime | None = None
    explainable: bool = False


@dataclass(frozen=True, slots=True)
class RecordSearch:
    """The records that were looked for: of the log, newest first, then of the published data.

    ``rows`` is how many published records match in all; ``reason`` says why none is shown.
    """

    model: LoadedModel
    predictions: tuple[KnownRecord, ...]
    published: tuple[KnownRecord, ...]
    rows: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedRecord:
    """One of the records that are compared, with the standing of its values in the published data. ``explanation``
    is None where a rule refuses an answer, another version gave it, or not all inputs may be shown."""

    title: str
    ref: str | None
    record: Mapping[str, Any]
    percentiles: Mapping[str, Percentile]
    output: Output
    outcome: Any
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Records side by side. ``features`` are those that may be shown, in form order; ``differing``
    those of them whose values are not the same in all. Columns that are one choice stand under the first of them."""

    model: LoadedModel
    records: tuple[ComparedRecord, ...]
    features: tuple[str, ...]
    differing: tuple[str, ...]

    def most_telling(self) -> tuple[str, ...]:
        """The features in the order of what they tell: of one record its least usual values first, of several those
        that they lie farthest apart in."""
        strength = self._apart if len(self.records) > 1 else self._unusual
        return tuple(sorted(self.features, key=lambda name: -strength(name)))

    def _apart(self, name: str) -> float:
        indices = [item.percentiles[name].below for item in self.records]
        known = [index for index in indices if index is not None]
        if len(known) > 1:
            return max(known) - min(known)
        return 1.0 if name in self.differing else 0.0

    def _unusual(self, name: str) -> float:
        standing = self.records[0].percentiles[name]
        return 1 - standing.share if standing.below is None else 2 * abs(standing.below - 0.5)


def find(
    context: AppContext,
    caller: Caller,
    name: str,
    text: str = "",
    filters: Sequence[Filter] = (),
    *,
    version: int | None = None,
    limit: int = 10,
) -> RecordSearch:
    """Records to start from: predictions by their key or id, published records by any of their
    words, and by filters on features.

    Raises InvalidInput for a filter that does not suit its feature, NotFound, ModelUnavailable.
    """
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    limit = max(1, min(limit, MAX_RESULTS))
    text = text.strip()
    logged = _logged(context, caller, model, text, limit) if text else ()
    if not shows_records(model):
        return RecordSearch(model, logged, (), 0, NOT_SHOWN)
    indices = matching(model.schema, model.reference, text, filters, without=model.settings.privacy.masked)
    published = tuple(_published(model, index) for index in indices[:limit].tolist())
    return RecordSearch(model, logged, published, len(indices))


def known(context: AppContext, caller: Caller, name: str, ref: str, *, version: int | None = None) -> KnownRecord:
    """A record by its ``ref``. Raises NotFound alike where there is none and where this caller may
    not see it."""
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    return _known(context, caller, model, ref)


def past(
    context: AppContext, caller: Caller, name: str, key: str, *, limit: int = 20, cursor: str | None = None
) -> LogPage:
    """What was predicted for a key before, newest first: the caller's own, or all for those who may
    see all. Raises like ``history.of_model``."""
    return history.of_model(context, caller, name, LogQuery(key=key, limit=limit, cursor=cursor))


def compare_known(
    context: AppContext,
    caller: Caller,
    name: str,
    refs: Sequence[str],
    *,
    record: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Comparison:
    """Known records of one model side by side; a prediction may also be named by its key, which takes
    the latest. ``record``, where given, is one at hand: it stands first, alone if there are no ``refs``.

    Raises InvalidInput, also for a record at hand that does not meet the contract, TooLarge, and
    NotFound for one that is not there.
    """
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    if record is None and len(refs) < 2:
        raise InvalidInput("There is nothing to compare.", hint="Choose two records or more.")
    if len(refs) > MAX_COMPARED:
        raise TooLarge(f"{len(refs)} records; at most {MAX_COMPARED} are compared.", hint="Choose fewer.")
    items = [] if record is None else [_at_hand(model, record)]
    items += [_known(context, caller, model, ref) for ref in refs]
    shown, explanations = shown_features(model), _explanations(model, items)
    records = tuple(
        ComparedRecord(
            title=item.title,
            ref=item.ref or None,
            record={feature: item.record.get(feature) for feature in shown},
            percentiles=_percentiles(model, item.record, shown),
            output=item.output,
            outcome=item.outcome,
            explanation=explanations.get(index),
        )
        for index, item in enumerate(items)
    )
    first = records[0].record
    unequal = {name for name in shown if any(item.record[name] != first[name] for item in records[1:])}
    choices = describe_choices(model.fields, model.settings)
    unequal |= {choice.columns[0] for choice in choices if unequal & set(choice.columns)}
    return Comparison(model, records, shown, tuple(name for name in shown if name in unequal))


def _percentiles(model: LoadedModel, record: Mapping[str, Any], shown: Sequence[str]) -> dict[str, Percentile]:
    """The standing of each value that may be shown; of columns that are one choice that of what was chosen, under
    the first of them."""
    every = percentiles(model.schema, model.reference, record)
    result = {feature: standing for feature, standing in every.items() if feature in shown}
    for choice in describe_choices(model.fields, model.settings):
        if result.keys() >= set(choice.columns):
            alike = choice.texts(model.reference) == choice.text(record)
            result[choice.columns[0]] = Percentile(None, float(alike.mean()))
    return result


def refs_in(text: object) -> list[str]:
    """Return the refs of records in an address's query, separated by commas; ignore what is none."""
    result = [part for part in (text.split(",") if isinstance(text, str) else ()) if _REF.fullmatch(part)]
    return list(dict.fromkeys(result))[:MAX_COMPARED]


def _explanations(model: LoadedModel, items: Sequence[KnownRecord]) -> dict[int, Explanation]:
    """The explanations of the answers that have one, by the records' positions: all on one scale, of one class. An
    answer that a rule refuses now has none, whenever it was given."""
    positions = [position for position, item in enumerate(items) if item.explainable and item.output.refused is None]
    if not positions:
        return {}
    refusals = model.refusals(frame_of(model.schema, [items[position].record for position in positions]))
    positions = [position for position, refusal in zip(positions, refusals, strict=True) if refusal is None]
    if not positions:
        return {}
    answers = [Prediction(None, items[position].record, items[position].output, ()) for position in positions]
    of_class, classes = None, [str(native(value)) for value in model.manifest.classes]
    if model.manifest.task.has_positive:
        of_class = classes[positive_place(classes, model.settings.positive)]
    elif classes:
        of_class = str(answers[0].output.prediction)
    pairs = zip(positions, explained(model, answers, of_class), strict=True)
    return {position: item.explanation for position, item in pairs if item.explanation is not None}


def _at_hand(model: LoadedModel, record: Mapping[str, Any]) -> KnownRecord:
    """A record that somebody is filling in: it has no name and no outcome yet."""
    [answered] = score(model, [record])
    return KnownRecord(ref="", title=AT_HAND, record=answered.inputs, output=answered.output, explainable=True)


def _known(context: AppContext, caller: Caller, model: LoadedModel, ref: str) -> KnownRecord:
    if ref.startswith(_ROW):
        digits = ref.removeprefix(_ROW)
        index = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else -1
        if shows_records(model) and 0 <= index < len(model.reference):
            return _published(model, index)
    elif ref.startswith(_PREDICTION):
        record = history.prediction(context, caller, ref.removeprefix(_PREDICTION))
        if record.model == model.name:
            return _of_log(model, record)
    else:
        page = history.of_model(context, caller, model.name, LogQuery(key=ref, limit=1))
        if page.records:
            return _of_log(model, page.records[0])
    raise NotFound(f"There is no record {ref!r} to start from.", hint="Look for it again; the data may have changed.")


def _logged(context: AppContext, caller: Caller, model: LoadedModel, text: str, limit: int) -> tuple[KnownRecord, ...]:
    """The predictions under a key, or the one with this id."""
    page = history.of_model(context, caller, model.name, LogQuery(key=text, limit=limit))
    if page.records:
        return tuple(_of_log(model, record) for record in page.records)
    try:
        record = history.prediction(context, caller, text)
    except NotFound:
        return ()
    return (_of_log(model, record),) if record.model == model.name else ()


def _of_log(model: LoadedModel, record: PredictionRecord) -> KnownRecord:
    # Of another's prediction, masked inputs are not known; another version may not have had an input.
    masked = {feature.name: feature.default for feature in model.schema.features if feature.name not in record.inputs}
    return KnownRecord(
        ref=f"{_PREDICTION}{record.id}",
        title=record.key or f"Prediction {record.id[-8:]}",
        record={**masked, **record.inputs},
        output=Output.of(record.output),
        key=record.key,
        version=record.version,
        at=record.created_at,
        explainable=not masked and record.version_digest == model.digest,
    )


def _published(model: LoadedModel, index: int) -> KnownRecord:
    reference, masked = model.reference, frozenset(model.settings.privacy.masked)
    row = reference.iloc[[index]]
    values = records_of(model.schema, row)[0]
    for feature in model.schema.features:
        if feature.name in masked:
            values[feature.name] = feature.default
    target = shown_target(model)
    outcome = None if target is None or target not in reference else _plain(row[target].iloc[0])
    key = _key(model, row, masked)
    return KnownRecord(
        ref=f"{_ROW}{index}",
        title=key or f"Published record {index + 1:,}",
        record=values,
        output=model.reference_outputs.row(index),
        outcome=outcome,
        key=key,
        version=model.version,
        explainable=not masked,
    )


def _key(model: LoadedModel, row: pd.DataFrame, masked: frozenset[str]) -> str | None:
    """What identifies a published record: its first identifier, else its first unread column of words."""
    identifiers = [item.name for item in model.schema.features if item.hidden_reason == "identifier"]
    words = [name for name in model.schema.unread if name in row and row[name].dtype.kind in "OU"]
    for name in (*identifiers, *words):
        value = row[name].iloc[0]
        if name not in masked and name != model.manifest.target and not pd.isna(value):
            return str(native(value))
    return None


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else native(value)
