"""The Explore page in words."""

from __future__ import annotations

from datetime import datetime

import pytest
from modeldesk.ports.analytics import Filter, OneOf, PartOfTime, Range
from modeldesk.services.explore.parts import Dimension, ValueRange, parts_of
from modeldesk.services.explore.results import Bars, Scatter
from modeldesk.web.ui.common.filters.text import filter_words
from modeldesk.web.ui.pages.explore.figures import by_figure
from modeldesk.web.ui.pages.explore.findings import by_finding, chart_table, distribution_finding, pair_finding
from modeldesk.web.ui.pages.explore.names import Told, part_text

from tests.web.ui.samples import text

AGE = Dimension(":age", "Age", "years", whole=True)
PRICE = Dimension(":price", "Price", "€")
HOME = Dimension(":home", "Home", kind="category")
TIME = Dimension("time", "Time", kind="time", clock=True)
TOLD = Told("Predicted default", "Actual default", True)


@pytest.mark.parametrize(
    ("item", "chosen", "words"),
    [
        (AGE, Range(":age", 15, 19), "15 to 19 years"),
        (AGE, Range(":age", 15, 15), "15 years"),
        (AGE, Range(":age", 60), "60 years or more"),
        (PRICE, Range(":price", None, 5000.5, closed=False), "under €5,000.5"),
        (PRICE, Range(":price", 1000, 5000), "€1,000 to €5,000"),
        (HOME, OneOf(":home", ("Rents", None)), "Rents or Not known"),
        (HOME, OneOf(":home", ("A", "B", "C", "D")), "A, B or 2 more"),
        (TIME, Range("time", datetime(2026, 10, 12), datetime(2026, 10, 13), False), "12 Oct 2026"),
        (TIME, Range("time", datetime(2026, 10, 12), datetime(2026, 10, 19), False), "12 Oct 2026 to 18 Oct 2026"),
        (TIME, PartOfTime("time", "hour", (15, 16, 17, 18)), "15:00 to 19:00"),
        (TIME, PartOfTime("time", "weekday", (0, 1, 2, 3, 4)), "Mon to Fri"),
        (TIME, PartOfTime("time", "weekday", (0, 4)), "Mon, Fri"),
    ],
)
def test_filters_in_words(item: Dimension, chosen: Filter, words: str) -> None:
    assert filter_words(item, chosen) == words


def test_findings_name_what_has_enough_rows() -> None:
    parts = parts_of(AGE, ValueRange(18, 20))
    found = Bars(parts, [50, 40, 3], [50, 40, 3], [0.2, 0.1, 0.15], [0.2, 0.1, 0.15], 0.0, 2.0, None)
    said = text(by_finding(found, TOLD))
    assert said == ("Predicted default is highest at 18 years (20%), lowest at 19 years (10%). Not known for 2 rows.")
    assert text(distribution_finding(found)).startswith("Most often 18 years : 52.6% of the rows")
    nothing = Bars(parts, [50, 40, 3], [0, 0, 0], [0.2] * 3, [None] * 3, 0.0, 0.0, None)
    assert text(distribution_finding(nothing)) == "No row passes the filters."


def test_a_finding_tells_how_points_are_related() -> None:
    rising = Scatter(AGE, PRICE, None, [1.0, 2.0, 3.0, None], [2.0, 4.0, 6.1, 5.0], None, 4.0)
    assert text(pair_finding(rising, None)) == "Age and price are closely related , rising together (correlation 1)."


def test_parts_of_few_whole_numbers_are_called_by_the_number() -> None:
    assert [part_text(parts_of(AGE, ValueRange(18, 19)), place) for place in (0, 1)] == ["18 years", "19 years"]


def test_a_table_of_a_chart_filters_too() -> None:
    data = {"columns": ["Age", "All rows", "Share"], "rows": [["18 years", 12.0, 0.25]], "percent": [2]}
    made = chart_table("explore-by", "Age", {"data": {**data, "parts": ["age:18..18"]}})
    said = text(made)
    assert "18 years" in said and "12" in said and "25%" in said
    assert "pick:explore-by:age:18..18" in str(made)


def test_a_finding_says_where_small_parts_go_beyond_it() -> None:
    parts = parts_of(AGE, ValueRange(18, 20))
    rows = [4_000, 3_000, 7]
    found = Bars(parts, rows, rows, [0.2, 0.1, 0.9], [0.2, 0.1, 0.9], 0.0, 0.0, None)
    said = text(by_finding(found, TOLD))
    assert said.endswith("lowest at 19 years (10%). Parts of fewer than 30 rows are left out of this.")


def test_findings_and_tables_leave_out_what_the_filter_does() -> None:
    parts = parts_of(AGE, ValueRange(18, 20))
    rows = [500.0, 400.0, 300.0]
    found = Bars(parts, rows, rows, [0.9, 0.1, 0.2], [0.9, 0.1, 0.2], 0.0, 0.0, (False, True, True))
    assert text(distribution_finding(found)).startswith("Most often 19 years : 57.1% of the rows")
    assert text(by_finding(found, TOLD)).startswith("Predicted default is highest at 20 years (20%)")
    said = text(chart_table("explore-by", "Age", by_figure(found, TOLD).layout.meta))
    assert "18 years" not in said and "19 years" in said and "1 line left out by the filter." in said
    points = Scatter(AGE, PRICE, None, [1.0, 2.0, 3.0, 9.0], [2.0, 4.0, 6.0, 0.0], None, 4.0, (True, True, True, False))
    assert "(correlation 1)" in text(pair_finding(points, None))
