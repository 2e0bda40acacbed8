"""Every kind of artifact explains itself over REST: by its inputs, adding up to its own answer."""

from __future__ import annotations

import pytest
from modeldesk.model_service.schema.frames import records_of
from starlette.testclient import TestClient

from tests.web.api.bare import adds_up, api_on
from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo

FLOAT32 = ("xgboost", "lightgbm", "catboost")


@pytest.fixture(scope="module")
def client(zoo: PublishedZoo, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The API on the zoo; models are loaded as they are asked for."""
    return api_on(zoo.folder, tmp_path_factory.mktemp("var"))


@pytest.mark.parametrize("name", sorted(ZOO))
def test_contributions_add_up_to_the_answer(client: TestClient, zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    place = 3 % len(model.reference)
    [record] = records_of(model.schema, model.reference.iloc[[place]])
    response = client.post(f"/api/v1/models/{name}/predict", json={"records": [record], "explain": True})
    assert response.status_code == 200, response.text
    [item] = response.json()["predictions"]
    explanation = item["explanation"]
    assert [part["feature"] for part in explanation["contributions"]] == list(model.schema.names)
    assert [part["value"] for part in explanation["contributions"]] == [record[key] for key in model.schema.names]
    tolerance = 1e-4 if name.startswith(FLOAT32) or model.manifest.insights.explainer.tolerance > 1e-6 else 1e-6
    assert adds_up(explanation, tolerance)
    if explanation["scale"] == "value":
        assert explanation["output"] == pytest.approx(item["prediction"], rel=tolerance)
    if explanation["scale"] == "probability":
        assert explanation["output"] == pytest.approx(item["probability"][explanation["of_class"]], abs=1e-9)
    if model.manifest.task.has_scores:
        assert explanation["output"] == pytest.approx(item["score"])
    if explanation["method"] == "permutation":
        assert all(part["error"] >= 0 for part in explanation["contributions"])
    elif model.manifest.classes:
        assert explanation["of_class"] == str(item["prediction"])
