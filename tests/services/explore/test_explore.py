"""What the Explore page is told of many predictions, against the same counted from the rows themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from modeldesk.core.errors import InvalidInput, NotAllowed
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.ports.analytics import Analyst, AnalyticsQuery, Answers, Extent, FileRows, Points, Range, RowSource
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.figures import _Answer, _key, explore
from modeldesk.services.explore.parts import Dimension, ValueRange, numbers, parts_of, round_edges
from modeldesk.services.explore.results import Grid, Scatter
from modeldesk.services.explore.rows import rows_page
from modeldesk.services.explore.subject import Subject, subject
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.services.lending import RECORD


@dataclass
class Listening:
    """An analyst that remembers what it was asked."""

    analyst: Analyst
    asked: list[tuple[int, int | None]] = field(default_factory=list)

    def ask(
        self, source: RowSource, questions: Sequence[AnalyticsQuery | Points], *, sample: int | None = None
    ) -> Answers:
        self.asked.append((len(questions), sample))
        return self.analyst.ask(source, questions, sample=sample)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.analyst, name)


def seen(context: AppContext, name: str = "loans", **query: str) -> Subject:
    """A view of the hold-out, of which nothing may be amiss."""
    found, problems = subject(context, LOCAL, name, {"source": "holdout", **query})
    assert problems == ()
    return found


def table(found: Subject) -> pd.DataFrame:
    """The rows themselves."""
    assert isinstance(found.source, FileRows)
    return pq.read_table(found.source.files[0]).to_pandas()


def test_figures_are_those_of_the_rows(lending: AppContext) -> None:
    found = seen(lending, where="age:30..50;plan=plus", by="plan", x="age", y="income")
    rows = table(found)
    kept = rows[(rows[":age"] >= 30) & (rows[":age"] <= 50) & (rows[":plan"] == "plus")]
    told = explore(lending.store.analyst, found)
    positive = found.positive
    assert told.exact and told.rows == len(rows)
    assert (told.every.rows, told.some.rows) == (len(rows), len(kept))
    assert told.some.answer == pytest.approx((kept["prediction"] == positive).mean())
    assert told.some.actual == pytest.approx((kept["actual"] == positive).mean())
    assert told.some.right == pytest.approx((kept["prediction"] == kept["actual"]).mean())
    # A chart shows every part of its own column, and only the other filters.
    assert told.by is not None
    other = rows[(rows[":age"] >= 30) & (rows[":age"] <= 50)]
    counts = other[":plan"].value_counts()
    assert told.by.some == [counts[key] for key in told.by.parts.keys]
    assert told.by.chosen == tuple(key == "plus" for key in told.by.parts.keys)
    assert sum(value or 0 for value in told.distribution.every) + told.distribution.beyond == len(rows)
    assert isinstance(told.pair, Scatter) and len(told.pair.xs) == (rows[":plan"] == "plus").sum()


def test_typical_error_of_numbers(lending: AppContext) -> None:
    found = seen(lending, "rates")
    rows = table(found)
    told = explore(lending.store.analyst, found)
    expected = math.sqrt(((rows["actual"] - rows["prediction"]) ** 2).mean())
    assert told.every.error == pytest.approx(expected)
    assert told.some == told.every


def test_all_rows_are_asked_about_once_and_a_repaint_asks_once(lending: AppContext) -> None:
    analyst = Listening(lending.store.analyst)
    first = seen(lending, "rates", by="debt", x="plan", y="age", version="1")
    explore(analyst, first)
    del analyst.asked[:]
    explore(analyst, first)
    assert analyst.asked == [(1, None)]  # the grid alone, which has no part of all rows
    explore(analyst, seen(lending, "rates", by="debt", x="plan", y="age", version="1", where="debt:5000.."))
    # Key figures, the distribution, and the grid; debt itself shows all rows as before.
    assert analyst.asked[1:] == [(3, None)]


def test_a_sample_says_so_and_stands_for_all(lending: AppContext) -> None:
    analyst, few = Listening(lending.store.analyst), seen(lending, by="age", where="plan=plus")
    assert isinstance(few.source, FileRows)
    rows = pq.read_table(few.source.files[0]).select([column.name for column in few.source.columns])
    many = pa.concat_tables([rows] * (60_000 // rows.num_rows))
    ids = pa.array([f"holdout:{place}" for place in range(many.num_rows)])
    file = lending.store.analyst.kept("many.parquet")
    lending.store.analyst.write(file, [many.set_column(0, "id", ids)])
    source = FileRows((file,), few.source.columns)
    found = replace(few, source=source, extent=Extent(many.num_rows))
    exactly = many.to_pandas().query("`:plan` == 'plus'")

    first = explore(analyst, found, sample=20_000)
    assert not first.exact and 15_000 < first.read < 25_000 and first.rows == many.num_rows
    assert first.every.rows == pytest.approx(many.num_rows)
    assert first.some.rows == pytest.approx(len(exactly), rel=0.05)
    assert first.some.answer == pytest.approx((exactly["prediction"] == found.positive).mean(), abs=0.02)
    then = explore(analyst, found)
    assert then.exact and (then.every.rows, then.some.rows) == (many.num_rows, len(exactly))
    asked = len(analyst.asked)
    again = explore(analyst, found, sample=20_000)
    assert again.every == then.every and len(analyst.asked) == asked + 1


def test_rows_are_kept_from_those_who_may_not_see_them(private_lending: AppContext, lending: AppContext) -> None:
    found = seen(private_lending, x="age", y="debt")
    assert ":income" not in found.dimensions
    assert isinstance(explore(private_lending.store.analyst, found).pair, Grid)
    with pytest.raises(NotAllowed):
        rows_page(private_lending.store.analyst, found, order=None, descending=True, start=0, count=5)
    _, problems = subject(private_lending, LOCAL, "loans", {"source": "holdout", "where": "income:1..2"})
    assert "not shown" in problems[0].message
    with pytest.raises(NotAllowed):
        subject(lending, Caller("eve", frozenset({Role.USER})), "loans", {})


def test_a_source_that_is_gone_is_told_of(lending: AppContext, tmp_path: Path) -> None:
    context = lending
    found, problems = subject(context, LOCAL, "loans", {"source": "batch:nope", "where": "age:30..50"})
    assert found.view.kind == "holdout" and len(found.view.where) == 1
    assert "nope" in problems[0].message


def test_the_log_tells_warnings_and_what_happened(lending: AppContext, tmp_path: Path) -> None:
    context = lending
    records = [RECORD, {**RECORD, "age": 40}, {**RECORD, "age": 99}]
    made = predict(context, LOCAL, PredictRequest("loans", records)).predictions
    record_outcome(context, LOCAL, str(made[0].id), made[0].output.prediction)
    found, problems = subject(context, LOCAL, "loans", {"where": "age:35.."})
    told = explore(context.store.analyst, found)
    assert found.view.kind == "log" and problems == ()
    assert (told.every.rows, told.every.known, told.every.right) == (3, 1, 1.0)
    assert (told.some.rows, told.some.known, told.some.actual) == (2, 0, None)
    warned = sum(bool(record.warnings) for record in made)
    assert warned and told.every.warned == pytest.approx(warned)


def test_rows_come_in_the_order_that_is_asked_for(lending: AppContext) -> None:
    found = seen(lending, where="age:30..50")
    page = rows_page(lending.store.analyst, found, order=":age", descending=False, start=2, count=4)
    ages = sorted(age for age in table(found)[":age"] if 30 <= age <= 50)
    assert page.table[":age"] == ages[2:6] and page.rows == len(ages)


def test_bins_have_round_edges_and_hold_every_value() -> None:
    assert round_edges(18, 79, 30, True)[0] == (15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80)
    assert round_edges(0, 23, 30, True)[0] == tuple(range(25))
    assert round_edges(0.0, 1.0, 30, False)[0][1] == 0.05
    few = numbers(Dimension("a", "A", whole=True), ValueRange(0, 3))
    assert [(item.low, item.high) for item in few.filters] == [(0, 0), (1, 1), (2, 2), (3, 3)]  # type: ignore[union-attr]
    tail = numbers(Dimension("a", "A"), ValueRange(0.0, 1e6, 1.0, 99.0))
    assert tail.edges[-1] == 100 and tail.filters[-1].high is None  # type: ignore[union-attr]
    assert parts_of(Dimension("t", "T", kind="time"), ValueRange()).keys == ()


def test_forms_that_ask_for_nothing_are_refused(lending: AppContext) -> None:
    from modeldesk.web.ui.common.filters.form import read_form

    found = seen(lending)

    def read(*entered: object) -> Range:
        return read_form(found.dimensions.values(), found.columns(), *entered)  # type: ignore[arg-type, return-value]

    with pytest.raises(InvalidInput, match="Say from what"):
        read("age", "", None, [])
    with pytest.raises(InvalidInput, match="the first is larger"):
        read("age", "50", "30", [])
    with pytest.raises(InvalidInput, match="Tick at least one"):
        read("plan", "", "", [])
    assert read("age", "1,000", "", []).low == 1000
    assert read("age", "−1,000.5", "12 500", []) == Range(":age", -1000.5, 12500)
    for unclear in ("3,5", "1,00", "9" * 400):
        with pytest.raises(InvalidInput, match=r"is not understood\. Write a number"):
            read("age", unclear, "", [])
    assert read(".probability", "40%", "0.6", []) == Range("probability", 0.4, 0.6)
    with pytest.raises(InvalidInput, match="“40%” is not understood"):
        read("age", "40%", "", [])


def test_the_error_of_very_large_numbers_is_a_number() -> None:
    told = {"rows": [3], "known": [3], "bias": [3e300], "spread": [4e300 * math.sqrt(1.5)], "calm": [1.0]}
    assert _key(_Answer(told, 1.0)).error == pytest.approx(5e300)
