"""The proof itself: what it catches in a finished version, and how its process behaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.artifacts import ArtifactUnreadable
from modeldesk.model_service.package.folder import differing_rows
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.publishing.selftest import judge, unimportable
from modeldesk.model_service.publishing.selftest_runner import SelftestRunner, selftest_in_fresh_process
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge

from tests.manifests import edit_manifest
from tests.zoo import diabetes


@pytest.fixture(scope="module")
def prover() -> Iterator[SelftestRunner]:
    """One interpreter for all."""
    with SelftestRunner() as prover:
        yield prover


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, prover: SelftestRunner) -> Path:
    """A version that has been proven."""
    data = diabetes().head(60)
    model = Ridge().fit(data.drop(columns="target"), data["target"])
    models = tmp_path_factory.mktemp("models")
    return publish(model, data, target="target", models=models, name="proven", prove=prover.prove).folder


@pytest.fixture
def version(original: Path, tmp_path: Path) -> Path:
    """A copy to be altered."""
    return Path(shutil.copytree(original, tmp_path / "version"))


def test_a_sound_version_passes_here_and_in_a_process_of_its_own(version: Path) -> None:
    assert judge(version).fault is None
    selftest_in_fresh_process(version)


def test_recorded_answers_of_another_model_are_noticed(version: Path, prover: SelftestRunner) -> None:
    table = pd.read_parquet(version / "predictions.parquet")
    table.loc[5, "prediction"] *= 1 + 1e-8
    table.to_parquet(version / "predictions.parquet")
    with pytest.raises(PublishRefused, match="1 of 60 reference rows") as caught:
        prover.prove(version)
    assert caught.value.reason == "not_reproduced"


def test_golden_rows_are_compared_too(version: Path, prover: SelftestRunner) -> None:
    golden = json.loads((version / "manifest.json").read_text())["golden"]
    golden[0]["prediction"] += 1.0
    edit_manifest(version, golden=golden)
    with pytest.raises(PublishRefused, match="golden rows"):
        prover.prove(version)


def test_types_that_the_schema_cannot_carry_are_noticed(version: Path, prover: SelftestRunner) -> None:
    manifest = json.loads((version / "manifest.json").read_text())
    for feature in manifest["model_schema"]["features"]:
        feature["dtype"] = "float16" if feature["name"] == "bmi" else feature["dtype"]
    edit_manifest(version, model_schema=manifest["model_schema"])
    with pytest.raises(PublishRefused) as caught:
        prover.prove(version)
    assert caught.value.reason == "not_reproduced"


def test_an_altered_artifact_is_not_loaded(version: Path, prover: SelftestRunner) -> None:
    (version / "artifact.pkl").write_bytes(b"cos\nabort\n(tR.")
    with pytest.raises(PublishRefused, match="changed while it was being published") as caught:
        prover.prove(version)
    assert caught.value.reason == "crashed"


class Loud(RegressorMixin, BaseEstimator):
    """Prints, reads its standard input and looks at the working folder."""

    def fit(self, X: pd.DataFrame, y: Any) -> Loud:
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        print('{"fault": null}')
        return np.zeros(len(X))


def test_what_an_artifact_prints_is_no_verdict(tmp_path: Path, prover: SelftestRunner) -> None:
    data = diabetes().head(60)
    model = Loud().fit(data.drop(columns="target"), data["target"])
    published = publish(model, data, target="target", models=tmp_path, name="loud", prove=prover.prove)
    assert published.version == 1


class Dies(Loud):
    """Takes the process with it once it is loaded elsewhere."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        import os

        os.abort()


class Sleeps(Loud):
    """Does not come to an end once it is loaded elsewhere."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        import threading

        threading.Event().wait()


def _publish(model: Any, models: Path, prover: SelftestRunner) -> None:
    data = diabetes().head(60)
    model.fit(data.drop(columns="target"), data["target"])
    publish(model, data, target="target", models=models, name="model", prove=prover.prove)


def test_a_crash_is_the_artifacts_own(tmp_path: Path, prover: SelftestRunner) -> None:
    with pytest.raises(PublishRefused) as caught:
        _publish(Dies(), tmp_path, prover)
    assert caught.value.reason == "crashed"
    _publish(Loud(), tmp_path, prover)


def test_a_proof_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    with SelftestRunner(time_limit=0.5) as impatient, pytest.raises(PublishRefused) as caught:
        _publish(Sleeps(), tmp_path, impatient)
    assert caught.value.reason == "too_slow"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ArtifactUnreadable(ModuleNotFoundError("No module", name="mine"), ()), "unimportable"),
        (ArtifactUnreadable(ModuleNotFoundError("No module", name="sklearn.tree.old"), ()), "version_mismatch"),
        (ArtifactUnreadable(ValueError("node array"), ("saved by scikit-learn 1.2.0",)), "version_mismatch"),
        (ArtifactUnreadable(EOFError("Ran out of input"), ()), "unreadable"),
    ],
    ids=["module", "moved module", "layout", "cut off"],
)
def test_why_an_artifact_does_not_load(error: ArtifactUnreadable, reason: str) -> None:
    fault = unimportable(error)
    assert fault.reason == reason
    assert fault.hint


@pytest.mark.parametrize(
    ("one", "other", "rows"),
    [
        (Outputs(np.array([1.0, 1e9])), Outputs(np.array([1.0, 1e9 + 0.5])), []),
        (Outputs(np.array([1.0, 1e9])), Outputs(np.array([1.0 + 2e-9, 1e9 + 5])), [0, 1]),
        (Outputs(np.array(["a", "b"], dtype=object)), Outputs(np.array(["a", "c"])), [1]),
        (Outputs(np.array([True, False])), Outputs(np.array([True, False], dtype=object)), []),
        (
            Outputs(np.array([0, 1]), (0, 1), np.array([[0.5, 0.5], [0.1, 0.9]])),
            Outputs(np.array([0, 1]), (0, 1), np.array([[0.5, 0.5], [0.1, 0.9 + 1e-8]])),
            [1],
        ),
        (Outputs(np.array(["normal"]), score=np.array([0.1])), Outputs(np.array(["normal"])), [0]),
    ],
)
def test_which_rows_differ(one: Outputs, other: Outputs, rows: list[int]) -> None:
    assert differing_rows(one, other, 1e-9) == rows
