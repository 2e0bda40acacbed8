"""Every callback of the pages: who gets an answer, and what no answer holds."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from tests.access.calls import body_of, callbacks, plausible, send, with_clicks
from tests.access.people import ANALYST, LEFT, OWNER, PEOPLE, USER, Person
from tests.access.world import HELD, MARK, PUBLISHED, World, secrets_in

Needs = Literal["open", "model", "analysis", "manage", "prediction", "batch", "own"]
RULES: dict[str, Needs] = {
    "common.shell_callbacks.show_head": "model",
    "common.shell_callbacks.search": "prediction",
    "common.table_export.export_table": "open",
    "pages.catalogue.callbacks.show_cards": "open",
    "pages.catalogue.callbacks.show_latest": "open",
    "pages.history.callbacks.show_rows": "open",
    "pages.prediction.callbacks.show_prediction": "prediction",
    "pages.predict.forms.draw_form": "model",
    "pages.predict.predictions.preview": "model",
    "pages.predict.predictions.predict": "model",
    "pages.predict.charts.draw_curve": "model",
    "pages.predict.charts.draw_surface": "model",
    "pages.predict.reasons.show_why": "model",
    "pages.predict.reasons.show_similar": "model",
    "pages.prediction.callbacks.show_past": "prediction",
    "pages.predict.what_if.offer_goals": "model",
    "pages.predict.what_if.find_changes": "model",
    "pages.predict.what_if.find_records": "model",
    "pages.predict.what_if.show_filter": "model",
    "pages.predict.scenario_callbacks.change": "model",
    "pages.predict.scenario_callbacks.show": "model",
    "pages.predict.scenario_callbacks.export": "model",
    "pages.predict.presets.callbacks.list_presets": "model",
    "pages.predict.presets.callbacks.save": "model",
    "pages.predict.presets.callbacks.change": "own",
    "pages.predict.presets.callbacks.delete": "own",
    "pages.predict.presets.callbacks.open_preset": "own",
    "pages.predict.compare_callbacks.choose": "open",
    "pages.predict.compare_callbacks.offer": "model",
    "pages.predict.compare_callbacks.show": "model",
    "common.explanation.outcome_callbacks.open_dialog": "prediction",
    "common.explanation.outcome_callbacks.offer_choices": "prediction",
    "common.explanation.outcome_callbacks.save": "prediction",
    "common.explanation.outcome_callbacks.show_outcomes": "prediction",
    "common.feedback.callbacks.rate": "prediction",
    "common.feedback.callbacks.show_feedback": "prediction",
    "pages.batch.callbacks.show_files": "open",
    "pages.batch.callbacks.show_job": "batch",
    "pages.batch.callbacks.act": "batch",
    "pages.batch.callbacks.delete": "batch",
    "pages.batch.callbacks.check_file": "batch",
    "pages.batch.callbacks.take_suggestion": "open",
    "pages.batch.callbacks.predictions": "batch",
    "pages.batch.callbacks.warnings": "batch",
    "pages.batch.callbacks.shift": "batch",
    "pages.batch.callbacks.show_rows": "batch",
    "pages.batch.callbacks.find": "open",
    "pages.explore.callbacks.open_page": "analysis",
    "pages.explore.callbacks.change": "analysis",
    "pages.explore.callbacks.show_bar": "analysis",
    "pages.explore.callbacks.show_form": "analysis",
    "pages.explore.charts.paint": "analysis",
    "pages.explore.charts.make_exact": "analysis",
    "pages.explore.charts.tabulate": "open",
    "pages.explore.rows_callbacks.show_columns": "analysis",
    "pages.explore.rows_callbacks.fetch": "analysis",
    "pages.explore.views_callbacks.list_views": "analysis",
    "pages.explore.views_callbacks.save": "analysis",
    "pages.explore.views_callbacks.delete": "analysis",
    "pages.performance.callbacks.open_page": "analysis",
    "pages.performance.callbacks.follow": "analysis",
    "pages.performance.callbacks.read": "open",
    "pages.performance.charts.draw_classes": "analysis",
    "pages.performance.charts.draw_predicted": "analysis",
    "pages.performance.charts.draw_quantiles": "analysis",
    "pages.performance.charts.draw_coverage": "analysis",
    "pages.performance.charts.draw_residuals": "analysis",
    "pages.performance.charts.draw_unusual": "analysis",
    "pages.performance.charts.show_fails": "analysis",
    "pages.performance.charts.show_groups": "analysis",
    "pages.performance.charts.tabulate": "analysis",
    "pages.performance.charts.offer_tables": "analysis",
    "pages.performance.cohort_callbacks.offer_columns": "analysis",
    "pages.performance.cohort_callbacks.show_form": "analysis",
    "pages.performance.cohort_callbacks.add": "analysis",
    "pages.performance.cohort_callbacks.remove": "analysis",
    "pages.performance.cohort_callbacks.compare": "analysis",
    "pages.performance.cohort_callbacks.list_rows": "analysis",
    "pages.performance.threshold_callbacks.look_again": "model",
    "pages.performance.threshold_callbacks.show_standing": "model",
    "pages.performance.threshold_callbacks.show_change": "analysis",
    "pages.performance.threshold_callbacks.save": "manage",
    "pages.importance.callbacks.open_page": "analysis",
    "pages.importance.callbacks.follow.look": "analysis",
    "pages.importance.callbacks.gather": "analysis",
    "pages.importance.callbacks.again": "analysis",
    "pages.importance.callbacks.choose": "analysis",
    "pages.importance.charts.importance": "analysis",
    "pages.importance.charts.picture": "analysis",
    "pages.importance.charts.values_add": "analysis",
    "pages.importance.charts.follows": "analysis",
    "pages.versions.callbacks.show_versions": "analysis",
    "pages.versions.callbacks.decide": "manage",
    "pages.versions.callbacks.label": "manage",
    "pages.versions.callbacks.show_verdict": "analysis",
    "pages.versions.comparison_callbacks.offer": "analysis",
    "pages.versions.comparison_callbacks.ask": "open",
    "pages.versions.comparison_callbacks.show_pair": "analysis",
    "pages.versions.comparison_callbacks.together": "analysis",
    "pages.versions.comparison_callbacks.moves": "analysis",
    "pages.versions.comparison_callbacks.show_segments": "analysis",
    "dash.dash.Dash.enable_pages.router_async.update": "open",
}
"""Who may have an answer of each callback."""

REFUSED = re.compile(r"may not|There is no|No such|no such|is not there|does not exist|Nothing is called")
_DRAWING = ("pages.performance.", "pages.explore.", "pages.importance.", "pages.versions.comparison")
_MASKED = ("drivers-input.value", "performance-group-feature.value", "predict-curve-feature.value")


def allowed(needs: Needs, person: Person, model: str) -> bool:
    """Whether a person may have an answer about a model, or about what is the owner's of it."""
    if needs == "open":
        return True
    if not person.sees(model):
        return False
    mine = person.name == OWNER.name
    return {
        "model": True,
        "analysis": person.analyses,
        "manage": person.manages,
        "prediction": mine or person.analyses,
        "batch": mine,
        "own": mine,
    }[needs]


def test_every_callback_is_in_the_matrix(world: World) -> None:
    assert {callback.name for callback in callbacks(world)} == set(RULES)


def test_no_callback_answers_whom_it_may_not(world: World) -> None:
    wrong = []
    for model in ("loans", "rates"):
        plain, ids = plausible(world, model)
        for callback in callbacks(world):
            body = body_of(callback, with_clicks(callback, plain), ids)
            for person in PEOPLE:
                if allowed(RULES[callback.name], person, model):
                    continue
                answer = send(world.client, body, person)
                silent = answer.status_code == 204 or _is_empty(answer)
                if not (silent or REFUSED.search(answer.text)):
                    wrong.append(f"{callback.name} {model} {person}: {answer.text[:300]}")
                elif f"{model} {MARK}" in answer.text and not person.sees(model):
                    wrong.append(f"{callback.name} {model} {person} tells of the model: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)


def test_nobody_is_told_of_models_that_are_not_theirs_to_see(world: World) -> None:
    plain, ids = plausible(world, "rates")
    told = []
    for callback in callbacks(world):
        for person in (LEFT, *(one for one in PEOPLE if not one.sees("rates"))):
            answer = send(world.client, body_of(callback, with_clicks(callback, plain), ids), person)
            if f"rates {MARK}" in answer.text:
                told.append(f"{callback.name} {person}: {answer.text[:300]}")
    assert not told, "\n".join(told)


def test_a_shared_comparison_tells_nothing_of_anothers_prediction(world: World) -> None:
    """The rest of the comparison is there, and that something of the address is not."""
    [show] = [item for item in callbacks(world) if item.name == "pages.predict.compare_callbacks.show"]
    for model in ("loans", "rates"):
        values, ids = plausible(world, model)
        named = world.predictions[model][-8:]
        body = body_of(show, with_clicks(show, values), ids)
        for person in PEOPLE:
            if person.sees(model):
                mine, text = person.name == OWNER.name or person.analyses, send(world.client, body, person).text
                there = re.search(f"Remove (Prediction {named}|case-1)", text)
                assert (there is not None) == mine, f"{person} {model}: {text}"
                assert ("not yours to see" in text) != mine


def test_masked_values_are_in_no_answer(world: World) -> None:
    """Whatever is asked for, the masked column by its name among it."""
    told = []
    for model in ("loans", "rates"):
        plain, ids = plausible(world, model)
        known = secrets_in(world.client.get(f"/api/v1/models/{model}/schema", headers=OWNER.headers).text)
        masked: dict[str, Any] = {**plain, **dict.fromkeys(_MASKED, "secret")}
        masked |= {"performance-residual-feature.value": ":secret", "drivers-colour.value": ":secret"}
        masked |= {"explore-by-column.value": "secret", "explore-x-column.value": "secret"}
        masked |= {"explore-filter-column.value": "secret", "performance-filter-column.value": "secret"}
        masked |= {"explore-view.data": "source=holdout&by=secret&x=secret&where=secret:0.."}
        masked |= {"performance-where.data": "secret:0.."}
        for callback in callbacks(world):
            for values in (plain, masked):
                for person in (PEOPLE[3], PEOPLE[-1]):
                    answer = send(world.client, body_of(callback, with_clicks(callback, values), ids), person)
                    found = secrets_in(answer.text) - known
                    if found:
                        told.append(f"{callback.name} {model} {person.name}: {len(found)}, {sorted(found)[:2]}")
    assert not told, "\n".join(dict.fromkeys(told))


def test_no_single_record_is_shown_where_none_is_to_be(world: World) -> None:
    """With ``show_records = false`` no chart is drawn of single rows: none has as many points as there are rows."""
    told, drawing = [], set()
    for model in ("loans", "rates"):
        plain, ids = plausible(world, model)
        for callback in callbacks(world):
            if not callback.name.startswith(_DRAWING):
                continue
            drawing.add(callback.name.split(".")[1])
            answer = send(world.client, body_of(callback, with_clicks(callback, plain), ids), PEOPLE[-1])
            points = [len(part.split(",")) for part in re.findall(r'"(?:x|y)":\[([^\]]*)\]', answer.text)]
            if answer.status_code == 200 and any(count in (HELD, PUBLISHED) for count in points):
                told.append(f"{callback.name} {model}: a point for each row")
    assert not told, "\n".join(told)
    assert drawing == {"performance", "explore", "importance", "versions"}


def test_tabs_and_pages_are_offered_to_those_who_may_open_them(world: World) -> None:
    """To others the page says whom it is for, with nothing on it that would ask a service."""
    by_name = {callback.name.rpartition(".")[2]: callback for callback in callbacks(world)}
    for tab in ("explore", "performance", "drivers", "versions"):
        address = f"/models/loans/{tab}"
        values = {"address.pathname": address, "_pages_location.pathname": address, "_pages_location.search": ""}
        for person in (USER, ANALYST):
            page, head = (
                json.dumps(send(world.client, body_of(by_name[name], values, {}), person).json())
                for name in ("update", "show_head")
            )
            assert (f'"{address}"' in head) == person.analyses
            assert ("is not part of your role" in page) != person.analyses
            assert (f'"{tab}-' in page) == person.analyses


def _is_empty(answer: Any) -> bool:
    """Whether an answer puts nothing on the page."""
    parts = answer.json().get("response", {})
    return not any(value not in (None, [], "", True, False) for part in parts.values() for value in part.values())
