"""How well a version does, as those who may see it are told, on the rows that it was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, ModelSettingsError, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.model_service.performance.conditions import Condition, written
from modeldesk.model_service.performance.report import Report
from modeldesk.model_service.performance.rows import MAX_ROWS, evaluated_rows
from modeldesk.model_service.settings.model_settings import parse_settings
from modeldesk.model_service.tasks import task_of
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.report import groups, performance, searched_features, weakness
from sklearn import metrics

from tests.services.lending import applicants

ANALYST = Caller("ana", frozenset({Role.ANALYST}))
USER = Caller("uli", frozenset({Role.USER}))


def test_a_binary_model_is_measured_on_its_hold_out(lending: AppContext) -> None:
    seen = performance(lending, ANALYST, "loans")
    held = applicants(200, 2)
    answers = seen.model.score(held[list(seen.model.schema.names)])
    assert answers.probability is not None
    chance = answers.probability[:, list(answers.classes).index("yes")]
    positive = held["paid"] == "yes"
    assert (seen.report.rows.source, len(seen.report.rows), seen.rows_in_all) == ("holdout", 200, 200)
    assert seen.report.scores is not None and seen.report.positive == "yes"
    ranked = seen.report.ranking()
    assert ranked["roc_auc"].value == pytest.approx(metrics.roc_auc_score(positive, chance))
    assert ranked["pr_auc"].value == pytest.approx(metrics.average_precision_score(positive, chance))
    for threshold in (0.0, 0.2, 0.5, 0.9, 1.0):
        figures = seen.report.scores.at(threshold).figures()
        assert figures["recall"].value == pytest.approx(metrics.recall_score(positive, chance >= threshold))
        assert figures["accuracy"].value == pytest.approx(metrics.accuracy_score(positive, chance >= threshold))


def test_the_positive_class_is_the_one_that_was_set(lending: AppContext) -> None:
    model = lending.model(LOCAL, "loans")
    seen = performance(lending, LOCAL, "loans")
    other = Report(task_of("binary"), seen.report.rows, "no")
    assert (other.positive, other.negative) == ("no", "yes")
    assert other.scores is not None and seen.report.scores is not None
    assert other.scores.positives == len(seen.report.rows) - seen.report.scores.positives
    assert other.ranking()["roc_auc"].value == pytest.approx(seen.report.ranking()["roc_auc"].value)
    assert model.settings.positive is None


def test_numbers_and_many_classes(lending: AppContext, context: AppContext) -> None:
    rates = performance(lending, LOCAL, "rates").report
    held = applicants(200, 2)
    assert rates.numbers is not None
    assert rates.errors["rmse"].value == pytest.approx(
        metrics.root_mean_squared_error(held["rate"], rates.rows.outputs.prediction.astype(float))
    )
    iris = performance(context, LOCAL, "iris").report
    assert (iris.rows.source, len(iris.rows)) == ("training", 150)
    assert iris.decided is not None and iris.scores is None
    assert iris.overall["accuracy"].value == pytest.approx(np.diag(iris.decided.matrix).sum() / 150)
    versicolor = iris.scores_of("versicolor")
    assert versicolor is not None and versicolor.positives == 50


def test_only_a_part_of_the_rows(lending: AppContext) -> None:
    segment = written([Condition("plan", value="plus"), Condition("age", above=30, upto=60)])
    seen = performance(lending, LOCAL, "loans", segment=segment)
    held = applicants(200, 2)
    expected = held[(held["plan"] == "plus") & (held["age"] > 30) & (held["age"] <= 60)]
    assert (len(seen.report.rows), seen.rows_in_all) == (len(expected), 200)
    assert seen.report.scores is not None
    assert seen.report.scores.positives == (expected["paid"] == "yes").sum()
    with pytest.raises(BadRequest, match="segment"):
        performance(lending, LOCAL, "loans", segment='[{"f":"who","is":"Person 1"}]')


def test_a_segment_without_rows_has_no_figures(lending: AppContext) -> None:
    seen = performance(lending, LOCAL, "loans", segment=written([Condition("age", above=1_000.0)]))
    assert len(seen.report.rows) == 0
    assert seen.report.scores is None and weakness(seen) is None


def test_where_it_fails_depends_on_what_counts_as_failing(lending: AppContext) -> None:
    seen = performance(lending, LOCAL, "loans")
    assert seen.report.scores is not None
    decision = seen.report.scores.at(0.3)
    wrong, missed, alarms = (seen.report.failures(kind, 0.3) for kind in ("wrong", "missed", "alarm"))
    assert wrong is not None and missed is not None and alarms is not None
    assert wrong[1].sum() == decision.missed + decision.alarms
    assert (missed[0].sum(), missed[1].sum()) == (seen.report.scores.positives, decision.missed)
    assert alarms[1].sum() == decision.alarms
    found = weakness(seen, "wrong", 0.3)
    assert found is not None and found.judged == 100
    assert weakness(seen, "wrong", 0.3) is found


def test_groups_are_of_inputs_that_are_shown(lending: AppContext) -> None:
    seen = performance(lending, LOCAL, "loans")
    found = groups(seen, "plan", 0.5)
    assert sorted(str(group.condition.value) for group in found) == ["basic", "plus"]
    assert sum(group.rows for group in found) == 200
    assert "who" not in searched_features(seen.model)
    with pytest.raises(NotFound, match="who"):
        groups(seen, "who", 0.5)
    assert groups(performance(lending, LOCAL, "rates"), "plan", 0.5) == ()


def test_the_impact_ratio_is_of_the_outcome_that_people_call_favourable(own_lending: AppContext) -> None:
    seen, held = performance(own_lending, LOCAL, "loans"), applicants(200, 2)
    assert {group.ratio for group in groups(seen, "plan", 0.5)} == {None}
    model = seen.model
    chance = model.score(held[list(model.schema.names)]).probability
    assert chance is not None
    answer = np.where(chance[:, 1] >= 0.5, "yes", "no")
    for favourable in ("yes", "no"):
        text = (file := model.folder.parents[1] / "model.toml").read_text()
        file.write_text(f'favourable = "{favourable}"\n' + text.replace('favourable = "yes"\n', ""))
        own_lending.registry.refresh()
        told = groups(performance(own_lending, LOCAL, "loans"), "plan", 0.5)
        rates = {plan: float((answer[held["plan"] == plan] == favourable).mean()) for plan in ("basic", "plus")}
        expected = {plan: rate / max(rates.values()) for plan, rate in rates.items()}
        assert {str(group.condition.value): group.ratio for group in told} == pytest.approx(expected)
    with pytest.raises(BadRequest, match="no class"):
        groups(seen, "plan", 0.5, favourable="maybe")
    with pytest.raises(ModelSettingsError, match="favourable"):
        parse_settings(b'favourable = "maybe"', model.manifest)


def test_groups_of_many_classes_are_one_against_the_rest(context: AppContext) -> None:
    seen = performance(context, LOCAL, "iris")
    assert seen.report.decided is not None
    feature = searched_features(seen.model)[0]
    found = groups(seen, feature, None, of_class="virginica", favourable="setosa")
    truth, answer = seen.report.decided.truth, seen.report.decided.answer
    for group in found:
        mask = group.condition.holds(seen.model.schema, seen.report.rows.frame)
        assert group.selection.value == pytest.approx((answer[mask] == 2).mean())
        assert group.favoured is not None and group.favoured.value == pytest.approx((answer[mask] == 0).mean())
        expected = metrics.recall_score(truth[mask] == 2, answer[mask] == 2, zero_division=np.nan)
        assert group.recall.value == pytest.approx(expected, nan_ok=True)


def test_performance_is_for_analysts(lending: AppContext) -> None:
    with pytest.raises(NotAllowed, match="uli may not see how models perform"):
        performance(lending, USER, "loans")
    with pytest.raises(NotFound):
        performance(lending, ANALYST, "nothing")


def test_of_very_many_rows_a_sample_is_taken(lending: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    model = lending.model(LOCAL, "loans")
    many = pd.concat([applicants(200, 2)] * 101, ignore_index=True)
    monkeypatch.setattr(pd, "read_parquet", lambda path: many)
    rows = evaluated_rows(model)
    assert rows.sampled and (len(rows), rows.total) == (MAX_ROWS, 20_200)


def test_rows_without_an_outcome_are_left_out_and_counted(lending: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    held = applicants(200, 2)
    held.loc[:9, "paid"] = None
    monkeypatch.setattr(pd, "read_parquet", lambda path: held)
    rows = evaluated_rows(lending.model(LOCAL, "loans"))
    assert (len(rows), rows.unknown, rows.total) == (190, 10, 200)
