"""The options people state about a table file, the form detected from it, and the limits on its size and header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.schema.schema import Frozen

FileKind = Literal["csv", "tsv", "xlsx", "parquet"]
DateOrder = Literal["ymd", "dmy", "mdy"]
Decimal = Literal[".", ","]
Thousands = Literal["", ",", ".", " ", "'"]
"""``""`` stands for none; a space stands for every kind of space."""


class FileOptions(Frozen):
    """What somebody says about a file; None leaves it to be found out.

    ``columns`` maps features to the file's columns, over what matching by name would find.
    ``explain`` asks for the strongest contributions beside each row, ``explain_class`` for those to
    one class of several. ``unusual`` false leaves out the look for unusual combinations of values.
    """

    columns: dict[str, str] | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    encoding: str | None = Field(None, max_length=40)
    date_order: DateOrder | None = None
    sheet: str | None = Field(None, max_length=200)
    key_column: str | None = None
    explain: bool | None = None
    explain_class: str | None = Field(None, max_length=200)
    unusual: bool | None = None


class TableForm(Frozen):
    """How a file is to be read, all filled in.

    ``header`` names the columns, each different; ``first_row`` is the number that a person sees
    beside the first row of data. ``types`` are the columns' types as Parquet declares them, else
    empty. ``mixed_numbers`` says that both marks were seen as decimal mark, so that ``1.234`` is
    no safe number; ``mixed_dates`` that days stand in both places.
    ``rows`` is known beforehand for Parquet only.
    """

    kind: FileKind
    header: tuple[str, ...]
    first_row: int
    encoding: str = "utf-8"
    delimiter: str = ","
    header_bytes: int = 0
    cr_lines: bool = False
    """Whether lines end in a carriage return alone, as once on Macs."""
    decimal: Decimal = "."
    thousands: Thousands = ""
    mixed_numbers: bool = False
    date_order: DateOrder = "ymd"
    mixed_dates: bool = False
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: int | None = None

    @property
    def blank_is_missing(self) -> bool:
        """Whether an empty text stands for a missing value: where a file has no other sign for it."""
        return self.kind != "parquet"


class Limits(Frozen):
    """The largest that is read. ``line_bytes`` bounds one line of text and so what is held in
    memory; ``unpacked_bytes`` what an XLSX file's parts may grow to."""

    bytes: int = 5_000_000_000
    unpacked_bytes: int = 2_000_000_000
    shared_strings_bytes: int = 150_000_000
    rows: int = 100_000_000
    columns: int = 2_000
    line_bytes: int = 4_000_000
    cell_characters: int = 100_000

    def with_room_for(self, inputs: int) -> Limits:
        """The limits for files of a model with so many columns, which may have some more of their own."""
        return self.model_copy(update={"columns": max(self.columns, inputs + SPARE_COLUMNS)})


SPARE_COLUMNS = 500
CHUNK_ROWS = 50_000
"""Rows that are read, checked, scored and written together."""
RAGGED_ROWS = 1_000
"""A file is refused where more than half of its first rows, this many, are ragged."""


_LONGEST = 500


def checked_header(names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The names as they stand; a column without one is named by its place, as pandas names it.

    Raises TooLarge for too many columns, and InvalidInput for a name that stands twice.
    """
    if len(names) > limits.columns:
        raise TooLarge(
            f"The file has {len(names):,} columns; at most {limits.columns:,} are read.",
            hint="Leave out columns that the model does not read.",
        )
    header = tuple(name if name.strip() else f"Unnamed: {index}" for index, name in enumerate(names))
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise InvalidInput(
            f"The header names a column twice: {', '.join(repr(name[:60]) for name in twice[:5])}.",
            hint="Give each column a name of its own.",
        )
    long = next((name for name in header if len(name) > _LONGEST), None)
    if long is not None:
        raise InvalidInput(
            f"A column's name has {len(long):,} characters: {long[:60]!r}…",
            hint="The first row has to be a header with short names; the file may have none.",
        )
    return header


def reason(error: BaseException) -> str:
    """The first line of an error's text, shortened and without its full stop; else its type's name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")
