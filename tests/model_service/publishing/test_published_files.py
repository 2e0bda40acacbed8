"""What is published from a file answers that very file as the artifact answers the rows it was fitted on."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.batch.run import ScoreJob, Target, score_file
from modeldesk.model_service.engine.foreign import adapted
from modeldesk.model_service.publishing.publish import Published, publish
from modeldesk.model_service.publishing.selftest import judge
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.tables import FileOptions, Limits
from modeldesk.model_service.validation.records import check_records
from modeldesk.notebook.facade import NotebookModel
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier

from tests.conftest import Effort
from tests.zoo_files import FROM_FILES, FROZEN, Filed, made


def hold_equal(name: str, folder: Path) -> None:
    """Publish a specimen from its file; a file, records alone and a notebook's table are answered as the
    artifact answers the rows it was fitted on, and the proof of a fresh process passes."""
    filed = FROM_FILES[name]()
    file = _written(filed, folder / f"{name}.{filed.kind}")
    artifact = folder / f"{name}.pkl"
    artifact.write_bytes(pickle.dumps(filed.estimator))
    published = publish(artifact, file, target=filed.target, models=folder, name=name, prove=lambda made: None)
    assert judge(published.folder).fault is None
    model = Registry(folder).get(name)
    own = np.asarray(adapted(filed.estimator).predict(filed.inputs.copy())).ravel().tolist()
    tolerance = model.manifest.engine.tolerance
    scored = Target(folder / f"{name}.scored.parquet", "parquet")
    job = ScoreJob(folder, name, 1, file, FileOptions(), Limits())
    summary = score_file(job, model.manifest, model.settings, scored, None, processes=1, report=lambda _: None)
    assert summary.rejected == 0, summary.problems
    _assert_same(pd.read_parquet(scored.path)["prediction"].tolist(), own, tolerance)
    rows = pd.read_parquet(published.folder / "training.parquet").head(8)
    records = [json.loads(json.dumps(record)) for record in records_of(model.schema, rows)]
    answers = [model.score(check_records(model.schema, model.settings, [r]).frame).row(0).prediction for r in records]
    _assert_same(answers, own[:8], tolerance)
    _assert_same(NotebookModel(model).predict(rows)["prediction"].tolist(), own[:8], tolerance)


def _written(filed: Filed, path: Path) -> Path:
    if filed.kind == "csv":
        filed.data.to_csv(path, index=False)
    else:
        filed.data.to_parquet(path, index=False)
    return path


def _assert_same(given: list[Any], own: list[Any], tolerance: float) -> None:
    if own and isinstance(own[0], float):
        np.testing.assert_allclose(np.asarray(given, dtype=float), own, rtol=tolerance, atol=tolerance)
    else:
        assert given == own


@pytest.mark.parametrize("name", FROZEN)
def test_the_published_file_is_answered_as_by_the_artifact(tmp_path: Path, name: str) -> None:
    hold_equal(name, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_published_file_is_answered_as_by_the_artifact(tmp_path: Path, effort: Effort) -> None:
    others = [name for name in FROM_FILES if name not in FROZEN]
    for name in others[: effort.artifacts]:
        try:
            hold_equal(name, tmp_path)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error


class Answers(ClassifierMixin, BaseEstimator):
    """A classifier whose answers are given."""

    def __init__(self, classes: Any, answer: Any, probability: Any = None) -> None:
        self.classes_ = np.asarray(classes)
        self.feature_names_in_ = np.asarray(["size"])
        self.answer = answer
        self.probability = probability

    def predict(self, rows: Any) -> Any:
        """The same answer to each row."""
        return np.asarray([self.answer] * len(rows))


class Rates(Answers):
    """One that says how likely each class is."""

    def predict_proba(self, rows: Any) -> Any:
        """The same to each row."""
        return np.asarray([self.probability] * len(rows))


class NeedsAnother(Ridge):
    """A line that imports what is not there when it is asked."""

    def predict(self, rows: Any) -> Any:
        """Nothing: the import fails."""
        import a_module_that_is_nowhere  # noqa: F401


def _refusal(model: Any, data: pd.DataFrame | None = None, target: str = "outcome", **more: Any) -> PublishRefused:
    if data is None:
        data = made()[["size", "count"]].assign(outcome=(made()["amount"] > 10).astype(int))
    with pytest.raises(PublishRefused) as refused:
        _publish(model, data, target, **more)
    return refused.value


def _publish(model: Any, data: pd.DataFrame, target: str | None, **more: Any) -> Published:
    return publish(model, data, target=target, models=Path(more.pop("models", "nowhere")), name="m", **more)


def _booster(objective: str) -> Any:
    import xgboost

    rows = xgboost.DMatrix(made()[["size", "count"]], (made()["amount"] > 10).astype(int))
    return xgboost.train({"objective": objective, "nthread": 1}, rows, 3)


def test_a_booster_of_margins_is_refused_with_the_way_out_by_the_name_it_was_saved_under() -> None:
    refused = _refusal(_booster("binary:logitraw"))
    assert refused.detail.startswith("Booster answers a raw margin")
    assert "binary:logistic" in str(refused.hint) and "--task regression" in str(refused.hint)
    import xgboost

    data = made()[["size", "count"]].assign(outcome=(made()["amount"] > 10).astype(int))
    classifier = xgboost.XGBClassifier(objective="binary:logitraw", n_estimators=3, n_jobs=1)
    refused = _refusal(classifier.fit(data[["size", "count"]], data["outcome"]))
    assert "raw margin" in refused.detail and "--task regression" not in str(refused.hint)


@pytest.mark.parametrize(
    ("model", "detail", "hint"),
    [
        (Rates([0, 1], 0, [0.5, 0.9]), "answers no probabilities: 1.4 for all classes", "calibrate"),
        (Rates([0, 1], 0, [-0.5, 1.5]), "answers no probabilities: -0.5 for a class", "calibrate"),
        (Answers([2, 3], 0), "answers 0, which is none of its classes: 2, 3", "classes_"),
        (Rates([0, 1], 0, 0.4), "answers one number a row", "column_stack"),
        (NeedsAnother().fit(made()[["size", "count"]], made()["amount"]), "needs a_module_that_is_nowhere", "Install"),
        (Ridge().fit(made()[["size"]].rename(columns={"size": " "}), made()["amount"]), "has no name", "Give each"),
        (
            KNeighborsClassifier().fit(made()[["size", "count"]], np.tile([[0, 1], [1, 0]], (60, 1))),
            "KNeighborsClassifier answers several things at once",
            "one estimator an output",
        ),
    ],
    ids=["above one", "below nought", "places", "one column", "module", "no name", "several labels"],
)
def test_what_answers_amiss_is_refused_in_a_sentence(model: Any, detail: str, hint: str, tmp_path: Path) -> None:
    data = made()[["size", "count"]].assign(outcome=(made()["amount"] > 10).astype(int))
    if isinstance(model, Answers):
        data["outcome"] = model.classes_[data["outcome"]]
    refused = _refusal(model, data, models=tmp_path)
    assert detail in refused.detail and hint in str(refused.hint)


def test_a_refusal_names_what_was_saved_and_not_what_asks_it() -> None:
    import catboost

    data = made()[["size", "count", "amount"]].assign(outcome=made()["count"] % 3)
    ranker = catboost.CatBoost(
        {"iterations": 3, "loss_function": "YetiRank", "verbose": 0, "allow_writing_files": False}
    )
    pool = catboost.Pool(data[["size", "count"]], data["outcome"], group_id=np.repeat(np.arange(12), 10))
    assert _refusal(ranker.fit(pool), data[["size", "count", "outcome"]]).detail.startswith("CatBoost answers a score")


def test_the_tolerance_follows_the_numbers_that_the_model_learnt(tmp_path: Path) -> None:
    table = made()[["size", "count", "amount"]]
    single = table.astype("float32")
    for version, data, model, expected in (
        (1, table, LinearRegression().fit(single[["size", "count"]], single["amount"]), 1e-5),
        (2, table, LinearRegression().fit(table[["size", "count"]], table["amount"]), 1e-9),
    ):
        _publish(model, data, "amount", models=tmp_path, prove=lambda folder: None)
        assert Registry(tmp_path).get("m", version).manifest.engine.tolerance == expected


def test_a_title_that_no_settings_take_is_refused_before_anything_is_there(tmp_path: Path) -> None:
    model = Ridge().fit(made()[["size", "count"]], made()["amount"])
    refused = _refusal(model, made()[["size", "count", "amount"]], "amount", models=tmp_path, title="x" * 200)
    assert "200 characters" in refused.detail and "120" in str(refused.hint)
    assert not (tmp_path / "m").exists()
