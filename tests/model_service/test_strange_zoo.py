"""Strange artifacts answer as themselves: a few in every run, all of them in ``make soak``."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.batch.run import ScoreJob, Target, score_file
from modeldesk.model_service.engine.foreign import adapted
from modeldesk.model_service.engine.task import decide_task
from modeldesk.model_service.package.data_files import read_table
from modeldesk.model_service.package.file_formats import file_format
from modeldesk.model_service.publishing import publish as publishing
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import model_input, records_of
from modeldesk.model_service.tables import FileOptions, Limits
from modeldesk.model_service.tasks import task_of
from modeldesk.model_service.validation.records import check_records
from modeldesk.notebook.facade import NotebookModel
from modeldesk.web.ui.common.explanation.typed_values import form_text, read_values
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conftest import Effort
from tests.zoo_data import Specimen
from tests.zoo_strange import FROZEN, STRANGE

ROWS = 6


def hold_equal(name: str, folder: Path) -> LoadedModel:
    """The published specimen, once records by themselves and a notebook's table are answered as the artifact
    answers them, and an explanation adds up."""
    made = STRANGE[name]()
    publish(made.estimator, made.data, target=made.target, models=folder, name=name, prove=lambda folder: None)
    model = Registry(folder).get(name)
    raw = rows_of(made, model)
    own = own_answers(made, model)
    records = [json.loads(json.dumps(record)) for record in records_of(model.schema, raw)]
    assert_equal(model, [answer(model, record) for record in records], own)
    assert_equal(model, NotebookModel(model).predict(raw)["prediction"].tolist(), own)
    model.explainer.explain(raw.head(1))
    return model


def rows_of(made: Specimen, model: LoadedModel) -> pd.DataFrame:
    """Some rows as the artifact was given them."""
    return made.inputs(model.schema.names).head(ROWS).reset_index(drop=True)


def own_answers(made: Specimen, model: LoadedModel) -> np.ndarray:
    """What the artifact itself answers to these rows."""
    rows = model_input(rows_of(made, model), model.schema.fitted_on)
    return np.asarray(adapted(made.estimator).predict(rows)).ravel()


def answer(model: LoadedModel, record: Mapping[str, Any]) -> Any:
    """The answer to one record."""
    return model.score(check_records(model.schema, model.settings, [record]).frame).row(0).prediction


def assert_equal(model: LoadedModel, given: list[Any], own: np.ndarray) -> None:
    """Amounts within the tolerance that the version states, classes exactly."""
    tolerance = model.manifest.engine.tolerance
    if model.manifest.task.numeric:
        np.testing.assert_allclose(given, own.astype(float), rtol=tolerance, atol=tolerance)
    elif model.manifest.task.has_scores:
        assert given == ["anomaly" if flag == -1 else "normal" for flag in own]
    else:
        assert given == own.tolist()


@pytest.mark.parametrize("name", FROZEN)
def test_form_file_notebook_and_the_artifact_agree(tmp_path: Path, name: str) -> None:
    model = hold_equal(name, tmp_path)
    made = STRANGE[name]()
    raw, own = rows_of(made, model), own_answers(made, model)
    typed = [
        read_values(model.fields, {field.name: form_text(record[field.name]) for field in model.fields})
        for record in records_of(model.schema, raw)
    ]
    assert_equal(model, [answer(model, record) for record in typed], own)
    raw.to_parquet(tmp_path / "rows.parquet")
    raw.to_csv(tmp_path / "rows.csv", index=False)
    for file in ("rows.parquet", "rows.csv"):
        scored = Target(tmp_path / f"scored-{file}.parquet", "parquet")
        job = ScoreJob(tmp_path, name, 1, tmp_path / file, FileOptions(), Limits())
        summary = score_file(job, model.manifest, model.settings, scored, None, processes=1, report=lambda _: None)
        assert summary.rejected == 0, summary.problems
        assert_equal(model, pd.read_parquet(scored.path)["prediction"].tolist(), own)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_all_strange_artifacts_agree(tmp_path: Path, effort: Effort) -> None:
    others = [name for name in STRANGE if name not in FROZEN]
    for name in others[: effort.artifacts]:
        try:
            hold_equal(name, tmp_path)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error


def test_explanations_behind_a_sampler_are_exact(tmp_path: Path) -> None:
    model = hold_equal("sampler-among-the-steps", tmp_path)
    assert model.explainer.spec.method == "linear"
    assert model.schema.feature("region").type == "category"


@pytest.mark.parametrize(
    ("content", "ending", "named"),
    [
        (b'{"learner": {}, "version": [3, 2, 0]}', ".json", "XGBoost"),
        (b"tree\nversion=v4\n", ".txt", "LightGBM"),
        (b"CBM1\x00", ".cbm", "CatBoost"),
        (b"\x89HDF\r\n\x1a\n", ".h5", "Keras"),
        (b"\x08\x09onnx", ".onnx", "ONNX"),
        (b"PAR1", ".joblib", "table"),
        (b"", ".joblib", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid", ".pkl", "Git LFS"),
        (b"<!DOCTYPE html><html>", ".pkl", "web page"),
        (b"\x93NUMPY\x01\x00v\x00", ".npy", "numpy"),
        (b"\x1c\x00\x00\x00TFL3", ".tflite", "TensorFlow Lite"),
        (b"import sklearn\n", ".py", "text"),
        (pickle.dumps(0x1950A86A20F9469CFC6C, 2), ".bin", "PyTorch"),
        (b"PK\x03\x04", ".joblib", "ZIP"),
    ],
)
def test_other_formats_are_named(content: bytes, ending: str, named: str) -> None:
    known = file_format(content, ending)
    assert known is not None and named in known.name and known.hint


@pytest.mark.parametrize("content", [b"\x3a\x8f\x00garbage", pickle.dumps(Ridge())[:-20], b"GGUF\x03\x00\xff"])
def test_what_is_no_pickle_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(PublishRefused) as refused:
        publish(tmp_path / "model.bin", pd.DataFrame({"y": [1.0]}), target="y", models=tmp_path / "models")
    assert "neither a pickle nor" in refused.value.detail and "joblib.dump" in str(refused.value.hint)


class Answers(RegressorMixin, BaseEstimator):
    """Answers with whatever it is told to."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    def predict(self, rows: Any) -> Any:
        """The answer, or the end of the process."""
        if self.answer == "end":
            raise SystemExit(3)
        return self.answer


def _half_fitted() -> Pipeline:
    model = make_pipeline(StandardScaler(), Ridge()).fit(pd.DataFrame({"a": [1.0, 2.0]}), [1.0, 2.0])
    model.steps[0] = ("standardscaler", StandardScaler())
    return model


def _times() -> Any:
    """An object of lifelines, as far as can be told: its ``predict`` takes times."""
    return type("KaplanMeierFitter", (), {"__module__": "lifelines.fitters", "predict": lambda self, times: times})()


@pytest.mark.parametrize(
    ("artifact", "detail", "hint"),
    [
        (Ridge, "the class Ridge itself", "fit"),
        (_half_fitted(), "has not been fitted, or a part of it", "Call fit"),
        (_times(), "answers a curve over time", "--task regression"),
        (Answers(), "no answer to 20 rows", "Give the data"),
        (Answers(3.0), "1 answers to 20 rows", "Give the data"),
        (Answers("end"), "to end the process", "Give the data"),
    ],
    ids=["a class", "half fitted", "times", "nothing", "one answer", "ends the process"],
)
def test_what_does_not_answer_rows_is_refused_in_a_sentence(
    artifact: Any, detail: str, hint: str, tmp_path: Path
) -> None:
    data = pd.DataFrame({"a": np.arange(30.0), "y": np.arange(30.0)})
    with pytest.raises(PublishRefused) as refused:
        publishing._understand(b"", ".pkl", artifact, read_table(data), "y", None, (), None)
    assert detail in refused.value.detail and hint in str(refused.value.hint)


def test_a_score_on_a_scale_of_its_own_is_not_measured_against_the_target() -> None:
    ranker = type("XGBRanker", (Answers,), {})()
    with pytest.raises(PublishRefused, match="cannot be compared with the target"):
        decide_task(ranker, task_of("regression"), lambda: np.zeros(3), pd.Series([1.0, 2.0, 3.0]))
    assert decide_task(ranker, task_of("regression"), lambda: np.zeros(3), None).task.key == "regression"


def test_a_scaler_outside_the_artifact_is_said_loudly(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    data = pd.DataFrame({"a": generator.normal(5_000, 100, 60)})
    data["y"] = data["a"] / 100 + generator.normal(0, 0.1, 60)
    model = Ridge().fit((data[["a"]] - 5_000) / 100, data["y"])
    published = publish(model, data, target="y", models=tmp_path, name="m", prove=lambda folder: None)
    assert published.warnings[0].startswith("The answers look wrong: on the published data R² is")
    assert "Put that step into the pipeline" in (published.folder / "card.md").read_text()
