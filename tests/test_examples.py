"""The bundled models: published whole, once, and what their folders say of them is true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock
from modeldesk.core.bundled import bundled
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import records_of
from modeldesk.services.versions import examples

from tests.publications import publish_examples, published_once
from tests.web.api.bare import adds_up, api_on

NAMES = ("breast-cancer", "handwritten-digits", "loan-default", "ride-demand")
ONE = "ride-demand"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All examples, published as the first start does it."""
    assert examples.example_names() == NAMES
    return published_once(tmp_path_factory, "examples", publish_examples)


@pytest.fixture
def models(published: Path, tmp_path: Path) -> Path:
    """A copy of the published examples to change."""
    return shutil.copytree(published, tmp_path / "models")


def _versions(models: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (models / name / "versions").glob("[0-9]*")) for name in NAMES}


def _forget(models: Path, name: str) -> None:
    shutil.rmtree(models / name / "versions")


def test_each_is_served_without_its_recipe(models: Path) -> None:
    for recipe in models.glob("*/train.py"):
        recipe.unlink()
    registry = Registry(models)
    assert registry.names() == NAMES
    for name in NAMES:
        model = registry.get(name)
        settings = model.settings
        assert model.version == 1
        assert model.manifest.evaluation.source == "holdout"
        assert settings.title and settings.description and settings.owner and settings.privacy.show_records
        assert len(model.score(model.reference[list(model.schema.names)].head(3)).prediction) == 3


def test_people_find_every_file_and_nothing_half_written(published: Path) -> None:
    for name in NAMES:
        source = bundled("models") / name
        for file in ("README.md", "model.toml", "train.py"):
            assert (published / name / file).read_bytes() == (source / file).read_bytes()
    assert json.loads((published / ONE / "outline.geojson").read_text("utf-8"))["type"] == "FeatureCollection"
    assert not list(published.rglob("*.draft"))
    assert not (published / examples.PENDING).exists()


def test_the_loan_model_is_what_its_text_says(published: Path) -> None:
    model = Registry(published).get("loan-default")
    metrics = {metric.name: metric.value for metric in model.manifest.evaluation.metrics}
    assert 0.78 < metrics["roc_auc"] < 0.86
    assert [f.name for f in model.schema.features if f.missing_allowed] == ["dependants", "months_since_missed"]
    assert [f.type for f in model.schema.features if f.name == "application_date"] == ["date"]
    assert model.manifest.rows + model.manifest.evaluation.rows == 20_000
    assert [field.name for field in model.fields] == list(model.settings.features)


def test_each_explains_itself_and_says_what_would_change_it(published: Path, tmp_path: Path) -> None:
    client, registry = api_on(published, tmp_path), Registry(published)
    for name in NAMES:
        model = registry.get(name)
        records = records_of(model.schema, model.reference.head(3))
        answer = client.post(f"/api/v1/models/{name}/predict", json={"records": records, "explain": True}).json()
        for item in answer["predictions"]:
            assert adds_up(item["explanation"], 1e-6)
            assert len(item["explanation"]["contributions"]) == len(model.schema.names)
        now = answer["predictions"][0]
        goal = {"at_least": now["prediction"] * 1.05} if name == ONE else {}
        asked = {"records": records[:1], "goal": goal}
        [told] = client.post(f"/api/v1/models/{name}/what-if", json=asked).json()["answers"]
        assert told["suggestions"]["items"]
        kept = {field.name for field in model.fields if field.immutable}
        for item in told["suggestions"]["items"]:
            assert not kept & {change["feature"] for change in item["changes"]}
            changed = {**records[0], **{change["feature"]: change["after"] for change in item["changes"]}}
            [again] = client.post(f"/api/v1/models/{name}/predict", json={"records": [changed]}).json()["predictions"]
            assert again["prediction"] == item["prediction"] != now["prediction"]
        assert (now["interval"] is not None) == (name == ONE)


def test_a_second_start_does_nothing(models: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in models.rglob("*") if path.is_file()}
    assert examples.publish_examples(models) == []
    assert {path: path.stat().st_mtime_ns for path in models.rglob("*") if path.is_file()} == before


def test_a_folder_that_people_publish_to_gets_no_examples(models: Path) -> None:
    for name in NAMES[1:]:
        shutil.rmtree(models / name)
    (models / NAMES[0]).rename(models / "ours")
    assert examples.wanted(models) == ()


def test_an_interrupted_start_is_made_good_without_touching_what_people_changed(models: Path) -> None:
    _forget(models, ONE)
    (models / examples.PENDING).touch()
    text = (models / ONE / "model.toml").read_text("utf-8").replace('title = "Ride demand"', 'title = "Ours"')
    (models / ONE / "model.toml").write_text(text, "utf-8")
    assert examples.wanted(models) == (ONE,)
    assert examples.publish_examples(models) == [examples.Example(ONE)]
    assert Registry(models).get(ONE).settings.title == "Ours"
    assert not (models / examples.PENDING).exists()
    assert _versions(models) == {name: ["1"] for name in NAMES}


def test_two_starts_at_once_publish_once(models: Path) -> None:
    _forget(models, ONE)
    (models / examples.PENDING).touch()
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(examples.publish_examples, models) for _ in range(2)]
    assert sorted(len(start.result()) for start in both) == [0, 1]
    assert _versions(models) == {name: ["1"] for name in NAMES}


def test_a_leftover_process_and_a_new_one_publish_once(models: Path) -> None:
    _forget(models, ONE)
    command = [sys.executable, "-m", "modeldesk.services.versions.examples", ONE, str(models)]
    running = [subprocess.Popen(command, cwd=Path(examples.__file__).parents[3]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert _versions(models) == {name: ["1"] for name in NAMES}


def test_one_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    models = tmp_path / "models"
    (models / ONE).mkdir(parents=True)
    (models / ONE / "versions").write_text("in the way", "utf-8")
    for name in NAMES:
        if name != ONE:
            (models / name / "versions" / "1").mkdir(parents=True)
            (models / name / "versions" / "1" / "manifest.json").touch()
    (models / examples.PENDING).touch()
    told: list[str] = []
    [example] = examples.publish_examples(models, told.append)
    assert example.name == ONE
    assert example.error
    assert told[-1] == f"The example {ONE} could not be published. {example.error}"
    assert examples.wanted(models) == (ONE,)


def test_whoever_asks_for_them_loads_no_estimator(models: Path) -> None:
    _forget(models, ONE)
    (models / examples.PENDING).touch()
    code = (
        "import sys; from pathlib import Path; from modeldesk.services.versions.examples import publish_examples; "
        "assert len(publish_examples(Path(sys.argv[1]))) == 1; "
        "print(sorted({'joblib', 'numpy', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(models)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_first_start_publishes_is_told_while_somebody_is_at_it(tmp_path: Path) -> None:
    assert examples.arriving(tmp_path) is None
    examples.announce(tmp_path)
    coming = examples.arriving(tmp_path)
    assert coming is not None and (coming.there, coming.to_come) == ((), NAMES)
    old = time.time() - 3600
    os.utime(tmp_path / examples.PENDING, (old, old))
    assert examples.arriving(tmp_path) is None, "nobody holds the lock any more"
    with FileLock(tmp_path / examples.LOCK):
        assert examples.arriving(tmp_path) == coming
    manifest = tmp_path / ONE / "versions" / "1" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    (tmp_path / examples.PENDING).touch()
    coming = examples.arriving(tmp_path)
    assert coming is not None and coming.there == (ONE,) and ONE not in coming.to_come
