"""Files in requests: streamed to disk as they come, whole bodies and forms alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from modeldesk.core.errors import BadRequest
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.upload import Upload
from modeldesk.web.api.calling import in_thread

FORM_KIND = "multipart/form-data"
_BUFFERED = 1 << 20
_MOST_FIELDS = 30
_LONGEST_FIELD = 100_000

Open = Callable[[str], Upload]
"""Begins an upload under a file's name."""
Commit = Callable[[Upload, Mapping[str, str]], Batch]
"""Makes it a batch, by the fields that came with it."""


async def take_in(request: Request, query: Mapping[str, str], open_upload: Open, commit: Commit) -> Batch:
    """A batch from a request: the part ``file`` of a form, or the body itself.

    What a form's fields say wins over the query. Where anything fails, nothing is left.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.decode("latin-1").lower() == FORM_KIND:
        if b"boundary" not in options:
            raise BadRequest("The form's content type names no boundary.", hint="Let the HTTP library write it.")
        taker: _Form | _Body = _Form(open_upload, options[b"boundary"])
    else:
        taker = _Body(open_upload, query.get("file_name", ""))
    try:
        parts: list[bytes] = []
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size >= _BUFFERED:
                await in_thread(taker.take, b"".join(parts))
                parts, size = [], 0
        await in_thread(taker.take, b"".join(parts))
        return await in_thread(lambda: taker.commit(query, commit))
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(taker.close)


@dataclass(slots=True)
class _Body:
    """A request whose body is the file."""

    open_upload: Open
    name: str
    upload: Upload | None = None

    def take(self, data: bytes) -> None:
        if self.upload is None:
            self.upload = self.open_upload(self.name)
        self.upload.write(data)

    def commit(self, query: Mapping[str, str], commit: Commit) -> Batch:
        assert self.upload is not None
        return commit(self.upload, query)

    def close(self) -> None:
        if self.upload is not None:
            self.upload.__exit__(None, None, None)


@dataclass(slots=True)
class _Form:
    """A form with the file in its part ``file``; the other parts are short texts."""

    open_upload: Open
    boundary: bytes
    upload: Upload | None = None
    fields: dict[str, str] = field(default_factory=dict)
    _parser: MultipartParser = field(init=False)
    _header: bytes = b""
    _value: bytes = b""
    _headers: dict[str, bytes] = field(default_factory=dict)
    _field: str | None = None
    _text: bytearray = field(default_factory=bytearray)
    _ended: bool = False

    def __post_init__(self) -> None:
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._name,
            "on_header_value": self._content,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }
        try:
            self._parser = MultipartParser(self.boundary, callbacks)
        except FormParserError as error:
            raise _broken(error) from error

    def take(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _broken(error) from error

    def commit(self, query: Mapping[str, str], commit: Commit) -> Batch:
        if not self._ended:
            raise BadRequest("The form broke off before its end.", hint="Send it again.")
        if self.upload is None:
            raise BadRequest("The form has no part `file`.", hint="Send the table as the form's part `file`.")
        return commit(self.upload, {**query, **self.fields})

    def close(self) -> None:
        if self.upload is not None:
            self.upload.__exit__(None, None, None)

    def _begin(self) -> None:
        self._headers, self._field = {}, None
        self._text.clear()

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _content(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field == "file":
            if self.upload is not None:
                raise BadRequest("The form has several files.", hint="Send one file a batch.")
            self.upload = self.open_upload(options.get(b"filename", b"").decode("utf-8", "replace"))
        elif len(self.fields) >= _MOST_FIELDS:
            raise BadRequest(f"The form has more than {_MOST_FIELDS} fields.")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field == "file" and self.upload is not None:
            self.upload.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST_FIELD:
            raise BadRequest(f"The form's field {self._field!r} is longer than {_LONGEST_FIELD:,} bytes.")

    def _end(self) -> None:
        if self._field and self._field != "file":
            try:
                self.fields[self._field] = self._text.decode("utf-8")
            except UnicodeDecodeError:
                raise BadRequest(f"The form's field {self._field!r} is not UTF-8.") from None

    def _finish(self) -> None:
        self._ended = True


def _broken(error: Exception) -> BadRequest:
    return BadRequest(f"The form cannot be read: {error}.", hint="Let an HTTP library write it.")
