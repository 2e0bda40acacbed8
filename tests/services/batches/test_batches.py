"""Batches as use cases: taken in whole or not at all, pinned, worked on step by step, kept apart."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from modeldesk.core.identity import Caller, Role
from modeldesk.model_service import answering
from modeldesk.model_service.batch import explanations
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.tables import FileOptions, Limits, Matching
from modeldesk.ports.batches import Batch, BatchQuery
from modeldesk.ports.jobs import WorkerBeat
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.services.batches import work as batch_work
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.batches.upload import receive
from modeldesk.services.batches.work import MOST_ATTEMPTS, BatchWorker
from modeldesk.services.predictions import history
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.services.conftest import RECORD, iris
from tests.services.fakes import Here, RememberedJobs

ADA = Caller("ada", frozenset({Role.USER}))
BOB = Caller("bob", frozenset({Role.USER}))
ANALYST = Caller("eve", frozenset({Role.ANALYST}))
NOBODY = Caller("guest", frozenset())
FLOWERS = iris().drop(columns="species")


@pytest.fixture
def place(context: AppContext, tmp_path: Path) -> AppContext:
    """An app context whose batches are cut into chunks of 40 rows."""
    storage = BatchStorage(tmp_path / "batches", RememberedJobs(), Limits(bytes=100_000), chunk_rows=40, parsing=Here())
    return replace(context, batches=storage)


def send(
    place: AppContext,
    content: bytes | None = None,
    *,
    version: int | None = None,
    start: bool = True,
    **options: object,
) -> Batch:
    """A batch of ada's."""
    with receive(place, ADA, "iris", "flowers.csv") as upload:
        upload.write(FLOWERS.to_csv(index=False).encode() if content is None else content)
        return upload.commit(FileOptions.model_validate(options), version=version, start=start)


def run(place: AppContext, sent: Batch) -> Batch:
    """Everything that workers do for a batch."""
    worker = BatchWorker(place)
    for index in reversed(range(worker.prepare(sent.id))):
        worker.score(sent.id, index)
    worker.finish(sent.id)
    return batches.batch(place, ADA, sent.id)


def folders(place: AppContext) -> list[str]:
    """What lies where batches are."""
    return sorted(path.name for path in place.batch_storage.folder.glob("*"))


def test_a_file_becomes_results_in_its_order(place: AppContext) -> None:
    sent = send(place)
    assert sent.state == "queued" and place.batch_storage.jobs.submitted == [sent.id]  # type: ignore[attr-defined]
    done = run(place, sent)
    assert (done.state, done.rows_total, done.rows_done, done.rows_failed) == ("succeeded", 150, 150, 0)
    scored = pd.read_csv(batch_results.results(place, ADA, sent.id, "csv").path)
    assert scored["id"].tolist() == [f"{sent.id}-{row}" for row in range(2, 152)]
    assert scored[list(FLOWERS)].equals(FLOWERS)
    answers = predict(replace(place, max_records=150), ADA, PredictRequest("iris", FLOWERS.to_dict("records")))
    assert scored["prediction"].tolist() == [item.output.prediction for item in answers.predictions]


def test_a_chunk_stops_soon_after_its_batch_is_cancelled(place: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(answering, "STEP_ROWS", 10)
    answer, asked = LoadedModel.score, []

    def cancelling(self: LoadedModel, rows: pd.DataFrame) -> Outputs:
        asked.append(len(rows))
        if len(asked) == 2:
            batches.cancel(place, ADA, sent.id)
        return answer(self, rows)

    monkeypatch.setattr(LoadedModel, "score", cancelling)
    sent, worker = send(place), BatchWorker(place)
    assert worker.prepare(sent.id) == 4
    asked.clear()
    worker.score(sent.id, 0)
    assert asked == [10, 10]
    assert place.store.batches.chunks(sent.id) == [] and not list(
        place.batch_storage.files(sent.id).folder.glob("chunks/*")
    )
    worker.score(sent.id, 1)
    assert asked == [10, 10]


@pytest.mark.parametrize("explain", [False, True])
def test_progress_moves_within_a_chunk(place: AppContext, monkeypatch: pytest.MonkeyPatch, explain: bool) -> None:
    monkeypatch.setattr(batch_work, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(answering, "STEP_ROWS", 10)
    monkeypatch.setattr(explanations, "_STEP_ROWS", dict.fromkeys(("linear", "tree", "permutation"), 10))
    sent, worker, told = send(place, explain=explain), BatchWorker(place), []
    progress = place.store.batches.progress

    def noted(*args: Any) -> None:
        progress(*args)
        told.append(batches.batch(place, ADA, sent.id).rows_done)

    monkeypatch.setattr(place.store.batches, "progress", noted)
    assert worker.prepare(sent.id) == 4
    worker.score(sent.id, 0)
    rows = 40
    assert told == sorted(set(told)) and 0 < told[0] < told[-1] < rows
    assert len(told) >= (rows - 1) // 10
    assert batches.batch(place, ADA, sent.id).rows_done == rows


def test_a_file_is_read_no_further_once_its_batch_is_cancelled(
    place: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "_LOOK_SECONDS", 0.0)
    sent, worker = send(place), BatchWorker(place)
    match = batch_work.match_columns

    def cancelling(*args: Any) -> Matching:
        batches.cancel(place, ADA, sent.id)
        return match(*args)

    monkeypatch.setattr(batch_work, "match_columns", cancelling)
    assert worker.prepare(sent.id) == 0
    assert place.store.batches.planned(sent.id) is None and not place.batch_storage.files(sent.id).plan.exists()


def test_contributions_are_named_where_that_is_asked_for(place: AppContext) -> None:
    sent = send(place, explain=True)
    assert sent.options == {"explain": True}
    run(place, sent)
    rows = batch_results.preview(place, ADA, sent.id, limit=150).lines
    model = place.model(ADA, "iris")
    columns = [name for name in rows[0] if name.startswith("contributions")]
    scale = model.explainer.spec.scale.replace("_", "-")
    assert columns == [f"contributions to {name} ({scale})" for name in model.manifest.classes]
    told = {part.rsplit(" ", 1)[0] for row in rows for name in columns for part in row[name].split("; ")}
    assert told <= {field.label for field in model.fields} and len(told) > 1


def test_contributions_are_to_a_class_that_the_model_has(place: AppContext) -> None:
    with pytest.raises(InvalidInput, match="no class 'rose'"):
        send(place, explain=True, explain_class="rose")
    sent = send(place, explain=True, explain_class="setosa")
    run(place, sent)
    first = batch_results.preview(place, ADA, sent.id, limit=1).lines[0]
    assert [name.split(" (")[0] for name in first if name.startswith("contributions")] == ["contributions to setosa"]


def test_half_an_upload_leaves_nothing(place: AppContext) -> None:
    with pytest.raises(RuntimeError), receive(place, ADA, "iris", "flowers.csv") as upload:
        upload.write(b"sepal")
        raise RuntimeError("the client left")
    for content, error in (
        (b"", InvalidInput),
        (b"colour\nred\n", InvalidInput),
        (b"%PDF-1.7", InvalidInput),
        (b"x" * 100_001, TooLarge),
    ):
        with pytest.raises(error):
            send(place, content)
    with pytest.raises(NotFound):
        send(place, version=9)
    assert folders(place) == [] and place.store.batches.page(BatchQuery("ada")).batches == []


def test_who_may_send_what(place: AppContext) -> None:
    with pytest.raises(NotAllowed):
        receive(place, NOBODY, "iris", "f.csv")
    with pytest.raises(NotFound):
        receive(place, ADA, "no-such", "f.csv")
    with pytest.raises(BadRequest):
        receive(place, ADA, "iris", "f" * 300)
    assert folders(place) == []
    with receive(place, ADA, "iris", "C:\\Users\\ada\\../f.csv") as upload:
        upload.write(FLOWERS.to_csv(index=False).encode())
        assert upload.commit(FileOptions()).file_name == "f.csv"


def test_an_upload_is_looked_at_before_it_is_started(place: AppContext) -> None:
    renamed = FLOWERS.rename(columns={"petal width (cm)": "Petal_Width (cm)"}).astype(object)
    renamed.iloc[3, 0] = "long"
    sent = send(place, renamed.to_csv(index=False).encode(), start=False)
    assert sent.state == "uploaded" and place.batch_storage.jobs.submitted == []  # type: ignore[attr-defined]
    found = batches.check(place, ADA, sent.id)
    assert found.matching.missing == ("petal width (cm)",) and not found.can_start
    assert found.matching.suggestions == {"petal width (cm)": ("Petal_Width (cm)",)}
    with pytest.raises(InvalidInput):
        batches.start(place, ADA, sent.id)
    options = FileOptions(columns={"petal width (cm)": "Petal_Width (cm)"})
    found = batches.check(place, ADA, sent.id, options)
    assert (found.can_start, found.rows, found.rows_checked, found.rows_rejected) == (True, 150, 150, 1)
    assert [(problem.row, problem.field) for problem in found.problems] == [(5, "sepal length (cm)")]
    batches.start(place, ADA, sent.id, options)
    done = run(place, sent)
    assert (done.state, done.rows_done, done.rows_failed) == ("succeeded", 150, 1)
    for again in (batches.check, batches.start):
        with pytest.raises(Conflict):
            again(place, ADA, sent.id)


def test_version_and_settings_stay_as_they_were(place: AppContext) -> None:
    settings = place.registry.folder / "iris/model.toml"
    original = settings.read_text()
    settings.write_text(
        original + '\n[[rules]]\nwhen = "`sepal length (cm)` > 7.5"\ntext = "Too long."\naction = "refuse"\n'
    )
    place.registry.refresh()
    sent = send(place, version=2)
    settings.write_text(original)
    place.registry.refresh()
    done = run(place, sent)
    assert (done.state, done.version) == ("succeeded", 2)
    long = FLOWERS.index[FLOWERS["sepal length (cm)"] > 7.5]
    kept = history.prediction(place, ADA, f"{sent.id}-{long[0] + 2}")
    assert kept.output["prediction"] is None and kept.output["refused"]["text"] == "Too long."
    assert kept.settings_digest == sent.settings_digest


def test_a_version_that_is_another_now_fails(place: AppContext, tmp_path: Path) -> None:
    sent = send(place)
    found = place.store.batches.get(sent.id)
    assert found is not None
    with closing(sqlite3.connect(tmp_path / "data" / "modeldesk.db")) as database, database:
        database.execute("UPDATE batches SET version_digest = ?", ("0" * 64,))
    with pytest.raises(Conflict, match="another than when"):
        BatchWorker(place).prepare(sent.id)


def test_steps_may_be_taken_twice_and_the_first_record_counts(place: AppContext) -> None:
    sent = send(place)
    worker, other = BatchWorker(place), BatchWorker(place)
    assert worker.prepare(sent.id) == other.prepare(sent.id) == 4
    attempt = place.store.batches.begin_chunk(sent.id, 0)
    assert attempt == 1  # begun by a worker that died
    for index in (0, 0, 1, 2, 3):
        worker.score(sent.id, index)
        other.score(sent.id, index)
    assert [chunk.attempt for chunk in place.store.batches.chunks(sent.id)] == [2, 1, 1, 1]
    worker.finish(sent.id)
    other.finish(sent.id)
    assert batches.batch(place, ADA, sent.id).state == "succeeded"


def test_a_batch_is_not_ended_before_all_of_it_is_recorded(place: AppContext) -> None:
    sent = send(place)
    worker = BatchWorker(place)
    worker.prepare(sent.id)
    worker.score(sent.id, 1)
    worker.finish(sent.id)
    failed = batches.batch(place, ADA, sent.id)
    assert (failed.state, failed.message) == ("failed", "3 of 4 parts of the file were not scored.")
    worker.score(sent.id, 2)
    assert batches.batch(place, ADA, sent.id).rows_done == 40


def test_a_chunk_that_was_begun_several_times_is_scored_apart_and_alike(place: AppContext) -> None:
    sent, again = send(place), send(place)
    worker = BatchWorker(place)
    for each in (sent, again):
        for index in range(worker.prepare(each.id)):
            for _ in range(MOST_ATTEMPTS if each is again else 0):
                place.store.batches.begin_chunk(again.id, index)
            worker.score(each.id, index)
        worker.finish(each.id)
    first, second = (batches.batch(place, ADA, each.id) for each in (sent, again))
    assert (second.state, second.rows_done, second.rows_failed) == ("succeeded", first.rows_done, first.rows_failed)
    assert second.summary == first.summary
    one, other = (batch_results.results(place, ADA, each.id, "csv").path.read_text() for each in (sent, again))
    assert one.replace(sent.id, "BATCH") == other.replace(again.id, "BATCH")


def test_anothers_batch_is_not_there(place: AppContext) -> None:
    sent = send(place)
    run(place, sent)
    for attempt in (
        lambda: batches.batch(place, BOB, sent.id),
        lambda: batches.batch(place, ANALYST, sent.id),
        lambda: batches.cancel(place, BOB, sent.id),
        lambda: batches.delete(place, BOB, sent.id),
        lambda: batches.rerun(place, BOB, sent.id),
        lambda: batches.check(place, BOB, sent.id),
        lambda: batch_results.results(place, BOB, sent.id, "csv"),
        lambda: batch_results.errors(place, BOB, sent.id),
        lambda: batch_results.preview(place, BOB, sent.id),
        lambda: history.prediction(place, BOB, f"{sent.id}-2"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert batches.own(place, BOB).batches == []
    assert [item.id for item in batches.own(place, ADA, model="iris").batches] == [sent.id]
    # A row of it is a prediction like others, which those see who may see all.
    assert history.prediction(place, ANALYST, f"{sent.id}-2").owner == "ada"


def test_cancel_and_delete(place: AppContext) -> None:
    sent, other = send(place), send(place)
    worker = BatchWorker(place)
    worker.prepare(sent.id)
    assert batches.cancel(place, ADA, sent.id).state == "cancelled"
    worker.score(sent.id, 0)
    worker.finish(sent.id)
    worker.fail(sent.id, "too late")
    stopped = batches.batch(place, ADA, sent.id)
    assert (stopped.state, stopped.rows_done, stopped.message) == ("cancelled", 0, "Cancelled by ada.")
    with pytest.raises(Conflict):
        batches.cancel(place, ADA, sent.id)
    batches.delete(place, ADA, other.id)
    assert place.batch_storage.jobs.cancelled == [sent.id, other.id]  # type: ignore[attr-defined]
    assert folders(place) == [sent.id]


def test_the_same_file_again_with_another_version(place: AppContext) -> None:
    first = send(place)
    run(place, first)
    again = batches.rerun(place, ADA, first.id, 2)
    batches.delete(place, ADA, first.id)
    assert (run(place, again).state, again.version, again.file_name) == ("succeeded", 2, "flowers.csv")
    with pytest.raises(NotFound):
        batches.rerun(place, ADA, again.id, 7)
    assert folders(place) == [again.id]


def test_previews_and_errors_come_in_pages(place: AppContext) -> None:
    frame = FLOWERS.astype(object)
    frame.iloc[::10, 0] = "x"
    frame.iloc[1, 1] = 99
    sent = send(place, frame.to_csv(index=False).encode())
    run(place, sent)
    lines, offset = [], 0
    while offset is not None:
        page = batch_results.preview(place, ADA, sent.id, offset=offset, limit=33)
        lines += page.lines
        offset = page.next_offset
    assert [line["id"] for line in lines] == [f"{sent.id}-{row + 2}" for row in range(150) if row % 10]
    warned = batch_results.preview(place, ADA, sent.id, warned=True).lines
    assert [line["id"] for line in warned] == [f"{sent.id}-3"] and "4.4" in warned[0]["warnings"]
    setosa = batch_results.preview(place, ADA, sent.id, prediction="setosa", warned=False).lines
    assert setosa and all(line["prediction"] == "setosa" and line["warnings"] is None for line in setosa)
    first = batch_results.errors(place, ADA, sent.id, limit=10)
    assert [line["row"] for line in first.lines] == [row + 2 for row in range(0, 100, 10)]
    rest = batch_results.errors(place, ADA, sent.id, offset=first.next_offset or 0)
    assert len(rest.lines) == 5 and rest.next_offset is None
    table = pd.read_csv(batch_results.errors_file(place, ADA, sent.id).path)
    assert table["row"].tolist() == [row + 2 for row in range(0, 150, 10)]
    with pytest.raises(BadRequest):
        batch_results.preview(place, ADA, sent.id, limit=0)


def test_results_are_made_once(place: AppContext) -> None:
    sent = send(place)
    with pytest.raises(Conflict, match="is queued"):
        batch_results.results(place, ADA, sent.id, "xlsx")
    run(place, sent)
    made = [batch_results.results(place, ADA, sent.id, "xlsx").path.stat().st_ino for _ in range(2)]
    assert made[0] == made[1]


def test_what_is_old_goes(place: AppContext) -> None:
    ended, waiting = send(place), send(place, start=False)
    run(place, ended)
    stray = place.batch_storage.files(place.new_id())
    stray.make_folders()
    worker = BatchWorker(place)
    worker.sweep()
    assert len(folders(place)) == 3
    long_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(stray.folder, (long_ago, long_ago))
    BatchWorker(replace(place, clock=lambda: place.clock() + timedelta(days=2))).sweep()
    assert folders(place) == [ended.id]
    BatchWorker(replace(place, clock=lambda: place.clock() + timedelta(days=31))).sweep()
    assert folders(place) == []
    assert place.store.batches.get(waiting.id) is None


def test_nobody_to_work_is_said(place: AppContext) -> None:
    sent = send(place)
    assert "No worker is running" in (batches.note(place, sent) or "")
    place.store.workers.beat(WorkerBeat("w1", "here", 1, 1, place.clock()))
    assert batches.note(place, sent) is None and batches.workers_alive(place) == 1
    later = replace(place, clock=lambda: place.clock() + timedelta(seconds=20))
    assert batches.workers_alive(later) == 0


def test_speed_and_time_left_follow_from_the_record(place: AppContext) -> None:
    now = place.clock()
    running = replace(
        send(place),
        state="running",
        started_at=now,
        recorded_at=now + timedelta(seconds=4),
        rows_total=300,
        rows_done=100,
    )
    assert batches.speed(running) == 25 and batches.seconds_left(running) == 8
    assert batches.speed(replace(running, rows_done=0)) is None
    assert batches.seconds_left(replace(running, state="succeeded")) is None


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_template_is_a_file_that_scores(place: AppContext, kind: batches.Format) -> None:
    content = batches.template(place, ADA, "iris", kind)
    done = run(place, send(place, content))
    assert (done.state, done.rows_done, done.rows_failed) == ("succeeded", 1, 0)
    assert set(RECORD) == set(place.registry.get("iris").schema.names)


def test_options_that_cannot_be(place: AppContext) -> None:
    with pytest.raises(InvalidInput) as error:
        batches.options_of({"decimal": ";", "delimiter": "ab", "colour": 1})
    assert {problem.field for problem in error.value.problems} == {"decimal", "delimiter", "colour"}
