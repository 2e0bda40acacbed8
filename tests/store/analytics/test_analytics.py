"""Questions about many predictions: from files and from what is in none yet, the answers are the same."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import pyarrow as pa
import pytest
from modeldesk.core.errors import BadRequest, NotFound, StoreUnavailable
from modeldesk.ports.analytics import (
    AnalyticsQuery,
    Column,
    Cut,
    Each,
    FileRows,
    LogRows,
    Measure,
    OneOf,
    PartOfTime,
    Points,
    Range,
    When,
)
from modeldesk.ports.outcomes import Outcome
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.ports.store import Store
from modeldesk.store.analytics import analytics as analyst

from tests.store.records import NOON, prediction

KEPT = (
    Column("time", "time"),
    Column("version", "number"),
    Column("source", "category"),
    Column("key", "category"),
    Column("warnings", "number"),
    Column("prediction", "category"),
    Column("probability", "number"),
    Column("probability:yes", "number"),
    Column("probability:no", "number"),
    Column(":income", "number"),
    Column(":city", "category"),
    Column(":known", "boolean"),
    Column(":since", "time"),
)
ASKED = (
    Column("id", "category"),
    *(column for column in KEPT if not column.name.startswith("probability:")),
    Column("actual", "category"),
    Column("error", "boolean"),
)
SOURCE = LogRows("loans", ASKED, positive="yes")
COUNT = Measure("rows", "count")


def made(rows: int, seed: int = 0) -> list[PredictionRecord]:
    """Predictions of one model, some values missing."""
    choose = random.Random(seed)
    return [
        prediction(
            minutes=number,
            owner=choose.choice(["ada", "bob"]),
            inputs={
                "income": None if number % 7 == 0 else choose.gauss(1000, 300),
                "city": choose.choice(["Žilina", "O'Hare", 'a"b', None]),
                "known": choose.choice([True, False, None]),
                "since": f"2020-0{choose.randrange(1, 9)}-01",
            },
            output={
                "prediction": choose.choice(["yes", "no"]),
                "probability": {"yes": (chance := choose.random()), "no": 1 - chance},
                "interval": None,
            },
            warnings=[],
        )
        for number in range(rows)
    ]


def settled(store: Store, records: Sequence[PredictionRecord]) -> None:
    """Append, and settle about half of it in files of several sizes."""
    for start in range(0, len(records), 40):
        store.log.append(records[start : start + 40])
        if start % 80 == 0:
            store.log_files.settle("loans", 3, KEPT)


@pytest.fixture(params=["in no file", "in files and in none", "many"])
def records(request: pytest.FixtureRequest, store: Store, monkeypatch: pytest.MonkeyPatch) -> list[PredictionRecord]:
    found = made(240)
    if request.param == "in no file":
        store.log.append(found)
    else:
        settled(store, found)
    if request.param == "many":
        monkeypatch.setattr(analyst, "FEW_ROWS", 100)
    return found


def incomes(records: Sequence[PredictionRecord]) -> list[float]:
    return [record.inputs["income"] for record in records if record.inputs["income"] is not None]


def ask(store: Store, question: AnalyticsQuery, source: LogRows = SOURCE) -> dict[str, list[Any]]:
    answers = store.analyst.ask(source, [question])
    assert answers.exact
    return dict(answers.tables[0])


def test_measures_of_all_rows(store: Store, records: list[PredictionRecord]) -> None:
    known = incomes(records)
    measures = [
        COUNT,
        Measure("incomes", "count", ":income"),
        Measure("mean", "mean", ":income"),
        Measure("low", "low", ":income"),
        Measure("high", "high", ":income"),
        Measure("sum", "sum", ":income"),
        Measure("deviation", "deviation", ":income"),
        Measure("most", "quantile", ":income", 1),
        Measure("median", "quantile", ":income", 0.5),
        Measure("share", "share", "prediction", "yes"),
    ]
    last = max(record.created_at for record in records)
    expected = {
        "rows": len(records),
        "incomes": len(known),
        "mean": fmean(known),
        "low": min(known),
        "high": max(known),
        "sum": math.fsum(known),
        "deviation": stdev(known),
        "most": max(known),
        "median": median(known),
        "share": sum(record.output["prediction"] == "yes" for record in records) / len(records),
    }
    found = ask(store, AnalyticsQuery(tuple(measures)))
    assert {name: values[0] for name, values in found.items()} == pytest.approx(expected, rel=1e-12)
    ends = ask(store, AnalyticsQuery((Measure("last", "high", "time"),)))
    assert ends == {"last": [last.replace(tzinfo=None)]}
    from_parts = tuple(measure for measure in measures if measure.how not in ("deviation", "quantile"))
    found = ask(store, AnalyticsQuery(from_parts))
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {measure.name: expected[measure.name] for measure in from_parts}, rel=1e-12
    )
    assert store.analyst.extent(SOURCE).rows == len(records)
    assert store.analyst.extent(SOURCE).last == last


def test_groups_and_filters(store: Store, records: list[PredictionRecord]) -> None:
    cities = Counter(record.inputs["city"] for record in records)
    by_city = ask(store, AnalyticsQuery((COUNT,), (Each(":city"),)))
    assert by_city == {"by0": [*sorted(filter(None, cities)), None], "rows": [cities[c] for c in by_city["by0"]]}
    largest = ask(store, AnalyticsQuery((COUNT,), (Each(":city"),), limit=2))
    assert set(largest["by0"]) == {city for city, _ in cities.most_common(2)}

    edges = (600.0, 1000.0, 1400.0)
    cut = ask(store, AnalyticsQuery((COUNT,), (Cut(":income", edges),)))
    places = Counter(
        None if income is None or not 600 <= income <= 1400 else int(income >= 1000)
        for income in (record.inputs["income"] for record in records)
    )
    assert cut == {"by0": [0, 1, None], "rows": [places[0], places[1], places[None]]}

    where = (OneOf(":city", ("O'Hare", None)), Range(":income", 900.0), PartOfTime("time", "hour", (12, 13)))
    chosen = [
        record
        for record in records
        if record.inputs["city"] in ("O'Hare", None)
        and (record.inputs["income"] or 0) >= 900
        and record.created_at.hour in (12, 13)
    ]
    hours = ask(store, AnalyticsQuery((COUNT, Measure("mean", "mean", "probability")), (When("time", "hour"),), where))
    found = {hour: [r for r in chosen if r.created_at.hour == hour.hour] for hour in hours["by0"]}
    assert hours["rows"] == [len(group) for group in found.values()]
    assert hours["mean"] == pytest.approx(
        [fmean(record.output["probability"]["yes"] for record in group) for group in found.values()]
    )
    nobody = ask(store, AnalyticsQuery((COUNT, Measure("mean", "mean", ":income")), where=(Range(":income", low=1e9),)))
    assert nobody == {"rows": [0], "mean": [None]}


def test_edges_belong_where_they_should(store: Store) -> None:
    values = [0.1 + 0.2, 0.3, 0.0, 1.0, 1.0000000000000002, None]
    store.log.append([prediction(inputs={"income": value}) for value in values])
    cut = ask(store, AnalyticsQuery((COUNT,), (Cut(":income", (0.0, 0.3, 0.30000000000000004, 1.0)),)))
    assert cut == {"by0": [0, 1, 2, None], "rows": [1, 1, 2, 2]}
    even = tuple(number / 10 for number in range(11))
    cut = ask(store, AnalyticsQuery((COUNT,), (Cut(":income", even),)))
    assert cut == {"by0": [0, 3, 9, None], "rows": [1, 2, 1, 2]}


def test_a_page_and_all_rows_come_in_order(store: Store, records: list[PredictionRecord]) -> None:
    newest = sorted(records, key=lambda record: record.created_at, reverse=True)
    page = store.analyst.page(SOURCE, ["id", ":city"], start=10, count=25)
    assert page.rows == len(records)
    assert page.table["id"] == [record.id for record in newest[10:35]]
    poorest = sorted((r for r in records if r.inputs["income"] is not None), key=lambda r: r.inputs["income"])
    page = store.analyst.page(SOURCE, ["id"], [Range(":income")], order=":income", descending=False, count=50)
    assert (page.rows, page.table["id"]) == (len(poorest), [record.id for record in poorest[:50]])
    streamed = pa.Table.from_batches(store.analyst.stream(SOURCE, ["id", "time"]))
    assert streamed.column("id").to_pylist() == [record.id for record in reversed(newest)]


def test_a_sample_is_uniform_the_same_each_time_and_says_its_size(
    store: Store, records: list[PredictionRecord]
) -> None:
    question = AnalyticsQuery((COUNT, Measure("mean", "mean", ":income")))
    points = Points(("id",), limit=30)
    first, again = (store.analyst.ask(SOURCE, [question, points], sample=120) for _ in range(2))
    assert first.tables[1] == again.tables[1]
    assert first.tables[0]["mean"] == pytest.approx(again.tables[0]["mean"])
    assert (first.rows, first.exact) == (len(records), False)
    assert first.read == first.tables[0]["rows"][0]
    assert 80 < first.read < 160
    assert first.tables[0]["mean"][0] == pytest.approx(fmean(incomes(records)), rel=0.15)
    assert first.tables[1] == store.analyst.ask(SOURCE, [points]).tables[0]
    assert store.analyst.ask(SOURCE, [question], sample=240).exact


def test_what_happened_comes_with_the_rows(store: Store, records: list[PredictionRecord]) -> None:
    def tell(record: PredictionRecord, value: str) -> None:
        store.outcomes.record(
            Outcome(record.id, "actual", value, None, record.model, record.version, None, "ada", NOON)
        )

    told = records[::5]
    for record in told:
        tell(record, "no")
    tell(told[0], "yes")  # a correction: the last counts
    question = AnalyticsQuery((COUNT, Measure("wrong", "share", "error", True)), (Each("actual"),))
    found = ask(store, question)
    wrong = sum(record.output["prediction"] != "no" for record in told[1:]) / (len(told) - 1)
    assert found["by0"] == ["no", "yes", None]
    assert found["rows"] == [len(told) - 1, 1, len(records) - len(told)]
    assert found["wrong"] == [pytest.approx(wrong), float(told[0].output["prediction"] == "no"), None]


def test_only_what_the_source_names_is_there(store: Store, records: list[PredictionRecord]) -> None:
    since, until = NOON + timedelta(minutes=50), NOON + timedelta(minutes=200)
    source = LogRows("loans", ASKED, version=3, since=since, until=until, owner="bob")
    chosen = [r for r in records if r.owner == "bob" and since <= r.created_at < until]
    assert ask(store, AnalyticsQuery((COUNT,)), source) == {"rows": [len(chosen)]}
    extent = store.analyst.extent(source)
    assert extent.rows == len(chosen)
    assert (extent.first, extent.last) == (chosen[0].created_at, chosen[-1].created_at)
    for other in (LogRows("loans", ASKED, version=4), LogRows("other", ASKED)):
        assert store.analyst.extent(other).rows == 0
        assert ask(store, AnalyticsQuery((COUNT,)), other) == {"rows": [0]}
        assert store.analyst.page(other, ["id"]).rows == 0


def test_a_column_that_another_version_lacks_or_has_otherwise_is_missing(store: Store) -> None:
    store.log.append([prediction(inputs={"income": 1.0, "city": "x"}, version=3)])
    store.log.append([prediction(inputs={"income": "much"}, version=4)])
    store.log_files.settle("loans", 3, KEPT)
    store.log_files.settle(
        "loans", 4, [Column("time", "time"), Column("prediction", "category"), Column(":income", "category")]
    )
    page = store.analyst.page(LogRows("loans", ASKED), ["version", ":income", ":city"])
    assert sorted(zip(*page.table.values(), strict=True), key=str) == [(3.0, 1.0, "x"), (None, None, None)]


AWKWARD = ("{bounds}", "{}", "{0}", "%s", "%(x)s", "?", "$1", "a'b", 'a"b', "--", "/*", "WHERE", "tail", "a\\b", "@")
"""Names that a template, a driver or a parser could take for its own."""


@pytest.mark.parametrize("where", ["database", "files"])
def test_columns_may_be_called_anything(store: Store, where: str) -> None:
    store.log.append([prediction(minutes=n, inputs={name: float(n) for name in AWKWARD}) for n in range(20)])
    inputs = tuple(Column(f":{name}", "number") for name in AWKWARD)
    if where == "files":
        store.log_files.settle("loans", 3, (*KEPT[:2], Column("prediction", "category"), *inputs))
    source = LogRows("loans", (*ASKED, *inputs), since=NOON + timedelta(minutes=1))
    for name in AWKWARD:
        column = f":{name}"
        question = AnalyticsQuery((COUNT, Measure("mean", "mean", column)), (Cut(column, (0.0, 10.0, 20.0)),))
        assert ask(store, question, source) == {"by0": [0, 1], "rows": [9, 10], "mean": [5.0, 14.5]}
        page = store.analyst.page(source, [column], [Range(column, 3, 4)], order=column, descending=True)
        assert page.table[column] == [4.0, 3.0]


ALIKE = ("age", "Age", "AGE", "age_1", "^age", "^Age", "å", "Å")
"""Names that differ by case alone, or are what another could be renamed to."""


def alike(number: int) -> dict[str, float]:
    return {name: 1_000.0 * (place + 1) + number for place, name in enumerate(ALIKE)}


@pytest.mark.parametrize("where", ["database", "files", "merged", "own file"])
def test_names_that_differ_by_case_are_different_columns(
    store: Store, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = tuple(Column(f":{name}", "number") for name in ALIKE)
    known = (Column("time", "time"), Column("prediction", "category"), *inputs)
    source: LogRows | FileRows = LogRows("loans", (*ASKED, *inputs))
    if where == "own file":
        rows = [{"id": f"row:{number}", **page_of(number)} for number in range(16)]
        file = store.analyst.kept("alike.parquet")
        store.analyst.write(file, [pa.Table.from_pylist(rows[:8]), pa.Table.from_pylist(rows[8:])])
        source = FileRows((file,), (Column("id", "category"), *inputs))
    for start in range(0, 0 if where == "own file" else 16, 2):
        store.log.append([prediction(minutes=n, inputs=alike(n)) for n in (start, start + 1)])
        if where != "database":
            store.log_files.settle("loans", 3, known)
    if where == "merged":
        assert store.log_files.merge() == 1
    names = [column.name for column in inputs]
    means = AnalyticsQuery(tuple(Measure(name, "mean", name) for name in names))
    expected = {name: [value + 7.5] for name, value in page_of(0).items()}
    assert store.analyst.ask(source, [means]).tables == (expected,)
    page = store.analyst.page(source, names, [Range(":Age", 2_003, 2_003)], order=":AGE")
    assert page.table == {name: [value] for name, value in page_of(3).items()}
    streamed = pa.Table.from_batches(store.analyst.stream(source, names)).to_pydict()
    assert {name: min(values) for name, values in streamed.items()} == page_of(0)
    points = store.analyst.ask(source, [Points(tuple(names), (Range(":^Age", None, 6_000),))]).tables[0]
    assert points == {name: [value] for name, value in page_of(0).items()}
    monkeypatch.setattr(analyst, "FEW_ROWS", 0)
    assert store.analyst.ask(source, [means]).tables == (expected,)


def page_of(number: int) -> dict[str, float]:
    return {f":{name}": value for name, value in alike(number).items()}


def test_one_name_is_not_taken_for_another_that_is_not_asked_for(store: Store) -> None:
    file = store.analyst.kept("masked.parquet")
    store.analyst.write(file, [pa.table({"id": ["row:0"], ":Age": [1.0], ":age": [2.0]})])
    source = FileRows((file,), (Column("id", "category"), Column(":age", "number")))
    assert store.analyst.page(source, [":age"]).table == {":age": [2.0]}


@pytest.mark.parametrize(
    "question",
    [
        AnalyticsQuery((Measure("m", "mean", ":secret"),)),
        AnalyticsQuery((Measure("m", "mean", ":city"),)),
        AnalyticsQuery((COUNT, COUNT)),
        AnalyticsQuery((COUNT,), (Cut(":income", (1.0, 1.0)),)),
        AnalyticsQuery((COUNT,), (When(":city", "day"),)),
        AnalyticsQuery((COUNT,), where=(OneOf(":income", ("x",)),)),
        AnalyticsQuery((COUNT,), where=(Range('x" OR 1=1 --'),)),
        AnalyticsQuery((Measure("m", "quantile", ":income", 1.5),)),
        Points((":secret",)),
    ],
    ids=lambda question: str(question)[:40],
)
def test_what_cannot_be_asked_is_refused(store: Store, question: AnalyticsQuery | Points) -> None:
    with pytest.raises(BadRequest):
        store.analyst.ask(SOURCE, [question])


def test_rows_of_files(store: Store) -> None:
    columns = (Column("id", "category"), Column("prediction", "number"), Column(":since", "time"))
    file = store.analyst.kept("rows.parquet")
    tables = [
        pa.table(
            {
                "id": [f"row:{number}" for number in range(start, start + 50)],
                "prediction": [float(number) for number in range(start, start + 50)],
                ":since": pa.array([datetime(2020, 1, 1)] * 50, pa.timestamp("us")),
            }
        )
        for start in (0, 50)
    ]
    store.analyst.write(file, tables)
    source = FileRows((file,), columns)
    assert store.analyst.ask(source, [AnalyticsQuery((COUNT, Measure("sum", "sum", "prediction")))]).tables == (
        {"rows": [100], "sum": [4950.0]},
    )
    assert store.analyst.page(source, ["id"], count=12).table["id"] == [f"row:{number}" for number in range(12)]
    assert store.analyst.extent(source).rows == 100
    told = FileRows((file,), (*columns, Column("actual", "number"), Column("error", "number")), outcomes_of="loans")
    store.outcomes.record(Outcome("row:7", "actual", 9.5, 7.0, "loans", 3, None, "ada", NOON))
    known = store.analyst.page(told, ["id", "actual", "error"], [Range("actual")])
    assert (known.rows, known.table) == (1, {"id": ["row:7"], "actual": [9.5], "error": [-2.5]})
    file.unlink()
    with pytest.raises(NotFound):
        store.analyst.extent(source)
    with pytest.raises(NotFound):
        store.analyst.page(FileRows((Path("/etc/passwd.parquet"),), columns), ["id"])


def test_a_long_tail_is_refused_until_it_is_settled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.log.append(made(20))
    monkeypatch.setattr(analyst, "MOST_UNSETTLED", 19)
    with pytest.raises(StoreUnavailable, match="20 predictions are not ready"):
        ask(store, AnalyticsQuery((COUNT,)))
    store.log_files.settle("loans", 3, KEPT)
    assert ask(store, AnalyticsQuery((COUNT,))) == {"rows": [20]}
