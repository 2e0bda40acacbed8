"""What a new kind of task takes: a module and a line in each of two tables, and everything goes with it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import PublishRefused
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.model_service import tasks
from modeldesk.model_service.package.folder import version_manifest
from modeldesk.model_service.tables import FileOptions, Limits
from modeldesk.model_service.tasks import task_of
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.batches.upload import receive
from modeldesk.services.batches.work import BatchWorker
from modeldesk.services.explore.figures import explore
from modeldesk.services.explore.subject import subject
from modeldesk.services.performance.report import performance
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.services.versions.catalogue import card
from modeldesk.services.versions.manage import versions
from modeldesk.services.versions.publish import publish_model
from modeldesk.web.ui.common import tasks as views
from modeldesk.web.ui.pages.catalogue.layout import chips
from modeldesk.web.ui.pages.performance import callbacks as performance_callbacks
from modeldesk.web.ui.pages.performance.state import Ready
from modeldesk.web.ui.pages.versions.layout import versions_card
from sklearn.linear_model import PoissonRegressor

from tests import made_up_task
from tests.services.conftest import context_on
from tests.services.fakes import Here, RememberedJobs
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

NAME = "visits"


@pytest.fixture
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    """An app context that knows the task; its line in each table is what a new kind takes beside its module."""
    monkeypatch.setitem(tasks.MODULES, "count", made_up_task.__name__)
    monkeypatch.setitem(views.VIEWS, "count", made_up_task.VIEW)
    storage = BatchStorage(tmp_path / "batches", RememberedJobs(), Limits(bytes=100_000), parsing=Here())
    return replace(context_on(tmp_path / "models", tmp_path / "data"), batches=storage)


def visits(rows: int = 120) -> pd.DataFrame:
    """How often somebody came, by two numbers."""
    draw = np.random.default_rng(11)
    frame = pd.DataFrame({"near": draw.normal(0, 1, rows), "offers": draw.integers(0, 5, rows)})
    return frame.assign(visits=draw.poisson(np.exp(0.5 * frame["near"] + 0.3 * frame["offers"])))


def test_a_made_up_kind_is_published_asked_and_shown(counts: AppContext) -> None:
    data = visits()
    model = PoissonRegressor().fit(data[["near", "offers"]], data["visits"])
    given: dict[str, Any] = {"target": "visits", "name": NAME, "task": "count", "prove": lambda _: None}
    with pytest.raises(PublishRefused, match="holds no counts"):
        publish_model(counts, LOCAL, model, data.assign(visits=data["visits"] + 0.5), **given)
    done = publish_model(counts, LOCAL, model, data, holdout=visits(80), **given)

    manifest = version_manifest(done.folder.parent.parent, 1)
    assert (manifest.task, str(manifest.task)) == (made_up_task.TASK, "count")
    assert '"task": "count"' in (done.folder / "manifest.json").read_text("utf-8")
    assert [metric.name for metric in manifest.evaluation.metrics] == ["mae", "exact"]
    assert "which predicts how often something happens: `visits`" in (done.folder / "card.md").read_text("utf-8")

    record = {"near": 0.4, "offers": 3}
    wanted = float(np.rint(model.predict(pd.DataFrame([record]))[0]))
    [answer] = predict(counts, LOCAL, PredictRequest(NAME, (record,), explain=True)).predictions
    assert answer.output.prediction == wanted and answer.output.interval is not None
    assert answer.explanation is not None and answer.id is not None
    assert record_outcome(counts, LOCAL, answer.id, 4).state == "recorded"

    with receive(counts, LOCAL, NAME, "rows.csv") as upload:
        upload.write(data[["near", "offers"]].to_csv(index=False).encode())
        sent = upload.commit(FileOptions(), version=None, start=True)
    worker = BatchWorker(counts)
    for index in range(worker.prepare(sent.id)):
        worker.score(sent.id, index)
    worker.finish(sent.id)
    assert batches.batch(counts, LOCAL, sent.id).state == "succeeded"
    scored = pd.read_csv(batch_results.results(counts, LOCAL, sent.id, "csv").path)
    assert scored["prediction"].tolist() == np.rint(model.predict(data[["near", "offers"]])).tolist()


def test_pages_show_a_made_up_kind(counts: AppContext) -> None:
    data = visits()
    model = PoissonRegressor().fit(data[["near", "offers"]], data["visits"])
    publish_model(counts, LOCAL, model, data, target="visits", name=NAME, task="count", prove=lambda _: None)
    assert text(chips([card(counts, LOCAL, NAME)], "count")) == "All 1 How many 1"
    assert "MAE" in text(versions_card(versions(counts, LOCAL, NAME), may_decide=False))

    seen = performance(counts, LOCAL, NAME, version=1)
    assert seen.report.numbers is not None and seen.report.decided is None
    shown = performance_callbacks.cards_of(seen)
    assert performance_callbacks.names.PREDICTED in shown and performance_callbacks.names.ROC not in shown
    recorded = Recorded()
    performance_callbacks._register_following(recorded, counts)  # type: ignore[arg-type]
    ready: Ready = {
        "name": NAME, "version": 1, "segment": "", "where": "", "source": seen.source, "asked": seen.asked,
        "favourable": "",
    }  # fmt: skip
    with acting_as(LOCAL):
        kpis = text(recorded.functions["follow"](ready, None, None, None, None)["kpis"])
    assert kpis.startswith("MAE") and "Mean error" in kpis and "RMSE" not in kpis

    looked_at, problems = subject(counts, LOCAL, NAME, {"source": "reference"})
    assert not problems
    summary = views.view_of(looked_at.model.manifest.task).summary
    assert (summary.answer, summary.share) == ("Predicted count", False)
    assert explore(counts.store.analyst, looked_at).rows == len(data)


def test_a_task_that_nobody_knows_is_refused(counts: AppContext) -> None:
    data = visits()
    model = PoissonRegressor().fit(data[["near", "offers"]], data["visits"])
    with pytest.raises(PublishRefused) as refused:
        publish_model(counts, LOCAL, model, data, target="visits", name=NAME, task="ranking", prove=lambda _: None)
    assert (refused.value.reason, refused.value.detail) == ("task", "'ranking' is no task.")
    assert refused.value.hint == "Say one of regression, binary, multiclass, anomaly, count."


def test_tasks_are_their_keys_wherever_they_are_written() -> None:
    for task in tasks.all_tasks():
        assert task_of(str(task)) is task and pickle.loads(pickle.dumps(task)) is task
        assert task.key in views.VIEWS
    assert len({*tasks.all_tasks(), *tasks.all_tasks()}) == len(tasks.MODULES) == len(views.VIEWS)
