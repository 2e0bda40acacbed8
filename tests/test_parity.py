"""What a form is answered is what the API, a batch, ``score`` and a notebook answer, and what the
artifact itself says: answers, refusals by rules and warnings alike.

The form goes through the address that the browser posts to, with the texts that the browser sends.
Every specimen has rules of its own here, one that refuses a row and one that warns.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tomlkit
from modeldesk.core.settings import read_settings
from modeldesk.main import create_app
from modeldesk.model_service.batch.run import ScoreJob, Target, score_file
from modeldesk.model_service.batch.score import Extras, score_chunk
from modeldesk.model_service.batch.writers import presented
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import frame_of, model_input, records_of
from modeldesk.model_service.tables import Chunk, ChunkCheck, FileOptions, Limits, Matching, TableForm
from modeldesk.notebook.facade import NotebookModel
from modeldesk.store import migrate
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.pages.predict import ids
from starlette.testclient import TestClient

from tests.live import wait_for
from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo

pytest_plugins = ("tests.zoo_fixtures",)

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
def ruled(zoo: PublishedZoo, tmp_path_factory: pytest.TempPathFactory) -> PublishedZoo:
    """The zoo with rules: one that refuses the last row of each specimen, one that warns of most rows."""
    folder = tmp_path_factory.mktemp("ruled") / "zoo"
    shutil.copytree(zoo.folder, folder)
    for name in ZOO:
        model = zoo.model(name)
        last = records_of(model.schema, zoo.specimen(name).inputs(model.schema.names).tail(1))[0]
        asked = [field.name for field in model.fields if not field.hidden and last[field.name] is not None]
        reads = f"inputs[{asked[0]!r}]"
        rules = tomlkit.aot()
        for when, action in ((f"not {reads} == 'nothing'", "warn"), (f"{reads} == {last[asked[0]]!r}", "refuse")):
            rules.append(tomlkit.item({"when": when, "action": action, "text": f"A rule: {action}."}))
        document = tomlkit.parse((folder / name / "model.toml").read_text())
        document["rules"] = rules
        (folder / name / "model.toml").write_text(tomlkit.dumps(document))
    return PublishedZoo(folder, Registry(folder))


@pytest.fixture(scope="module")
def form(ruled: PublishedZoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    data: Path = tmp_path_factory.mktemp("var")
    settings = read_settings(models=ruled.folder, data=data)
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
    if model.manifest.task.has_scores:
        assert given == ["anomaly" if flag == -1 else "normal" for flag in own]
        assert np.allclose([answer["score"] for answer in answers], estimator.score_samples(rows), **CLOSE)
    elif model.manifest.task.numeric:
        assert np.allclose(given, own.astype(float), **CLOSE)
    else:
        assert given == own.tolist()
    if model.manifest.task.has_classes and hasattr(estimator, "predict_proba"):
        given = [list(answer["probability"].values()) for answer in answers]
        assert np.allclose(given, estimator.predict_proba(rows), **CLOSE)


def batch_rows(model: LoadedModel, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A file with these rows, answered as a batch answers it, in the API's form."""
    return in_api_form(model, batch_table(model, frame).to_pylist())


def batch_table(model: LoadedModel, frame: pd.DataFrame) -> pa.Table:
    """The results of a file with these rows."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    form = TableForm(kind="parquet", header=tuple(table.column_names), first_row=1)
    matching = Matching({name: name for name in model.schema.names}, (), (), ())
    chunk = Chunk(0, table, np.arange(1, len(frame) + 1))
    checked = ChunkCheck(model.schema, model.settings, matching, form).check(chunk)
    assert checked.rejects == ()
    return score_chunk(model, checked, extras=Extras(unusual=True)).table


def in_api_form(model: LoadedModel, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a results file as the API would answer them."""
    return [
        {
            "prediction": row["prediction"],
            "probability": {key: row[f"probability {key}"] for key in map(str, model.manifest.classes)}
            if f"probability {model.manifest.classes[0] if model.manifest.classes else ''}" in row
            and row["refused"] is None
            else None,
            "score": row.get("score"),
            "refused": row["refused"],
            "warnings": [note["message"] for note in json.loads(row["warnings"] or "[]")],
        }
        for row in rows
    ]


def scored_rows(models: Path, model: LoadedModel, frame: pd.DataFrame, folder: Path) -> list[dict[str, Any]]:
    """A file with these rows, as ``modeldesk score`` writes its results."""
    given, results = folder / "in.parquet", Target(folder / "out.parquet", "parquet")
    frame.to_parquet(given)
    job = ScoreJob(models, model.name, model.version, given, FileOptions(), Limits(), extras=Extras(unusual=True))
    score_file(job, model.manifest, model.settings, results, None, processes=1, report=lambda _: None)
    return list(pq.read_table(results.path).to_pylist())


def notebook_rows(model: LoadedModel, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a notebook is told, in the API's form."""
    table = NotebookModel(model).predict(records)
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    told = in_api_form(model, [{**row, "warnings": None} for row in rows])
    return [{**row, "warnings": list(notes)} for row, notes in zip(told, table["warnings"], strict=True)]


def same(given: Any, expected: Any) -> bool:
    """Equal, figures within what asking together or alone may change in the last digits."""
    if isinstance(expected, Mapping):
        return given is not None and all(same(given[key], value) for key, value in expected.items())
    if isinstance(expected, float) and isinstance(given, int | float):
        return bool(np.isclose(given, expected, **CLOSE))
    return bool(given == expected)


@pytest.mark.parametrize("name", ZOO)
def test_the_form_the_api_batches_score_notebooks_and_the_artifact_agree(
    ruled: PublishedZoo, form: Form, name: str, tmp_path: Path
) -> None:
    model = ruled.model(name)
    raw = ruled.specimen(name).inputs(model.schema.names).tail(ROWS).reset_index(drop=True)
    records = [whole(model, record) for record in [*records_of(model.schema, raw), model.schema.defaults()]]
    answers, refused = [], []
    for record in records:
        recorded = form.recorded(model, texts(model, record))
        assert recorded["inputs"] == record
        response = form.client.post(f"/api/v1/models/{name}/predict", json={"records": [record]})
        api = response.raise_for_status().json()["predictions"][0]
        for part in ("prediction", "probability", "score", "interval", "refused", "warnings"):
            assert recorded.get(part) == api.get(part), part
        answers.append(recorded)
        refused.append(recorded["refused"] is not None)
    assert refused[ROWS - 1]
    told = [
        {
            **{part: answer[part] for part in ("prediction", "probability", "score")},
            "refused": answer["refused"] and answer["refused"]["text"],
            "warnings": [note["message"] for note in answer["warnings"]],
        }
        for answer in answers
    ]
    frame = frame_of(model.schema, records)
    assert scored_rows(ruled.folder, model, frame, tmp_path) == presented(batch_table(model, frame)).to_pylist()
    for rows in (batch_rows(model, frame), notebook_rows(model, records)):
        for given, expected in zip(rows, told, strict=True):
            assert all(same(given[part], value) for part, value in expected.items()), (given, expected)
    kept = [place for place, gone in enumerate(refused) if not gone]
    if kept:
        assert_own(ruled, name, frame.iloc[kept], [answers[place] for place in kept])


def test_a_bad_field_is_told_and_nothing_is_recorded(ruled: PublishedZoo, form: Form) -> None:
    model = ruled.model("mixed-logistic")
    number = next(field for field in model.fields if field.feature.numeric and not field.hidden)
    before = form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"]
    answer = form.send(model, {**texts(model, model.schema.defaults()), number.name: "many"})
    told = json.loads(answer)["response"][ids.SUBMITTED]["data"]
    assert told["kind"] == "failed"
    assert [problem["field"] for problem in told["problems"]] == [number.name]
    assert form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"] == before


def test_a_preview_answers_and_is_not_recorded(ruled: PublishedZoo, form: Form) -> None:
    model = ruled.model("mixed-logistic")
    before = form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"]
    told = json.loads(form.send(model, texts(model, model.schema.defaults()), to=ids.LIVE))["response"]
    assert told[ids.ANSWER]["data"]["kind"] == "preview"
    assert told[ids.ANSWER]["data"]["headline"]
    assert form.client.get(f"/api/v1/models/{model.name}/predictions").json()["predictions"] == before


@pytest.mark.parametrize(
    "data", [[], "x", 3, {"model": "mixed-logistic"}, {"model": 1, "version": 1, "values": {}, "seq": 1}]
)
def test_what_no_form_sends_is_refused_without_a_fault(ruled: PublishedZoo, form: Form, data: Any) -> None:
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
