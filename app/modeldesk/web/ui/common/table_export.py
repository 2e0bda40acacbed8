"""Any table of a page as a file: the texts that are on the page, as CSV or XLSX.

The browser sends what a person sees, so a file holds nothing that the page does not. Columns of numbers
are numbers in the file.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
from dash import Input, Output, dcc
from dash.exceptions import PreventUpdate
from pydantic import Field
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest
from modeldesk.model_service.batch.writers import result_file
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.registration import Callbacks

WANTED, FILE = "table-wanted", "table-file"

_NUMBER = re.compile(r"[-−]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_PERCENT = "%"
_LONGEST_NAME = 80

Texts = list[Annotated[str, Field(max_length=32_767)]]


class ShownTable(TypedDict):
    """A table as it is on the page: its caption, its rows with the header first, the places of its
    columns of numbers, and the kind of file that is wanted."""

    caption: Annotated[str, Field(max_length=1_000)]
    rows: Annotated[list[Texts], Field(max_length=100_000)]
    numbers: list[int]
    kind: Literal["csv", "xlsx"]


def table_export_parts() -> list[Any]:
    """What stands once on every page, for all of its tables."""
    return [dcc.Store(id=WANTED), dcc.Download(id=FILE)]


def register(callbacks: Callbacks) -> None:
    """Put the callback that writes a table's file onto the app."""

    @callbacks.on(Output(FILE, "data"), Input(WANTED, "data"), prevent_initial_call=True)
    def export_table(shown: ShownTable | None) -> Any:
        if shown is None:
            raise PreventUpdate
        return dcc.send_bytes(table_file(shown), file_name(shown))


def file_name(shown: ShownTable) -> str:
    """A file's name from a table's caption."""
    parts = re.findall(r"[a-z0-9]+", shown["caption"].casefold())
    return f"{'-'.join(parts)[:_LONGEST_NAME].strip('-') or 'table'}.{shown['kind']}"


def table_file(shown: ShownTable) -> bytes:
    """The file. Raises BadRequest for a table without a header."""
    if not shown["rows"] or not shown["rows"][0]:
        raise BadRequest(words.NO_TABLE, hint=words.RELOAD)
    width = max(len(row) for row in shown["rows"])
    head, *rows = ([*row, *[""] * (width - len(row))] for row in shown["rows"])
    columns = [
        _column(name, [row[place] for row in rows], place in shown["numbers"]) for place, name in enumerate(head)
    ]
    table = pa.Table.from_arrays([values for _, values in columns], names=[name for name, _ in columns])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{shown['kind']}"
        with result_file(path, shown["kind"]) as writer:
            writer.write(table)
        return path.read_bytes()


def _column(name: str, texts: list[str], numbers: bool) -> tuple[str, pa.Array]:
    """A column under its name. Numbers are so where all of them can be read; percentages say so in the name."""
    present = [text for text in texts if text]
    plain = [text.removesuffix(_PERCENT) for text in texts]
    share = all(text.endswith(_PERCENT) for text in present)
    if not (numbers and present and all(_NUMBER.fullmatch(text) for text in plain if text)):
        return name, pa.array(texts, pa.string())
    if not share and any(text.endswith(_PERCENT) for text in present):
        return name, pa.array(texts, pa.string())
    read = [_read(text) if text else None for text in plain]
    whole = all(value is None or isinstance(value, int) for value in read)
    values = pa.array(read, pa.int64() if whole else pa.float64())
    return (f"{name} ({_PERCENT})" if share else name), values


def _read(text: str) -> int | float:
    plain = text.replace(",", "").replace("−", "-")
    return float(plain) if "." in plain or len(plain) > 18 else int(plain)
