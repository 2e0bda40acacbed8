"""From records to predictions that are recorded before they are answered."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import BadRequest, Conflict, InvalidInput, Problem, TooLarge
from app.identity import Caller, Permission
from app.model_service.check import check_records
from app.model_service.loaded import LoadedModel
from app.model_service.results import InputWarning, Output
from app.model_service.rules import evaluate_rules
from app.ports import IdempotencyClaim, PredictionRecord, Source
from app.services.desk import Desk

MAX_KEY_LENGTH = 200


class VersionChanged(Conflict):
    """The form was drawn for a version that is no longer the served one."""

    code, title = "version_changed", "A newer version is served now"


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Records to be predicted.

    ``keys`` are the caller's own names for the records, one each. ``version`` asks for one
    version by number; ``drawn_for`` instead says which version the asker believes is served,
    and the request is refused where that is no longer so. ``claim_key`` with ``body_digest``
    makes the request repeatable: the same key and body give the same answer.
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


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer. ``id`` is None for a preview, which is not kept."""

    id: str | None
    inputs: Mapping[str, Any]
    output: Mapping[str, Any]
    warnings: Sequence[Mapping[str, Any]]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PredictAnswer:
    """The answers to one request, all of one version."""

    model: str
    version: int
    predictions: tuple[Prediction, ...]
    created_at: datetime
    latency_ms: float


def predict(desk: Desk, caller: Caller, request: PredictRequest) -> PredictAnswer:
    """Check, score and record; answer only what is committed.

    Raises InvalidInput with every bad field of every row (then nothing is recorded),
    TooLarge, NotFound, ModelUnavailable, StoreUnavailable, VersionChanged, and Conflict for
    an idempotency key that was used with another body.
    """
    started = time.perf_counter()
    caller.require(Permission.PREDICT)
    _check_shape(desk, request)
    claim = _claim(caller, request)
    desk.entry(caller, request.model)
    if claim is not None:
        recorded = desk.store.log.replay(claim)
        if recorded:
            return _answer_from(recorded)
    model = desk.registry.get(request.model, request.version)
    if request.drawn_for is not None and request.drawn_for != model.version:
        raise VersionChanged(
            f"This form was drawn for version {request.drawn_for}; version {model.version} is served now.",
            hint="Your inputs are kept. Reload the form, look them over and predict again.",
        )
    predictions = score(model, request.records, keys=request.keys, new_id=desk.new_id)
    now = desk.clock()
    latency = (time.perf_counter() - started) * 1000
    records = [_record(model, caller, request, item, now, latency) for item in predictions]
    try:
        desk.store.log.append(records, claim)
    except Conflict:
        # The same request was committed by another worker while this one was being scored.
        recorded = desk.store.log.replay(claim) if claim is not None else None
        if not recorded:
            raise
        return _answer_from(recorded)
    return PredictAnswer(model.name, model.version, predictions, now, latency)


def preview(desk: Desk, caller: Caller, name: str, record: Mapping[str, Any], version: int | None = None) -> Prediction:
    """The answer to one record without keeping it: for edits and what-ifs. Raises like ``predict``."""
    caller.require(Permission.PREDICT)
    return score(desk.model(caller, name, version), [record])[0]


def score(
    model: LoadedModel,
    records: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str | None] | None = None,
    new_id: Any = lambda: None,
) -> tuple[Prediction, ...]:
    """Check records against the model's contract and answer them, keeping nothing."""
    checked = check_records(model.schema, model.settings, records)
    outputs = model.score(checked.frame)
    answers = []
    for index, record in enumerate(checked.records):
        notes, refusal = evaluate_rules(model.settings, record)
        output = Output(None, refused=refusal) if refusal else outputs.row(index)
        warnings: tuple[InputWarning, ...] = (*checked.warnings[index], *notes)
        answers.append(
            Prediction(
                new_id(),
                record,
                output.as_dict(),
                [warning.as_dict() for warning in warnings],
                keys[index] if keys else None,
            )
        )
    return tuple(answers)


def _check_shape(desk: Desk, request: PredictRequest) -> None:
    count = len(request.records)
    if count == 0:
        raise InvalidInput("There is no record to predict.", hint="Send at least one object in `records`.")
    if count > desk.max_records:
        raise TooLarge(
            f"{count:,} records in one call; at most {desk.max_records:,} are taken.",
            hint="Send fewer at a time, or a file as a batch.",
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
        output=item.output,
        warnings=item.warnings,
        key=item.key,
        latency_ms=latency,
        request_id=request.request_id,
    )


def _answer_from(records: Sequence[PredictionRecord]) -> PredictAnswer:
    first = records[0]
    items = tuple(Prediction(r.id, r.inputs, r.output, r.warnings, r.key) for r in records)
    return PredictAnswer(first.model, first.version, items, first.created_at, first.latency_ms)
