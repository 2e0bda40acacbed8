"""Batches through real workers, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from modeldesk.core.errors import Conflict, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches.results import errors, results
from modeldesk.services.predictions import history
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.jobs.conftest import ROWS
from tests.jobs.places import ADA, PATIENCE, Place
from tests.live import wait_for

BOB = Caller("bob", frozenset({Role.USER}))
BAD = ROWS // 100


def test_rows_in_are_rows_scored_and_rows_rejected(place: Place, table: Path) -> None:
    sent = place.send(table, key_column="flower")
    place.add_worker()
    done = place.ended(sent)
    assert (done.state, done.message) == ("succeeded", None)
    assert (done.rows_total, done.rows_done, done.rows_failed) == (ROWS, ROWS, BAD)
    assert done.summary is not None and done.summary["scored"] == ROWS - BAD
    file = results(place.context, ADA, sent.id, "parquet")
    assert file.name == "flowers-scored.parquet"
    scored = pq.read_table(file.path).to_pandas()
    given = pd.read_csv(table)
    expected = [f"{sent.id}-{row + 2}" for row in range(ROWS) if row % 100 != 50]
    assert scored["id"].tolist() == expected
    assert scored["flower"].tolist() == given["flower"][[row % 100 != 50 for row in range(ROWS)]].tolist()
    lines = errors(place.context, ADA, sent.id, limit=10_000).lines
    assert [line["row"] for line in lines] == [row + 2 for row in range(50, ROWS, 100)]
    assert lines[0]["value"] == "wide"
    book = openpyxl.load_workbook(results(place.context, ADA, sent.id, "xlsx").path, read_only=True)
    assert [sheet.max_row for sheet in book] == [ROWS - BAD + 1, BAD + 1]


def test_a_row_is_a_prediction_and_the_same_as_by_a_call(place: Place, table: Path) -> None:
    place.add_worker()
    sent = place.send(table, key_column="flower")
    place.ended(sent)
    columns = list(place.context.registry.get("iris").schema.names)
    record = pd.read_csv(table)[columns].astype(float, errors="ignore").iloc[1_234].astype(float).to_dict()
    called = predict(place.context, ADA, PredictRequest("iris", [record])).predictions[0]
    kept = history.prediction(place.context, ADA, f"{sent.id}-{1_234 + 2}")
    assert (kept.source, kept.key, kept.owner) == ("batch", "f1234", "ada")
    assert kept.inputs == called.inputs
    assert kept.output == called.output.as_dict()
    assert list(kept.warnings) == list(called.warnings)
    for wrong in (f"{sent.id}-52", f"{sent.id}-1", f"{sent.id}-{ROWS + 2}", f"{sent.id}-", f"{sent.id}-x", sent.id):
        with pytest.raises(NotFound):
            history.prediction(place.context, ADA, wrong)
    with pytest.raises(NotFound):
        history.prediction(place.context, BOB, kept.id)


def test_one_worker_and_three_give_the_same(place: Place, table: Path) -> None:
    place.add_worker()
    alone = place.send(table)
    place.ended(alone)
    place.add_worker()
    place.add_worker()
    wait_for(lambda: batches.workers_alive(place.context) == 3, PATIENCE)
    together = place.send(table)
    assert place.ended(together).state == "succeeded"
    assert place.lines(together) == place.lines(alone)


def test_form_call_batches_and_score_agree(place: Place, table: Path, tmp_path: Path) -> None:
    """The same rows on every way there is; the form's own texts are held to the API's elsewhere
    (tests/test_parity.py)."""
    place.add_worker()
    alone = place.send(table, key_column="flower")
    place.ended(alone)
    place.add_worker()
    place.add_worker()
    wait_for(lambda: batches.workers_alive(place.context) == 3, PATIENCE)
    together = place.send(table, key_column="flower")
    place.ended(together)
    scored = tmp_path / "scored.csv"
    subprocess.run(
        [sys.executable, "-m", "modeldesk", "score", "iris", str(table), "-o", str(scored), "--processes", "2"],
        env={**os.environ, "MODELDESK_MODELS": str(place.models), "MODELDESK_DATA": str(tmp_path / "var")},
        check=True,
        capture_output=True,
    )
    by_one, by_three = (pd.read_csv(results(place.context, ADA, sent.id, "csv").path) for sent in (alone, together))
    by_command = pd.read_csv(scored)
    pd.testing.assert_frame_equal(by_three.drop(columns="id"), by_one.drop(columns="id"))
    pd.testing.assert_frame_equal(by_command, by_one.drop(columns="id"), rtol=1e-12)
    names = list(place.context.registry.get("iris").schema.names)
    records = by_one[names].to_dict("records")
    called = [
        answer.output
        for start in range(0, len(records), 500)
        for answer in predict(place.context, ADA, PredictRequest("iris", records[start : start + 500])).predictions
    ]
    assert by_one["prediction"].tolist() == [output.prediction for output in called]
    for name in called[0].probability or {}:
        chances = [(output.probability or {})[name] for output in called]
        np.testing.assert_allclose(by_one[f"probability {name}"], chances, rtol=1e-12)


def test_a_batch_that_nobody_submitted_is_found(place: Place, table: Path) -> None:
    class Deaf:
        def submit(self, batch_id: str) -> None: ...

        def cancel(self, batch_id: str) -> None: ...

        def close(self) -> None: ...

    object.__setattr__(place.context.batch_storage, "jobs", Deaf())
    sent = place.send(table)
    assert "No worker is running" in (batches.note(place.context, place.now(sent)) or "")
    place.add_worker()
    assert place.ended(sent).state == "succeeded"


def test_a_running_batch_is_cancelled_at_once(place: Place, table: Path) -> None:
    place.add_worker()
    sent = place.send(table)
    place.wait(sent, lambda found: found.rows_done)
    batches.cancel(place.context, ADA, sent.id)
    stopped = place.now(sent)
    assert (stopped.state, stopped.message) == ("cancelled", "Cancelled by ada.")
    again = place.send(table)  # a worker that is free again takes it
    place.wait(again, lambda found: found.rows_done)
    assert place.now(sent).rows_done < ROWS
    with pytest.raises(Conflict):
        batches.cancel(place.context, ADA, sent.id)
    with pytest.raises(Conflict):
        results(place.context, ADA, sent.id, "csv")
    batches.delete(place.context, ADA, again.id)
    assert not place.context.batch_storage.files(again.id).upload.exists()


def test_a_small_file_does_not_wait_for_a_large_one(place: Place, table: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.csv"
    small.write_text("".join(table.read_text().splitlines(keepends=True)[:21]))
    place.add_worker()
    large = place.send(table)
    place.wait(large, lambda found: found.rows_done)
    little = place.send(small)
    place.ended(little)
    assert place.now(large).rows_done < ROWS
    assert place.ended(large).state == "succeeded"


def test_a_file_that_turns_out_unreadable_further_down_fails_with_the_reason(place: Place, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    names = ",".join(f'"{name}"' for name in place.context.registry.get("iris").schema.names)
    broken.write_bytes(f"{names}\n".encode() + b"1,2,3,4\n" * 300_000 + b'1,"2,3,4\n')
    place.add_worker()
    done = place.ended(place.send(broken))
    assert done.state == "failed"
    assert "not closed" in (done.message or "")
