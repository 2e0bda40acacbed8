"""Which inputs of known records are told first."""

from __future__ import annotations

from typing import Any, cast

import pytest
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.neighbours.similar import Percentile
from modeldesk.services.predictions.known_records import ComparedRecord, Comparison

NAMES = ("age", "income", "plan", "town")


def compared(*records: dict[str, Percentile], differing: tuple[str, ...] = ()) -> Comparison:
    """Records whose values stand there in the published data."""
    items = [ComparedRecord("", None, {}, standing, Output(None), None) for standing in records]
    return Comparison(cast(Any, None), tuple(items), NAMES, differing)


def standing(age: float, income: float, plan: float, town: float) -> dict[str, Percentile]:
    """Two values with an order and two without."""
    return {
        "age": Percentile(age, 0.1),
        "income": Percentile(income, 0.1),
        "plan": Percentile(None, plan),
        "town": Percentile(None, town),
    }


@pytest.mark.parametrize(
    ("records", "differing", "expected"),
    [
        ([standing(0.5, 0.95, 0.2, 0.7)], (), ("income", "plan", "town", "age")),
        ([standing(0.0, 0.5, 1.0, 1.0)], (), ("age", "income", "plan", "town")),
        ([standing(0.1, 0.5, 0.5, 0.5), standing(0.4, 0.9, 0.5, 0.5)], ("town",), ("town", "income", "age", "plan")),
    ],
)
def test_the_most_telling_inputs_come_first(
    records: list[dict[str, Percentile]], differing: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert compared(*records, differing=differing).most_telling() == expected
