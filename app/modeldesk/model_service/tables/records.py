"""Records of delimited text, by Python's csv module, with what it does not tell: byte offsets and
lines beyond a bound."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from modeldesk.core.errors import InvalidInput, TooLarge

NOT_CLOSED = "unexpected end of data"
TOO_LONG = "field larger than field limit"


class Records:
    """Iterates over the records of a text whose lines end in a line feed.

    Each is a list of cells, empty for a blank line, or a ``csv.Error`` for a line whose quoting
    is wrong. ``offset`` is the byte after the record that came last, ``number`` its number.
    Raises TooLarge for an overlong line, and InvalidInput for bytes that the encoding does not know
    and for a quote that is never closed.
    """

    def __init__(
        self, file: BinaryIO, encoding: str, delimiter: str, line_bytes: int, *, offset: int = 0, number: int = 1
    ) -> None:
        file.seek(offset)
        self.offset = offset
        self.number = number - 1
        self._file = file
        self._encoding = encoding
        self._line_bytes = line_bytes
        self._reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[list[str] | csv.Error]:
        reader = self._reader
        while True:
            try:
                for record in reader:
                    self.number += 1
                    yield record
                return
            except csv.Error as error:
                self.number += 1
                yield judged(error, self.number)

    def _lines(self) -> Iterator[str]:
        readline, limit, encoding = self._file.readline, self._line_bytes, self._encoding
        while raw := readline(limit + 1):
            if len(raw) > limit:
                raise line_too_long(self.number + 1, limit)
            self.offset += len(raw)
            yield decoded(raw, encoding, self.number + 1)


def judged(error: csv.Error, number: int) -> csv.Error:
    """The error of one row. Raises InvalidInput where it swallowed the rows that follow."""
    if str(error).startswith((NOT_CLOSED, TOO_LONG)):
        raise InvalidInput(
            f"A quotation mark opened in row {number:,} is not closed, so where that row ends cannot be told.",
            hint='Close it, or write a quotation mark inside a quoted cell twice: "".',
        ) from error
    return error


def decoded(raw: bytes, encoding: str, number: int) -> str:
    """Bytes as text. Raises InvalidInput with the place of the first byte that is none."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"The file is not {encoding} text: near row {number:,} it holds the byte {raw[error.start]:#04x}.",
            hint="Save it as UTF-8, or say which encoding it has.",
        ) from None


def line_too_long(number: int, limit: int) -> TooLarge:
    """The refusal of a line beyond the bound."""
    return TooLarge(
        f"Row {number:,} has a line of more than {limit:,} bytes.",
        hint="Check that the file is a table with one row a line.",
    )
