"""A first look at a Parquet file: its footer alone."""

from __future__ import annotations

from pathlib import Path

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.faults import reason
from modeldesk.model_service.tables.header import checked_header
from modeldesk.model_service.tables.options import Limits, TableForm


def inspect_parquet(path: Path, limits: Limits) -> TableForm:
    """The form of a Parquet file. Raises InvalidInput where its footer is damaged or it has no
    rows, and TooLarge."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows, schema = file.metadata.num_rows, file.schema_arrow
    except (OSError, pa.ArrowException, ValueError) as error:
        raise InvalidInput(
            f"The Parquet file cannot be read: {reason(error)}.",
            hint="Write it again; it may have been cut short.",
        ) from error
    # pandas keeps a frame's index as a column of this name; it is none of the table's.
    header = checked_header(schema.names, limits)
    if rows > limits.rows:
        raise TooLarge(f"The file has {rows:,} rows; at most {limits.rows:,} are read.", hint="Split the file.")
    if rows == 0:
        raise InvalidInput("The Parquet file has no rows.", hint="Write at least one row.")
    return TableForm(
        kind="parquet", header=header, first_row=1, types=tuple(str(field.type) for field in schema), rows=rows
    )
