"""Planted weak segments are found, noise is not taken for one, and conditions mean what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.model_service.performance.binary import Scores
from modeldesk.model_service.performance.conditions import Condition, read, segment_mask, written
from modeldesk.model_service.performance.groups import compare_groups, group_conditions
from modeldesk.model_service.performance.segments import LEAST_ROWS, MAX_NAMED, Weakness, find_segments
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from scipy import stats

ROWS = 4_000
SCHEMA = ModelSchema(
    features=(
        *(Feature(name=f"x{place}", type="number", dtype="float64") for place in range(6)),
        Feature(name="colour", type="category", dtype="object"),
        Feature(name="since", type="date", dtype="datetime64[ns]"),
        Feature(name="member", type="boolean", dtype="bool"),
    )
)


def _frame(draw: np.random.Generator, rows: int = ROWS) -> pd.DataFrame:
    frame = pd.DataFrame({f"x{place}": draw.normal(size=rows) for place in range(6)})
    frame["colour"] = draw.choice(["red", "green", "blue", "grey"], rows)
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 2_000, rows), unit="D")
    frame["member"] = draw.random(rows) < 0.4
    return frame


def _flat(one: np.ndarray, other: np.ndarray, usual: float, high: float) -> np.ndarray:
    """Chances of error that are high where both hold, and ``usual`` on either side of each alone."""
    first, second = one - one.mean(), other - other.mean()
    return usual + (high - usual) * first * second / (first.max() * second.max())


def _named(found: Weakness, frame: pd.DataFrame, planted: np.ndarray) -> bool:
    """Whether the first or the second segment named is the planted one, for the most part."""
    masks = [segment_mask(SCHEMA, frame, segment.conditions) for segment in found.segments[:2]]
    return any((mask & planted).sum() > 0.5 * (mask | planted).sum() for mask in masks)


@pytest.mark.parametrize("kind", ["numbers", "mixed", "apart"])
def test_a_planted_segment_is_the_first_or_second_named(kind: str) -> None:
    named = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        frame = _frame(draw)
        one, other = {
            "numbers": (frame["x1"] > 0.6, frame["x4"] < -0.4),
            "mixed": (frame["x2"] < -0.3, frame["colour"] == "blue"),
            "apart": (frame["x0"].abs() < 0.6, frame["x3"].abs() < 0.6),
        }[kind]
        planted = (one & other).to_numpy()
        errors = (draw.random(ROWS) < _flat(one.to_numpy(float), other.to_numpy(float), 0.25, 0.6)).astype(float)
        # It shows in neither of its features alone.
        assert abs(errors[one].mean() - errors.mean()) < 0.05
        named += _named(find_segments(SCHEMA, frame, errors, SCHEMA.names), frame, planted)
    assert named >= 19


@pytest.mark.parametrize("kind", ["right or wrong", "sizes"])
def test_without_one_hardly_any_is_named_significant(kind: str) -> None:
    named = 0
    for seed in range(20):
        draw = np.random.default_rng(100 + seed)
        frame = _frame(draw, 2_000)
        errors = (draw.random(2_000) < 0.2).astype(float) if kind == "right or wrong" else draw.exponential(size=2_000)
        named += any(segment.significant for segment in find_segments(SCHEMA, frame, errors, SCHEMA.names).segments)
    assert named <= 2


def test_sizes_of_errors_work_alike() -> None:
    draw = np.random.default_rng(5)
    frame = _frame(draw)
    planted = ((frame["x5"] > 0.4) & frame["member"]).to_numpy()
    errors = draw.exponential(size=ROWS) * np.where(planted, 3, 1)
    found = find_segments(SCHEMA, frame, errors, SCHEMA.names)
    assert _named(found, frame, planted)
    first = found.segments[0]
    assert first.significant and first.low < first.error < first.high and first.error > 2 * found.error


def test_too_few_rows_or_errors_are_said_to_be_so() -> None:
    frame = _frame(np.random.default_rng(0), 200)
    few = find_segments(SCHEMA, frame.head(50), np.ones(50), SCHEMA.names)
    assert few.segments == () and str(LEAST_ROWS) in str(few.reason)
    none = find_segments(SCHEMA, frame, np.zeros(200), SCHEMA.names)
    assert none.segments == () and none.reason


def test_segments_are_judged_on_rows_that_were_not_searched() -> None:
    draw = np.random.default_rng(9)
    frame = _frame(draw, 1_000)
    errors = (draw.random(1_000) < 0.3).astype(float)
    found = find_segments(SCHEMA, frame, errors, SCHEMA.names)
    assert found.judged == 500 and found.segments
    assert found.error == errors.mean()
    for segment in found.segments:
        assert segment.significant == (segment.low > found.error)
        known = stats.binomtest(round(segment.error * segment.judged), segment.judged)
        level = 1 - 0.05 / MAX_NAMED  # five were named and judged, whether or not all are told
        assert segment.low == pytest.approx(known.proportion_ci(level, method="wilson").low)
        assert segment.judged <= segment.rows == segment_mask(SCHEMA, frame, segment.conditions).sum()


CONDITIONS = (
    Condition("x1", above=-0.5, upto=0.25),
    Condition("colour", value="blue"),
    Condition("member", value=True),
    Condition("x2", missing=True),
)


def test_conditions_select_rows() -> None:
    frame = _frame(np.random.default_rng(1), 300)
    frame.loc[::3, "x2"] = np.nan
    expected = (frame["x1"] > -0.5) & (frame["x1"] <= 0.25) & (frame["colour"] == "blue")
    assert (segment_mask(SCHEMA, frame, CONDITIONS[:2]) == expected.to_numpy()).all()
    assert (CONDITIONS[2].holds(SCHEMA, frame) == frame["member"].to_numpy()).all()
    assert (CONDITIONS[3].holds(SCHEMA, frame) == frame["x2"].isna().to_numpy()).all()
    assert not (Condition("x2", upto=99.0).holds(SCHEMA, frame) & frame["x2"].isna().to_numpy()).any()


def test_conditions_travel_in_an_address() -> None:
    assert read(SCHEMA, written(CONDITIONS)) == CONDITIONS
    assert read(SCHEMA, "") == () == read(SCHEMA, None)
    assert written(()) == ""


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{}",
        "[]",
        "[1]",
        '[{"f":"nope","above":1}]',
        '[{"f":"x1"}]',
        '[{"f":"x1","above":"NaN"}]',
        '[{"f":"x1","above":1,"drop":"table"}]',
        '[{"f":"colour","is":["a"]}]',
        '[{"f":"x1","above":1},{"f":"x1","above":1},{"f":"x1","above":1},{"f":"x1","above":1},{"f":"x1","above":1}]',
        "[" * 3_000,
    ],
)
def test_an_address_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="segment"):
        read(SCHEMA, text)


def test_groups_are_compared_by_definition() -> None:
    draw = np.random.default_rng(3)
    frame = _frame(draw, 1_200)
    positive = draw.random(1_200) < np.where(frame["colour"] == "blue", 0.6, 0.3)
    scores = Scores(np.clip(0.5 * positive + draw.normal(0.2, 0.2, 1_200), 0, 1), positive)
    called = scores.probability >= 0.4
    conditions = group_conditions(SCHEMA.feature("colour"), frame["colour"])
    # What is looked for is a risk: to raise no alarm is favourable.
    groups = compare_groups(SCHEMA, frame, called, positive, conditions, ~called)
    assert sum(group.rows for group in groups) == 1_200
    for group in groups:
        mask = (frame["colour"] == group.condition.value).to_numpy()
        assert group.selection.value == pytest.approx(called[mask].mean())
        assert group.recall.value == pytest.approx(called[mask & positive].mean())
        assert group.false_alarms.value == pytest.approx(called[mask & ~positive].mean())
        assert group.precision.value == pytest.approx(positive[mask & called].mean())
    rates = [float((~called[(frame["colour"] == group.condition.value).to_numpy()]).mean()) for group in groups]
    assert [group.ratio for group in groups] == pytest.approx([rate / max(rates) for rate in rates])
    assert [group.below_four_fifths for group in groups] == [rate / max(rates) < 0.8 for rate in rates]
    unsaid = compare_groups(SCHEMA, frame, called, positive, conditions)
    assert all(group.ratio is None and not group.below_four_fifths for group in unsaid)


def test_numbers_make_quarters() -> None:
    column = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, np.nan])
    found = group_conditions(SCHEMA.feature("x1"), column)
    frame = pd.DataFrame({"x1": column})
    assert [int(condition.holds(SCHEMA, frame).sum()) for condition in found] == pytest.approx([2, 2, 2, 2, 1], abs=1)
    assert sum(condition.holds(SCHEMA, frame) for condition in found).tolist() == [1] * 9
