"""From records to predictions that are recorded before they are answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from modeldesk.core.errors import BadRequest, Conflict, InvalidInput, Problem, TooLarge
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.answering import answer_records
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of
from modeldesk.ports.predictions import IdempotencyClaim, PredictionRecord, Source
from modeldesk.services.app_context import AppContext

MAX_KEY_LENGTH = 200
MAX_EXPLAINED = 100
"""Records that are explained in one call; one may take a fifth of a second."""

log = logging.getLogger("modeldesk.predict")


class VersionChanged(Conflict):
    """The form was drawn for a version that is no longer the served one."""

    code, title = "version_changed", "Another version is served now"


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Records to be predicted.

    ``keys`` are the caller's own names for the records, one each. ``version`` asks for one
    version by number; ``drawn_for`` instead says which version the asker believes is served,
    and the request is refused where that is no longer so. ``claim_key`` with ``body_digest``
    makes the request repeatable: the same key and body give the same answer. ``explain`` asks
    for an explanation of each answer.
    """

    model: str
    records: Sequence[Mapping[str, Any]]
    keys: Sequence[str | None] | None = None
    version: int | None = None
    drawn_for: int | None = None
    source: Source = "api"
    claim_key: str | None = None
    body_digest: str = ""
    request_id: str | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer. ``id`` is None for a preview, which is not kept; ``explanation`` where one was
    asked for and can be given, which is not kept either."""

    id: str | None
    inputs: Mapping[str, Any]
    output: Output
    warnings: Sequence[Mapping[str, Any]]
    key: str | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class PredictAnswer:
    """The answers to one request, all of one version."""

    model: str
    version: int
    predictions: tuple[Prediction, ...]
    created_at: datetime
    latency_ms: float


def predict(context: AppContext, caller: Caller, request: PredictRequest) -> PredictAnswer:
    """Check, score and record; answer only what is committed.

    Raises InvalidInput with every bad field of every row (then nothing is recorded),
    TooLarge, NotFound, ModelUnavailable, StoreUnavailable, VersionChanged, and Conflict for
    an idempotency key that was used with another body.
    """
    started = time.perf_counter()
    caller.require(Permission.PREDICT)
    _check_shape(context, request)
    claim = _claim(caller, request)
    context.entry(caller, request.model)
    if claim is not None:
        recorded = context.store.log.replay(claim)
        if recorded:
            return _replayed(context, caller, request, recorded)
    model = context.registry.get(request.model, request.version)
    if request.drawn_for is not None and request.drawn_for != model.version:
        raise VersionChanged(
            f"This form was drawn for version {request.drawn_for}; version {model.version} is served now.",
            hint="Your inputs are kept. Reload the form, look them over and predict again.",
        )
    predictions = score(model, request.records, keys=request.keys, new_id=context.new_id)
    if request.explain:
        predictions = explained(model, predictions)
    now = context.clock()
    latency = (time.perf_counter() - started) * 1000
    records = [_record(model, caller, request, item, now, latency) for item in predictions]
    try:
        context.store.log.append(records, claim)
    except Conflict:
        # The same request was committed by another worker while this one was being scored.
        recorded = context.store.log.replay(claim) if claim is not None else None
        if not recorded:
            raise
        return _replayed(context, caller, request, recorded)
    return PredictAnswer(model.name, model.version, predictions, now, latency)


def preview(
    context: AppContext, caller: Caller, name: str, record: Mapping[str, Any], version: int | None = None
) -> Prediction:
    """The answer to one record without keeping it: for edits and what-ifs. Raises like ``predict``."""
    caller.require(Permission.PREDICT)
    return score(context.model(caller, name, version), [record])[0]


def score(
    model: LoadedModel,
    records: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str | None] | None = None,
    new_id: Any = lambda: None,
) -> tuple[Prediction, ...]:
    """Check records against the model's contract and answer them, keeping nothing."""
    return tuple(
        Prediction(
            new_id(),
            result.record,
            result.output,
            [warning.as_dict() for warning in result.warnings],
            keys[index] if keys else None,
        )
        for index, result in enumerate(answer_records(model, records))
    )


def explained(
    model: LoadedModel, predictions: Sequence[Prediction], of_class: str | None = None
) -> tuple[Prediction, ...]:
    """The same answers with their explanations, by the class that was predicted unless one is
    named. A refused answer has none, nor has one that the artifact cannot be asked about further:
    that is logged, and the answer stands. Raises KeyError for a class that the model does not have.
    """
    indices = [index for index, item in enumerate(predictions) if item.output.refused is None]
    if not indices:
        return tuple(predictions)
    frame = frame_of(model.schema, [predictions[index].inputs for index in indices])
    class_names = None
    if model.manifest.classes:
        class_names = [of_class or str(predictions[index].output.prediction) for index in indices]
    try:
        result = model.explainer.explain_rows(frame, class_names)
    except KeyError:
        raise
    except Exception:  # an artifact may refuse the mixtures of values that an explanation asks about
        log.exception("%s version %d could not be explained.", model.name, model.version)
        return tuple(predictions)
    by_place = dict(zip(indices, result, strict=True))
    return tuple(replace(item, explanation=by_place.get(index)) for index, item in enumerate(predictions))


def recorded_answer(model: LoadedModel, record: PredictionRecord) -> Prediction:
    """A recorded prediction as an answer to be given again: refused where a rule that came later
    refuses it now. Raises Conflict where ``model`` is not the version that made it."""
    if model.digest != record.version_digest:
        raise Conflict(
            f"Version {record.version} of {record.model} is not the one that made this prediction.",
            hint="It can be answered from only where the very same artifact is published.",
        )
    frame = frame_of(model.schema, [record.inputs])
    refusal = model.refusals(frame)[0]
    output = Output.of(record.output) if refusal is None else Output(None, refused=refusal)
    return Prediction(record.id, record.inputs, output, record.warnings, record.key)


def _check_shape(context: AppContext, request: PredictRequest) -> None:
    count = len(request.records)
    if count == 0:
        raise InvalidInput("There is no record to predict.", hint="Send at least one object in `records`.")
    if count > context.max_records:
        raise TooLarge(
            f"{count:,} records in one call; at most {context.max_records:,} are taken.",
            hint="Send fewer at a time, or a file as a batch.",
        )
    if request.explain and count > MAX_EXPLAINED:
        raise TooLarge(
            f"{count:,} records to explain in one call; at most {MAX_EXPLAINED} are taken.",
            hint="Send fewer at a time, or leave `explain` out.",
        )
    if request.keys is None:
        return
    if len(request.keys) != count:
        raise BadRequest(
            f"{len(request.keys)} keys for {count} records.", hint="Send one key a record, in the same order."
        )
    problems = [
        Problem(None, "key_too_long", f"A key has at most {MAX_KEY_LENGTH} characters.", row)
        for row, key in enumerate(request.keys)
        if key is not None and len(key) > MAX_KEY_LENGTH
    ]
    if problems:
        raise InvalidInput("Some keys are too long.", problems=problems)


def _claim(caller: Caller, request: PredictRequest) -> IdempotencyClaim | None:
    if request.claim_key is None:
        return None
    if not 1 <= len(request.claim_key) <= MAX_KEY_LENGTH:
        raise BadRequest(f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.")
    return IdempotencyClaim(caller.name, request.model, request.claim_key, request.body_digest)


def _record(
    model: LoadedModel, caller: Caller, request: PredictRequest, item: Prediction, now: datetime, latency: float
) -> PredictionRecord:
    assert item.id is not None
    return PredictionRecord(
        id=item.id,
        created_at=now,
        model=model.name,
        version=model.version,
        version_digest=model.digest,
        settings_digest=model.settings_digest,
        owner=caller.name,
        source=request.source,
        inputs=item.inputs,
        output=item.output.as_dict(),
        warnings=item.warnings,
        key=item.key,
        latency_ms=latency,
        request_id=request.request_id,
    )


def _replayed(
    context: AppContext, caller: Caller, request: PredictRequest, records: Sequence[PredictionRecord]
) -> PredictAnswer:
    """The answer that was given before to the same request. Raises like ``predict`` where its version
    cannot be had: without it nobody can tell what its rules refuse."""
    first = records[0]
    model = context.model(caller, first.model, first.version)
    items = tuple(recorded_answer(model, record) for record in records)
    if request.explain:
        items = explained(model, items)
    return PredictAnswer(first.model, first.version, items, first.created_at, first.latency_ms)
