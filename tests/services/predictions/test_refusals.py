"""What a rule refuses to answer is disclosed by no path to an answer."""

from __future__ import annotations

import numpy as np
import pytest
from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.engine.results import Output
from modeldesk.notebook.facade import NotebookModel
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.explain import explain_prediction, explain_text
from modeldesk.services.predictions.known_records import compare_known, find
from modeldesk.services.predictions.predict import PredictRequest, predict, preview
from modeldesk.services.predictions.response import curve, standing, surface
from modeldesk.services.predictions.similar import similar
from modeldesk.services.predictions.what_if import Goal, Scenario, compare, suggest
from modeldesk.web.ui.common.charts.axes import Quantity
from modeldesk.web.ui.common.charts.text import REFUSED
from modeldesk.web.ui.common.naming import answer_axis
from modeldesk.web.ui.pages.predict.response import response_figure, response_rows
from modeldesk.web.ui.pages.predict.surface import surface_figure
from modeldesk.web.ui.pages.predict.what_if_text import response_finding, surface_finding

from tests.services.lending import RECORD

RULE = """
[[rules]]
when = "debt > income"
action = "refuse"
text = "Owes more than a year's income."
"""
INDEBTED = {**RECORD, "debt": 25_000.0}


def make_strict(context: AppContext) -> None:
    for name in ("loans", "rates"):
        path = context.registry.folder / name / "model.toml"
        path.write_text(path.read_text() + RULE)
    context.registry.refresh()


@pytest.fixture
def strict(own_lending: AppContext) -> AppContext:
    """An app context whose models refuse who owes more than a year's income; in the data some do."""
    make_strict(own_lending)
    return own_lending


@pytest.mark.parametrize("name", ["loans", "rates"])
def test_a_curve_has_gaps_and_tells_no_present_answer(strict: AppContext, name: str) -> None:
    found = curve(strict, LOCAL, name, INDEBTED, "income")
    assert found.answer is None
    for value, answer in zip(found.values, found.answers, strict=True):
        assert isinstance(value, float) and (answer is None) == (INDEBTED["debt"] > value)
    x, axis = Quantity("Income"), answer_axis(strict.model(LOCAL, name), found.scale, found.of_class, found.classes)
    figure, finding = response_figure(found, x, axis, 0.4), response_finding(found, x, axis)
    assert all(REFUSED in row[1] for row in response_rows(found, x, axis) if float(row[0].replace(",", "")) < 25_000)
    told = [note.text for note in figure.layout.annotations]
    assert any(text == f"<b>Now {x.text(20_000.0)} is {REFUSED}</b>" for text in told)
    assert "Rules refuse an answer up to" in finding


def test_a_curve_and_a_surface_that_are_all_refused_are_drawn(strict: AppContext) -> None:
    along = curve(strict, LOCAL, "loans", {**RECORD, "income": 1.0, "debt": 30_000.0}, "age")
    axis = answer_axis(strict.model(LOCAL, "loans"), along.scale, along.of_class, along.classes)
    assert set(along.answers) == {None}
    assert "Rules refuse an answer" in response_finding(along, Quantity("Age"), axis) and response_figure(
        along, Quantity("Age"), axis
    )
    over = surface(strict, LOCAL, "loans", {**RECORD, "income": 1.0, "debt": 30_000.0}, "age", "plan")
    x, y = Quantity("Age"), Quantity("Plan", kind="category")
    assert np.isnan(over.answers).all() and over.answer is None
    assert "Rules refuse an answer" in surface_finding(over, x, y, axis) and surface_figure(over, x, y, axis, 0.4)


def test_a_surface_has_holes(strict: AppContext) -> None:
    found = surface(strict, LOCAL, "loans", INDEBTED, "income", "debt")
    debts, incomes = np.array(found.y_values, dtype=float), np.array(found.x_values, dtype=float)
    assert (np.isnan(found.answers) == (debts[:, None] > incomes[None, :])).all()
    assert found.answer is None and found.rows()[-1][0] is None


def test_similar_and_known_records_do_not_tell_what_is_refused(strict: AppContext) -> None:
    shown = similar(strict, LOCAL, "loans", INDEBTED, count=20).records
    listed = find(strict, LOCAL, "loans", "Person", limit=50).published
    assert any(item.output.refused for item in shown) and any(item.output.refused for item in listed)
    for item in (*shown, *listed):
        owing = item.record["debt"] > item.record["income"]
        assert (item.output.refused is not None) == owing
        assert not owing or item.output == Output(None, refused=item.output.refused)


def test_scenarios_suggestions_and_explanations_tell_nothing_of_it(strict: AppContext) -> None:
    found = compare(strict, LOCAL, "loans", [Scenario("now", INDEBTED), Scenario("less", RECORD)])
    assert [item.prediction.output.refused is not None for item in found.answers] == [True, False]
    assert found.answers[0].explanation is None and found.answers[0].confidence.note is None
    assert preview(strict, LOCAL, "rates", INDEBTED).output.prediction is None
    assert standing(strict, LOCAL, "rates", preview(strict, LOCAL, "rates", INDEBTED).output) is None
    with pytest.raises(InvalidInput, match="refuses"):
        suggest(strict, LOCAL, "loans", INDEBTED, Goal())
    now = preview(strict, LOCAL, "rates", RECORD).output.prediction
    for item in suggest(strict, LOCAL, "rates", RECORD, Goal(at_least=now + 0.2)).suggestions.items:
        assert item.output.refused is None and item.record["debt"] <= item.record["income"]
    with pytest.raises(InvalidInput):
        explain_text(strict, LOCAL, "loans", INDEBTED, "plan")
    [first] = compare_known(strict, LOCAL, "loans", [], record=INDEBTED).records
    assert first.output.prediction is None


def test_a_rule_that_came_later_holds_for_what_is_answered_again(own_lending: AppContext) -> None:
    request = PredictRequest("loans", [INDEBTED], claim_key="k", body_digest="d")
    first = predict(own_lending, LOCAL, request)
    assert first.predictions[0].output.prediction is not None
    path = own_lending.registry.folder / "loans" / "model.toml"
    path.write_text(path.read_text() + RULE)
    own_lending.registry.refresh()
    again = predict(own_lending, LOCAL, request)
    assert again.predictions[0].id == first.predictions[0].id
    assert again.predictions[0].output.prediction is None and again.predictions[0].output.refused is not None
    told = explain_prediction(own_lending, LOCAL, first.predictions[0].id or "")
    assert told.explanation is None and told.prediction.output.prediction is None


def test_a_notebook_is_refused_too(strict: AppContext) -> None:
    table = NotebookModel(strict.model(LOCAL, "rates")).predict([INDEBTED, RECORD])
    assert table["prediction"].isna().tolist() == [True, False]
    assert table["refused"].isna().tolist() == [False, True]


def test_compared_records_that_are_refused_have_no_explanation(own_lending: AppContext) -> None:
    answered = predict(own_lending, LOCAL, PredictRequest("loans", [INDEBTED, RECORD])).predictions
    refs = [f"prediction:{item.id}" for item in answered]
    before = compare_known(own_lending, LOCAL, "loans", refs).records
    assert all(item.explanation is not None for item in before)
    make_strict(own_lending)
    records = compare_known(own_lending, LOCAL, "loans", refs, record=INDEBTED).records
    assert [item.explanation is not None for item in records] == [False, False, True]
