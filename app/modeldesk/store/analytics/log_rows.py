"""Rows of the prediction log as typed columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import RowMapping

from modeldesk.ports.analytics import (
    CHANCE,
    HIGH,
    ID,
    INPUT,
    KEY,
    LOW,
    PREDICTION,
    PROBABILITY,
    SCORE,
    SOURCE,
    TIME,
    VERSION,
    WARNINGS,
    Column,
    typed,
)

if TYPE_CHECKING:
    import pyarrow as pa

OWNER, SAMPLE = "owner", "sample_order"
"""Columns of files beside those that people ask for: whose a row is, and its place in samples."""

Cells = Callable[[RowMapping, Mapping[str, Any], Mapping[str, Any]], Any]
"""What a column holds of a row, given it and its ``inputs`` and ``output``."""

_PLAIN: Mapping[str, Cells] = {
    ID: lambda row, _inputs, _output: row["id"],
    VERSION: lambda row, _inputs, _output: row["version"],
    SOURCE: lambda row, _inputs, _output: row["source"],
    KEY: lambda row, _inputs, _output: row["key"],
    OWNER: lambda row, _inputs, _output: row["owner"],
    WARNINGS: lambda row, _inputs, _output: len(orjson.loads(row["warnings"])),
    PREDICTION: lambda _row, _inputs, output: output.get("prediction"),
    PROBABILITY: lambda _row, _inputs, output: _chance(output, str(output.get("prediction"))),
    SCORE: lambda _row, _inputs, output: output.get("score"),
    LOW: lambda _row, _inputs, output: (output.get("interval") or (None, None))[0],
    HIGH: lambda _row, _inputs, output: (output.get("interval") or (None, None))[1],
}


def typed_rows(rows: Sequence[RowMapping], columns: Sequence[Column]) -> pa.Table:
    """The rows as a table with these columns. A value that is not of its column's kind is missing; so is
    every value of a column that the log does not know."""
    import pyarrow as pa

    parsed = [(row, orjson.loads(row["inputs"]), orjson.loads(row["output"])) for row in rows]
    arrays = {}
    for column in columns:
        if column.name == TIME:
            arrays[TIME] = pa.array([row["created_at"] for row in rows], pa.timestamp("us"))
        else:
            cell = _cell(column.name)
            values = [typed(column.kind, cell(*parts)) for parts in parsed]
            arrays[column.name] = pa.array(values, arrow_type(column))
    return pa.table(arrays)


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column."""
    import pyarrow as pa

    kinds = {"number": pa.float64(), "category": pa.string(), "boolean": pa.bool_(), "time": pa.timestamp("us")}
    return kinds[column.kind]


def _cell(name: str) -> Cells:
    if name.startswith(INPUT):
        feature = name.removeprefix(INPUT)
        return lambda _row, inputs, _output: inputs.get(feature)
    if name.startswith(CHANCE):
        wanted = name.removeprefix(CHANCE)
        return lambda _row, _inputs, output: _chance(output, wanted)
    return _PLAIN.get(name, lambda _row, _inputs, _output: None)


def _chance(output: Mapping[str, Any], wanted: str) -> float | None:
    return (output.get("probability") or {}).get(wanted)
