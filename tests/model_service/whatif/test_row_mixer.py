"""Frames mixed cell by cell keep every dtype."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.whatif.row_mixer import Palette

from tests.zoo import people


@pytest.mark.parametrize("columns", [["age", "income", "region", "owner", "since"], ["income", "amount"]])
def test_cells_come_from_the_rows_that_were_asked_for(columns: list[str]) -> None:
    table = people()[columns].head(20)
    if "region" in columns:
        table = table.assign(region=table["region"].astype("category"))
    index = np.random.default_rng(0).integers(0, 20, (50, len(columns)))
    mixed = Palette(table).mix(index)
    assert mixed.dtypes.equals(table.dtypes)
    for place, name in enumerate(columns):
        pd.testing.assert_series_equal(mixed[name], table[name].take(index[:, place]).reset_index(drop=True))


@pytest.mark.parametrize("beside", [[], [1.5, 2.5]])
def test_columns_of_objects_stay_objects(beside: list[float]) -> None:
    table = pd.DataFrame({"word": pd.Series(["a", None], dtype=object), "other": pd.Series(["b", "c"], dtype=object)})
    table = table.assign(number=beside) if beside else table
    mixed = Palette(table).mix(np.array([[1] * table.shape[1]]))
    assert mixed.dtypes.tolist() == table.dtypes.tolist()
    assert mixed["word"].iloc[0] is None
