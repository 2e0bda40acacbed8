"""Every callback of the pages: who gets an answer, and what no answer holds."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from tests.access.calls import body_of, callbacks, plausible, send, with_clicks
from tests.access.people import ANALYST, LEFT, OWNER, PEOPLE, USER, Person
from tests.access.world import MARK, World, secrets_in

Needs = Literal["open", "model", "analysis", "manage", "prediction", "batch"]
RULES: dict[str, Needs] = {
    "shell.show_head": "model",
    "shell.search": "prediction",
    "common.table_export.export_table": "open",
    "catalogue.show_cards": "open",
    "catalogue.show_latest": "open",
    "history.show_rows": "open",
    "history.show_prediction": "prediction",
    "forms.draw_form": "model",
    "predictions.preview": "model",
    "predictions.predict": "model",
    "charts.draw_curve": "model",
    "charts.tabulate_curve": "model",
    "charts.draw_surface": "model",
    "charts.tabulate_surface": "model",
    "reasons.show_why": "model",
    "reasons.tabulate_why": "model",
    "reasons.show_similar": "model",
    "reasons.show_past": "prediction",
    "what_if.offer_goals": "model",
    "what_if.find_changes": "model",
    "what_if.find_records": "model",
    "what_if.show_filter": "model",
    "scenarios.change": "model",
    "scenarios.show": "model",
    "scenarios.export": "model",
    "compare.choose": "open",
    "compare.offer": "model",
    "compare.show": "prediction",
    "outcomes.open_dialog": "prediction",
    "outcomes.offer_choices": "prediction",
    "outcomes.save": "prediction",
    "outcomes.show_outcomes": "prediction",
    "batches.show_files": "open",
    "batches.show_job": "batch",
    "batches.act": "batch",
    "batches.delete": "batch",
    "batch_check.check_file": "batch",
    "batch_check.take_suggestion": "open",
    "batch_results.draw_predictions": "batch",
    "batch_results.draw_warnings": "batch",
    "batch_results.draw_shift": "batch",
    "batch_results.show_rows": "batch",
    "batch_results.find": "open",
    "explore.open_page": "analysis",
    "explore.change": "analysis",
    "explore.show_bar": "analysis",
    "explore.show_form": "analysis",
    "explore_charts.paint": "analysis",
    "explore_charts.make_exact": "analysis",
    "explore_charts.tabulate": "open",
    "explore_rows.show_columns": "analysis",
    "explore_rows.fetch": "analysis",
    "explore_views.list_views": "analysis",
    "explore_views.save": "analysis",
    "explore_views.delete": "analysis",
    "performance.open_page": "analysis",
    "performance.follow": "analysis",
    "performance.read": "open",
    "performance_cards.draw_classes": "analysis",
    "performance_cards.draw_numbers": "analysis",
    "performance_cards.draw_residuals": "analysis",
    "performance_cards.draw_unusual": "analysis",
    "performance_cards.show_fails": "analysis",
    "performance_cards.show_groups": "analysis",
    "performance_cards.tabulate": "analysis",
    "performance_cards.offer_tables": "analysis",
    "performance_threshold.look_again": "model",
    "performance_threshold.tell": "model",
    "performance_threshold.tell_change": "analysis",
    "performance_threshold.save": "manage",
    "drivers.open_page": "analysis",
    "drivers.follow.look": "analysis",
    "drivers.gather": "analysis",
    "drivers.again": "analysis",
    "drivers.choose": "analysis",
    "drivers_cards.draw": "analysis",
    "drivers_cards.tabulate": "analysis",
    "versions.show_versions": "analysis",
    "versions.decide": "manage",
    "versions.label": "manage",
    "versions.tell_verdict": "analysis",
    "version_pair.offer": "analysis",
    "version_pair.ask": "open",
    "version_pair.show_pair": "analysis",
    "version_pair.show_segments": "analysis",
    "dash.dash.Dash.enable_pages.router_async.update": "open",
}
"""Who may have an answer of each callback."""

REFUSED = re.compile(r"may not|There is no|No such|no such|does not exist|Nothing is called")
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


def test_masked_values_are_in_no_answer(world: World) -> None:
    """Whatever is asked for, the masked column by its name among it."""
    told = []
    for model in ("loans", "rates"):
        plain, ids = plausible(world, model)
        known = secrets_in(world.client.get(f"/api/v1/models/{model}/schema", headers=OWNER.headers).text)
        masked: dict[str, Any] = {**plain, **dict.fromkeys(_MASKED, "secret")}
        masked |= {"performance-residual-feature.value": ":secret", "drivers-colour.value": ":secret"}
        masked |= {"explore-by-column.value": "input:secret", "explore-x-column.value": "input:secret"}
        masked |= {"explore-filter-column.value": "input:secret"}
        masked |= {"explore-view.data": "source=holdout&by=input:secret&x=input:secret"}
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
    told = []
    for model in ("loans", "rates"):
        plain, ids = plausible(world, model)
        for callback in callbacks(world):
            if not callback.name.startswith(("performance_cards", "explore", "drivers", "version_pair")):
                continue
            answer = send(world.client, body_of(callback, with_clicks(callback, plain), ids), PEOPLE[-1])
            points = [len(part.split(",")) for part in re.findall(r'"(?:x|y)":\[([^\]]*)\]', answer.text)]
            if answer.status_code == 200 and any(count in (80, 300) for count in points):
                told.append(f"{callback.name} {model}: a point for each row")
    assert not told, "\n".join(told)


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
