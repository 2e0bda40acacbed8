"""Suggested changes: verified, allowed, few, and found where an exhaustive search finds one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.engine.engine import reference_engine
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.task import classes_of, question_of
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.settings.tables import FeatureSettings, ModelSettings
from modeldesk.model_service.uncertainty.outliers import UnusualCheck
from modeldesk.model_service.whatif.changes import alternatives, between, may_become
from modeldesk.model_service.whatif.counterfactual import Goal, Suggestions, Surroundings, suggest_changes
from sklearn import compose, ensemble, linear_model, pipeline, preprocessing, svm

from tests.conftest import Effort

SETTINGS = ModelSettings(
    features={
        "kind": FeatureSettings(immutable=True),
        "age": FeatureSettings(monotone=1),
        "income": FeatureSettings(min=5_000, max=90_000),
        "debt": FeatureSettings(monotone=-1),
    }
)
INPUTS = ["age", "income", "debt", "years", "kind", "plan", "owner"]


@dataclass(frozen=True)
class Served:
    score: Callable[[pd.DataFrame], Outputs]
    around: Surroundings

    def suggest(self, record: dict[str, Any], goal: Goal, **options: Any) -> Suggestions:
        return suggest_changes(self.score, self.around, record, goal, **options)


def applicants(rows: int = 1500) -> pd.DataFrame:
    generator = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "age": generator.integers(18, 80, rows),
            "income": generator.lognormal(10, 0.6, rows).round(2),
            "debt": generator.gamma(2, 4000, rows).round(),
            "years": generator.integers(0, 30, rows),
            "kind": generator.choice(["private", "firm", "club"], rows),
            "plan": generator.choice(["basic", "plus", "pro", "max"], rows),
            "owner": generator.random(rows) < 0.4,
        }
    )
    worth = np.log(table["income"]) - table["debt"] / 9000 + 0.03 * table["years"] + 0.6 * (table["plan"] == "pro")
    worth += 0.5 * table["owner"] - 0.6 * (table["kind"] == "club") + 0.01 * table["age"]
    noisy = worth + generator.normal(0, 0.4, rows)
    return table.assign(
        score=noisy, good=np.where(noisy > 10.3, "yes", "no"), word=pd.cut(noisy, 3, labels=list("abc"))
    )


def served(final: Any, target: str) -> Served:
    table = applicants()
    encode = compose.make_column_transformer(
        (preprocessing.OneHotEncoder(), ["kind", "plan"]), (preprocessing.StandardScaler(), INPUTS[:4]),
        remainder="passthrough",
    )  # fmt: skip
    answer = table[target].astype(str) if target == "word" else table[target]
    model = pipeline.make_pipeline(encode, final).fit(table[INPUTS], answer)
    data = table[INPUTS].assign(**{target: answer})
    schema = infer_schema(model, data, target=target)
    engine = reference_engine(model, question_of(model).task, classes_of(model), schema)
    outputs = engine.predict(data[list(schema.names)])
    around = Surroundings(schema, fields(schema, SETTINGS), data, outputs, UnusualCheck(schema, data))
    return Served(engine.predict, around)


@pytest.fixture(scope="module")
def boosted() -> Served:
    return served(ensemble.HistGradientBoostingClassifier(max_iter=30, random_state=0), "good")


@pytest.fixture(scope="module")
def valued() -> Served:
    return served(linear_model.LinearRegression(), "score")


def allowed(model: Served, record: dict[str, Any], found: Suggestions, reached: Callable[[Any], bool]) -> None:
    """Each suggestion is what the model says of it, and changes only what may change."""
    by_name = {field.name: field for field in model.around.fields}
    for item in found.items:
        answer = model.score(frame_of(model.around.schema, [item.record])).row(0)
        assert answer == item.output and reached(answer.prediction)
        assert item.changes
        changed = {name for name in record if item.record[name] != record[name]}
        assert changed == {change.feature for change in item.changes}
        assert "kind" not in changed
        for change in item.changes:
            assert (change.before, change.after) == (record[change.feature], item.record[change.feature])
            assert may_become(by_name[change.feature], change.before, change.after)
        assert item.record["age"] >= record["age"] and item.record["debt"] <= record["debt"]
        if "income" in changed:
            assert 5_000 <= item.record["income"] <= 90_000
    counts = [len(item.changes) for item in found.items]
    assert counts == sorted(counts)


def exhaustive(model: Served, record: dict[str, Any], reached: Callable[[Outputs], np.ndarray]) -> bool:
    """Whether any change of at most two inputs, over 20 quantiles and all options, reaches the goal."""
    choices: dict[str, list[Any]] = {}
    for field in model.around.fields:
        column = model.around.reference[field.name]
        if field.feature.numeric:
            values = np.quantile(column, np.linspace(0, 1, 20))
            tried = [round(value) if field.feature.type == "integer" else float(value) for value in values]
        else:
            tried = [option.value for option in field.feature.options] or [True, False]
        choices[field.name] = [value for value in tried if may_become(field, record[field.name], value)]
    rows = [{**record, name: value} for name, values in choices.items() for value in values]
    for one, other in itertools.combinations(choices, 2):
        rows += [{**record, one: a, other: b} for a in choices[one] for b in choices[other]]
    return bool(reached(model.score(frame_of(model.around.schema, rows))).any())


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["boosted", "forest", "logistic"])
def test_a_change_is_found_where_an_exhaustive_search_finds_one(kind: str, effort: Effort) -> None:
    finals = {
        "boosted": ensemble.HistGradientBoostingClassifier(max_iter=30, random_state=0),
        "forest": ensemble.RandomForestClassifier(20, min_samples_leaf=3, random_state=0),
        "logistic": linear_model.LogisticRegression(max_iter=500),
    }
    model = served(finals[kind], "good")
    rows = model.around.reference.sample(effort.changes, random_state=effort.seed)
    possible, found = 0, 0
    for record in records_of(model.around.schema, rows):
        now = model.score(frame_of(model.around.schema, [record])).prediction[0]
        there = exhaustive(model, record, lambda outputs, now=now: outputs.prediction != now)
        suggestions = model.suggest(record, Goal())
        allowed(model, record, suggestions, lambda prediction, now=now: prediction != now)
        possible += there
        found += there and bool(suggestions.items)
    print(f"seed {effort.seed}: {found} of {possible} possible changes found, {effort.changes} records")
    assert possible and found >= 0.95 * possible


def test_a_value_is_reached_from_below_and_from_above(valued: Served) -> None:
    record = records_of(valued.around.schema, valued.around.reference.iloc[[3]])[0]
    now = valued.score(frame_of(valued.around.schema, [record])).row(0).prediction
    more = valued.suggest(record, Goal(at_least=now + 0.4))
    allowed(valued, record, more, lambda value: value >= now + 0.4)
    less = valued.suggest(record, Goal(at_most=now - 0.4))
    allowed(valued, record, less, lambda value: value <= now - 0.4)
    both = valued.suggest(record, Goal(at_least=now + 0.2, at_most=now + 0.25))
    allowed(valued, record, both, lambda value: now + 0.2 <= value <= now + 0.25)
    assert more.items and less.items and both.items


def test_one_class_of_several_can_be_asked_for() -> None:
    model = served(ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0), "word")
    now = model.around.outputs.prediction
    record = records_of(model.around.schema, model.around.reference.iloc[[int(np.flatnonzero(now == "a")[0])]])[0]
    found = model.suggest(record, Goal(of_class="c"))
    allowed(model, record, found, lambda prediction: prediction == "c")
    assert found.items


def test_an_anomaly_can_be_made_normal() -> None:
    table = applicants()[["age", "income", "debt"]]
    estimator = ensemble.IsolationForest(n_estimators=30, random_state=0).fit(table)
    schema = infer_schema(estimator, table, target=None)
    engine = reference_engine(estimator, question_of(estimator).task, (), schema)
    outputs = engine.predict(table)
    around = Surroundings(schema, fields(schema, None), table, outputs, UnusualCheck(schema, table))
    record = records_of(schema, table.iloc[[int(np.argmin(outputs.score))]])[0]
    assert outputs.prediction[int(np.argmin(outputs.score))] == "anomaly"
    found = suggest_changes(engine.predict, around, record, Goal(of_class="normal"))
    assert found.items and all(item.output.prediction == "normal" for item in found.items)


def test_a_model_without_probabilities_is_searched_too() -> None:
    model = served(svm.LinearSVC(), "good")
    record = records_of(model.around.schema, model.around.reference.iloc[[0]])[0]
    now = model.score(frame_of(model.around.schema, [record])).prediction[0]
    found = model.suggest(record, Goal())
    allowed(model, record, found, lambda prediction: prediction != now)
    assert found.items


def test_a_record_that_is_there_already_needs_nothing(boosted: Served) -> None:
    record = records_of(boosted.around.schema, boosted.around.reference.iloc[[0]])[0]
    now = boosted.score(frame_of(boosted.around.schema, [record])).row(0).prediction
    found = boosted.suggest(record, Goal(of_class=now))
    assert found.already and found.items == ()


def test_where_nothing_may_change_nothing_is_suggested(boosted: Served) -> None:
    settings = ModelSettings(features={name: FeatureSettings(immutable=True) for name in INPUTS})
    around = Surroundings(
        boosted.around.schema,
        fields(boosted.around.schema, settings),
        boosted.around.reference,
        boosted.around.outputs,
        boosted.around.unusual,
    )
    record = records_of(around.schema, around.reference.iloc[[0]])[0]
    found = suggest_changes(boosted.score, around, record, Goal())
    assert found.items == () and not found.already and found.complete


def test_time_is_kept(boosted: Served) -> None:
    record = records_of(boosted.around.schema, boosted.around.reference.iloc[[0]])[0]
    found = boosted.suggest(record, Goal(), seconds=0.0)
    assert found.items == () and not found.complete


@pytest.mark.parametrize(
    ("goal", "message"),
    [(Goal(at_least=1.0), "gives classes"), (Goal(of_class="perhaps"), "no class 'perhaps'")],
)
def test_a_goal_the_model_cannot_have_is_refused(boosted: Served, goal: Goal, message: str) -> None:
    record = records_of(boosted.around.schema, boosted.around.reference.iloc[[0]])[0]
    with pytest.raises(InvalidInput, match=message):
        boosted.suggest(record, goal)


def test_a_value_model_needs_a_value_for_a_goal(valued: Served) -> None:
    record = records_of(valued.around.schema, valued.around.reference.iloc[[0]])[0]
    with pytest.raises(InvalidInput, match="gives values"):
        valued.suggest(record, Goal())


def field_of(model: Served, name: str) -> Field:
    return next(field for field in model.around.fields if field.name == name)


def test_what_a_value_may_become(boosted: Served) -> None:
    age, income, kind = (field_of(boosted, name) for name in ("age", "income", "kind"))
    assert may_become(age, 30, 31) and not may_become(age, 30, 29) and not may_become(age, 30, 30)
    assert not may_become(age, None, 31) and not may_become(age, 30, None)
    assert may_become(income, None, 20_000.0) and not may_become(income, 20_000.0, 95_000.0)
    assert not may_become(kind, "club", "firm")
    assert alternatives(kind, "club", boosted.around.reference["kind"]) == []
    plan = field_of(boosted, "plan")
    assert set(alternatives(plan, "pro", boosted.around.reference["plan"])) == {"basic", "plus", "max"}
    tried = alternatives(age, 50, boosted.around.reference["age"])
    assert tried and min(tried) > 50


def test_numbers_on_the_way_are_rounded_and_inside(boosted: Served) -> None:
    income, age = field_of(boosted, "income"), field_of(boosted, "age")
    way = between(income, 20_123.45, 40_000.0, 30_000.0, 8)
    assert way == sorted(way) and all(20_123.45 < value < 40_000 and value == round(value) for value in way)
    assert all(isinstance(value, int) for value in between(age, 30, 60, 40.0, 8))
    assert between(age, 30, 31, 40.0, 8) == []
    assert between(field_of(boosted, "owner"), True, False, 1.0, 8) == []
