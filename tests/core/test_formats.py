"""Numbers, dates and units as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.core import formats

finite = st.floats(-1e300, 1e300, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_204_880, "1,204,880"),
        (-12, "−12"),
        (0, "0"),
        (0.0, "0"),
        (253.4, "253"),
        (18_500.0, "18,500"),
        (0.7854, "0.785"),
        (6.5, "6.5"),
        (0.000123, "0.000123"),
        (1.5e-7, "1.50 × 10^−7"),
        (2e18, "2.00 × 10^18"),
        (-0.05, "−0.05"),
        (math.nan, "Not known"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_have_three_significant_digits_and_whole_parts_in_full(value: float, text: str) -> None:
    assert formats.number(value) == text


def test_figures_of_one_kind_line_up() -> None:
    assert [formats.number(value, keep_zeros=True) for value in (0.75, 0.7995)] == ["0.750", "0.799"]


@given(finite)
def test_a_number_reads_back_to_within_its_digits(value: float) -> None:
    text = formats.number(value).replace(",", "").replace("−", "-").replace(" × 10^", "e")
    assert float(text) == pytest.approx(value, rel=0.006, abs=1e-300)


@given(st.integers())
def test_whole_numbers_are_exact(value: int) -> None:
    assert int(formats.number(value).replace(",", "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "Not known"),
        (True, "Yes"),
        (False, "No"),
        (31_400, "31,400"),
        (85.935, "85.935"),
        ("Permanent", "Permanent"),
        ("2026-11-18", "18 Nov 2026"),
        ("2026-11-18T14:32:00", "18 Nov 2026, 14:32"),
        ("2026-99-99", "2026-99-99"),
        ("1234-5678-90", "1234-5678-90"),
    ],
)
def test_inputs_are_shown_as_they_were_entered(value: object, text: str) -> None:
    assert formats.exact(value) == text


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("18,500", "€", "€18,500"),
        ("−82", "€", "−€82"),
        ("40.8", "%", "40.8%"),
        ("45.5", "°", "45.5°"),
        ("253", "car-hours", "253 car-hours"),
        ("Not known", "€", "Not known"),
        ("7", "", "7"),
    ],
)
def test_units_stand_where_people_put_them(text: str, unit: str, shown: str) -> None:
    assert formats.with_unit(text, unit) == shown


def test_words_and_yes_or_no_take_no_unit() -> None:
    assert formats.value("Rents", "€") == "Rents"
    assert formats.value(True, "€") == "Yes"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3_380_000, "€", "€3.38 M"),
        (675_000, "€", "€675 k"),
        (999_600, "", "1 M"),
        (5_400, "€", "€5,400"),
        (12_300, "rides", "12.3 k rides"),
        (-82_000, "€", "−€82 k"),
    ],
)
def test_large_numbers_are_shortened(value: float, unit: str, text: str) -> None:
    assert formats.compact(value, unit) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.408, "40.8%"),
        (0.25, "25%"),
        (0.0499, "5.0%"),
        (0.99999, ">99.9%"),
        (1e-9, "<0.1%"),
    ],
)
def test_ends_of_percentages_are_named_only_where_they_are_exact(share: float, text: str) -> None:
    assert formats.percent(share) == text


@given(st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True), st.integers(0, 3))
def test_never_all_or_nothing_unless_it_is(share: float, decimals: int) -> None:
    assert formats.percent(share, decimals) not in ("100%", "0%", "100.0%", "0.0%")


@pytest.mark.parametrize(
    ("difference", "text"), [(0.124, "+12.4"), (-0.041, "−4.1"), (0.0, "0.0"), (-0.00001, "0.0"), (0.2, "+20.0")]
)
def test_differences_of_percentages_are_points_with_a_true_minus(difference: float, text: str) -> None:
    assert formats.points(difference) == text


def test_signs_stand_before_the_unit() -> None:
    assert formats.signed(12.4, "€") == "+€12.4"
    assert formats.signed(-12.4, "€") == "−€12.4"
    assert formats.signed(0) == "0"


def test_both_ends_of_a_span_in_words() -> None:
    assert formats.span(19, 23) == "19 to 23"
    assert formats.span(200, 82_000, "€") == "€200 to €82,000"
    assert formats.span(1.5, 4, "years") == "1.5 to 4 years"


def test_counts_agree_with_their_noun() -> None:
    assert formats.count(1, "prediction") == "1 prediction"
    assert formats.count(2_311, "prediction") == "2,311 predictions"
    assert formats.count(2, "class", "classes") == "2 classes"


def test_moments_for_people_and_for_programs() -> None:
    moment = datetime(2026, 11, 18, 14, 32, 5, 123_000, timezone(timedelta(hours=2)))
    assert formats.minute(moment) == "18 Nov 2026, 14:32"
    assert formats.iso(moment) == "2026-11-18T12:32:05.123Z"
    assert formats.iso(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.2, "1 ms"), (9.4, "9 ms"), (999.7, "1 s"), (1_240, "1.2 s"), (125_000, "2 min 5 s"), (59_900, "1 min 0 s")],
)
def test_durations(milliseconds: float, text: str) -> None:
    assert formats.duration(milliseconds) == text


def test_names_become_words_only_where_they_are_written_small() -> None:
    assert formats.sentence("card_use") == "Card use"
    assert formats.sentence("Saint-Jacques") == "Saint-Jacques"
    assert formats.sentence("COPD") == "COPD"
