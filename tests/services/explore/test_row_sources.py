"""Where rows come from that are asked about, who may see them, and how the log settles behind them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, Conflict, NotAllowed, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.model_service.package.folder import HOLDOUT
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.analytics import LogRows, RowSource
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import delete
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.batches.upload import receive
from modeldesk.services.batches.work import BatchWorker
from modeldesk.services.explore.row_sources import row_source
from modeldesk.services.log.compaction import SETTLING, LogWorker
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict

from tests.services.fakes import Here, RememberedJobs
from tests.services.lending import RECORD, applicants

ADA = Caller("ada", frozenset({Role.USER}))
EVE = Caller("eve", frozenset({Role.ANALYST}))


def stored(context: AppContext, folder: Path) -> AppContext:
    """The app context with a folder for batches."""
    storage = BatchStorage(folder / "data" / "batches", RememberedJobs(), chunk_rows=40, parsing=Here())
    return replace(context, batches=storage)


@pytest.fixture
def place(lending: AppContext, tmp_path: Path) -> AppContext:
    """An app context on the lending models and a database."""
    return stored(lending, tmp_path)


def rows(context: AppContext, source: RowSource, columns: Sequence[str] | None = None) -> dict[str, list[Any]]:
    """All rows of a source."""
    names = columns or [column.name for column in source.columns]
    return dict(context.store.analyst.page(source, names, count=1_000).table)


def test_rows_of_the_log_before_and_after_they_are_settled(place: AppContext) -> None:
    answers = [
        predict(place, caller, PredictRequest(name, [RECORD | {"age": age}], keys=[f"k{age}"])).predictions[0]
        for name, caller, age in (("loans", ADA, 30), ("loans", EVE, 40), ("loans", EVE, 50), ("rates", EVE, 60))
    ]
    record_outcome(place, EVE, str(answers[3].id), 7.5)
    before = {name: rows(place, row_source(place, EVE, name, "log")) for name in ("loans", "rates")}
    worker = LogWorker(place)
    worker.settle()
    assert len(place.store.log_files.unsettled()) == 2
    LogWorker(replace(place, clock=lambda: datetime.now(UTC) + SETTLING)).settle()
    assert place.store.log_files.unsettled() == []
    worker.sweep()
    after = {name: rows(place, row_source(place, EVE, name, "log")) for name in ("loans", "rates")}
    assert after == before

    loans = after["loans"]
    assert loans["id"] == [item.id for item in reversed(answers[:3])]
    assert (loans["key"], loans[":age"]) == (["k50", "k40", "k30"], [50.0, 40.0, 30.0])
    model = place.model(EVE, "loans")
    positive = str(model.settings.positive or model.manifest.classes[-1])
    assert loans["probability"] == [item.output.probability[positive] for item in reversed(answers[:3])]
    rates = after["rates"]
    assert rates["error"] == [answers[3].output.prediction - 7.5]
    assert [rates["low"][0], rates["high"][0]] == list(answers[3].output.interval)

    mine = row_source(place, ADA, "loans", "log")
    assert isinstance(mine, LogRows) and mine.owner == "ada"
    assert rows(place, mine, ["id"]) == {"id": [answers[0].id]}
    later = row_source(place, EVE, "loans", "log", since=place.clock() + timedelta(days=1))
    assert place.store.analyst.extent(later).rows == 0


def test_a_version_published_meanwhile_is_settled_and_one_that_is_gone_is_not(
    own_lending: AppContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = stored(own_lending, tmp_path)
    settling = LogWorker(replace(place, clock=lambda: datetime.now(UTC) + SETTLING))
    folder = place.model(EVE, "loans").folder
    predict(place, ADA, PredictRequest("loans", [RECORD]))
    shutil.move(folder, tmp_path / "away")
    place.registry.refresh()
    settling.settle()
    settling.settle()
    assert caplog.text.count("are not put into files") == 1
    assert len(place.store.log_files.unsettled()) == 1
    shutil.move(tmp_path / "away", folder)
    settling.settle()
    assert place.store.log_files.unsettled() == []


def test_published_rows_have_the_models_own_answers(place: AppContext) -> None:
    for name, kind in (("loans", "holdout"), ("rates", "holdout"), ("loans", "reference")):
        model = place.model(EVE, name)
        table = model.reference if kind == "reference" else pd.read_parquet(model.folder / HOLDOUT)
        source = row_source(place, EVE, name, kind)
        found = rows(place, source)
        assert row_source(place, EVE, name, kind) == source  # made once
        outputs = model.score(table[list(model.schema.names)].reset_index(drop=True))
        assert found["prediction"] == outputs.prediction.tolist()
        assert found["actual"] == table[model.manifest.target].tolist()
        assert found[":income"] == table["income"].tolist()
        if name == "rates":
            assert np.allclose(found["error"], outputs.prediction - table["rate"])
        else:
            assert found["error"] == (outputs.prediction != table["paid"]).tolist()


def test_rows_of_a_batch(place: AppContext, tmp_path: Path) -> None:
    table = applicants(100, 5).drop(columns=["paid", "rate"])
    table.loc[3, "debt"] = 1e9  # refused by a rule
    with receive(place, ADA, "loans", "people.csv") as upload:
        lines = table.to_csv(index=False).splitlines(keepends=True)
        rejected = "x,nobody,1,2,basic\n"
        upload.write("".join([*lines[:10], rejected, *lines[10:]]).encode())
        sent = upload.commit(FileOptions(key_column="who"), start=True)
    with pytest.raises(Conflict, match="queued"):
        row_source(place, ADA, "loans", "batch", batch_id=sent.id)
    worker = BatchWorker(place)
    for index in range(worker.prepare(sent.id)):
        worker.score(sent.id, index)
    worker.finish(sent.id)
    source = row_source(place, ADA, "loans", "batch", batch_id=sent.id)
    record_outcome(place, ADA, f"{sent.id}-2", "yes")
    found = rows(place, source)
    assert found["key"] == table["who"].tolist()
    assert found[":income"] == table["income"].tolist()
    assert found[":plan"] == table["plan"].tolist()
    assert found["id"][0] == f"{sent.id}-2"
    assert found["actual"] == ["yes", *[None] * 99]
    assert found["prediction"][3] is None and found["probability"][3] is None
    model = place.model(EVE, "loans")
    outputs = model.score(table[list(model.schema.names)])
    expected = outputs.prediction.tolist()
    expected[3] = None
    assert found["prediction"] == expected
    with pytest.raises(NotFound):
        row_source(place, EVE, "loans", "batch", batch_id=sent.id)
    with pytest.raises(NotFound):
        row_source(place, ADA, "rates", "batch", batch_id=sent.id)
    delete(place, ADA, sent.id)
    with pytest.raises(NotFound):
        rows(place, source)


def test_a_batch_of_rejected_rows_has_no_rows(place: AppContext) -> None:
    with receive(place, ADA, "loans", "people.csv") as upload:
        upload.write(b"age,income,debt,plan\nyoung,1,1,basic\nold,1,1,basic\n")
        sent = upload.commit(FileOptions(), start=True)
    worker = BatchWorker(place)
    for index in range(worker.prepare(sent.id)):
        worker.score(sent.id, index)
    worker.finish(sent.id)
    source = row_source(place, ADA, "loans", "batch", batch_id=sent.id)
    assert place.store.analyst.extent(source).rows == 0
    assert rows(place, source)["id"] == []


def test_what_may_not_be_seen_is_not_among_the_columns(private_lending: AppContext, tmp_path: Path) -> None:
    place = stored(private_lending, tmp_path)
    for kind in ("log", "holdout", "reference"):
        names = {column.name for column in row_source(place, EVE, "loans", kind).columns}
        assert ":debt" in names and ":income" not in names


def test_who_may_not_see_is_refused(place: AppContext) -> None:
    for kind in ("holdout", "reference"):
        with pytest.raises(NotAllowed):
            row_source(place, ADA, "loans", kind)
    with pytest.raises(NotFound):
        row_source(place, EVE, "nothing", "log")
    with pytest.raises(BadRequest):
        row_source(place, EVE, "loans", "batch")
