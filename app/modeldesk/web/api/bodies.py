"""Request bodies as models: what is wrong with one is said field by field, in one place."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self, get_args

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from modeldesk.core.errors import BadRequest, InvalidInput, Problem
from modeldesk.services.versions.labels import LABEL_PATTERN

LARGEST = 2**31 - 1
"""The largest number of a version, a revision or a row."""

_DOCUMENTED: dict[str, type[BaseModel]] = {}


@dataclass(frozen=True, slots=True)
class Says:
    """The sentences about a field's errors: ``{name}`` stands for the field, ``{given}`` for the kind of what came.

    ``item`` is about one of a list's items, whose position is then the problem's row; with ``whole_row`` the
    problem names no field. Without ``item`` the list is spoken of as a whole.
    """

    wrong: str
    missing: str = ""
    item: str = ""
    whole_row: bool = False
    code: str = "wrong_type"


def send(wanted: str, **more: Any) -> Says:
    """The sentences about a field that takes one kind of value."""
    return Says(f"`{{name}}` is {{given}}; send {wanted}.", **more)


def schema_only(**schema: Any) -> Any:
    """What the documents say of a field and a service checks, with an error of its own."""
    return Field(json_schema_extra=schema)


def needed(*fields: str) -> ConfigDict:
    """The settings of a body whose documents say that it needs these fields; services check that they are given."""
    return ConfigDict(json_schema_extra={"required": list(fields)})


class RequestBody(BaseModel):
    """The JSON object of a request; values are taken as they are, without conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    refusal: ClassVar[str] = "The body is not as it has to be."

    @classmethod
    def read(cls, body: bytes, *, optional: bool = False) -> Self:
        """The body of a request; an empty one says nothing where it is optional. Raises BadRequest where it is no
        JSON object, InvalidInput with every fault of it."""
        document = {} if optional and not body.strip() else read_object(body, cls.model_fields)
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            problems = dict.fromkeys(_problem(cls, item) for item in error.errors(include_url=False))
            raise InvalidInput(cls.refusal, problems=list(problems)) from None


VersionNumber = Annotated[
    Annotated[int, Field(ge=1, le=LARGEST)] | None, Says(f"`version` has to be a whole number from 1 to {LARGEST}.")
]
OtherVersion = Annotated[
    Annotated[int, Field(ge=1, le=LARGEST)] | Annotated[str, Field(pattern=f"^{LABEL_PATTERN}$")] | None,
    Says(f"`version` has to be a whole number from 1 to {LARGEST}, or an alias, such as `champion`."),
    Field(description="A version other than the one served: its number, or an alias."),
]
Records = Annotated[
    list[dict[str, Any]],
    send(
        "a list of objects",
        missing="`records` is missing: a list with one object a row.",
        item="The record is {given}; send an object with a value for each input.",
        whole_row=True,
    ),
    Field(description="One object a row; see the model's schema.", json_schema_extra={"minItems": 1}),
]


def json_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """What a route says of its body, for ``openapi_extra``; the model itself goes to the document's components."""
    _DOCUMENTED[model.__name__] = model
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def documented_bodies() -> list[type[BaseModel]]:
    """The models that routes have named by ``json_body``."""
    return list(_DOCUMENTED.values())


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
    if not document.keys() <= set(known):
        problems = [Problem(name, "unknown_field", _unknown(name, known)) for name in document if name not in known]
        raise InvalidInput("The body has fields that are not known here.", problems=problems)
    return document


def _problem(model: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    """One of pydantic's errors in our words; in its own about a field that has none."""
    path = [part for part in error["loc"] if isinstance(part, str)]
    row = next((part for part in error["loc"] if isinstance(part, int)), None)
    field, name = model.model_fields[path[0]], path[0]
    for inner in path[1:]:
        nested = _nested(field)
        if nested is None:
            break
        if error["type"] == "extra_forbidden" and inner == path[-1]:
            known = [f"`{part}`" for part in nested.model_fields]
            listed = " and ".join(filter(None, (", ".join(known[:-1]), known[-1])))
            return Problem(name, "unknown_field", f"{_part(name, row)} has {listed}, not `{inner[:100]}`.", row)
        field, name = nested.model_fields[inner], f"{name}.{inner}"
    says = next((item for item in field.metadata if isinstance(item, Says)), None)
    if says is None and error["type"] == "model_type":
        message = f"{_part(name, row)} is {_kind(error['input'])}; send an object."
        return Problem(name, "wrong_type", message, row)
    if says is None:
        code = "missing" if error["type"] == "missing" else "unacceptable"
        return Problem(name, code, f"`{name}`: {error['msg']}.", row)
    if error["type"] == "missing":
        return Problem(name, "missing", says.missing, row)
    in_item = row is not None and bool(says.item)
    message = (says.item if in_item else says.wrong).format(name=name, given=_kind(error["input"]))
    return Problem(None if in_item and says.whole_row else name, says.code, message, row if in_item else None)


def _part(name: str, row: int | None) -> str:
    return f"A {name}" if row is None else f"One of `{name}`"


def _nested(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


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
