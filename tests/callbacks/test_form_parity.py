"""What a form is answered is what the API answers, and what the artifact itself says.

Through the address that the browser posts to, with the texts that the browser sends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from app.layout import predict_ids as ids
from app.layout.predict_values import form_text
from app.main import create_app
from app.model_service.frames import frame_of, model_input, records_of
from app.model_service.loaded import LoadedModel
from app.settings import read_settings
from app.store import migrate
from tests.live import wait_for
from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo

ROWS = 3
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@dataclass(frozen=True)
class Form:
    """The page's callbacks, called as the browser calls them."""

    client: TestClient
    dependencies: list[dict[str, Any]]

    def send(self, model: LoadedModel, values: Mapping[str, str | None], *, to: str = ids.SUBMIT) -> str:
        """Post a form's texts; the answer's text."""
        callback = next(
            item for item in self.dependencies if [part["id"] for part in item["inputs"]] == [to] and item["output"]
        )
        data = {"model": model.name, "version": model.version, "values": dict(values), "seq": 1}
        body = {
            "output": callback["output"],
            "outputs": [_output(part) for part in callback["output"].strip(".").split("...")],
            "inputs": [{"id": to, "property": "data", "value": data}],
            "changedPropIds": [f"{to}.data"],
        }
        response = self.client.post("/_dash-update-component", json=body)
        assert response.status_code == 200, response.text
        return response.text

    def recorded(self, model: LoadedModel, values: Mapping[str, str | None]) -> dict[str, Any]:
        """Predict, and read the recorded prediction back by its id."""
        text = str(json.loads(self.send(model, values)))
        found = re.search(r"/predictions/([0-9a-f-]{36})", text)
        assert found, text[-2_500:]
        return dict(self.client.get(f"/api/v1/predictions/{found.group(1)}").raise_for_status().json())


def _output(part: str) -> dict[str, Any]:
    identity, _, name = part.replace("\\.", ".").rpartition(".")
    return {"id": json.loads(identity) if identity.startswith("{") else identity, "property": name}


@pytest.fixture(scope="module")
def form(zoo: PublishedZoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    data: Path = tmp_path_factory.mktemp("var")
    settings = read_settings(models=zoo.folder, data=data)
    migrate(settings.database)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, 120, lambda: client.get("/readyz").text)
        yield Form(client, client.get("/_dash-dependencies").raise_for_status().json())


def texts(model: LoadedModel, record: Mapping[str, Any]) -> dict[str, str | None]:
    """A record as the form's inputs hold it."""
    return {field.name: form_text(record[field.name]) for field in model.fields if not field.hidden}


def whole(model: LoadedModel, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what the form does not ask."""
    unasked = {field.name: field.feature.default for field in model.fields if field.hidden}
    return {**record, **unasked}


def assert_own(zoo: PublishedZoo, name: str, frame: pd.DataFrame, answers: list[dict[str, Any]]) -> None:
    """The answers are what the artifact says of the rows, asked all together."""
    model, estimator = zoo.model(name), zoo.specimen(name).estimator
    rows = model_input(frame, model.schema.fitted_on)
    own = np.asarray(estimator.predict(rows)).ravel()
    given = [answer["prediction"] for answer in answers]
    if model.manifest.task == "anomaly":
        assert given == ["anomaly" if flag == -1 else "normal" for flag in own]
        assert np.allclose([answer["score"] for answer in answers], estimator.score_samples(rows), **CLOSE)
    elif model.manifest.task == "regression":
        assert np.allclose(given, own.astype(float), **CLOSE)
    else:
        assert given == own.tolist()
    if model.manifest.task in ("binary", "multiclass") and hasattr(estimator, "predict_proba"):
        given = [list(answer["probability"].values()) for answer in answers]
        assert np.allclose(given, estimator.predict_proba(rows), **CLOSE)


@pytest.mark.parametrize("name", ZOO)
def test_the_form_the_api_and_the_artifact_agree(zoo: PublishedZoo, form: Form, name: str) -> None:
    model = zoo.model(name)
    raw = zoo.specimen(name).inputs(model.schema.names).tail(ROWS).reset_index(drop=True)
    records = [whole(model, record) for record in [*records_of(model.schema, raw), model.schema.defaults()]]
    answers = []
    for record in records:
        recorded = form.recorded(model, texts(model, record))
        assert recorded["inputs"] == record
        response = form.client.post(f"/api/v1/models/{name}/predict", json={"records": [record]})
        api = response.raise_for_status().json()["predictions"][0]
        for part in ("prediction", "probability", "score"):
            assert recorded.get(part) == api.get(part), part
        answers.append(recorded)
    assert_own(zoo, name, frame_of(model.schema, records), answers)


def test_a_bad_field_is_told_and_nothing_is_recorded(zoo: PublishedZoo, form: Form) -> None:
    model = zoo.model("mixed-logistic")
    number = next(field for field in model.fields if field.feature.numeric and not field.hidden)
    before = form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"]
    answer = form.send(model, {**texts(model, model.schema.defaults()), number.name: "many"})
    told = json.loads(answer)["response"][ids.SUBMITTED]["data"]
    assert told["kind"] == "failed"
    assert [problem["field"] for problem in told["problems"]] == [number.name]
    assert form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"] == before


def test_a_preview_answers_and_is_not_recorded(zoo: PublishedZoo, form: Form) -> None:
    model = zoo.model("mixed-logistic")
    before = form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"]
    told = json.loads(form.send(model, texts(model, model.schema.defaults()), to=ids.LIVE))["response"]
    assert told[ids.ANSWER]["data"]["kind"] == "preview"
    assert told[ids.ANSWER]["data"]["headline"]
    assert form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"] == before


@pytest.mark.parametrize(
    "data", [[], "x", 3, {"model": "mixed-logistic"}, {"model": 1, "version": 1, "values": {}, "seq": 1}]
)
def test_what_no_form_sends_is_refused_without_a_fault(zoo: PublishedZoo, form: Form, data: Any) -> None:
    callback = next(item for item in form.dependencies if [part["id"] for part in item["inputs"]] == [ids.SUBMIT])
    body = {
        "output": callback["output"],
        "outputs": [_output(part) for part in callback["output"].strip(".").split("...")],
        "inputs": [{"id": ids.SUBMIT, "property": "data", "value": data}],
        "changedPropIds": [f"{ids.SUBMIT}.data"],
    }
    response = form.client.post("/_dash-update-component", json=body)
    assert response.status_code in (200, 204)
    assert "not a filled-in form" in response.text
