"""Views in addresses: what is written is read back, and what cannot be read costs nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from modeldesk.ports.analytics import Column, Filter, OneOf, PartOfTime, Range
from modeldesk.services.explore.view import View, filter_text, merged, parted, picked, read_parts, read_source, written

COLUMNS = (
    Column(":age", "number"),
    Column(":home: rents, owns; or=?", "category"),
    Column(":.seen", "time"),
    Column(":guarantor", "boolean"),
    Column("prediction", "number"),
    Column("time", "time"),
)
NAMES = {kind: [column.name for column in COLUMNS if column.kind == kind] for kind in ("number", "time")}
numbers = st.floats(allow_nan=False, allow_infinity=False)
times = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))


def _ranges(names: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Filter]:
    def ordered(name: str, ends: list[Any], open_end: str, closed: bool) -> Range:
        low, high = sorted(ends)
        if open_end == "low":
            return Range(name, None, high, closed)
        return Range(name, low) if open_end == "high" else Range(name, low, high, closed)

    ends = st.lists(values, min_size=2, max_size=2)
    return st.builds(ordered, st.sampled_from(names), ends, st.sampled_from(["", "low", "high"]), st.booleans())


def _one_of(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Filter]:
    many = st.lists(st.none() | values, min_size=1, max_size=5, unique=True).map(tuple)
    return st.builds(OneOf, st.just(name), many)


filters = st.one_of(
    _ranges(NAMES["number"], numbers),
    _ranges(NAMES["time"], times),
    _one_of(COLUMNS[1].name, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)),
    _one_of(":guarantor", st.booleans()),
    _one_of(":age", numbers),
    st.builds(
        PartOfTime,
        st.just("time"),
        st.just("weekday"),
        st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    ),
)
views = st.builds(
    View,
    kind=st.just("log"),
    version=st.none() | st.integers(1, 999),
    since=st.none() | st.dates(max_value=date(2000, 1, 1)),
    until=st.none() | st.dates(min_value=date(2000, 1, 1)),
    where=st.lists(filters, max_size=6).map(merged),
    by=st.none() | st.sampled_from([column.name for column in COLUMNS]),
)


@given(views)
def test_a_view_is_read_as_it_was_written(view: View) -> None:
    query = parted(written(view))
    place, problems = read_source(query)
    found, more = read_parts(place, query, COLUMNS)
    assert (problems, more) == ((), ())
    assert found == view


def test_an_address_is_readable() -> None:
    where = (Range(":age", 15, 19), OneOf(":guarantor", (True,)), PartOfTime("time", "weekday", (0, 4)))
    view = View("holdout", version=4, where=where, by=":age")
    assert written(view) == "source=holdout&version=4&where=age:15..19;guarantor=true;.time@weekday=mon,fri&by=age"


@given(st.dictionaries(st.sampled_from(["source", "version", "since", "until", "where", "by", "x"]), st.text()))
def test_any_text_is_read_or_told_of(query: dict[str, str]) -> None:
    place, _ = read_source(query)
    found, _ = read_parts(place, query, COLUMNS)
    again, problems = read_parts(place, parted(written(found)), COLUMNS)
    assert (again, problems) == (found, ())


def test_what_cannot_be_read_is_named_and_the_rest_is_kept() -> None:
    query = {
        "source": "moon",
        "version": "4",
        "since": "yesterday",
        "where": "age:15..19;age:x..;shoe:1..2;age",
        "x": "?",
    }
    place, problems = read_source(query)
    found, more = read_parts(place, query, COLUMNS)
    assert found == View(version=4, where=(Range(":age", 15, 19),))
    told = [problem.message for problem in (*problems, *more)]
    assert told == [
        "“moon” is not understood: it is log, holdout, reference or batch:ID.",
        "“yesterday” is not understood: it is a day, such as 2026-10-12.",
        "The filter “age:x..” has values that “age” cannot have.",
        "The filter “shoe:1..2” is of an input that is not there, or not shown.",
        "The filter “age” is not understood: write name:low..high or name=value.",
        "There is no input “?” to draw by.",
    ]


def test_what_is_picked_in_a_chart_takes_the_place_of_what_was_and_goes_when_picked_again() -> None:
    bins = (Range(":age", 20, 30, closed=False), Range(":age", 30, 40, closed=False), Range(":age", 40))
    home = OneOf(COLUMNS[1].name, ("Rents",))
    first = picked(View(where=(home, Range(":age", 60, 70))), bins[:2])
    assert first.where == (home, Range(":age", 20, 40, closed=False))
    assert picked(first, bins[:2]).where == (home,)
    assert picked(first, bins).where == (home, Range(":age", 20))
    assert filter_text(first.where[1]) == "age:20...40"
