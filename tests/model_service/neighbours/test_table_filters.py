"""Finding published rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.neighbours.table_filters import Filter, matching
from modeldesk.model_service.schema.schema import Feature, ModelSchema

TABLE = pd.DataFrame(
    {
        "name": ["Ada Lovelace", "Bob", None, "ADAM"],
        "number": [17, 170, 3, 4],
        "size": [1.5, float("nan"), 3.0, 17.0],
        "since": pd.to_datetime(["2020-01-01", "2021-06-01", None, "2023-01-01"]),
        "member": [True, False, True, False],
    }
)
SCHEMA = ModelSchema(
    features=(
        Feature(name="number", type="integer", dtype="int64"),
        Feature(name="size", type="number", dtype="float64"),
        Feature(name="since", type="date", dtype="datetime64[us]"),
        Feature(name="member", type="boolean", dtype="bool"),
    ),
    unread=("name",),
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [0, 1, 2, 3]),
        ("ada", [0, 3]),
        ("17", [0, 3]),
        ("ada 17", [0, 3]),
        ("ada lovelace", [0]),
        ("lovelace ADA 1.5", [0]),
        ('"ada love"', [0]),
        ('"love ada"', []),
        ("€17", [0, 3]),
        ("bob 2021-06", [1]),
        ("1,7", []),
        ("lace", [0]),
        ("none", []),
        ("nan", []),
        ("True", []),
        (".", []),
    ],
)
def test_words_are_found_anywhere_and_whole_numbers_as_a_whole(text: str, places: list[int]) -> None:
    assert matching(SCHEMA, TABLE, text).tolist() == places


@pytest.mark.parametrize(
    ("condition", "places"),
    [
        (Filter("number", at_least=4), [0, 1, 3]),
        (Filter("number", at_least=4, at_most=17), [0, 3]),
        (Filter("size", at_most=3), [0, 2]),
        (Filter("size", values=(None, 3)), [1, 2]),
        (Filter("since", at_least="2021-01-01"), [1, 3]),
        (Filter("since", at_most="2020-12-31"), [0]),
        (Filter("member", values=(True,)), [0, 2]),
    ],
)
def test_filters_by_value_and_by_limit(condition: Filter, places: list[int]) -> None:
    assert matching(SCHEMA, TABLE, filters=[condition]).tolist() == places


def test_conditions_join_and_masked_columns_are_not_looked_at() -> None:
    assert matching(SCHEMA, TABLE, "ada", [Filter("member", values=(True,))]).tolist() == [0]
    assert matching(SCHEMA, TABLE, "ada", without=("name",)).tolist() == []
    with pytest.raises(InvalidInput):
        matching(SCHEMA, TABLE, filters=[Filter("number", at_least=1)], without=("number",))


@pytest.mark.parametrize(
    "condition",
    [
        Filter("name", values=("Bob",)),
        Filter("member", at_least=1),
        Filter("number", at_least="many"),
        Filter("since", at_least="soon"),
    ],
)
def test_filters_that_do_not_suit_are_refused(condition: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        matching(SCHEMA, TABLE, filters=[condition])
    assert error.value.problems[0].field == condition.feature
