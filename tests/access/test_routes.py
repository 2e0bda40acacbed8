"""Every route of the API: who gets an answer, and what no answer holds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.access.people import LEFT, OUTSIDE, OWNER, PEOPLE, USER, Needs, Person
from tests.access.world import MARK, RECORD, World, secrets_in


@dataclass(frozen=True)
class Rule:
    """Who may call a route: everybody who sees the model, those who analyse or manage it, or those whose
    prediction, batch or other thing of their own it is about (a prediction: analysts too)."""

    needs: Needs
    body: Any = None
    fine: tuple[int, ...] = (200,)


REASON = {"reason": "to see"}
RECORDS = {"records": [RECORD]}
PRESET = {"name": "Mine", "records": [{"inputs": RECORD}]}
_LABELLED = (200, 204, 404, 409, 422)
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/api/openapi.json"): Rule("open"),
    ("GET", "/api/docs"): Rule("open"),
    ("GET", "/api/docs/start.js"): Rule("open"),
    ("GET", "/api/v1/models"): Rule("open"),
    ("GET", "/api/v1/batches"): Rule("open"),
    ("GET", "/api/v1/models/{name}"): Rule("model"),
    ("GET", "/api/v1/models/{name}/schema"): Rule("model"),
    ("POST", "/api/v1/models/{name}/predict"): Rule("model", RECORDS),
    ("POST", "/api/v1/models/{name}/explain"): Rule("model", RECORDS),
    ("POST", "/api/v1/models/{name}/what-if"): Rule("model", {"records": [RECORD], "features": ["age"]}, (200, 422)),
    ("GET", "/api/v1/models/{name}/predictions"): Rule("model"),
    ("GET", "/api/v1/models/{name}/rows"): Rule("analysis", fine=(403, 409)),
    ("GET", "/api/v1/models/{name}/versions"): Rule("analysis"),
    ("POST", "/api/v1/models/{name}/versions/{version}/promote"): Rule("manage", REASON, (200, 409)),
    ("POST", "/api/v1/models/{name}/rollback"): Rule("manage", REASON, (200, 409)),
    ("POST", "/api/v1/models/{name}/threshold"): Rule("manage", {"threshold": 0.4, **REASON}, (200, 409, 422)),
    ("GET", "/api/v1/models/{name}/thresholds"): Rule("analysis", fine=(200, 409, 422)),
    ("GET", "/api/v1/models/{name}/performance/{table}"): Rule("analysis", fine=(200, 404, 409, 422)),
    ("PUT", "/api/v1/models/{name}/aliases/{alias}"): Rule("manage", {"version": 1}, _LABELLED),
    ("DELETE", "/api/v1/models/{name}/aliases/{alias}"): Rule("manage", None, _LABELLED),
    ("PUT", "/api/v1/models/{name}/versions/{version}/tags/{tag}"): Rule("manage", None, _LABELLED),
    ("DELETE", "/api/v1/models/{name}/versions/{version}/tags/{tag}"): Rule("manage", None, _LABELLED),
    ("GET", "/api/v1/predictions/{prediction_id}"): Rule("prediction"),
    ("POST", "/api/v1/predictions/{prediction_id}/outcome"): Rule("prediction", {"outcome": "maybe"}, (422,)),
    ("GET", "/api/v1/predictions/{prediction_id}/feedback"): Rule("prediction"),
    ("POST", "/api/v1/predictions/{prediction_id}/feedback"): Rule("prediction", {"verdict": "wrong"}),
    ("POST", "/api/v1/models/{name}/batches"): Rule("model", fine=(422, 400)),
    ("GET", "/api/v1/models/{name}/batches/template"): Rule("model"),
    ("GET", "/api/v1/batches/{batch_id}"): Rule("batch"),
    ("POST", "/api/v1/batches/{batch_id}/check"): Rule("batch", {}, (200, 409, 422)),
    ("POST", "/api/v1/batches/{batch_id}/start"): Rule("batch", {}, (409,)),
    ("POST", "/api/v1/batches/{batch_id}/rerun"): Rule("batch", {}, (202,)),
    ("POST", "/api/v1/batches/{batch_id}/cancel"): Rule("batch", {}, (200, 409)),
    ("GET", "/api/v1/batches/{batch_id}/results"): Rule("batch"),
    ("GET", "/api/v1/batches/{batch_id}/errors"): Rule("batch"),
    ("GET", "/api/v1/batches/{batch_id}/rows"): Rule("batch"),
    ("DELETE", "/api/v1/batches/{batch_id}"): Rule("batch", fine=(204, 404)),
    ("GET", "/api/v1/models/{name}/presets"): Rule("model"),
    ("POST", "/api/v1/models/{name}/presets"): Rule("model", PRESET, (201, 409)),
    ("GET", "/api/v1/models/{name}/presets/{preset_id}"): Rule("own"),
    ("PATCH", "/api/v1/models/{name}/presets/{preset_id}"): Rule("own", {"name": "Renamed"}),
    ("DELETE", "/api/v1/models/{name}/presets/{preset_id}"): Rule("own", fine=(204, 404)),
}


def routes(world: World) -> set[tuple[str, str]]:
    """Every call that the application takes under ``/api``, but for the last that says what is not there."""
    server = world.inner.app.app.app
    found = set()
    for route in _all(server.routes):
        if route.path.startswith("/api/") and "{rest:path}" not in route.path:
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found


def _all(given: Any) -> list[APIRoute]:
    found: list[APIRoute] = []
    for route in given:
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        found += [route] if isinstance(route, APIRoute) else _all(inner.routes) if inner is not None else []
    return found


def expected(rule: Rule, person: Person, model: str) -> tuple[int, ...]:
    """The statuses that are right."""
    if rule.needs == "open":
        return rule.fine
    refused = (rule.needs == "analysis" and not person.analyses) or (rule.needs == "manage" and not person.manages)
    if not person.sees(model):
        return (404, 403) if refused else (404,)
    mine = person.name == OWNER.name
    if rule.needs in ("batch", "own"):
        return rule.fine if mine else (404,)
    if rule.needs == "prediction":
        return rule.fine if mine or person.analyses else (404,)
    return (403,) if refused else rule.fine


def test_every_route_is_in_the_matrix(world: World) -> None:
    assert routes(world) == set(RULES)


def test_no_route_has_a_wrong_answer(world: World) -> None:
    wrong = []
    # What is deleted is asked for last.
    for (method, path), rule in sorted(RULES.items(), key=lambda item: item[0][0] == "DELETE"):
        for model in ("loans", "rates"):
            # The range of the column, which a form has to know.
            allowed = secrets_in(world.client.get("/api/openapi.json", headers=OWNER.headers).text)
            for person in sorted(PEOPLE, key=lambda one: one is OWNER):
                address = path.format(
                    name=model,
                    version=1,
                    alias="champion",
                    tag="reviewed",
                    table="metrics",
                    prediction_id=world.predictions[model],
                    batch_id=world.batches[model],
                    preset_id=world.presets[model],
                )
                answer = world.client.request(method, address, json=rule.body, headers=person.headers)
                right = expected(rule, person, model)
                if answer.status_code not in right:
                    wrong.append(f"{method} {address} {person}: {answer.status_code}, not {right} {answer.text[:150]}")
                told = secrets_in(answer.text) - allowed
                if told:
                    wrong.append(f"{method} {address} {person}: masked values {sorted(told)[:3]}")
                if not person.sees("rates") and f"rates {MARK}" in answer.text:
                    wrong.append(f"{method} {address} {person}: tells of a model that is not theirs to see")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted({path for _, path in RULES}))
def test_nothing_is_answered_to_nobody(world: World, path: str) -> None:
    address = re.sub(r"\{\w+\}", "1", path)
    assert world.client.get(address).status_code == 401


def test_masked_inputs_are_for_their_owner_only(world: World) -> None:
    def inputs(person: Person) -> Any:
        return world.client.get(f"/api/v1/predictions/{world.predictions['loans']}", headers=person.headers).json()[
            "inputs"
        ]

    assert inputs(OWNER)["secret"] == RECORD["secret"]
    assert "secret" not in inputs(OUTSIDE) and inputs(OUTSIDE)["age"] == RECORD["age"]
    listed = world.client.get("/api/v1/models/loans/predictions", headers=OUTSIDE.headers).json()["predictions"]
    others = [entry for entry in listed if entry["owner"] != OUTSIDE.name]
    assert others and all("secret" not in entry["inputs"] for entry in others)


def test_shared_presets_are_for_all_who_see_the_model(world: World) -> None:
    """Without masked inputs but for their owner; to be changed by their owner and by managers."""
    for model in ("loans", "rates"):
        address = f"/api/v1/models/{model}/presets/{world.shared[model]}"
        for person in PEOPLE:
            found = world.client.get(address, headers=person.headers)
            assert found.status_code == (200 if person.sees(model) else 404), (person, found.text)
            if person.sees(model):
                inputs = found.json()["records"][0]["inputs"]
                assert ("secret" in inputs) == (person.name == OWNER.name) and inputs["age"] == RECORD["age"]
            may = person.manages or person.name == OWNER.name
            changed = world.client.patch(address, json={"shared": True}, headers=person.headers)
            assert changed.status_code == (404 if not person.sees(model) else 200 if may else 403), person
            listed = world.client.get(f"/api/v1/models/{model}/presets", headers=person.headers)
            told = {item["id"]: item["may_change"] for item in listed.json().get("presets", [])}
            assert told.get(world.shared[model]) == (may if person.sees(model) else None)


def test_who_lost_a_group_reads_nothing_of_its_model(world: World) -> None:
    batches = world.client.get("/api/v1/batches", headers=LEFT.headers).json()["batches"]
    assert {batch["model"] for batch in batches} <= {"loans"}
    assert (
        world.client.get(f"/api/v1/predictions/{world.predictions['rates']}", headers=LEFT.headers).status_code == 404
    )


def test_figures_are_for_analysts(world: World) -> None:
    shown = {
        person: world.client.get("/api/v1/models/loans", headers=person.headers).json() for person in (USER, OUTSIDE)
    }
    assert shown[USER]["evaluation"] is None and shown[USER]["threshold_saved"] is None
    assert shown[OUTSIDE]["evaluation"]["metrics"]


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, int("9" * 400), -1])
def test_integers_of_any_length_are_read_or_refused(world: World, number: int) -> None:
    document = world.client.get("/api/openapi.json", headers=OWNER.headers).json()
    asked = 0
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            for parameter in call.get("parameters", []):
                if '"integer"' not in json.dumps(parameter["schema"]):
                    continue
                values = {"name": "loans", "version": "1", "prediction_id": world.predictions["loans"]}
                values |= {"preset_id": world.presets["loans"]}
                values |= {"batch_id": world.batches["loans"], "alias": "best", "tag": "seen", "table": "metrics"}
                query = {} if parameter["in"] == "path" else {parameter["name"]: str(number)}
                values |= {parameter["name"]: str(number)} if parameter["in"] == "path" else {}
                answer = world.client.request(
                    method.upper(), path.format(**values), params=query, json=REASON, headers=OWNER.headers
                )
                asked += 1
                assert answer.status_code < 500, (method, path, parameter["name"], answer.text)
    assert asked >= 6
    for body in ({"version": number}, {"threshold": number, "reason": "x"}, {"threshold": 0.1, "revision": number}):
        for path in ("predict", "explain", "what-if", "threshold"):
            answer = world.client.post(
                f"/api/v1/models/loans/{path}", json={**RECORDS, "record": RECORD, **body}, headers=PEOPLE[-1].headers
            )
            assert answer.status_code < 500, (path, body)
