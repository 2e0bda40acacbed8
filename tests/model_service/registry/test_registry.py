"""Which version answers, what is said where none does, and how changes are picked up."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import pytest
from modeldesk.core.errors import ModelUnavailable, NotFound, StoreUnavailable
from modeldesk.model_service.package import model_folder as model_home
from modeldesk.model_service.package.artifacts import file_digest
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.publishing.selftest_runner import SelftestRunner
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.validation.records import check_records
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from sklearn.linear_model import LogisticRegression, Ridge

from tests.manifests import edit_manifest
from tests.zoo import cancer, diabetes


class Pointers:
    """Decisions on served versions, in memory; ``broken`` stands for a database that is away."""

    def __init__(self, **current: int) -> None:
        self.now = dict(current)
        self.broken = False

    def current(self) -> Mapping[str, ServedChange]:
        if self.broken:
            raise StoreUnavailable("The database is away.")
        at = datetime.now(UTC)
        return {name: ServedChange(name, now, None, "promote", "ada", "Better.", at) for name, now in self.now.items()}

    def record(self, change: ServedChange) -> None:
        self.now[change.model] = change.version

    def history(self, model: str) -> Sequence[ServedChange]:
        return []


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``progress`` in three versions that answer differently, ``tumour`` in one."""
    folder = tmp_path_factory.mktemp("published")
    inputs, target = diabetes().drop(columns="target"), diabetes()["target"]
    with SelftestRunner() as prover:
        for alpha in (1.0, 10.0, 100.0):
            model = Ridge(alpha=alpha).fit(inputs, target)
            publish(model, diabetes(), target="target", models=folder, name="progress", prove=prover.prove)
        table = cancer()
        classifier = LogisticRegression(max_iter=5000).fit(table.drop(columns="target"), table["target"])
        publish(classifier, table, target="target", models=folder, name="tumour", prove=prover.prove)
    return folder


@pytest.fixture
def models(published: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy to be damaged."""
    shutil.copytree(published, tmp_path / "models")
    yield tmp_path / "models"


def _version(models: Path, version: int = 3, name: str = "progress") -> Path:
    return models / name / "versions" / str(version)


def _answer(registry: Registry, name: str = "progress", version: int | None = None) -> Any:
    model = registry.get(name, version)
    checked = check_records(model.schema, model.settings, [model.schema.defaults()])
    return model.score(checked.frame).row(0)


# ---- which version ----------------------------------------------------------------------------


def test_the_highest_sound_version_without_a_decision(models: Path) -> None:
    registry = Registry(models)
    assert registry.names() == ("progress", "tumour")
    entry = registry.entry("progress")
    assert (entry.served, entry.versions, entry.state) == (3, (1, 2, 3), "loading")
    assert entry.manifests(1).version == 1
    assert registry.get("progress").version == 3
    assert registry.entry("progress").state == "serving"


def test_a_file_among_the_models_is_no_model(models: Path, caplog: pytest.LogCaptureFixture) -> None:
    (models / "notes").write_text("To do")
    registry = Registry(models)
    registry.refresh()
    assert registry.names() == ("progress", "tumour")
    assert caplog.messages == []


def test_a_decision_is_followed_and_a_change_picked_up(models: Path) -> None:
    pointers = Pointers(progress=1)
    registry = Registry(models, pointers)
    first = registry.get("progress")
    assert first.version == 1
    pointers.now["progress"] = 2
    assert registry.get("progress").version == 1, "until the next look"
    registry.refresh()
    assert registry.get("progress").version == 2
    assert registry.entry("progress").state == "serving", "loaded before it takes over"
    assert first.version == 1, "a request that began with a version ends with it"


def test_any_version_can_be_asked_for(models: Path) -> None:
    registry = Registry(models)
    answers = {_answer(registry, version=version).prediction for version in (1, 2, 3)}
    assert len(answers) == 3


@pytest.mark.parametrize(("name", "version"), [("nobody", None), ("progress", 9), ("../progress", None)])
def test_what_is_not_there_is_not_found(models: Path, name: str, version: int | None) -> None:
    with pytest.raises(NotFound):
        Registry(models).get(name, version)


def test_new_and_removed_versions_and_models_are_noticed(models: Path, published: Path) -> None:
    shutil.rmtree(_version(models, 3))
    registry = Registry(models)
    assert registry.get("progress").version == 2
    shutil.copytree(_version(published, 3), _version(models, 3))
    registry.refresh()
    assert registry.get("progress").version == 3
    shutil.rmtree(models / "tumour")
    registry.refresh()
    assert registry.names() == ("progress",)


def test_an_empty_or_missing_folder_has_no_models(tmp_path: Path) -> None:
    (tmp_path / "not-a-model").mkdir()
    (tmp_path / "file.txt").touch()
    assert Registry(tmp_path).names() == ()
    assert Registry(tmp_path / "nowhere").names() == ()


def test_without_the_record_of_decisions_nothing_is_guessed(models: Path) -> None:
    pointers = Pointers(progress=1)
    pointers.broken = True
    registry = Registry(models, pointers)
    with pytest.raises(ModelUnavailable, match="database"):
        registry.get("progress")
    pointers.broken = False
    registry.refresh()
    assert registry.get("progress").version == 1
    pointers.broken = True
    registry.refresh()
    assert registry.get("progress").version == 1, "what was decided stays while the database is away"


# ---- what cannot be served ----------------------------------------------------------------------


class Saved:
    """Decisions on thresholds, in memory."""

    def __init__(self) -> None:
        self.now: dict[str, ThresholdChange] = {}
        self.broken = False

    def current(self) -> Mapping[str, ThresholdChange]:
        if self.broken:
            raise StoreUnavailable("The database is away.")
        return dict(self.now)

    def record(self, change: ThresholdChange) -> None:
        self.now[change.model] = change

    def history(self, model: str) -> Sequence[ThresholdChange]:
        return []


def test_a_threshold_that_was_set_lies_over_model_toml(models: Path) -> None:
    saved = Saved()
    saved.broken = True
    registry = Registry(models, None, saved)
    with pytest.raises(ModelUnavailable, match="by which thresholds"):
        registry.get("tumour")
    saved.broken = False
    registry.refresh()
    before = registry.get("tumour")
    positive = str(before.manifest.classes[1])
    saved.record(ThresholdChange("tumour", 1, 1.0, positive, 1, None, "ada", "Never alarm.", datetime.now(UTC)))
    assert registry.get("tumour") is before, "until the next look"
    registry.refresh()
    after = registry.get("tumour")
    assert (after.settings.threshold, before.settings.threshold) == (1.0, None)
    assert after.settings_digest != before.settings_digest
    assert str(_answer(registry, "tumour").prediction) != positive
    # A regression beside it does not heed what was once decided on a model of that name.
    saved.record(ThresholdChange("progress", 1, 0.5, "yes", 1, None, "ada", "It was binary then.", datetime.now(UTC)))
    saved.broken = True
    registry.refresh()
    assert registry.get("tumour") is after, "what is known stays while the database is away"
    saved.broken = False
    registry.refresh()
    assert registry.get("progress").settings.threshold is None
    assert registry.entry("progress").threshold.unused == "A regression model takes no threshold."


def test_models_are_loaded_and_warmed_once_the_record_of_decisions_is_back(models: Path) -> None:
    pointers = Pointers()
    pointers.broken = True
    registry = Registry(models, pointers)
    registry.load_all()
    registry.warm()
    pointers.broken = False
    registry.refresh()
    assert set(registry.ready().values()) == {"loading"}
    registry.warm()
    assert set(registry.ready().values()) == {"loading"}  # warming loads nothing by itself
    registry.load_all()
    registry.warm()
    assert set(registry.ready().values()) == {"serving"}


def test_who_asks_during_the_first_look_waits_for_its_end(models: Path) -> None:
    looking, go_on = threading.Event(), threading.Event()

    class Slow(Pointers):
        def current(self) -> Mapping[str, ServedChange]:
            looking.set()
            assert go_on.wait(20)
            return super().current()

    registry = Registry(models, Slow())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(registry.names)
        assert looking.wait(20)
        second = pool.submit(registry.entry, "progress")
        wait([second], timeout=0.2)  # an answer that does not wait would be here by now
        go_on.set()
        assert second.result().name == "progress"
        assert set(first.result()) == {"progress", "tumour"}


def test_a_model_that_cannot_be_warmed_hinders_no_other(models: Path, caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry(models)
    registry.load_all()
    (_version(models) / "reference.parquet").unlink()
    registry.warm()
    assert "Warming progress up failed." in caplog.text and "tumour" not in caplog.text


def test_a_damaged_highest_version_leaves_the_one_below(models: Path) -> None:
    artifact = _version(models) / "artifact.pkl"
    content = bytearray(artifact.read_bytes())
    content[len(content) // 2] ^= 1
    artifact.write_bytes(content)
    registry = Registry(models)
    assert registry.get("progress").version == 2
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        registry.get("progress", 3)


def test_a_decision_for_a_damaged_version_is_not_replaced_by_a_guess(models: Path) -> None:
    (_version(models) / "reference.parquet").write_bytes(b"")
    registry = Registry(models, Pointers(progress=3))
    entry = registry.entry("progress")
    assert (entry.state, entry.served) == ("degraded", None)
    assert "reference.parquet" in (entry.reason or "")
    assert entry.hint
    with pytest.raises(ModelUnavailable, match="reference"):
        registry.get("progress")
    assert _answer(registry, "tumour").probability, "other models are served"


def test_a_repaired_version_is_served_without_a_restart(models: Path, published: Path) -> None:
    reference = _version(models) / "reference.parquet"
    reference.write_bytes(b"")
    registry = Registry(models, Pointers(progress=3))
    assert registry.entry("progress").state == "degraded"
    shutil.copy(_version(published) / "reference.parquet", reference)
    registry.refresh()
    assert registry.get("progress").version == 3


@pytest.mark.parametrize("content", ["", "{}", "[1", '{"format": 2}'])
def test_an_unreadable_manifest(models: Path, content: str) -> None:
    (_version(models, 1, "tumour") / "manifest.json").write_text(content)
    entry = Registry(models).entry("tumour")
    assert (entry.state, entry.manifest) == ("degraded", None)
    assert "manifest" in (entry.reason or "")


def test_nothing_of_an_altered_artifact_runs(models: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    registry = Registry(models)
    registry.refresh()
    joblib.dump(Evil(), _version(models) / "artifact.pkl")
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        registry.get("progress")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("libraries", "reason", "hint"),
    [
        ({"xgboost-of-nobody": "2.1.3"}, "Needs xgboost-of-nobody 2.1, which is not installed here.", "==2.1.*"),
        ({"scikit-learn": "0.24.2"}, "Was published with scikit-learn 0.24.2", 'pip install "scikit-learn==0.24.*"'),
    ],
)
def test_libraries_that_are_not_here(models: Path, libraries: dict[str, str], reason: str, hint: str) -> None:
    edit_manifest(_version(models), libraries=libraries)
    registry = Registry(models)
    registry.load_all()
    entry = registry.entry("progress")
    assert entry.state == "degraded"
    assert reason in (entry.reason or "")
    assert hint in (entry.hint or "")
    assert registry.ready() == {"progress": "degraded", "tumour": "serving"}


def test_other_numpy_versions_are_left_to_the_golden_rows(models: Path) -> None:
    edit_manifest(_version(models), libraries={"numpy": "1.0.0"})
    assert Registry(models).get("progress").version == 3


def test_golden_rows_that_come_out_otherwise(models: Path) -> None:
    folder = _version(models)
    golden = json.loads((folder / "manifest.json").read_text())["golden"]
    golden[3]["prediction"] += 1e-6
    edit_manifest(folder, golden=golden)
    registry = Registry(models)
    with pytest.raises(ModelUnavailable, match=r"1 of .* golden rows"):
        registry.get("progress")
    assert registry.entry("progress").state == "degraded"


def test_on_another_kind_of_machine_golden_rows_may_differ_a_little(models: Path) -> None:
    folder = _version(models)
    golden = json.loads((folder / "manifest.json").read_text())["golden"]
    golden[3]["prediction"] *= 1 + 1e-7
    edit_manifest(folder, golden=golden, platform="Plan9 vax")
    assert Registry(models).get("progress").version == 3


def test_a_failed_load_is_tried_again_only_after_a_change(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    real = model_home.load_version

    def counting(*arguments: Any) -> Any:
        tries.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(model_home, "load_version", counting)
    edit_manifest(_version(models), libraries={"nothing": "1.0"})
    registry = Registry(models)
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            registry.get("progress")
    assert len(tries) == 1


# ---- people's settings ----------------------------------------------------------------------------


def _write_settings(models: Path, text: str, name: str = "tumour") -> None:
    (models / name / "model.toml").write_text(text)


def test_settings_are_followed_without_a_restart(models: Path) -> None:
    registry = Registry(models)
    before = registry.get("tumour")
    assert _answer(registry, "tumour").prediction == 1
    _write_settings(models, "positive = 1\nthreshold = 1.0\n")
    registry.refresh()
    after = registry.get("tumour")
    assert _answer(registry, "tumour").prediction == 0
    assert after.settings_digest != before.settings_digest
    assert before.settings.threshold is None, "a request that began with settings ends with them"
    assert set(after.reference_outputs.prediction.tolist()) == {0}


def test_a_fault_in_the_settings_keeps_the_last_good_ones(models: Path) -> None:
    registry = Registry(models)
    _write_settings(models, 'title = "Good"\n')
    registry.refresh()
    registry.get("tumour")
    _write_settings(models, "titel = 1\n")
    registry.refresh()
    entry = registry.entry("tumour")
    assert (entry.state, entry.settings.title) == ("serving", "Good")
    assert "titel" in (entry.reason or "")
    _write_settings(models, 'title = "Better"\n')
    registry.refresh()
    assert registry.entry("tumour").reason is None
    assert registry.get("tumour").settings.title == "Better"


def test_a_fault_from_the_start_degrades_and_shows_to_nobody(models: Path) -> None:
    _write_settings(models, 'title = "Secret"\naccess = 1\n')
    registry = Registry(models)
    entry = registry.entry("tumour")
    assert entry.state == "degraded"
    assert entry.settings.access.groups, "who may see it cannot be known, so nobody may"
    with pytest.raises(ModelUnavailable, match="access"):
        registry.get("tumour")
    _write_settings(models, 'title = "Mended"\n')
    registry.refresh()
    assert registry.get("tumour").settings.title == "Mended"


def test_no_settings_at_all(models: Path) -> None:
    (models / "tumour" / "model.toml").unlink()
    assert _answer(Registry(models), "tumour").probability


# ---- threads and memory -----------------------------------------------------------------------------


def test_many_threads_load_a_version_once(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    real = model_home.load_version
    barrier = threading.Barrier(8)

    def counting(*arguments: Any) -> Any:
        loads.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(model_home, "load_version", counting)
    registry = Registry(models)
    registry.refresh()

    def get() -> Any:
        barrier.wait()
        return registry.get("progress")

    with ThreadPoolExecutor(8) as pool:
        found = {id(future.result()) for future in [pool.submit(get) for _ in range(8)]}
    assert len(loads) == len(found) == 1


def test_only_a_few_versions_stay_in_memory(models: Path) -> None:
    for version in range(4, 9):
        shutil.copytree(_version(models, 3), _version(models, version))
        edit_manifest(_version(models, version), version=version)
    registry = Registry(models, Pointers(progress=1))
    for version in range(1, 9):
        assert registry.get("progress", version).version == version
    loaded = registry._folders["progress"]._loaded
    assert len(loaded) <= model_home.KEPT_BESIDE_SERVED + 2
    assert 1 in loaded


def test_promotion_back_and_forth_under_load_never_fails_or_mixes(models: Path) -> None:
    pointers = Pointers(progress=1)
    registry = Registry(models, pointers)
    own = {version: _answer(registry, version=version).prediction for version in (1, 2)}
    stop = threading.Event()
    answers: list[tuple[int, Any]] = []

    def ask() -> None:
        while not stop.is_set():
            model = registry.get("progress")
            checked = check_records(model.schema, model.settings, [model.schema.defaults()])
            answers.append((model.version, model.score(checked.frame).row(0).prediction))

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask) for _ in range(4)]
        for step in range(20):
            pointers.now["progress"] = 1 + step % 2
            registry.refresh()
        stop.set()
        for future in futures:
            future.result()
    assert answers
    assert all(prediction == pytest.approx(own[version], rel=1e-12) for version, prediction in answers)


def test_every_file_is_digested(models: Path) -> None:
    manifest = Registry(models).entry("progress").manifest
    assert manifest is not None
    assert manifest.digests["artifact.pkl"] == file_digest(_version(models) / "artifact.pkl")
