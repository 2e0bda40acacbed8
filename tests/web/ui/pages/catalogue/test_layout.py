"""The page of all models, from its data."""

from __future__ import annotations

from dash import html
from modeldesk.services.versions.catalogue import CARD_DAYS, ModelCard
from modeldesk.services.versions.examples import Arriving
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.catalogue import layout as page

from tests.web.ui.samples import classed, entry, parts, text

QUIET = (0,) * CARD_DAYS
BUSY = (*(0,) * (CARD_DAYS - 1), 12)
LOAN = ModelCard(entry("loan", title="Loan default", owner="Credit risk"), QUIET)
RIDE = ModelCard(entry("ride", title="Ride demand", task="regression"), BUSY)
PRESS = ModelCard(
    entry(
        "press", state="degraded", reason="Needs xgboost 2.1.", hint='Run: pip install "xgboost==2.1.*" and restart.'
    ),
    QUIET,
)
ALL = [LOAN, RIDE, PRESS]


def test_the_figures_say_how_many_serve_and_how_much_they_are_used() -> None:
    assert page.figures(ALL) == "2 of 3 serving · 12 predictions in the last 14 days"
    unread = [ModelCard(entry(), None)]
    assert page.figures(unread) == "1 of 1 serving · the prediction log cannot be read now"


def test_chips_count_what_there_is_and_tell_which_is_chosen() -> None:
    chips = page.chips(ALL, "regression")
    assert [text(chip) for chip in chips] == ["All 3", "Needs attention 1", "Binary 2", "Regression 1"]
    assert [getattr(chip, "aria-pressed") for chip in chips] == ["false", "false", "false", "true"]


def test_models_are_chosen_by_kind_by_need_and_by_words() -> None:
    assert page.select(ALL, "regression", "", "name") == [RIDE]
    assert page.select(ALL, page.ATTENTION, "", "name") == [PRESS]
    assert page.select(ALL, None, "RISK credit", "name") == [LOAN]
    assert page.select(ALL, None, "loan demand", "name") == []


def test_models_are_put_in_order() -> None:
    assert page.select(ALL, None, "", "used")[0] is RIDE
    assert page.select(ALL, None, "", "attention")[0] is PRESS
    assert page.select(ALL, None, "", "name") == [LOAN, PRESS, RIDE]


def test_a_card_shows_its_use_with_words_for_the_line() -> None:
    card = page.model_card(RIDE, Places())
    assert "12 predictions, 14 days" in text(card)
    (line,) = classed(card, "md-spark")
    assert getattr(line, "aria-label") == "Predictions a day over 14 days: from 0 to 12, today 12"


def test_a_degraded_card_shows_its_reason_instead() -> None:
    card = page.model_card(PRESS, Places())
    assert "Needs xgboost 2.1. What to do" in text(card)
    assert not classed(card, "md-spark")


def test_an_empty_registry_says_how_to_begin() -> None:
    assert "modeldesk publish" in text(page.grid([], Places(), any_models=False))
    assert "No model matches" in text(page.grid([], Places(), any_models=True))


def test_the_page_takes_its_filters_from_the_address_and_nothing_else() -> None:
    shown = page.layout(Places(), show="binary", text="loan", sort="nonsense", places="x")
    by_id = {getattr(part, "id", None): part for part in parts(shown) if isinstance(getattr(part, "id", None), str)}
    assert by_id[page.SHOW].data == "binary"
    assert by_id[page.TEXT].value == "loan"
    assert by_id[page.SORT].value == "used"
    assert {
        getattr(part, "data", None) for part in parts(page.layout(Places(), show="x")) if hasattr(part, "data")
    } == {None}


def test_a_first_start_tells_which_examples_are_there_and_which_are_to_come() -> None:
    assert page.arriving(None) is None
    shown = page.arriving(Arriving(("breast-cancer",), ("loan-default", "ride-demand")))
    said = text(shown)
    assert "1 of 3 are here" in said and "Loan default, Ride demand" in said
    (bar,) = (part for part in parts(shown) if isinstance(part, html.Progress))
    assert (bar.value, bar.max) == ("1", "3")
