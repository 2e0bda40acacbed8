"""Columns that are one choice: found at publication, one input of the form, one contract by every path."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from modeldesk.core.errors import InvalidInput
from modeldesk.core.settings import read_settings
from modeldesk.main import create_app
from modeldesk.model_service.answering import outputs_of
from modeldesk.model_service.batch.run import ScoreJob, Target, score_file
from modeldesk.model_service.batch.score import Extras
from modeldesk.model_service.package.folder import SETTINGS
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import frame_of
from modeldesk.model_service.tables import FileOptions, Limits
from modeldesk.notebook.facade import NotebookModel
from modeldesk.store import migrate
from modeldesk.web.ui.common.explanation.choices import inputs_of, with_choices
from modeldesk.web.ui.pages.predict import ids
from modeldesk.web.ui.pages.predict.form import plan_form
from modeldesk.web.ui.pages.predict.form_spec import form_spec
from modeldesk.web.ui.pages.predict.forms import chart_choices
from starlette.testclient import TestClient

from tests.live import wait_for
from tests.one_hot import JOB, REGION, publish_shop
from tests.test_parity import Form, batch_table, same, texts

PERSON = {"age": 40, "region_north": 0, "region_south": 1, "region_west": 0, "job_clerk": False, "job_nurse": False}
TWO = {**PERSON, "region_north": 1}
NOBODY = {**PERSON, "region_south": 0}
HALF = {**PERSON, "region_south": 2}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_shop(tmp_path_factory.mktemp("one-hot"))


@pytest.fixture(scope="module")
def model(models: Path) -> LoadedModel:
    return Registry(models).get("shop")


@pytest.fixture(scope="module")
def form(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    settings = read_settings(models=models, data=tmp_path_factory.mktemp("var"))
    migrate(settings.database)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, 120, lambda: client.get("/readyz").text)
        yield Form(client, client.get("/_dash-dependencies").raise_for_status().json())


def score(models: Path, model: LoadedModel, rows: list[dict[str, Any]], folder: Path) -> tuple[Any, Any]:
    """What ``modeldesk score`` writes of a CSV file: results and rejects."""
    pd.DataFrame(rows).to_csv(folder / "in.csv", index=False)
    targets = [Target(folder / f"{name}.parquet", "parquet") for name in ("out", "errors")]
    job = ScoreJob(models, "shop", 1, folder / "in.csv", FileOptions(), Limits(), extras=Extras(unusual=True))
    score_file(job, model.manifest, model.settings, *targets, processes=1, report=lambda _: None)
    return tuple(pq.read_table(target.path).to_pylist() for target in targets)


def test_publishing_finds_the_choices(model: LoadedModel) -> None:
    found = {item.label: (item.columns, item.options, item.none) for item in model.one_hots}
    assert found == {
        "Region": (REGION, ("North", "South", "West"), False),
        "Job": (JOB, ("Clerk", "Nurse"), True),
    }


def test_the_form_asks_for_a_choice_once(model: LoadedModel) -> None:
    plan = plan_form(model.fields, model.settings.image, model.one_hots)
    assert plan.inputs == 3
    spec = form_spec(model, plan)
    region, job = spec["fields"][-2:]
    assert [spec["fields"].index(region), region["label"], region["kind"]] == [region["n"], "Region", "segmented"]
    assert job["options"] == [["job_clerk", "Clerk"], ["job_nurse", "Nurse"], ["", "None"]]
    assert job["columns"]["job_clerk"] == ["false", "true"] and region["columns"]["region_west"] == ["0", "1"]
    assert not any(field["share"] for field in (region, job))
    members = [field for field in spec["fields"] if field["kind"] == "option"]
    assert [field["name"] for field in members] == [*REGION, *JOB] and all(field["share"] for field in members)
    assert {plan.numbers[name] for name in REGION} == {region["n"]}
    assert [field.name for field in chart_choices(model)] == ["age"]


def test_a_possible_record_is_answered_alike_by_every_path(
    models: Path, model: LoadedModel, form: Form, tmp_path: Path
) -> None:
    recorded = form.recorded(model, texts(model, PERSON))
    api = form.client.post("/api/v1/models/shop/predict", json={"records": [PERSON]}).raise_for_status().json()
    [api] = api["predictions"]
    assert recorded["inputs"] == PERSON
    [file], rejects = score(models, model, [PERSON], tmp_path)
    told = {"prediction": recorded["prediction"], "probability": recorded["probability"]}
    assert all(same(api[part], value) for part, value in told.items()) and rejects == []
    [batch] = batch_table(model, frame_of(model.schema, [PERSON])).to_pylist()
    notebook = NotebookModel(model).predict([PERSON]).iloc[0]
    notes = [note["message"] for note in recorded["warnings"]]
    for found in (batch, file, notebook):
        told = {key: found[f"probability {key}"] for key in recorded["probability"]}
        assert found["prediction"] == recorded["prediction"] and same(told, recorded["probability"])
    assert notebook["warnings"] == notes
    assert [[note["message"] for note in json.loads(row["warnings"] or "[]")] for row in (batch, file)] == [notes] * 2


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (TWO, "not region_north and region_south together"),
        (NOBODY, "one of region_north, region_south, region_west has to be set"),
        (HALF, "region_south takes 0 and 1 only"),
        ({**PERSON, "job_clerk": True, "job_nurse": True}, "not job_clerk and job_nurse together"),
    ],
    ids=["two", "nobody", "half", "two-booleans"],
)
def test_an_impossible_record_is_refused_alike_by_every_path(
    models: Path, model: LoadedModel, form: Form, tmp_path: Path, record: dict[str, Any], words: str
) -> None:
    response = form.client.post("/api/v1/models/shop/predict", json={"records": [PERSON, record]})
    assert response.status_code == 422
    [problem] = response.json()["errors"]
    assert (problem["code"], problem["row"]) == ("impossible_combination", 1) and words in problem["message"]
    told = json.loads(form.send(model, texts(model, record)))["response"][ids.SUBMITTED]["data"]
    assert [(item["field"], item["message"]) for item in told["problems"]] == [(problem["field"], problem["message"])]
    with pytest.raises(InvalidInput) as refused:
        NotebookModel(model).predict([record])
    assert refused.value.problems[0].message == problem["message"]
    scored, rejects = score(models, model, [PERSON, record, PERSON], tmp_path)
    assert len(scored) == 2
    assert [(row["row"], row["field"], row["code"], row["message"]) for row in rejects] == [
        (3, problem["field"], "impossible_combination", problem["message"])
    ]


def test_the_schema_says_what_is_asked_of_the_columns(form: Form) -> None:
    schema = form.client.get("/api/v1/models/shop/schema").raise_for_status().json()
    told = {name: item.get("description", "") for name, item in schema["properties"].items()}
    assert "Exactly one of region_north, region_south, region_west is set." in told["region_west"]
    assert "At most one of job_clerk, job_nurse is set." in told["job_nurse"] and "one of" not in told["age"]


def test_every_fault_of_a_record_is_named(form: Form) -> None:
    response = form.client.post("/api/v1/models/shop/predict", json={"records": [{**TWO, "age": "old"}]})
    assert [item["code"] for item in response.json()["errors"]] == ["wrong_type", "impossible_combination"]


def test_a_chart_and_a_search_answer_nothing_impossible(model: LoadedModel, form: Form) -> None:
    outputs = outputs_of(model, frame_of(model.schema, [PERSON, TWO]))
    assert outputs.row(0).refused is None and outputs.row(1).refused is not None and outputs.prediction[1] is None
    said = form.client.post("/api/v1/models/shop/predict", json={"records": [PERSON]}).json()["predictions"][0]
    goal = {"of_class": "no" if said["prediction"] == "yes" else "yes"}
    answer = form.client.post("/api/v1/models/shop/what-if", json={"records": [PERSON], "goal": goal})
    found = answer.raise_for_status().json()["answers"][0]["suggestions"]["items"]
    assert found
    for item in [{**PERSON, **{part["feature"]: part["after"] for part in item["changes"]}} for item in found]:
        assert sum(item[name] for name in REGION) == 1 and sum(item[name] for name in JOB) <= 1


def test_an_explanation_adds_the_columns_up(model: LoadedModel) -> None:
    explanation = model.explainer.explain(frame_of(model.schema, [PERSON]))
    told = with_choices(model, explanation, PERSON)
    assert [(item.feature, item.value) for item in told.contributions] == [
        ("age", 40),
        ("region_north", "South"),
        ("job_clerk", "None"),
    ]
    apart = {item.feature: item.contribution for item in explanation.contributions}
    assert told.contributions[1].contribution == pytest.approx(sum(apart[name] for name in REGION))
    total = told.base_value + sum(item.contribution for item in told.contributions)
    assert total == pytest.approx(told.output)
    assert [field.label for field in inputs_of(model)] == ["Age", "Region", "Job"]


def test_people_take_a_choice_out(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "shop", tmp_path / "shop")
    path = tmp_path / "shop" / SETTINGS
    text = path.read_text()
    path.write_text(text[: text.index("[[one_hot]]")])
    free = Registry(tmp_path).get("shop")
    assert free.one_hots == () and len(NotebookModel(free).predict([TWO])) == 1


def test_a_default_record_is_possible_where_no_record_may_be_shown(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "shop", tmp_path / "shop")
    path = tmp_path / "shop" / SETTINGS
    path.write_text(path.read_text() + "\n[privacy]\nshow_records = false\n")
    opened = NotebookModel(Registry(tmp_path).get("shop"))
    assert len(opened.predict([opened.defaults()])) == 1
