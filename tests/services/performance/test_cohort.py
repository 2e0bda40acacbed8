"""A person's own cohort of measured rows: those that its filters mean, beside everyone, as far as they may be shown."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, NotAllowed
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.figures import explore
from modeldesk.services.explore.subject import subject
from modeldesk.services.performance.cohort import (
    cohort_columns,
    cohort_dimensions,
    cohort_scale,
    cohort_text,
)
from modeldesk.services.performance.files import TableQuery, offered_tables, performance_file
from modeldesk.services.performance.measured_records import worst_records
from modeldesk.services.performance.measured_rows import LOG
from modeldesk.services.performance.report import class_groups, groups, performance
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.performance.cohort import beside_everyone, is_apart, rows_table
from modeldesk.web.ui.pages.performance.segments import gaps_view
from sklearn import metrics

from tests.services.explore.test_row_sources import stored
from tests.services.lending import RECORD, applicants

EVE = Caller("eve", frozenset({Role.ANALYST}))
HELD = applicants(200, 2)


def texts(part: Any) -> str:
    """All that components read, in order."""
    if isinstance(part, list | tuple):
        return " ".join(map(texts, part))
    return texts(part.children) if hasattr(part, "children") else str(part or "")


def test_filters_on_inputs_answers_and_outcomes_mean_the_rows_that_they_say(lending: AppContext) -> None:
    model = lending.model(LOCAL, "loans")
    answers = model.score(HELD[list(model.schema.names)])
    assert answers.probability is not None
    chance, predicted = answers.probability[:, 1], pd.Series(answers.prediction)  # by the threshold in force
    for text, expected in {
        "age:30..40": HELD["age"].between(30, 40),
        "age:30...40": (HELD["age"] >= 30) & (HELD["age"] < 40),
        "plan=plus": HELD["plan"] == "plus",
        "plan=plus,basic;.actual=yes": HELD["plan"].isin(["plus", "basic"]) & (HELD["paid"] == "yes"),
        ".probability:0.4..0.6": (chance >= 0.4) & (chance <= 0.6),
        ".prediction=yes;.error=true": (predicted == "yes") & (HELD["paid"] == "no"),
        "plan=~-": HELD["plan"].isna(),
    }.items():
        rows = HELD[expected]
        seen = performance(lending, LOCAL, "loans", where=text)
        assert (len(seen.report.rows), seen.rows_in_all) == (len(rows), 200), text
        assert seen.report.rows.frame["age"].tolist() == rows["age"].tolist(), text
        assert cohort_text(seen.where) == text
    rates = performance(lending, LOCAL, "rates", where=".error:0..").report
    assert rates.numbers is not None and (rates.numbers.errors >= 0).all()


def test_a_cohort_is_the_rows_that_explore_shows_by_the_same_filters(lending: AppContext, tmp_path: Path) -> None:
    context = stored(lending, tmp_path)
    for text in ("age:30..40;plan=plus", ".probability:..0.5;.actual=yes"):
        found, problems = subject(context, LOCAL, "loans", {"source": "holdout", "where": text})
        assert not problems
        told = explore(context.store.analyst, found)
        assert told.some.rows == len(performance(context, LOCAL, "loans", where=text).report.rows)


def test_metrics_of_a_cohort_stand_beside_everyones(lending: AppContext) -> None:
    seen = performance(lending, LOCAL, "loans", where="plan=plus")
    rows = HELD[HELD["plan"] == "plus"]
    own, every = seen.report.metrics(0.5), seen.everyone.metrics(0.5)
    chance = seen.report.rows.outputs.probability
    assert chance is not None
    assert own["recall"].value == pytest.approx(metrics.recall_score(rows["paid"] == "yes", chance[:, 1] >= 0.5))
    assert every == performance(lending, LOCAL, "loans").report.metrics(0.5)
    told = texts(beside_everyone(seen, 0.5))
    assert f"This cohort, {len(rows)} rows" in told and "Everyone, 200 rows" in told and "at 50%" in told
    narrow, apart = replace(own["recall"], low=0.1, high=0.2), replace(every["recall"], value=0.5)
    assert is_apart(narrow, apart) and not is_apart(own["recall"], own["recall"])
    numbers = performance(lending, LOCAL, "rates", where="age:40..")
    assert "MAE" in texts(beside_everyone(numbers, None))


def test_a_form_offers_what_may_be_shown_with_its_values(lending: AppContext, private_lending: AppContext) -> None:
    seen = performance(lending, LOCAL, "loans")
    offered = cohort_dimensions(seen.model)
    assert {":age", ":plan", "prediction", "probability", "actual", "error"} <= set(offered)
    scale = cohort_scale(seen.model, seen.report.rows, offered[":plan"])
    assert scale.values == tuple(HELD["plan"].value_counts().index)
    ages = cohort_scale(seen.model, seen.report.rows, offered[":age"])
    assert (ages.low, ages.high) == (HELD["age"].min(), HELD["age"].max())
    hidden = {column.name for column in cohort_columns(private_lending.model(LOCAL, "loans"))}
    assert ":income" not in hidden and ":age" in hidden


@pytest.mark.parametrize("name", ["loans", "rates"])
def test_a_cohort_is_no_way_to_masked_inputs_or_single_rows(private_lending: AppContext, name: str) -> None:
    with pytest.raises(BadRequest, match="not shown"):
        performance(private_lending, LOCAL, name, where="income:20000..")
    with pytest.raises(NotAllowed, match="Single records"):
        performance(private_lending, LOCAL, name, where=f"age:{HELD['age'].iloc[0]}..{HELD['age'].iloc[0]}")
    seen = performance(private_lending, LOCAL, name, where="age:30..")
    with pytest.raises(NotAllowed):
        worst_records(seen, 5)
    assert "rows" not in offered_tables(seen)
    with pytest.raises(BadRequest, match="at most"):
        performance(private_lending, LOCAL, name, where=";".join(f"age:{low}.." for low in range(30)))


def test_a_masked_outcome_makes_no_cohort(own_lending: AppContext) -> None:
    path = own_lending.registry.folder / "loans" / "model.toml"
    path.write_text(f'{path.read_text()}\n[privacy]\nmasked = ["paid"]\n')
    own_lending.registry.refresh()
    for text in (".actual=yes", ".error=true"):
        with pytest.raises(BadRequest, match="not shown"):
            performance(own_lending, LOCAL, "loans", where=text)


def test_rows_lead_to_their_predictions_and_others_to_the_form(lending: AppContext, tmp_path: Path) -> None:
    context = stored(lending, tmp_path)
    answers = predict(
        context, EVE, PredictRequest("loans", [{**RECORD, "age": age} for age in (30, 40, 50)])
    ).predictions
    for answer in answers:
        record_outcome(context, EVE, str(answer.id), "yes")
    seen = performance(context, EVE, "loans", source=LOG, where="age:35..")
    _, rows, note = rows_table(seen, Places(), 0.5)
    assert {row["href"] for row in rows} == {f"/predictions/{answer.id}" for answer in answers[1:]}
    assert "2 rows" in note and {row["texts"][":age"] for row in rows} == {"40", "50"}
    columns, own, note = rows_table(performance(context, EVE, "loans", where="age:35.."), Places(), 0.5)
    assert all(row["href"].startswith("/models/loans#v1&") for row in own) and "opens in the form" in note
    assert [column["headerName"] for column in columns][:4] == ["Row", "Predicted", "Actual", "Answer is"]
    columns, own, _ = rows_table(performance(context, EVE, "rates"), Places(), None)
    assert abs(own[0][".2"]) == max(abs(row[".2"]) for row in own)


def test_files_are_of_the_cohort(lending: AppContext, tmp_path: Path) -> None:
    context = stored(lending, tmp_path)

    def table(name: str, table: str, **query: str) -> list[dict[str, str]]:
        made = performance_file(context, EVE, name, table, "csv", TableQuery(0.5), **query)  # type: ignore[arg-type]
        with made.path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        shutil.rmtree(made.path.parent)
        return rows

    rows = table("loans", "rows", where="plan=plus")
    assert len(rows) == (HELD["plan"] == "plus").sum() and {row["plan"] for row in rows} == {"plus"}
    both = {row["metric"]: row for row in table("loans", "metrics", where="plan=plus")}
    every = {row["metric"]: row for row in table("loans", "metrics")}
    assert both["recall"]["everyone"] == every["recall"]["value"] and "everyone" not in every["recall"]


def test_fairness_is_told_of_every_class(context: AppContext) -> None:
    seen = performance(context, LOCAL, "iris", where="sepal length (cm):5..")
    feature = seen.model.schema.names[0]
    found = class_groups(seen, feature)
    assert tuple(found) == seen.report.classes
    assert str(found["virginica"]) == str(groups(seen, feature, None, of_class="virginica"))
    told = texts(gaps_view(found, {field.name: field for field in seen.model.fields}))
    assert "Every class" in told and all(name.capitalize() in told for name in found)
    assert {"groups", "class_groups"} <= set(offered_tables(seen))
