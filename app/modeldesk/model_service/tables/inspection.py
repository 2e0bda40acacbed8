"""A first look at a file: what it is, whether it is within limits, and how it is to be read.

Nothing is parsed before the kind is known from the content and the sizes are within bounds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.encodings import declared_encoding, detect_encoding
from modeldesk.model_service.tables.notation import detect_notation
from modeldesk.model_service.tables.options import (
    RAGGED_ROWS,
    FileKind,
    FileOptions,
    Limits,
    TableForm,
    checked_header,
    reason,
)
from modeldesk.model_service.tables.parquet_source import inspect_parquet
from modeldesk.model_service.tables.records import Records, detect_delimiter, line_too_long
from modeldesk.model_service.tables.xlsx_source import inspect_xlsx

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"{\\rtf", "an RTF document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"\x80\x04", "a Python pickle"),
)
_SEND = "Send CSV, TSV, XLSX or Parquet."
_SAMPLE_BYTES = 1_000_000


def inspect(path: Path, options: FileOptions, limits: Limits, name: str | None = None) -> TableForm:
    """How a file is to be read: what was declared, and what was found out for the rest.

    ``name`` is the file's own name where ``path`` has another; of it only the ending counts, and
    only to tell CSV from TSV. Raises InvalidInput or TooLarge saying what is wrong with the file
    and what to do.
    """
    kind = kind_of(path, limits, Path(name or path.name).suffix.lower())
    if kind == "xlsx":
        return inspect_xlsx(path, options, limits)
    if kind == "parquet":
        return inspect_parquet(path, limits)
    return _inspect_text(path, kind, options, limits)


def kind_of(path: Path, limits: Limits, ending: str = "") -> FileKind:
    """What a file is, by its first bytes. Raises InvalidInput for what is no table, and TooLarge."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.", hint="Check the path.") from error
    if size == 0:
        raise InvalidInput("The file is empty.", hint="Send a table with a header and at least one row.")
    if size > limits.bytes:
        raise TooLarge(f"The file has {size:,} bytes; at most {limits.bytes:,} are read.", hint="Split the file.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PARE"):
        raise InvalidInput("The Parquet file is encrypted.", hint="Write it without encryption.")
    if head.startswith(b"PK"):
        return "xlsx"
    if head.startswith(_OLE):
        raise _old_or_locked(path)
    for magic, what in _OTHERS:
        if head.lstrip().lower().startswith(magic.lower()):
            raise InvalidInput(f"The file is {what}, not a table that can be read here.", hint=_SEND)
    if ending in (".xlsx", ".parquet"):
        raise InvalidInput(
            f"The file's name ends in {ending}, but its content is not of that kind.",
            hint="It may be damaged, or renamed. Save it again; a text table's name should end in .csv or .tsv.",
        )
    return "tsv" if ending in (".tsv", ".tab") else "csv"


def _old_or_locked(path: Path) -> InvalidInput:
    """An OLE container holds an old .xls, or an XLSX that is locked with a password."""
    with path.open("rb") as file:
        locked = "EncryptedPackage".encode("utf-16-le") in file.read(1_000_000)
    if locked:
        return InvalidInput(
            "The workbook is protected by a password, so it cannot be read.",
            hint="Open it, take the password off (File, Info, Protect) and save it again.",
        )
    return InvalidInput(
        "The file is in the old Excel format (.xls) or another Office format.",
        hint="Open it and save it as .xlsx or CSV.",
    )


def _inspect_text(path: Path, kind: FileKind, options: FileOptions, limits: Limits) -> TableForm:
    encoding = declared_encoding(options.encoding) if options.encoding else detect_encoding(path)
    sample = _sample(path, encoding, limits)
    cr_lines = "\n" not in sample and "\r" in sample
    if cr_lines:
        sample = sample.replace("\r", "\n")
    declared, skipped = options.delimiter, 0
    if sample[:4].lower() == "sep=" and sample[5:6] in ("\r", "\n"):
        # Excel's way of telling the delimiter in a line before the header.
        declared, skipped = declared or sample[4], 1
        sample = sample.partition("\n")[2]
    _refuse_blank(sample)
    delimiter = declared or detect_delimiter(sample, "\t" if kind == "tsv" else ",")
    if delimiter in '"\r\n':
        raise InvalidInput(f"{delimiter!r} cannot part cells.", hint="Use , ; | or a tab.")
    whole = len(sample.encode(encoding, "ignore")) + 8 >= path.stat().st_size
    rows, header_end, header_rows = _first_rows(sample, delimiter, limits, whole=whole)
    header = checked_header(rows[0], limits)
    _refuse_ragged(rows[1:], len(header), delimiter)
    good = [row for row in rows[1:] if len(row) == len(header)]
    notation = detect_notation(zip(*good, strict=True), options, delimiter)
    return TableForm(
        kind=kind,
        header=header,
        first_row=header_rows + skipped + 1,
        encoding=encoding,
        delimiter=delimiter,
        header_bytes=_header_bytes(path, encoding, header_end, skipped),
        cr_lines=cr_lines,
        **notation,
    )


def _sample(path: Path, encoding: str, limits: Limits) -> str:
    """The beginning of the text, up to the end of a line. Raises TooLarge where no line ends in time."""
    with path.open("rb") as file:
        raw = file.read(max(_SAMPLE_BYTES, limits.line_bytes + 1))
        more = bool(file.read(1))
    try:
        text = raw.decode(encoding, errors="ignore" if more else "strict")
    except UnicodeError as error:
        raise InvalidInput(
            f"The file is not {encoding} text: {reason(error)}.", hint="Save it as UTF-8, or say which encoding it has."
        ) from None
    if more:
        end = max(text.rfind("\n"), text.rfind("\r"))
        if end < 0:
            raise line_too_long(1, limits.line_bytes)
        text = text[: end + 1]
    return text.removeprefix("\ufeff")


def _refuse_blank(sample: str) -> None:
    if not sample.strip():
        raise InvalidInput("The file holds nothing but blanks.", hint="Send a table with a header and a row.")
    if "\0" in sample:
        raise InvalidInput("The file holds null characters, so it is not a text table.", hint="Save it again as text.")


def _first_rows(sample: str, delimiter: str, limits: Limits, *, whole: bool) -> tuple[list[list[str]], str, int]:
    """The sample's rows that can be taken apart, blank ones left out, the header first; the text up
    to the end of the header; and at which row the header stands."""
    csv.field_size_limit(limits.cell_characters)
    records = Records(io.BytesIO(sample.encode("utf-8", "replace")), "utf-8", delimiter, limits.line_bytes)
    rows: list[list[str]] = []
    header_bytes = header_row = 0
    try:
        for record in records:
            if isinstance(record, csv.Error):
                if not rows:
                    raise InvalidInput(
                        "The header's quotation marks cannot be told apart.", hint="Write one inside a name twice."
                    )
                continue
            if record:
                if not rows:
                    header_bytes, header_row = records.offset, records.number
                rows.append(record)
            if len(rows) > RAGGED_ROWS:
                break
    except InvalidInput:
        # A quote that the sample's end cut off is met again when the whole file is read.
        if len(rows) < 2 or whole:
            raise
    return rows, sample.encode("utf-8", "replace")[:header_bytes].decode(), header_row


def _header_bytes(path: Path, encoding: str, header: str, skipped: int) -> int:
    """How many bytes of the file come before its data."""
    with path.open("rb") as file:
        start = 3 if encoding == "utf-8-sig" and file.read(3) == b"\xef\xbb\xbf" else 0
        file.seek(start)
        for _ in range(skipped):
            start += len(file.readline())
    return start + len(header.encode("utf-8" if encoding == "utf-8-sig" else encoding, "replace"))


def _refuse_ragged(rows: Sequence[Sequence[str]], width: int, delimiter: str) -> None:
    if not rows:
        raise InvalidInput("The file has a header and no rows.", hint="Add at least one row below the header.")
    ragged = [len(row) for row in rows if len(row) != width]
    if 2 * len(ragged) > len(rows):
        usual = max(set(ragged), key=ragged.count)
        shown = {"\t": "a tab"}.get(delimiter, repr(delimiter))
        raise InvalidInput(
            f"The header has {width:,} cells, but {len(ragged):,} of the first {len(rows):,} rows have another "
            f"number, mostly {usual:,} (cells are parted by {shown}).",
            hint="Give every row as many cells as the header has, or declare another delimiter.",
        )
