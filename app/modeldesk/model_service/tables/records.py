"""Records of delimited text by Python's csv module, with byte offsets and a limit on the length of a line;
and the delimiter, detected from a sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
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


CANDIDATES = (",", ";", "\t", "|")


def detect_delimiter(sample: str, first: str) -> str:
    """The candidate that cuts the sample's rows into as many cells as its header, and most of them.

    ``first`` is preferred where several do equally well; it is also the answer for one column.
    """
    best, best_score = first, (0.0, 0, False)
    for candidate in dict.fromkeys((first, *CANDIDATES)):
        widths = _widths(sample, candidate)
        if not widths or widths[0] < 2:
            continue
        fitting = sum(width == widths[0] for width in widths) / len(widths)
        score = (round(fitting, 2), widths[0], candidate == first)
        if fitting > 0.5 and score > best_score:
            best, best_score = candidate, score
    return best if best_score[1] else _by_header(sample, first)


def _by_header(sample: str, first: str) -> str:
    """By the header alone, where no candidate suits the rows: they will be refused as ragged."""
    header = sample.partition("\n")[0]
    counts = {candidate: header.count(candidate) for candidate in CANDIDATES}
    most = max(counts, key=lambda candidate: counts[candidate])
    return most if counts[most] else first


def _widths(sample: str, delimiter: str) -> Sequence[int]:
    """Cells a row, blank rows apart, as far as the sample can be read."""
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
    except csv.Error:
        return widths
    return widths
