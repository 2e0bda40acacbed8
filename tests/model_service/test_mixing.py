"""Frames mixed cell by cell keep every dtype."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.model_service.mixing import Palette
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
