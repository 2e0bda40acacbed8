"""Parquet files of rows, laid out so that a sample costs the same however many rows there are.

Rows lie in the order of ``sample_order``, in small row groups whose statistics tell their places: the
rows before a place are the first few row groups of each file, and the others are not touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from modeldesk.core.atomic_files import written_whole
from modeldesk.core.errors import NotFound
from modeldesk.ports.analytics import ID
from modeldesk.store.analytics.duck import SCRATCH, Duck, literal
from modeldesk.store.analytics.log_rows import SAMPLE
from modeldesk.store.analytics.query_sql import quoted
from modeldesk.store.analytics.sampling import SPAN, sample_order

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

GROUP_ROWS = 20_480
"""Rows in a row group: ten of DuckDB's vectors."""
SLICE_ROWS = 200_000
"""Rows that are held at a time while files are merged."""
_REPEATED = 8
"""A column is worth a dictionary where a value comes this often."""


def with_places(table: pa.Table) -> pa.Table:
    """The table with each row's place, and in that order."""
    import pyarrow as pa

    indices = [sample_order(item) for item in table.column(ID).to_pylist()]
    return table.append_column(SAMPLE, pa.array(indices, pa.int64())).sort_by(SAMPLE)


def write_rows(duck: Duck, file: Path, rows: Iterable[pa.Table]) -> None:
    """Write tables with equal columns to one file, whole and lasting or not at all."""
    parts: list[Path] = []
    folder = duck.folder / SCRATCH
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for table in rows:
            parts.append(folder / f"{uuid.uuid4()}.parquet")
            write_table(parts[-1], with_places(table))
        merge_files(duck, parts, file)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def write_table(file: Path, table: pa.Table) -> None:
    """Write a table that is in its order already, whole and lasting or not at all."""
    with written_whole(file) as part, _writer(part, table) as writer:
        writer.write_table(table, row_group_size=GROUP_ROWS)


def merge_files(duck: Duck, sources: Sequence[Path], file: Path) -> None:
    """Write the rows of several files with equal columns to one, in constant memory."""
    import pyarrow.parquet as pq

    rows = sum(pq.read_metadata(source).num_rows for source in sources)
    names = pq.read_schema(sources[0]).names
    text = f"SELECT * FROM {rows_of_files(sources)} WHERE {SAMPLE} >= ? AND {SAMPLE} < ? ORDER BY {SAMPLE}"
    with written_whole(file) as part, duck.cursor() as cursor:
        writer: pq.ParquetWriter | None = None
        try:
            for low, high in slices(rows, SLICE_ROWS):
                table = cursor.sql(text, params=(low, high)).to_arrow_table().rename_columns(names)
                writer = writer or _writer(part, table)
                writer.write_table(table, row_group_size=GROUP_ROWS)
        finally:
            if writer is not None:
                writer.close()


def slices(rows: int, at_once: int) -> Iterator[tuple[int, int]]:
    """Parts of the span of places that hold about so many rows each; at least one."""
    count = max(1, -(-rows // at_once))
    for index in range(count):
        yield SPAN * index // count, SPAN * (index + 1) // count


def rows_of_files(files: Sequence[Path]) -> str:
    """What stands after FROM for the rows of files with the same columns in the same order, each column under
    its ``quoted`` name. Raises NotFound where the first file is gone."""
    names = ", ".join(quoted(name) for name in _column_names(files[0]))
    return f"read_parquet({path_list(files)}) AS file_rows({names})"


@lru_cache(maxsize=256)
def _column_names(file: Path) -> tuple[str, ...]:
    """The columns of a file as it names them; files never change."""
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(file).names)
    except FileNotFoundError as error:
        raise NotFound("The rows are not there any more.", hint="Reload the page.") from error


def path_list(files: Sequence[Path]) -> str:
    """Files as DuckDB's list of paths. Its wildcards in a path stand for themselves."""
    return f"[{', '.join(literal(_escaped(str(file))) for file in files)}]"


def _escaped(path: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _writer(file: Path, first: pa.Table) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    # LZ4: a third larger than with zstd, and read in three quarters of the time.
    return pq.ParquetWriter(file, first.schema, compression="lz4", use_dictionary=_repeating(first))


def _repeating(table: pa.Table) -> list[str]:
    """The columns whose values come again and again: others are read faster as they are."""
    import pyarrow.compute as pc

    head = table.slice(0, GROUP_ROWS)
    limit = max(1, head.num_rows // _REPEATED)
    return [name for name in head.column_names if pc.count_distinct(head.column(name)).as_py() <= limit]
