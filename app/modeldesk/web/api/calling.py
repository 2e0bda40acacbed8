"""Call services from routes: off the event loop, answered as JSON or as a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any, Self
from urllib.parse import quote, unquote

import anyio.to_thread
from fastapi import Path, Response
from fastapi.responses import FileResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, WithJsonSchema
from starlette.background import BackgroundTask

from modeldesk.core.errors import room_needed, staying_alive
from modeldesk.services.batches.results import ResultFile

PathText = Annotated[str, AfterValidator(unquote)]
"""A part of an address; the server hands it on as it came."""
ModelName = Annotated[str, AfterValidator(unquote), Path(description="The model's name.")]
Value = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"type": kind} for kind in ("boolean", "integer", "number", "string", "null")]}),
]
"""A value of an input, or an answer, as it is."""


_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)


class Answer(BaseModel):
    """A part of an answer. It is made from what services return, attribute by attribute, or from keywords."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)

    @classmethod
    def of(cls, result: object) -> Self:
        """The answer that a service's result stands for, where it has every field as an attribute."""
        return cls.model_validate(result)


async def in_thread(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function off the event loop, with the request's caller and id in force."""
    return await anyio.to_thread.run_sync(partial(_called, function, args))


def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    with staying_alive(), room_needed():
        return function(*args)


async def answer(function: Callable[..., Any], *args: Any, status: int = 200) -> Response:
    """Call a function off the event loop and answer what it returns as JSON."""
    return Response(await in_thread(_as_json, function, args), status_code=status, media_type="application/json")


def _as_json(function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    result = function(*args)
    serializer = result.__pydantic_serializer__ if isinstance(result, BaseModel) else _PLAIN.serializer
    return serializer.to_json(result, fallback=str)


MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SENT_AT_A_TIME = 1 << 20


class Download(FileResponse):
    """A file in big pieces: small ones take longer to hand on than to read."""

    chunk_size = _SENT_AT_A_TIME


def file_answers(formats: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """What a route says of the files that it answers, for ``responses``."""
    return {200: {"content": {MEDIA[f".{kind}"].partition(";")[0]: {} for kind in formats}}}


def download(result: ResultFile, *, removed: bool = False) -> Download:
    """A file as an answer; if ``removed``, its folder goes once it is sent."""
    task = BackgroundTask(shutil.rmtree, result.path.parent, ignore_errors=True) if removed else None
    kind = result.name[result.name.rindex(".") :]
    return Download(result.path, headers=named(result.name), media_type=MEDIA[kind], background=task)


def named(name: str) -> dict[str, str]:
    """The header that gives a download its name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
