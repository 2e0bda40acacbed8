"""Nobody sees what is not theirs: models limited to groups, and other people's predictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.model_service.engine.results import Output
from modeldesk.ports.predictions import LogQuery
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.services.predictions.response import curve, standing, surface
from modeldesk.services.versions import catalogue

from tests.services.conftest import RECORD
from tests.services.fakes import LostLog

ADA = Caller("ada", frozenset({Role.USER}), frozenset({"botany"}))
BOB = Caller("bob", frozenset({Role.USER}))
ANALYST = Caller("eve", frozenset({Role.ANALYST}))


@pytest.fixture
def limited(context: AppContext) -> AppContext:
    settings = Path(context.registry.folder / "iris/model.toml")
    text = settings.read_text()
    assert "\n[access]" not in text
    settings.write_text(text + '\n[access]\ngroups = ["botany"]\n')
    context.registry.refresh()
    return context


def test_a_limited_model_is_not_there_for_others(limited: AppContext) -> None:
    assert [card.entry.name for card in catalogue.cards(limited, ADA)] == ["iris"]
    assert catalogue.cards(limited, BOB) == []
    assert predict(limited, ADA, PredictRequest("iris", [RECORD])).predictions[0].id
    for attempt in (
        lambda: predict(limited, BOB, PredictRequest("iris", [RECORD])),
        lambda: curve(limited, BOB, "iris", RECORD, "petal width (cm)"),
        lambda: history.of_model(limited, BOB, "iris", LogQuery()),
    ):
        with pytest.raises(NotFound) as error:
            attempt()
        assert "There is no model named 'iris'." in error.value.detail


def test_predictions_are_their_owners(context: AppContext) -> None:
    made = predict(context, ADA, PredictRequest("iris", [RECORD])).predictions[0]
    assert made.id
    assert history.prediction(context, ADA, made.id).owner == "ada"
    assert history.prediction(context, ANALYST, made.id).owner == "ada"
    with pytest.raises(NotFound):
        history.prediction(context, BOB, made.id)
    assert list(history.own(context, BOB, LogQuery()).records) == []
    assert list(history.of_model(context, BOB, "iris", LogQuery(owner="ada")).records) == []
    assert [record.id for record in history.of_model(context, ANALYST, "iris", LogQuery()).records] == [made.id]
    with pytest.raises(BadRequest):
        history.own(context, ADA, LogQuery(limit=0))


def test_cards_count_by_day_and_outlive_the_log(context: AppContext) -> None:
    for _ in range(3):
        predict(context, ADA, PredictRequest("iris", [RECORD]))
    (card,) = catalogue.cards(context, BOB)
    assert card.daily is not None and len(card.daily) == catalogue.CARD_DAYS
    assert card.daily[-1] == card.total == 3
    lost = replace(context, store=replace(context.store, log=LostLog()))
    (card,) = catalogue.cards(lost, LOCAL)
    assert card.daily is None and card.total is None


def test_responses_start_from_the_record(context: AppContext) -> None:
    answer = predict(context, ADA, PredictRequest("iris", [RECORD])).predictions[0]
    along = curve(context, ADA, "iris", RECORD, "petal width (cm)")
    assert along.scale == "probability" and along.of_class == "setosa"
    assert along.answer == pytest.approx(answer.output.probability["setosa"], abs=1e-12)
    assert len(along.values) == len(along.answers) == len(along.seen)
    over = surface(context, ADA, "iris", RECORD, "petal width (cm)", "petal length (cm)")
    assert over.answers.shape == (len(over.y_values), len(over.x_values))
    place = standing(context, ADA, "iris", answer.output)
    assert place is not None and sum(place.counts) == place.rows == 150
    assert standing(context, ADA, "iris", Output(None, refused={"rule": "1", "text": "no"})) is None
    with pytest.raises(NotFound):
        curve(context, ADA, "iris", RECORD, "colour")


def test_a_value_beyond_what_was_seen_stretches_the_curve(context: AppContext) -> None:
    along = curve(context, ADA, "iris", {**RECORD, "petal width (cm)": 9}, "petal width (cm)")
    assert along.values[-1] == 9 and not along.seen[-1] and along.seen[0]
