"""Bodies of requests, read by hand: every fault is named, none becomes a fault of ours."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from modeldesk.core.errors import BadRequest, InvalidInput, Problem
from modeldesk.services.predictions.predict import PredictRequest
from modeldesk.services.versions.labels import VersionRef, is_label

LARGEST = 2**31 - 1
"""The largest number of a version, a revision or a row."""

PREDICT_FIELDS = ("records", "keys", "version", "explain")
REASON_FIELDS = ("reason",)
VERSION_FIELDS = ("version",)
THRESHOLD_FIELDS = ("threshold", "reason", "revision")


def read_object(body: bytes, known: Collection[str]) -> dict[str, Any]:
    """The JSON object of a body. Raises BadRequest where it is no JSON object, InvalidInput
    where it has fields other than the known ones."""
    if not body.strip():
        raise BadRequest("The body is empty.", hint=f"Send a JSON object with {_listed(known)}.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.", hint=_json_hint(body)) from None
    if not isinstance(document, dict):
        raise BadRequest(f"The body is {_kind(document)}.", hint=f"Send a JSON object with {_listed(known)}.")
    problems = [Problem(name, "unknown_field", _unknown(name, known)) for name in document if name not in known]
    if problems:
        raise InvalidInput("The body has fields that are not known here.", problems=problems)
    return document


def read_predict(
    name: str,
    body: bytes,
    *,
    number_of: Callable[[VersionRef | None], int | None],
    idempotency_key: str | None,
    request_id: str | None,
) -> PredictRequest:
    """The request that a predict call's body makes; ``number_of`` finds the version that an alias stands for. Raises
    BadRequest and InvalidInput, and what ``number_of`` raises."""
    document = read_object(body, PREDICT_FIELDS)
    explain = document.get("explain")
    require(
        *record_problems(document),
        *_key_problems(document),
        *version_ref_problems(document),
        *kind_problems("explain", explain, bool, "true or false"),
    )
    return PredictRequest(
        model=name,
        records=document["records"],
        keys=document.get("keys"),
        version=number_of(document.get("version")),
        source="api",
        claim_key=idempotency_key,
        body_digest=hashlib.sha256(body).hexdigest() if idempotency_key is not None else "",
        request_id=request_id,
        explain=bool(explain),
    )


def read_reason(body: bytes) -> str:
    """The reason that a promotion or rollback is given. Raises BadRequest and InvalidInput."""
    reason = read_object(body, REASON_FIELDS).get("reason", "")
    if not isinstance(reason, str):
        raise InvalidInput(
            "The reason has to be text.",
            problems=[Problem("reason", "wrong_type", f"`reason` is {_kind(reason)}; send text.")],
        )
    return reason


@dataclass(frozen=True, slots=True)
class ThresholdRequest:
    """A threshold (None: that of model.toml), why, and the revision that the sender has seen, if told."""

    threshold: float | None
    reason: str
    revision: int | None


def read_threshold(body: bytes) -> ThresholdRequest:
    """What a decision on a threshold asks for. Raises BadRequest and InvalidInput."""
    document = read_object(body, THRESHOLD_FIELDS)
    missing = Problem("threshold", "missing", "`threshold` is missing: a number from 0 to 1, or null for model.toml's.")
    require(
        *([] if "threshold" in document else [missing]),
        *kind_problems("threshold", document.get("threshold"), (int, float), "a number from 0 to 1, or null"),
        *kind_problems("revision", document.get("revision"), int, "a whole number"),
        *kind_problems("reason", document.get("reason"), str, "text"),
    )
    threshold = document["threshold"]
    return ThresholdRequest(
        None if threshold is None else float(threshold), document.get("reason") or "", document.get("revision")
    )


def read_version(body: bytes) -> int | None:
    """The number of the version that a body asks for; None where there is no body or it names none. Raises
    BadRequest and InvalidInput."""
    document = read_object(body, VERSION_FIELDS) if body.strip() else {}
    require(*version_problems(document))
    version: int | None = document.get("version")
    return version


def read_version_ref(body: bytes) -> VersionRef | None:
    """The same, by its number or by an alias."""
    document = read_object(body, VERSION_FIELDS) if body.strip() else {}
    require(*version_ref_problems(document))
    version: VersionRef | None = document.get("version")
    return version


def require(*problems: Problem) -> None:
    """Raise InvalidInput if there are any problems with a body."""
    if problems:
        raise InvalidInput("The body is not as it has to be.", problems=problems)


def kind_problems(field: str, value: Any, kind: type | tuple[type, ...], wanted: str) -> list[Problem]:
    """What is wrong with the kind of an optional value; true and false are no numbers."""
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if value is None or fits:
        return []
    return [Problem(field, "wrong_type", f"`{field}` is {_kind(value)}; send {wanted}.")]


def in_utc(moment: datetime | None) -> datetime | None:
    """A time from a query; one without an offset is in UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def record_problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with ``records``."""
    if "records" not in document:
        return [Problem("records", "missing", "`records` is missing: a list with one object a row.")]
    records = document["records"]
    if not isinstance(records, list):
        return [Problem("records", "wrong_type", f"`records` is {_kind(records)}; send a list of objects.")]
    return [
        Problem(None, "wrong_type", f"The record is {_kind(record)}; send an object with a value for each input.", row)
        for row, record in enumerate(records)
        if not isinstance(record, dict)
    ]


def _key_problems(document: Mapping[str, Any]) -> list[Problem]:
    keys = document.get("keys")
    if keys is None:
        return []
    if not isinstance(keys, list):
        return [Problem("keys", "wrong_type", f"`keys` is {_kind(keys)}; send a list with one text a record.")]
    return [
        Problem("keys", "wrong_type", f"The key is {_kind(key)}; send text or null.", row)
        for row, key in enumerate(keys)
        if key is not None and not isinstance(key, str)
    ]


def version_problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with ``version``."""
    version = document.get("version")
    whole = isinstance(version, int) and not isinstance(version, bool)
    if version is None or (whole and 0 < version <= LARGEST):
        return []
    return [Problem("version", "wrong_type", f"`version` has to be a whole number from 1 to {LARGEST}.")]


def version_ref_problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a ``version`` that may also be an alias."""
    version = document.get("version")
    if isinstance(version, str):
        if is_label(version):
            return []
        message = f"`version` is a whole number from 1, or an alias, such as `champion`; {version[:40]!r} is neither."
        return [Problem("version", "wrong_type", message)]
    return version_problems(document)


def _unknown(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    advice = f" Did you mean `{near[0]}`?" if near else f" Known are {_listed(known)}."
    return f"There is no field `{name[:100]}` here.{advice}"


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _json_hint(body: bytes) -> str | None:
    if any(literal in body for literal in (b"NaN", b"Infinity")):
        return "NaN and Infinity are not JSON; send null for a missing value."
    return None


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return kinds[type(value)]
