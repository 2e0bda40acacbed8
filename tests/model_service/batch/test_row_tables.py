"""Inputs as typed columns, and back to the frame that a model gets."""

from __future__ import annotations

import pandas as pd
from modeldesk.model_service.batch.row_tables import frame_of_table, inputs_table

from tests.model_service import contracts


def test_inputs_survive_the_way_through_typed_columns() -> None:
    schema, table = contracts.schema(), contracts.table()
    columns = inputs_table(schema, schema.names, table)
    back = {name.removeprefix(":"): column.to_pylist() for name, column in columns.items()}
    pd.testing.assert_frame_equal(frame_of_table(schema, back), table, check_exact=True)
