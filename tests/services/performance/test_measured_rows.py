"""A version measured on predictions whose outcome became known: the log's, and a batch's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, Conflict, NotFound
from modeldesk.core.identity import Caller, Role
from modeldesk.model_service.tables import FileOptions
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.upload import receive
from modeldesk.services.batches.work import BatchWorker
from modeldesk.services.log.compaction import SETTLING, LogWorker
from modeldesk.services.performance.comparison import compare_versions, logged_comparison
from modeldesk.services.performance.measured_rows import LOG, offered
from modeldesk.services.performance.report import performance, weakness
from modeldesk.services.predictions.outcomes import record_outcome
from modeldesk.services.predictions.predict import PredictRequest, predict
from sklearn import metrics

from tests.services.explore.test_row_sources import stored
from tests.services.lending import RECORD, applicants

ADA = Caller("ada", frozenset({Role.USER}))
EVE = Caller("eve", frozenset({Role.ANALYST}))
PEOPLE = applicants(40, 9)


@pytest.fixture
def place(lending: AppContext, tmp_path: Path) -> AppContext:
    """An app context on which 40 loans were predicted, of which 30 have come to an end."""
    context = replace(stored(lending, tmp_path), max_records=100)
    records = PEOPLE[list(RECORD)].assign(debt=PEOPLE["debt"].clip(upper=4 * PEOPLE["income"])).to_dict("records")
    for name, told in (("loans", "paid"), ("rates", "rate")):
        answers = predict(context, ADA, PredictRequest(name, records)).predictions
        for answer, outcome in zip(answers[:30], PEOPLE[told][:30], strict=True):
            record_outcome(context, EVE, str(answer.id), outcome)
    return context


def test_figures_of_the_log_are_those_of_its_known_outcomes(place: AppContext) -> None:
    seen = performance(place, EVE, "loans", source=LOG)
    rows = seen.report.rows
    assert (rows.source, len(rows), rows.total, rows.unknown, seen.asked is not None) == ("log", 30, 30, 10, True)
    frame = PEOPLE[list(RECORD)].assign(debt=PEOPLE["debt"].clip(upper=4 * PEOPLE["income"]))[:30]
    chance = seen.model.score(frame).probability
    assert chance is not None and seen.report.scores is not None
    expected = metrics.roc_auc_score(PEOPLE["paid"][:30] == "yes", chance[:, 1])
    assert seen.report.ranking()["roc_auc"].value == pytest.approx(expected)
    assert weakness(seen, "wrong", 0.5) is not None

    rates = performance(place, EVE, "rates", source=LOG)
    predicted = rates.model.score(frame).prediction
    expected = metrics.root_mean_squared_error(PEOPLE["rate"][:30], predicted)
    assert rates.report.errors["rmse"].value == pytest.approx(expected)

    LogWorker(replace(place, clock=lambda: place.clock() + SETTLING)).settle()
    later = replace(place, clock=lambda: place.clock() + timedelta(minutes=5))
    settled = performance(later, EVE, "rates", source=LOG)
    assert settled.report is not rates.report
    assert settled.report.errors["rmse"].value == pytest.approx(expected)
    own = performance(place, EVE, "rates")
    assert (own.report.rows.source, own.asked, len(own.report.rows)) == ("holdout", None, 200)


def test_a_batch_is_measured_by_its_outcomes(place: AppContext) -> None:
    with receive(place, EVE, "rates", "people.csv") as upload:
        upload.write(PEOPLE.drop(columns=["paid", "rate"]).assign(debt=1_000.0).to_csv(index=False).encode())
        sent = upload.commit(FileOptions(), start=True)
    worker = BatchWorker(place)
    for index in range(worker.prepare(sent.id)):
        worker.score(sent.id, index)
    worker.finish(sent.id)
    source = f"batch:{sent.id}"
    assert [item.name for item in offered(place, EVE, place.model(EVE, "rates"))] == [LOG, source]
    with pytest.raises(Conflict, match="No outcome is known yet"):
        performance(place, EVE, "rates", source=source)
    for row in (2, 5):
        record_outcome(place, EVE, f"{sent.id}-{row}", 9.0)
    seen = performance(place, EVE, "rates", source=source)
    assert (seen.report.rows.source, len(seen.report.rows), seen.report.rows.unknown) == ("batch", 2, 38)
    with pytest.raises(NotFound):
        performance(place, Caller("mia", EVE.roles), "rates", source=source)
    with pytest.raises(NotFound):
        performance(place, EVE, "loans", source=source)


def test_what_is_no_source_is_refused(place: AppContext) -> None:
    with pytest.raises(BadRequest, match="no rows named 'nonsense'"):
        performance(place, EVE, "loans", source="nonsense")


def test_a_candidate_is_judged_on_what_another_version_predicted(pair: AppContext, tmp_path: Path) -> None:
    context = replace(stored(pair, tmp_path), max_records=100)
    records = PEOPLE[list(RECORD)].assign(debt=PEOPLE["debt"].clip(upper=4 * PEOPLE["income"]))
    people = records.assign(region="north").to_dict("records")
    answers = predict(context, ADA, PredictRequest("loans", people, version=2)).predictions
    for answer, outcome in zip(answers, PEOPLE["paid"], strict=True):
        record_outcome(context, EVE, str(answer.id), outcome)
    for version in (1, 2):
        seen = performance(context, EVE, "loans", version=version, source=LOG)
        assert (seen.model.version, len(seen.report.rows), seen.report.rows.excluded) == (version, 40, 0)
        chance = seen.model.score(pd.DataFrame(people)[list(seen.model.schema.names)]).probability
        assert chance is not None and seen.report.scores is not None
        expected = metrics.roc_auc_score(PEOPLE["paid"] == "yes", chance[:, 1])
        assert seen.report.ranking()["roc_auc"].value == pytest.approx(expected)
    both = logged_comparison(context, EVE, compare_versions(context, EVE, "loans", 1, 2))
    assert both is not None and both.rows == 40
    assert {f.name: f.second for f in both.figures}["roc_auc"] == pytest.approx(expected)
    # What a version does not take is counted and left out.
    [gold] = predict(context, ADA, PredictRequest("loans", [{**people[0], "plan": "gold"}], version=2)).predictions
    record_outcome(context, EVE, str(gold.id), "yes")
    later = replace(context, clock=lambda: context.clock() + timedelta(minutes=5))
    first = performance(later, EVE, "loans", version=1, source=LOG).report.rows
    second = performance(later, EVE, "loans", version=2, source=LOG).report.rows
    assert (len(first), first.excluded, len(second), second.excluded) == (40, 1, 41, 0)
    assert logged_comparison(later, EVE, compare_versions(later, EVE, "loans", 1, 2)) is None
