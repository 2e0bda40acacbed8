"""Every callback of the pages: who gets an answer, and what no answer holds."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

from modeldesk.core.identity import Permission
from modeldesk.web.ui.pages import FOLDERS, all_pages

from tests.access.calls import body_of, callbacks, plausible, send, with_clicks
from tests.access.people import ANALYST, LEFT, OWNER, PEOPLE, USER, Needs, Person
from tests.access.world import HELD, MARK, PUBLISHED, World, secrets_in

_COMMON: dict[str, Needs] = {
    "common.shell_callbacks.show_head": "model",
    "common.shell_callbacks.search": "prediction",
    "common.table_export.export_table": "open",
    "common.explanation.outcome_callbacks.open_dialog": "prediction",
    "common.explanation.outcome_callbacks.offer_choices": "prediction",
    "common.explanation.outcome_callbacks.save": "prediction",
    "common.explanation.outcome_callbacks.show_outcomes": "prediction",
    "common.feedback.callbacks.rate": "prediction",
    "common.feedback.callbacks.show_feedback": "prediction",
    "dash.dash.Dash.enable_pages.router_async.update": "open",
}
RULES = _COMMON | {
    f"pages.{folder}.{name}": needs
    for folder in FOLDERS
    for name, needs in import_module(f"tests.web.ui.pages.{folder}.access").RULES.items()
}
"""Who may have an answer of each callback."""

REFUSED = re.compile(r"may not|There is no|No such|no such|is not there|does not exist|Nothing is called")
_ANALYSIS_TABS = {
    folder: page.tab.path
    for folder, page in zip(FOLDERS, all_pages(), strict=True)
    if page.tab is not None and page.tab.permission is not Permission.PREDICT
}
"""The addresses of the pages for analysts, by their folders."""
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
            folder = callback.name.split(".")[1]
            if folder not in _ANALYSIS_TABS:
                continue
            drawing.add(folder)
            answer = send(world.client, body_of(callback, with_clicks(callback, plain), ids), PEOPLE[-1])
            points = [len(part.split(",")) for part in re.findall(r'"(?:x|y)":\[([^\]]*)\]', answer.text)]
            if answer.status_code == 200 and any(count in (HELD, PUBLISHED) for count in points):
                told.append(f"{callback.name} {model}: a point for each row")
    assert not told, "\n".join(told)
    assert drawing == set(_ANALYSIS_TABS)


def test_tabs_and_pages_are_offered_to_those_who_may_open_them(world: World) -> None:
    """To others the page says whom it is for, with nothing on it that would ask a service."""
    by_name = {callback.name.rpartition(".")[2]: callback for callback in callbacks(world)}
    for path in _ANALYSIS_TABS.values():
        address = f"/models/loans{path}"
        values = {"address.pathname": address, "_pages_location.pathname": address, "_pages_location.search": ""}
        for person in (USER, ANALYST):
            page, head = (
                json.dumps(send(world.client, body_of(by_name[name], values, {}), person).json())
                for name in ("update", "show_head")
            )
            assert (f'"{address}"' in head) == person.analyses
            assert ("is not part of your role" in page) != person.analyses
            assert (f'"{path[1:]}-' in page) == person.analyses


def _is_empty(answer: Any) -> bool:
    """Whether an answer puts nothing on the page."""
    parts = answer.json().get("response", {})
    return not any(value not in (None, [], "", True, False) for part in parts.values() for value in part.values())
