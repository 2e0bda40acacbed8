"""Which input tells most of what a contribution's own value does not, and means instead of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.importance.interactions import LEAST_ROWS, binned, groups_of, telling
from modeldesk.model_service.schema.schema import Feature

NUMBER = Feature(name="x", type="number", dtype="float64")
OTHER = Feature(name="z", type="number", dtype="float64")
WORD = Feature(name="w", type="category", dtype="object")


def _table(rows: int = 500) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    table = pd.DataFrame({"x": draw.normal(size=rows), "z": draw.normal(size=rows)})
    return table.assign(w=draw.choice(["a", "b"], rows))


def test_the_input_that_interacts_is_found() -> None:
    table = _table()
    noise = np.random.default_rng(1).normal(0, 0.05, len(table))
    by_number = (table["x"] * (1 + table["z"]) + noise).to_numpy()
    assert telling(by_number, NUMBER, table, [WORD, OTHER]) == "z"
    by_word = (table["x"] * np.where(table["w"] == "a", 1, -1) + noise).to_numpy()
    assert telling(by_word, NUMBER, table, [OTHER, WORD]) == "w"
    of_word = np.where(table["w"] == "a", 1, -1) * table["z"].to_numpy()
    assert telling(of_word, WORD, table, [NUMBER, OTHER]) == "z"


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_where_nothing_is_told_nothing_is_named(noise: float) -> None:
    table = _table()
    table["z"] = table["x"] + 0.1 * table["z"]  # goes with x, and tells nothing of its own
    line = (2 * table["x"] + np.random.default_rng(2).normal(0, noise, len(table))).to_numpy()
    assert telling(line, NUMBER, table, [OTHER, WORD]) is None
    assert telling(np.zeros(len(table)), NUMBER, table, [OTHER, WORD]) is None


def test_means_are_of_ten_rows_at_least() -> None:
    table = _table(300)
    table.loc[:4, "w"] = "rare"
    amounts = table["x"].to_numpy() * 2
    bins = binned(amounts, NUMBER, table["x"])
    assert sum(item.rows for item in bins) == 300 and min(item.rows for item in bins) >= LEAST_ROWS
    assert [item.mean for item in bins] == pytest.approx([2 * float(str(item.where)) for item in bins])
    words = {str(item.where): item for item in binned(amounts, WORD, table["w"])}
    assert set(words) == {"a", "b"}
    assert words["a"].mean == pytest.approx(amounts[table["w"] == "a"].mean())


def test_missing_values_and_times_have_groups() -> None:
    times = Feature(name="t", type="date", dtype="datetime64[ns]")
    column = pd.Series(pd.to_datetime([None, *pd.date_range("2024-01-01", periods=39)]))
    groups = groups_of(times, column)
    assert groups[0] == -1 and sorted(set(groups[1:].tolist())) == [0, 1, 2, 3]
    assert groups_of(NUMBER, pd.Series([np.nan, np.nan])).tolist() == [-1, -1]
