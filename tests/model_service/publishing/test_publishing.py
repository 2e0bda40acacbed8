"""From an artifact to a version: what is written, what is refused, and what a kill leaves."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.package.folder import read_manifest, version_numbers
from modeldesk.model_service.publishing.publish import Published, publish
from modeldesk.model_service.publishing.selftest_runner import SelftestRunner
from modeldesk.model_service.registry.registry import Registry
from sklearn import linear_model, metrics, pipeline, preprocessing
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from tests.model_service.publishing.killed_publisher import POINTS
from tests.zoo import diabetes, iris


@pytest.fixture(scope="module")
def prover() -> Iterator[SelftestRunner]:
    """One fresh interpreter for all publications here; each is proven in a fork of it."""
    with SelftestRunner() as prover:
        yield prover


DATA = diabetes().head(80)
X, Y = DATA.drop(columns="target"), DATA["target"]


def _ridge() -> linear_model.Ridge:
    return linear_model.Ridge().fit(X, Y)


def _publish(prover: SelftestRunner, models: Path, artifact: Any, data: Any = DATA, **options: Any) -> Published:
    given = {"target": "target", "name": "diabetes", **options}
    return publish(artifact, data, models=models, prove=prover.prove, **given)


# ---- what is written --------------------------------------------------------------------------


def test_a_version_holds_everything(tmp_path: Path, prover: SelftestRunner) -> None:
    published = _publish(prover, tmp_path, _ridge(), holdout=diabetes().tail(50), title="Progress of diabetes")
    assert (published.name, published.version, published.first, published.warnings) == ("diabetes", 1, True, [])
    folder = tmp_path / "diabetes" / "versions" / "1"
    assert published.folder == folder
    assert {path.name for path in folder.iterdir()} == {
        *("artifact.pkl", "card.md", "manifest.json", "manifest.sha256", "holdout.parquet"),
        *("predictions.parquet", "reference.parquet", "training.parquet"),
    }
    manifest = read_manifest(folder)
    assert set(manifest.digests) == {path.name for path in folder.iterdir()} - {"manifest.json", "manifest.sha256"}
    for name, digest in manifest.digests.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (manifest.evaluation.source, manifest.evaluation.rows) == ("holdout", 50)
    assert {metric.name for metric in manifest.evaluation.metrics} == {"rmse", "mae", "r2"}
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "training.parquet"), DATA.reset_index(drop=True))
    assert "Progress of diabetes" in (tmp_path / "diabetes" / "model.toml").read_text()
    assert "hold-out" in (folder / "card.md").read_text()


def test_without_a_holdout_it_is_said(tmp_path: Path, prover: SelftestRunner) -> None:
    published = _publish(prover, tmp_path, _ridge())
    assert "may have been trained on" in published.warnings[0]
    assert read_manifest(published.folder).evaluation.source == "training"
    assert "may have been trained on them" in (published.folder / "card.md").read_text()


def test_a_later_version_leaves_peoples_settings_alone(tmp_path: Path, prover: SelftestRunner) -> None:
    _publish(prover, tmp_path, _ridge())
    settings = tmp_path / "diabetes" / "model.toml"
    settings.write_text('title = "Mine"\n')
    second = _publish(prover, tmp_path, _ridge(), title="Theirs")
    assert (second.version, second.first) == (2, False)
    assert settings.read_text() == 'title = "Mine"\n'


@pytest.mark.parametrize("settings", ['positive = "versicolor"', 'positive = "virginica"', "", "positive = ["])
def test_figures_are_of_the_positive_class_that_people_set(
    tmp_path: Path, prover: SelftestRunner, settings: str
) -> None:
    data = iris().query("species != 'setosa'").reset_index(drop=True)
    inputs, species = data.drop(columns="species"), data["species"]
    model = linear_model.LogisticRegression(C=0.01).fit(inputs, species)
    (tmp_path / "flowers").mkdir()
    (tmp_path / "flowers" / "model.toml").write_text(settings)
    published = _publish(prover, tmp_path, model, data, target="species", name="flowers")
    found = {metric.name: metric.value for metric in read_manifest(published.folder).evaluation.metrics}
    positive = "versicolor" if "versicolor" in settings else "virginica"
    assert found["f1"] == pytest.approx(metrics.f1_score(species, model.predict(inputs), pos_label=positive))


def test_the_reference_is_a_bounded_seeded_sample(
    tmp_path: Path, prover: SelftestRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modeldesk.model_service.publishing.publish.REFERENCE_ROWS", 30)
    published = [_publish(prover, tmp_path, _ridge()) for _ in range(2)]
    first, second = (pd.read_parquet(each.folder / "reference.parquet") for each in published)
    assert len(first) == 30
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".xlsx"])
def test_data_by_the_endings(tmp_path: Path, prover: SelftestRunner, ending: str) -> None:
    path = tmp_path / f"data{ending}"
    writers = {".csv": DATA.to_csv, ".xlsx": DATA.to_excel, ".parquet": DATA.to_parquet}
    if ending == ".tsv":
        DATA.to_csv(path, sep="\t", index=False)
    else:
        writers[ending](path, index=False)
    assert _publish(prover, tmp_path / "models", _ridge(), path).version == 1


@pytest.mark.parametrize("save", [joblib.dump, lambda model, path: path.write_bytes(pickle.dumps(model))])
def test_a_file_names_the_model(tmp_path: Path, prover: SelftestRunner, save: Any) -> None:
    path = tmp_path / "My_model v2.pkl"
    save(_ridge(), path)
    published = _publish(prover, tmp_path / "models", path, name=None)
    assert published.name == "my-model-v2"
    assert (published.folder / "artifact.pkl").read_bytes() == path.read_bytes()


# ---- what is refused --------------------------------------------------------------------------


class Ranked(BaseEstimator):
    """Learns from the very rows that it is asked about."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> Ranked:
        self.n_features_in_ = X.shape[1]
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(X).rank(pct=True)


class Random(RegressorMixin, BaseEstimator):
    """Answers anything."""

    def fit(self, X: pd.DataFrame, y: Any) -> Random:
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.random.default_rng().random(len(X))


_offset = 0.0


class Configured(Random):
    """Depends on a global that is not saved with it."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.full(len(X), _offset)


class Exits(Random):
    """Ends the process that asks it anywhere but here."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        raise SystemExit("goodbye")


def _piped(step: Any) -> pipeline.Pipeline:
    return pipeline.make_pipeline(step, linear_model.Ridge()).fit(X, Y)


def _of_main() -> pipeline.Pipeline:
    """A pipeline with a function that stands in the ``__main__`` of whoever made it."""
    import __main__

    def doubled(frame: Any) -> Any:
        return frame * 2

    doubled.__module__, doubled.__qualname__ = "__main__", "doubled"
    __main__.doubled = doubled  # type: ignore[attr-defined]
    return _piped(preprocessing.FunctionTransformer(doubled))


REFUSED: dict[str, tuple[str, Any]] = {
    "row dependent": ("row_dependent", lambda: _piped(Ranked())),
    "random": ("nondeterministic", lambda: Random().fit(X, Y)),
    "lambda": ("unimportable", lambda: _piped(preprocessing.FunctionTransformer(lambda frame: frame * 2))),
    "__main__": ("unimportable", _of_main),
    "clusterer": ("unsupported", lambda: KMeans(2, n_init=1).fit(X)),
    "transformer": ("not_an_estimator", lambda: PCA(2).fit(X)),
    "dictionary": ("not_an_estimator", lambda: {"model": _ridge()}),
    "not fitted": ("not_fitted", linear_model.Ridge),
    "several outputs": ("unsupported", lambda: linear_model.Ridge().fit(X, np.c_[Y, Y])),
    "other columns": ("columns", lambda: linear_model.Ridge().fit(X.rename(columns={"age": "years"}), Y)),
    "other count": ("columns", lambda: linear_model.Ridge().fit(X.to_numpy()[:, :4], Y)),
    "exits": ("unreadable", lambda: Exits().fit(X, Y)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_by_name(tmp_path: Path, prover: SelftestRunner, case: str) -> None:
    reason, make = REFUSED[case]
    with pytest.raises(PublishRefused) as caught:
        _publish(prover, tmp_path, make())
    assert caught.value.reason == reason, caught.value
    assert caught.value.hint
    assert caught.value.detail.endswith(".")
    assert not (tmp_path / "diabetes").exists(), "a refusal leaves nothing"


def test_a_missing_function_is_named(tmp_path: Path, prover: SelftestRunner) -> None:
    with pytest.raises(PublishRefused, match="uses doubled"):
        _publish(prover, tmp_path, _of_main())


def test_what_is_not_saved_with_the_artifact_shows(
    tmp_path: Path, prover: SelftestRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "_offset", 1.0)
    with pytest.raises(PublishRefused) as caught:
        _publish(prover, tmp_path, Configured().fit(X, Y))
    assert caught.value.reason == "not_reproduced"


def _older(tmp_path: Path) -> Path:
    """The artifact as a scikit-learn of another version would have saved it."""
    import sklearn

    here = sklearn.__version__.encode()
    path = tmp_path / "older.joblib"
    content = pickle.dumps(_ridge(), protocol=2)
    assert here in content
    path.write_bytes(content.replace(here, here[:-1] + (b"7" if here[-1:] != b"7" else b"6")))
    return path


def test_another_version_of_scikit_learn_is_refused(tmp_path: Path, prover: SelftestRunner) -> None:
    with pytest.raises(PublishRefused, match="saved by scikit-learn") as caught:
        _publish(prover, tmp_path, _older(tmp_path))
    assert caught.value.reason == "version_mismatch"
    assert "--expect" in (caught.value.hint or "")


def test_expected_predictions_override_a_version_warning(tmp_path: Path, prover: SelftestRunner) -> None:
    data = DATA.assign(expected=_ridge().predict(X))
    published = _publish(prover, tmp_path / "models", _older(tmp_path), data, expect="expected")
    manifest = read_manifest(published.folder)
    assert "expected" not in (*manifest.model_schema.names, *manifest.model_schema.unread)
    assert any("scikit-learn" in warning for warning in published.warnings)


@pytest.mark.parametrize("off", [1e-6, 10.0])
def test_expected_predictions_that_differ_refuse(tmp_path: Path, prover: SelftestRunner, off: float) -> None:
    data = DATA.assign(expected=_ridge().predict(X))
    data.loc[7, "expected"] *= 1 + off
    with pytest.raises(PublishRefused, match="1 of 80 rows") as caught:
        _publish(prover, tmp_path / "models", _older(tmp_path), data, expect="expected")
    assert caught.value.reason == "expect"


def test_classes_alone_do_not_override(tmp_path: Path, prover: SelftestRunner) -> None:
    model = linear_model.LogisticRegression(max_iter=500).fit(iris().drop(columns="species"), iris()["species"])
    data = iris().assign(expected=iris()["species"])
    with pytest.raises(PublishRefused) as caught:
        _publish(prover, tmp_path, model, data, target="species", expect="expected")
    assert caught.value.reason == "expect"


def test_a_missing_module_is_named(tmp_path: Path, prover: SelftestRunner) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(b"cmodule_of_nobody\nThing\n.")
    with pytest.raises(PublishRefused, match="module_of_nobody") as caught:
        _publish(prover, tmp_path, path)
    assert caught.value.reason == "unimportable"


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"\x80\x04\x95"])
def test_an_unreadable_artifact(tmp_path: Path, prover: SelftestRunner, content: bytes) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(content)
    with pytest.raises(PublishRefused) as caught:
        _publish(prover, tmp_path, path)
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"target": "price"}, "target"),
        ({"expect": "elsewhere"}, "expect"),
        ({"name": "Not a name"}, "name"),
        ({"name": None}, "name"),
        ({"data": Path("nowhere.csv")}, "unreadable"),
        ({"data": DATA.drop(columns="bmi")}, "columns"),
        ({"data": DATA.head(0)}, "columns"),
        ({"data": pd.concat([DATA, DATA[["bmi"]]], axis=1)}, "columns"),
        ({"data": DATA.assign(target="high")}, "target"),
        ({"data": DATA.assign(sex=pd.arrays.SparseArray(DATA["sex"]))}, "unsupported"),
        ({"holdout": DATA.drop(columns="bmi")}, "columns"),
        ({"holdout": DATA.drop(columns="target")}, "columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_does_not_fit_together_is_refused(
    tmp_path: Path, prover: SelftestRunner, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PublishRefused) as caught:
        _publish(prover, tmp_path, _ridge(), **options)
    assert caught.value.reason == reason
    assert caught.value.hint


def test_a_name_is_suggested(tmp_path: Path, prover: SelftestRunner) -> None:
    with pytest.raises(PublishRefused, match="How about 'loan-default'"):
        _publish(prover, tmp_path, _ridge(), name="Loan_Default!")


def test_unknown_classes_in_the_target(tmp_path: Path, prover: SelftestRunner) -> None:
    known = iris()[iris()["species"] != "virginica"]
    model = linear_model.LogisticRegression(max_iter=500).fit(known.drop(columns="species"), known["species"])
    with pytest.raises(PublishRefused, match="'virginica', which the model does not know") as caught:
        _publish(prover, tmp_path, model, iris(), target="species")
    assert caught.value.reason == "target"


def test_a_repeated_header_is_not_renamed(tmp_path: Path, prover: SelftestRunner) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b,a\n1,2,3\n")
    with pytest.raises(PublishRefused, match="twice: 'a'"):
        _publish(prover, tmp_path, _ridge(), path)


def test_another_task_needs_another_name(tmp_path: Path, prover: SelftestRunner) -> None:
    _publish(prover, tmp_path, _ridge())
    model = linear_model.LogisticRegression(max_iter=500).fit(iris().drop(columns="species"), iris()["species"])
    with pytest.raises(PublishRefused, match="regression model") as caught:
        _publish(prover, tmp_path, model, iris(), target="species")
    assert caught.value.reason == "task"
    assert version_numbers(tmp_path / "diabetes") == (1,)


# ---- all or nothing -----------------------------------------------------------------------------


def test_a_killed_publication_leaves_nothing(tmp_path: Path, prover: SelftestRunner) -> None:
    command = [sys.executable, "-m", "tests.model_service.publishing.killed_publisher", str(tmp_path), *POINTS]
    root = Path(__file__).parents[3]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=True)
    assert run.stdout.split() == ["9"] * len(POINTS), run.stderr
    assert Registry(tmp_path).names() == ()
    assert version_numbers(tmp_path / "killed") == ()
    assert not (tmp_path / "killed" / "model.toml").exists()
    published = _publish(prover, tmp_path, _ridge(), name="killed")
    assert published.version == 1
    assert [path.name for path in published.folder.parent.iterdir()] == ["1"], "drafts left behind are removed"


def test_publications_at_once_get_versions_of_their_own(tmp_path: Path, prover: SelftestRunner) -> None:
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(_publish, prover, tmp_path, _ridge()) for _ in range(4)]
        versions = sorted(future.result().version for future in futures)
    assert versions == [1, 2, 3, 4]
    folder = tmp_path / "diabetes" / "versions"
    assert [read_manifest(folder / str(version)).version for version in versions] == versions
    assert {path.name for path in folder.iterdir()} == {"1", "2", "3", "4"}
