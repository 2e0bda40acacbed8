"""A threshold set over model.toml's: who may, what follows it, what wins, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from modeldesk.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.model_service.performance.binary import Costs
from modeldesk.model_service.performance.thresholds import best_f1, for_precision, for_recall, lowest_cost
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.settings.model_settings import settings_digest
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.predictions import LogQuery
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.opening import pinned_settings
from modeldesk.services.batches.upload import new_batch
from modeldesk.services.performance.report import performance
from modeldesk.services.performance.thresholds import Basis, basis_of, decisions, set_threshold, suggested
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.services.versions.manage import versions

from tests.services.lending import RECORD

ADA = Caller("ada", frozenset({Role.MANAGER}))
ANALYST = Caller("ana", frozenset({Role.ANALYST}))


@pytest.fixture
def settings(own_lending: AppContext) -> Path:
    """The model.toml of the test's own loans, which says 0.4."""
    return own_lending.registry.folder / "loans" / "model.toml"


def answered(context: AppContext) -> tuple[object, str, float]:
    """What is predicted for the record, under which settings, and the chance of yes."""
    predict(context, LOCAL, PredictRequest("loans", [RECORD]))
    record = context.store.log.page(LogQuery()).records[0]
    return record.output["prediction"], record.settings_digest, record.output["probability"]["yes"]


def test_predictions_follow_it_and_what_was_pinned_stays(own_lending: AppContext) -> None:
    context = own_lending
    first, digest, chance = answered(context)
    model = context.model(LOCAL, "loans")
    pinned = new_batch(context, LOCAL, model, "b", "x.csv", 1, FileOptions())
    flipped = chance / 2 if chance < 0.4 else (1 + chance) / 2
    change = set_threshold(context, ADA, "loans", flipped, " Cheaper. ")
    assert (change.revision, change.previous, change.positive, change.version) == (1, 0.4, "yes", 1)
    assert (change.who, change.why) == ("ada", "Cheaper.")

    second, other, _ = answered(context)
    assert {first, second} == {"yes", "no"} and digest != other
    entry = context.entry(LOCAL, "loans")
    assert (entry.settings.threshold, entry.threshold.own, entry.threshold.in_force) == (flipped, 0.4, flipped)
    assert settings_digest(entry.settings) == other
    assert performance(context, LOCAL, "loans").model.settings.threshold == flipped
    # Another worker follows at its next look; a batch keeps what was in force when it was created.
    elsewhere = Registry(context.registry.folder, context.store.served, context.store.thresholds)
    assert elsewhere.get("loans").settings_digest == other
    assert pinned_settings(pinned, model.manifest).threshold == 0.4
    assert (
        new_batch(context, LOCAL, context.model(LOCAL, "loans"), "b", "x.csv", 1, FileOptions()).settings_digest
        == other
    )

    set_threshold(context, ADA, "loans", None, "The trial is over.")
    assert answered(context)[:2] == (first, digest)
    assert [item.threshold for item in decisions(context, ANALYST, "loans")] == [None, flipped]
    assert versions(context, ANALYST, "loans").thresholds == decisions(context, ANALYST, "loans")


def test_it_outlives_a_later_edit_of_model_toml(own_lending: AppContext, settings: Path) -> None:
    set_threshold(own_lending, ADA, "loans", 0.3, "Cheaper.")
    settings.write_text(settings.read_text().replace("threshold = 0.4", "threshold = 0.65"))
    own_lending.registry.refresh()
    held = own_lending.entry(LOCAL, "loans").threshold
    assert (held.in_force, held.own) == (0.3, 0.65)
    assert held.saved is not None and held.saved.who == "ada"


def test_it_does_not_decide_for_another_class(own_lending: AppContext, settings: Path) -> None:
    set_threshold(own_lending, ADA, "loans", 0.3, "Cheaper.")
    settings.write_text('positive = "no"\n' + settings.read_text())
    own_lending.registry.refresh()
    held = own_lending.entry(LOCAL, "loans").threshold
    assert held.in_force == 0.4 and held.unused == "It was set for the class yes; the positive class is no now."
    assert own_lending.model(LOCAL, "loans").settings.threshold == 0.4


def test_who_decides_on_what_is_no_longer_so_is_told(own_lending: AppContext) -> None:
    basis = basis_of(own_lending.entry(LOCAL, "loans"))
    assert basis == Basis(1, 0.4, 0)
    set_threshold(own_lending, ADA, "loans", 0.3, "Cheaper.", basis=basis)
    with pytest.raises(Conflict, match=r"ada set the threshold of loans to 0\.3 in the meantime\. Nothing was saved"):
        set_threshold(own_lending, LOCAL, "loans", 0.2, "Cheaper still.", basis=basis)
    with pytest.raises(Conflict, match="in the meantime"):
        set_threshold(own_lending, LOCAL, "loans", 0.2, "Cheaper still.", revision=0)
    with pytest.raises(Conflict, match="Version 1 of loans is served now; this was decided on version 2"):
        set_threshold(own_lending, LOCAL, "loans", 0.2, "x", basis=replace(basis, version=2))
    with pytest.raises(Conflict, match=r"by a threshold of 0\.3 already"):
        set_threshold(own_lending, LOCAL, "loans", 0.3, "Again.")
    assert own_lending.entry(LOCAL, "loans").threshold.revision == 1


@pytest.mark.parametrize("threshold", [-0.1, 1.01, float("nan"), float("inf")])
def test_a_threshold_is_a_share(own_lending: AppContext, threshold: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        set_threshold(own_lending, ADA, "loans", threshold, "x")
    assert caught.value.problems[0].field == "threshold"


def test_decisions_that_are_refused(own_lending: AppContext, context: AppContext) -> None:
    with pytest.raises(NotAllowed, match="ana may not set the threshold that a model decides by"):
        set_threshold(own_lending, ANALYST, "loans", 0.3, "x")
    with pytest.raises(NotFound):
        set_threshold(own_lending, ADA, "nothing", 0.3, "x")
    with pytest.raises(InvalidInput, match="A reason of 1 to 1,000"):
        set_threshold(own_lending, ADA, "loans", 0.3, "  ")
    with pytest.raises(InvalidInput, match="A regression model takes no threshold"):
        set_threshold(own_lending, ADA, "rates", 0.3, "x")
    with pytest.raises(InvalidInput, match="A multiclass model takes no threshold"):
        set_threshold(context, ADA, "iris", 0.3, "x")
    with pytest.raises(Conflict, match="what it says is in force"):
        set_threshold(own_lending, ADA, "loans", None, "x")
    assert own_lending.store.thresholds.current() == {}


def test_what_a_binary_artifact_chooses_itself_is_counted(own_lending: AppContext) -> None:
    report = performance(own_lending, LOCAL, "loans").report
    assert report.own_choice is not None and report.scores is not None
    # Its own choice is the likelier class.
    assert report.own_choice.counts.tolist() == report.scores.at(0.5).counts.tolist()


def test_the_thresholds_worth_looking_at_are_suggested(lending: AppContext) -> None:
    seen, costs = performance(lending, ANALYST, "loans"), Costs(5, 1)
    scores = seen.report.scores
    assert scores is not None
    found = suggested(seen, costs=costs, recall=0.9, precision=0.8)
    assert [(item.aim, item.wanted) for item in found] == [
        ("in_use", None),
        ("lowest_cost", None),
        ("best_f1", None),
        ("recall", 0.9),
        ("precision", 0.8),
    ]
    expected = (scores.at(0.4), lowest_cost(scores, costs), best_f1(scores), for_recall(scores, 0.9))
    assert tuple(item.decision for item in found) == (*expected, for_precision(scores, 0.8))
    assert [item.aim for item in suggested(seen)] == ["in_use", "best_f1"]
    assert [item.aim for item in suggested(seen, costs=Costs(0, 0))] == ["in_use", "best_f1"]


def test_what_cannot_be_suggested_is_named(lending: AppContext) -> None:
    seen = performance(lending, ANALYST, "loans")
    with pytest.raises(InvalidInput) as caught:
        suggested(seen, of_class="perhaps", recall=1.5, precision=0)
    assert [problem.field for problem in caught.value.problems] == ["recall", "precision", "class"]
    with pytest.raises(InvalidInput, match="no probabilities"):
        suggested(performance(lending, ANALYST, "rates"))
