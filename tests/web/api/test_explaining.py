"""Why, what if, and what happened, over REST."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from tests.web.api.conftest import RECORD

SHOP = "/api/v1/models/shop"


def post(client: TestClient, path: str, **body: Any) -> Any:
    """The answer to a call that has to succeed, held against what is documented of it."""
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    document = client.get("/api/openapi.json").json()
    template = path.replace("shop", "{name}").replace("odd", "{name}")
    if "/predictions/" in path:
        template = "/api/v1/predictions/{prediction_id}/outcome"
    schema = document["paths"][template]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": document["components"]}, response.json())
    return response.json()


def adds_up(explanation: Any) -> bool:
    total = explanation["base_value"] + sum(item["contribution"] for item in explanation["contributions"])
    return total == pytest.approx(explanation["output"], rel=1e-9)


def test_contributions_are_named_by_input_and_add_up(shared: TestClient) -> None:
    answer = post(shared, f"{SHOP}/explain", records=[RECORD, {**RECORD, "age": 75}])
    assert (answer["model"], answer["version"]) == ("shop", 2)
    young, old = answer["explanations"]
    assert adds_up(young) and adds_up(old)
    assert [item["feature"] for item in young["contributions"]] == list(RECORD)
    assert young["scale"] == "log_odds" and young["of_class"] in ("yes", "no") and young["sentence"].endswith(".")
    assert old["of_class"] == "yes"
    [other] = post(shared, f"{SHOP}/explain", records=[RECORD], of_class="yes", version=1)["explanations"]
    assert other["of_class"] == "yes"


def test_predict_explains_where_it_is_asked_to(shared: TestClient) -> None:
    [plain] = post(shared, f"{SHOP}/predict", records=[RECORD])["predictions"]
    [told] = post(shared, f"{SHOP}/predict", records=[RECORD], explain=True)["predictions"]
    assert plain["explanation"] is None and adds_up(told["explanation"])
    assert told["explanation"]["of_class"] == told["prediction"]
    [odd] = shared.post(
        "/api/v1/models/odd/predict", json={"records": [{"age": 40, "income": 1e4}], "explain": True}
    ).json()["predictions"]
    assert odd["explanation"]["scale"] == "score" and adds_up(odd["explanation"])
    assert odd["explanation"]["output"] == pytest.approx(odd["score"])


def test_what_if_answers_beside_each_other_and_keeps_nothing(shared: TestClient) -> None:
    before = len(shared.get(f"{SHOP}/predictions", params={"limit": 500}).json()["predictions"])
    answer = post(shared, f"{SHOP}/what-if", records=[RECORD, {**RECORD, "age": 75}], features=["age"])
    first, second = answer["answers"]
    assert first["probability"]["yes"] < second["probability"]["yes"]
    assert "id" not in first and adds_up(first["explanation"]) and first["suggestions"] is None
    assert first["explanation"]["of_class"] == second["explanation"]["of_class"]
    assert len(first["response"]["values"]) == len(first["response"]["answers"]) > 10
    [one] = post(shared, f"{SHOP}/what-if", records=[RECORD], features=["age", "region"])["answers"]
    assert len(one["response"]["answers"]) == len(one["response"]["y_values"])
    assert len(shared.get(f"{SHOP}/predictions", params={"limit": 500}).json()["predictions"]) == before


def test_suggestions_are_what_the_model_then_says(shared: TestClient) -> None:
    [answer] = post(shared, f"{SHOP}/what-if", records=[RECORD], goal={})["answers"]
    assert answer["suggestions"]["items"] and not answer["suggestions"]["already"]
    for item in answer["suggestions"]["items"]:
        changed = {**RECORD, **{change["feature"]: change["after"] for change in item["changes"]}}
        [told] = post(shared, f"{SHOP}/what-if", records=[changed])["answers"]
        assert told["prediction"] == item["prediction"] != answer["prediction"]
        assert told["probability"] == item["probability"]
    [there] = post(shared, f"{SHOP}/what-if", records=[RECORD], goal={"of_class": answer["prediction"]})["answers"]
    assert there["suggestions"]["already"] and there["suggestions"]["items"] == []


def test_how_far_an_answer_can_be_moved(shared: TestClient) -> None:
    goal = {"of_class": "yes", "best": "highest"}
    [answer] = post(shared, f"{SHOP}/what-if", records=[RECORD], goal=goal)["answers"]
    chances = [answer["probability"]["yes"], *(item["probability"]["yes"] for item in answer["suggestions"]["items"])]
    assert len(chances) > 1 and chances == sorted(chances)


@pytest.mark.parametrize(
    ("call", "body", "status", "field"),
    [
        ("explain", {}, 422, "records"),
        ("explain", {"records": []}, 422, None),
        ("explain", {"records": [RECORD] * 101}, 413, None),
        ("explain", {"records": [RECORD], "of_class": "maybe"}, 422, "of_class"),
        ("explain", {"records": [RECORD], "of_class": 1}, 422, "of_class"),
        ("explain", {"records": [{**RECORD, "age": "old"}]}, 422, "age"),
        ("explain", {"records": [RECORD], "features": ["age"]}, 422, "features"),
        ("explain", {"records": [RECORD], "version": 9}, 404, None),
        ("what-if", {"records": [RECORD] * 13}, 413, None),
        ("what-if", {"records": [RECORD], "features": ["colour"]}, 422, "features"),
        ("what-if", {"records": [RECORD], "features": ["age", "age"]}, 422, "features"),
        ("what-if", {"records": [RECORD], "features": "age"}, 422, "features"),
        ("what-if", {"records": [RECORD], "goal": []}, 422, "goal"),
        ("what-if", {"records": [RECORD], "goal": {"exactly": 1}}, 422, "goal"),
        ("what-if", {"records": [RECORD], "goal": {"at_least": True}}, 422, "goal.at_least"),
        ("what-if", {"records": [RECORD], "goal": {"at_least": 1}}, 422, None),
        ("what-if", {"records": [RECORD], "goal": {"best": "most"}}, 422, "goal.best"),
        ("what-if", {"records": [RECORD], "goal": {"best": "highest"}}, 422, None),
        ("predict", {"records": [RECORD], "explain": "yes"}, 422, "explain"),
    ],
)
def test_what_is_wrong_is_named(shared: TestClient, call: str, body: Any, status: int, field: str | None) -> None:
    response = shared.post(f"{SHOP}/{call}", json=body)
    assert response.status_code == status, response.text
    if field is not None:
        assert field in {error["field"] for error in response.json()["errors"]}


def test_an_outcome_is_recorded_told_and_corrected(shared: TestClient) -> None:
    [made] = post(shared, f"{SHOP}/predict", records=[RECORD])["predictions"]
    path = f"/api/v1/predictions/{made['id']}"
    before = shared.get(path).json()
    assert (before["outcome"], before["decision"], before["outcomes"]) == (None, None, [])
    first = post(shared, f"{path}/outcome", outcome="yes", reason="Came back in May.")
    assert (first["matched"], first["duplicate"], first["state"]) == (1, 0, "recorded")
    again = post(shared, f"{path}/outcome", outcome="yes")
    assert (again["matched"], again["duplicate"], again["state"]) == (0, 1, "duplicate")
    assert post(shared, f"{path}/outcome", outcome="no")["state"] == "corrected"
    own = {"outcome": made["prediction"], "kind": "decision", "reason": "I agree."}
    refused = shared.post(f"{path}/outcome", json=own)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "own_answer")
    other = "no" if made["prediction"] == "yes" else "yes"
    post(shared, f"{path}/outcome", outcome=other, kind="decision", reason="A regular.")
    kept = shared.get(path).json()
    assert kept["prediction"] == made["prediction"] == kept["outcomes"][0]["predicted"]
    assert [(entry["kind"], entry["value"]) for entry in kept["outcomes"]] == [
        ("actual", "yes"),
        ("actual", "no"),
        ("decision", other),
    ]
    assert kept["outcome"]["value"] == "no" and kept["decision"]["reason"] == "A regular."
    assert kept["outcome"]["who"] == "local" and kept["outcome"]["at"].endswith("Z")
    listed = shared.get(f"{SHOP}/predictions", params={"limit": 1}).json()["predictions"][0]
    assert listed == kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": None}, "outcome"),
        ({"outcome": "yes", "kind": "guess"}, "kind"),
        ({"outcome": "yes", "kind": ["actual"]}, "kind"),
        ({"outcome": "no", "kind": "decision"}, "reason"),
        ({"outcome": "yes", "reason": 7}, "reason"),
        ({"outcome": "yes", "why": "so"}, "why"),
    ],
)
def test_outcomes_that_cannot_be_recorded_are_refused(shared: TestClient, body: Any, field: str) -> None:
    [made] = post(shared, f"{SHOP}/predict", records=[RECORD])["predictions"]
    response = shared.post(f"/api/v1/predictions/{made['id']}/outcome", json=body)
    assert response.status_code == 422, response.text
    assert field in {error["field"] for error in response.json()["errors"]}
    assert shared.get(f"/api/v1/predictions/{made['id']}").json()["outcomes"] == []


def test_there_is_no_outcome_of_no_prediction(shared: TestClient) -> None:
    response = shared.post("/api/v1/predictions/nothing/outcome", json={"outcome": "yes"})
    assert response.status_code == 404
