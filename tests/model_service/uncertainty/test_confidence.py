"""What publication finds out about a version, and what becomes of it when the version is loaded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.package.folder import read_manifest
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.registry.loaded import LoadedModel, load_version
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.uncertainty.confidence import confidence
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

NUMBERS = ["a", "b", "c"]
KINDS = np.array(["low", "middle", "high"])


def table(rows: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(size=(rows, 3)), columns=NUMBERS)
    value = frame["a"] + 0.5 * frame["b"] + generator.normal(0, 0.5, rows)
    return frame.assign(value=value, up=value > 0, kind=KINDS[np.digitize(value, [-0.7, 0.7])])


def publish_one(folder: Path, final: Any, target: str | None, *, holdout: bool = True) -> LoadedModel:
    """Fit, publish with or without a hold-out, and load."""
    training, held = table(400, 1), table(300, 2)
    columns = [*NUMBERS, *([target] if target else [])]
    model = final.fit(training[NUMBERS], training[target]) if target else final.fit(training[NUMBERS])
    # The proof is others' to test, and takes seconds.
    made = publish(
        model,
        training[columns],
        target=target,
        models=folder,
        name="one",
        holdout=held[columns] if holdout and target else None,
        prove=lambda _: None,
    )
    return load_version(made.folder, read_manifest(made.folder), ModelSettings())


def one_row(model: LoadedModel) -> Output:
    return model.score(model.reference[NUMBERS].head(1)).row(0)


def test_a_regression_knows_its_intervals(tmp_path: Path) -> None:
    model = publish_one(tmp_path, LinearRegression(), "value")
    insights = model.manifest.insights
    assert insights is not None and insights.explainer.method == "linear" and insights.calibration is None
    assert insights.conformal is not None and insights.conformal.rows == 300
    new = table(2_000, 3)
    for level in (0.8, 0.95):
        asked = model.with_settings(ModelSettings(level=level))
        outputs = asked.score(new[NUMBERS])
        assert outputs.interval is not None and outputs.level == level
        inside = (outputs.interval[:, 0] <= new["value"]) & (new["value"] <= outputs.interval[:, 1])
        assert inside.mean() == pytest.approx(level, abs=0.05)
        assert outputs.slice(3, 5).row(1).interval == tuple(outputs.interval[4])
        assert asked.reference_outputs.level == level
    assert confidence(model, one_row(model)).interval is not None
    beyond = model.with_settings(ModelSettings(level=0.999))
    assert one_row(beyond).interval is None and "999 hold-out rows" in (
        confidence(beyond, one_row(beyond)).reason or ""
    )


def test_classes_have_sets_and_notes(tmp_path: Path) -> None:
    model = publish_one(tmp_path, LogisticRegression(), "kind")
    output = one_row(model)
    found = confidence(model, output)
    assert found.classes is not None and found.classes[0] == output.prediction and found.reason is None
    assert output.interval is None and output.level is None
    about = confidence(model, output, "low")
    assert about.note is not None and about.note.of_class == "low"


def test_of_two_classes_there_is_no_set(tmp_path: Path) -> None:
    model = publish_one(tmp_path, RandomForestClassifier(20, random_state=0), "up")
    assert confidence(model, one_row(model)).classes is None
    assert model.manifest.insights is not None and model.manifest.insights.explainer.method == "tree"


@pytest.mark.parametrize(
    ("final", "target", "holdout", "words"),
    [
        (LinearRegression(), "value", False, "without hold-out rows"),
        (LogisticRegression(), "kind", False, "without hold-out rows"),
        (LinearSVC(), "kind", True, "no probabilities"),
        (IsolationForest(n_estimators=10, random_state=0), None, True, "anomaly"),
    ],
)
def test_it_says_where_it_cannot_say(tmp_path: Path, final: Any, target: str, holdout: bool, words: str) -> None:
    model = publish_one(tmp_path, final, target, holdout=holdout)
    found = confidence(model, one_row(model))
    assert words in (found.reason or "") and found.interval is None and found.classes is None and found.note is None
    assert confidence(model, Output(None, refused={"rule": "a > 1", "text": "No."})).reason is not None


def test_a_version_from_before_is_explained_all_the_same(tmp_path: Path) -> None:
    folder = publish_one(tmp_path, LinearRegression(), "value").folder
    manifest = read_manifest(folder)
    older = manifest.model_validate_json(manifest.model_dump_json(exclude={"insights"}))
    assert older.insights is None
    model = load_version(folder, older, ModelSettings())
    assert manifest.insights is not None
    assert model.unusual.limits == manifest.insights.unusual
    assert model.explainer.spec.method == manifest.insights.explainer.method
    assert one_row(model).interval is None and "before it was measured" in (
        confidence(model, one_row(model)).reason or ""
    )


def test_what_explains_is_made_once_for_all_threads_and_settings(tmp_path: Path) -> None:
    model = publish_one(tmp_path, LinearRegression(), "value")
    other = model.with_settings(ModelSettings(level=0.5))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda place: (other if place % 2 else model).explainer, range(16)))
    assert all(item is made[0] for item in made)
    assert other.unusual is model.unusual
    model.warm_check()
    model.warm_explainer()
