"""Bodies of requests as pydantic models: what is taken and what the documents say of it are one thing."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.web.api.parsing import read_object

_Body = TypeVar("_Body", bound="RequestBody")
_MOST_PROBLEMS = 100


class RequestBody(BaseModel):
    """A JSON object that a call takes: types are exact, and other fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


def read_request(kind: type[_Body], body: bytes) -> _Body:
    """The body as its model. Raises BadRequest where it is no JSON object, and InvalidInput that names each
    field at fault."""
    document = read_object(body, tuple(kind.model_fields))
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        problems = [_problem(item) for item in error.errors(include_url=False, include_input=False)[:_MOST_PROBLEMS]]
    detail = problems[0].message if len(problems) == 1 else f"{len(problems)} fields need a change."
    raise InvalidInput(detail, problems=problems)


def _problem(item: Any) -> Problem:
    """A fault as pydantic tells it: at a path of names, and of places in lists, of which the first is the row."""
    path = item["loc"]
    names = [str(part)[:200].encode("utf-8", "backslashreplace").decode() for part in path if isinstance(part, str)]
    row = next((part for part in path if isinstance(part, int)), None)
    field = ".".join(names) or None
    said = f"`{field}`: {item['msg']}." if field else f"{item['msg']}."
    return Problem(field, "missing" if item["type"] == "missing" else "unacceptable", said, row)


def request_body(kind: type[RequestBody]) -> dict[str, Any]:
    """What ``openapi_extra`` of a call says of its body."""
    schema = kind.model_json_schema()
    shown = _without_references(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shown}}}}


def _without_references(part: Any, definitions: dict[str, Any]) -> Any:
    """A schema in one piece: references of pydantic's lead into the schema, not into an OpenAPI document."""
    if isinstance(part, list):
        return [_without_references(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _without_references(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _without_references(value, definitions) for key, value in part.items()}
