"""What drives a model, as analysts are told: the figures of the libraries, worked out once and kept."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from modeldesk.core.cache import LruCache
from modeldesk.core.errors import Conflict, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.model_service.importance.dependence import values_to_try
from modeldesk.model_service.importance.permutation import REPEATS, SEED
from modeldesk.model_service.importance.question import drivers_of
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import records_of
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance import importance as service
from modeldesk.services.importance.analysis_storage import AnalysisStorage
from modeldesk.services.importance.analysis_work import AnalysisWorker
from modeldesk.services.importance.importance import (
    ask_again,
    by_value,
    contributions,
    dependence,
    feature_importance,
    pixels,
    shuffling,
)
from modeldesk.services.predictions.explain import explain_many
from sklearn.inspection import partial_dependence, permutation_importance

from tests.services.lending import applicants

USER = Caller("uli", frozenset({Role.USER}))


class Queue:
    """``AnalysisQueue`` that notes what is put before the workers."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def submit_analysis(self, analysis_id: str) -> None:
        self.ids.append(analysis_id)


class NoWorkers:
    """``Workers`` of which none is alive."""

    def all(self) -> tuple[()]:
        return ()


@pytest.fixture(autouse=True)
def _answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_answers", LruCache(8))
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", np.inf)


def asking(context: AppContext, folder: Path) -> tuple[AppContext, Queue]:
    """The same context with a room for analyses."""
    queue = Queue()
    store = replace(context.store, workers=NoWorkers())
    return replace(context, store=store, analyses=AnalysisStorage(folder, queue)), queue


def estimator_of(model: LoadedModel) -> Any:
    return joblib.load(model.folder / model.manifest.artifact)


def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything left to the workers."""
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", -1.0)


def work(context: AppContext, analysis_id: str) -> None:
    """Do what a worker does."""
    worker = AnalysisWorker(context)
    for index in range(worker.steps(analysis_id)):
        assert worker.take(analysis_id, index)
    worker.finish(analysis_id)


def test_contributions_are_those_of_single_predictions(lending: AppContext, tmp_path: Path) -> None:
    context, _ = asking(lending, tmp_path)
    seen = feature_importance(context, LOCAL, "loans")
    found = contributions(context, seen).found
    assert found is not None and seen.of_class == "yes"
    assert (len(found), found.errors, found.left_out) == (500, None, 0)
    some = records_of(seen.model.schema, seen.model.reference.iloc[found.places[:20]])
    told = [item.explanation for item in explain_many(context, LOCAL, "loans", some, of_class="yes")]
    expected = np.array([[part.contribution for part in one.contributions] for one in told if one is not None])
    np.testing.assert_allclose(found.values[:20], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.sizes, np.abs(found.values).mean(axis=0))
    assert (found.ends[:, 0] <= found.sizes).all() and (found.sizes <= found.ends[:, 1]).all()


@pytest.mark.parametrize(
    ("name", "target", "scoring"),
    [("loans", "paid", "neg_log_loss"), ("rates", "rate", "neg_root_mean_squared_error")],
)
def test_shuffling_is_scikit_learns(lending: AppContext, tmp_path: Path, name: str, target: str, scoring: str) -> None:
    context, _ = asking(lending, tmp_path)
    seen = feature_importance(context, LOCAL, name)
    found = shuffling(context, seen).found
    held = applicants(200, 2)
    inputs = held[list(seen.model.schema.names)]
    expected = permutation_importance(
        estimator_of(seen.model), inputs, held[target], scoring=scoring, n_repeats=REPEATS, random_state=SEED
    )
    assert found is not None and (found.source, found.rows) == ("holdout", 200)
    np.testing.assert_allclose(found.increases, expected.importances, atol=1e-9)
    np.testing.assert_allclose(found.sizes, expected.importances_mean, atol=1e-9)


@pytest.mark.parametrize("feature", ["income", "age", "plan"])
def test_dependence_is_scikit_learns(lending: AppContext, tmp_path: Path, feature: str) -> None:
    context, _ = asking(lending, tmp_path)
    seen = feature_importance(context, LOCAL, "loans")
    found = dependence(context, seen, feature).found
    assert found is not None
    values = values_to_try(seen.model, feature)
    rows = seen.model.reference.iloc[found.places][list(seen.model.schema.names)]
    custom = np.array(values, dtype=object if feature == "plan" else None)
    expected = partial_dependence(
        estimator_of(seen.model), rows, [feature], method="brute", kind="both", response_method="predict_proba",
        categorical_features=[feature], custom_values={feature: custom},
    )  # fmt: skip
    np.testing.assert_allclose(found.mean, expected["average"][0], atol=1e-12)
    np.testing.assert_allclose(found.curves, expected["individual"][0], atol=1e-12)
    assert (found.band[:, 0] <= found.band[:, 1]).all()


def test_where_a_form_lets_people_go_beyond_what_was_seen(lending: AppContext, tmp_path: Path) -> None:
    context, _ = asking(lending, tmp_path)
    found = dependence(context, feature_importance(context, LOCAL, "rates"), "income").found
    assert found is not None
    assert found.values[0] == 0 and not found.seen[0] and all(found.seen[3:])


def test_a_picture_moves_as_one(context: AppContext, tmp_path: Path) -> None:
    names = list(context.model(LOCAL, "iris").schema.names)
    settings = context.registry.folder / "iris" / "model.toml"
    settings.write_text(f"[[image]]\nwidth = 2\nheight = 2\ncolumns = {json.dumps(names)}\n")
    context.registry.refresh()
    asked, _ = asking(context, tmp_path / "inquiries")
    seen = feature_importance(asked, LOCAL, "iris", of_class="virginica")
    assert [driver.columns for driver in drivers_of(seen.model)] == [tuple(names)] and seen.inputs == ()
    found = contributions(asked, seen).found
    assert found is not None and found.values.shape == (150, 1)
    each = seen.model.explainer.attribute(seen.model.reference.iloc[found.places], ["virginica"] * 150)
    np.testing.assert_allclose(found.values[:, 0], each.contributions.sum(axis=1))
    np.testing.assert_allclose(pixels(seen, found, seen.shown[0][1]), np.abs(each.contributions).mean(axis=0))
    lost = shuffling(asked, seen).found
    assert lost is not None and lost.increases.shape == (1, REPEATS) and lost.sizes[0] > 1


def test_what_is_slow_is_left_to_the_workers_and_asked_for_once(
    lending: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, _ = asking(lending, tmp_path / "quick")
    at_once = shuffling(quick, feature_importance(quick, LOCAL, "loans")).found
    monkeypatch.setattr(service, "_answers", LruCache(8))
    slow(monkeypatch)
    context, queue = asking(lending, tmp_path / "slow")
    seen = feature_importance(context, LOCAL, "loans")
    for _ in range(2):
        told = shuffling(context, seen)
        assert told.waiting and (told.done, told.steps, told.idle) == (0, 4, True)
    assert len(queue.ids) == 1 and context.analysis_storage.waiting() == queue.ids
    # Another worker goes on after two steps; steps that were taken already change nothing.
    first = AnalysisWorker(context)
    assert first.take(queue.ids[0], 0) and first.take(queue.ids[0], 1)
    assert shuffling(context, seen).done == 2
    work(context, queue.ids[0])
    found = shuffling(context, seen).found
    assert found is not None and at_once is not None
    np.testing.assert_array_equal(found.increases, at_once.increases)
    kept = [path.read_text() for path in tmp_path.glob("*/kept/loans/1/*.json")]
    assert len(kept) == 2 and kept[0] == kept[1]
    assert list(context.analysis_storage.waiting()) == [] and not first.take(queue.ids[0], 2)


def test_what_failed_can_be_asked_again(lending: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    context, queue = asking(lending, tmp_path)
    seen = feature_importance(context, LOCAL, "loans")
    assert dependence(context, seen, "income").waiting
    AnalysisWorker(context).fail(queue.ids[0], "It ran out of memory.")
    assert dependence(context, seen, "income").failed == "It ran out of memory."
    ask_again(context, seen)
    assert dependence(context, seen, "income").waiting
    assert [name[-2:] for name in queue.ids] == ["-1", "-2"]
    work(context, queue.ids[1])
    assert dependence(context, seen, "income").found is not None


def test_what_is_lost_is_found_out_again(lending: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    context, queue = asking(lending, tmp_path)
    seen = feature_importance(context, LOCAL, "loans")
    assert dependence(context, seen, "income").waiting
    worker = AnalysisWorker(context)
    worker.again(queue.ids[0])
    assert [name[-2:] for name in queue.ids] == ["-1", "-2"] and list(worker.unfinished()) == queue.ids[1:]
    broken = tmp_path / "open" / queue.ids[0]
    broken.mkdir()
    worker.sweep()
    assert broken.exists()
    os.utime(broken, (0, 0))
    worker.sweep()
    assert not broken.exists() and list(worker.unfinished()) == queue.ids[1:]


def test_answers_are_of_the_version_that_was_asked_about(
    context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(monkeypatch)
    asked, queue = asking(context, tmp_path / "inquiries")
    seen = feature_importance(asked, LOCAL, "iris")
    assert seen.of_class == "setosa" and shuffling(asked, seen).waiting
    work(asked, queue.ids[0])
    assert contributions(asked, seen).waiting
    names = list(seen.model.schema.names)[:2]
    settings = asked.registry.folder / "iris" / "model.toml"
    settings.write_text(f"[[image]]\nwidth = 2\nheight = 1\ncolumns = {json.dumps(names)}\n")
    with pytest.raises(Conflict, match="changed"):
        fresh = AnalysisWorker(asked)
        asked.registry.refresh()
        fresh.take(queue.ids[1], 0)
    worker = AnalysisWorker(asked)
    worker.sweep()
    assert len(list(tmp_path.glob("inquiries/kept/iris/1/*.json"))) == 1
    shutil.rmtree(asked.registry.folder / "iris" / "versions" / "1")
    worker.sweep()
    assert not list(tmp_path.glob("inquiries/kept/iris/*"))


def test_colours_and_privacy(lending: AppContext, private_lending: AppContext, tmp_path: Path) -> None:
    context, _ = asking(lending, tmp_path / "open")
    seen = feature_importance(context, LOCAL, "loans")
    found = contributions(context, seen).found
    assert found is not None
    drawn = by_value(seen, found, "income", "plan")
    assert drawn.values == tuple(seen.model.reference["income"].iloc[found.places])
    assert set(drawn.colours) == {"basic", "plus"} and len(drawn.contributions) == 500
    assert by_value(seen, found, "income", None).colours == ()

    closed, _ = asking(private_lending, tmp_path / "closed")
    hidden = feature_importance(closed, LOCAL, "loans")
    assert "income" not in hidden.inputs and hidden.hidden == 1
    kept = contributions(closed, hidden).found
    assert kept is not None
    binned = by_value(hidden, kept, "debt")
    assert (binned.values, binned.colour) == ((), None) and min(item.rows for item in binned.bins) >= 10
    with pytest.raises(NotFound, match="income"):
        by_value(hidden, kept, "debt", "income")
    with pytest.raises(NotFound, match="income"):
        dependence(closed, hidden, "income")


def test_drivers_are_for_analysts(lending: AppContext) -> None:
    with pytest.raises(NotAllowed):
        feature_importance(lending, USER, "loans")
    with pytest.raises(NotFound):
        feature_importance(lending, LOCAL, "nothing")
