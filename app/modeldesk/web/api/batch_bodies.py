"""The shapes of what is sent and answered about batches, as the API's documents describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from modeldesk.model_service.tables import FileOptions


class BatchAnswer(BaseModel):
    """A batch and how far it is, as it is recorded."""

    id: str
    status: Literal["uploaded", "queued", "running", "succeeded", "failed", "cancelled"]
    rows_total: int | None = Field(description="Rows in the file; null until it has been read once.")
    rows_done: int = Field(description="Rows dealt with: scored or rejected.")
    rows_failed: int = Field(description="Rows rejected.")
    message: str | None
    model: str
    version: int
    version_digest: str
    settings_digest: str
    owner: str
    file_name: str
    size: int = Field(description="Bytes of the file.")
    options: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rows_per_second: float | None
    seconds_left: float | None
    summary: dict[str, Any] | None = Field(
        description="Of a batch that has succeeded: counts, distribution of predictions, shift against the reference."
    )


class BatchList(BaseModel):
    """One page of batches, newest first."""

    batches: list[BatchAnswer]
    next_cursor: str | None


class Reject(BaseModel):
    """Something that is wrong in a row of a file; the row is counted as a person sees it."""

    row: int
    field: str | None
    value: str | None
    code: str
    message: str


class Rejects(BaseModel):
    """Some of the rejected rows, in the order of the file."""

    errors: list[Reject]
    next_offset: int | None


class Rows(BaseModel):
    """Some of the scored rows, in the order of the file."""

    rows: list[dict[str, Any]]
    next_offset: int | None


class CheckAnswer(BaseModel):
    """How a file is read and what it would come to."""

    form: dict[str, Any] = Field(description="Kind, encoding, delimiter, decimal mark, date order, header, …")
    columns: dict[str, str] = Field(description="The file's column for each feature.")
    missing: list[str] = Field(description="Features that are needed and have no column.")
    optional: list[str] = Field(description="Features that have no column and need none.")
    extra: list[str] = Field(description="Columns that no feature reads.")
    suggestions: dict[str, list[str]] = Field(description="Columns that may be meant for a feature without one.")
    rows: int | None = Field(description="Rows in the file, where that is known already.")
    rows_checked: int = Field(description="Rows from the beginning that were checked.")
    rows_rejected: int = Field(description="How many of these would not be scored.")
    problems: list[Reject]
    can_start: bool


def _options() -> dict[str, Any]:
    schema = FileOptions.model_json_schema()
    return dict(schema["properties"])


_NAMES: dict[str, dict[str, Any]] = {
    "version": {
        "type": ["integer", "string"],
        "minimum": 1,
        "description": "Another version than the one served: its number, or an alias.",
    },
    "start": {"type": "boolean", "default": True, "description": "False: only upload, to be looked at first."},
    **{name: {"type": "string"} for name in FileOptions.model_fields},
    "columns": {"type": "string", "description": "JSON: the file's column for each feature whose name it has not."},
}
UPLOAD_PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "required": False, "schema": schema}
    for name, schema in {"file_name": {"type": "string"}, **_NAMES}.items()
]
UPLOAD_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}, **_NAMES},
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}
OPTIONS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {"schema": {"type": "object", "additionalProperties": False, "properties": _options()}}
        },
    }
}
VERSION_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"version": {"type": ["integer", "string", "null"], "minimum": 1}},
                }
            }
        },
    }
}
