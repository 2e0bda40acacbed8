"""The head of a model's pages, search, and what a model that does not serve shows."""

from __future__ import annotations

from modeldesk.core.errors import InvalidInput, ModelUnavailable, NotFound, Problem
from modeldesk.core.identity import Caller, Permission, Role
from modeldesk.web.ui.common import errors_view, model_state, shell
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages import all_pages

from tests.web.ui.samples import classed, entry, parts, text

PLACES = Places(tabs=tuple(page.tab for page in all_pages() if page.tab is not None))


def test_the_head_tells_version_state_and_purpose() -> None:
    loan = entry(title="Loan default", description="Chance that a loan is not paid back")
    head = shell.model_head(loan, [loan, entry("ride")], "versions", PLACES, PLACES.tabs)
    told = text(head)
    for part in ("Loan default", "Version 1", "Serving", "Chance that a loan is not paid back"):
        assert part in told
    current = [text(part) for part in parts(head) if getattr(part, "aria-current", None) == "page"]
    assert current == ["Versions"]
    others = [part.href for part in parts(classed(head, "md-menu-list")) if hasattr(part, "href")]
    assert others == ["/models/loan/versions", "/models/ride/versions"]


def test_tabs_are_those_that_the_person_may_open() -> None:
    loan, user = entry(title="Loan default"), Caller("ada", frozenset({Role.USER}))
    tabs = PLACES.tabs_of(user)
    assert [tab.label for tab in tabs] == ["Predict", "Batch"]
    assert PLACES.tabs_of(Caller("eve", frozenset({Role.ANALYST}))) == PLACES.tabs
    head = shell.model_head(loan, [loan, entry("ride")], "versions", PLACES, tabs)
    assert text(classed(head, "md-tabs")) == "Predict Batch"
    others = [part.href for part in parts(classed(head, "md-menu-list")) if hasattr(part, "href")]
    assert others == ["/models/loan", "/models/ride"], "The switch leads to a page that is open."


def test_a_page_that_is_not_open_says_whom_it_is_for() -> None:
    told = text(model_state.not_open("Versions", Permission.SEE_PERFORMANCE, PLACES, "loan"))
    assert "not part of your role" in told and "the role analyst" in told and "Make a prediction" in told


def test_a_fault_beside_the_serving_is_told_in_the_head() -> None:
    faulty = entry(reason="model.toml line 3: unknown key.", hint="Mend it.")
    told = text(shell.model_head(faulty, [faulty], "predict", PLACES, PLACES.tabs))
    assert "Serving, with a fault" in told and "unknown key" in told and "Mend it." in told


def test_a_model_without_a_title_is_called_by_its_name() -> None:
    assert shell.title_of(entry("house-price")) == "House price"


def test_initials() -> None:
    assert [text(shell.initials(name)) for name in ("local", "m.kessler", "Ada Lovelace", "x")] == [
        "LO",
        "MK",
        "AL",
        "X",
    ]


def test_search_results_say_when_there_are_none() -> None:
    assert "Nothing is called “x”" in text(shell.search_results([], "x"))
    assert shell.search_results([], "") is None


def test_a_missing_library_gives_the_command_that_mends_it() -> None:
    broken = entry(
        state="degraded",
        owner="Plant 2",
        reason="Needs xgboost 2.1, which is not installed here.",
        hint='Run: pip install "xgboost==2.1.*" and restart.',
        versions=(1, 2),
        title="Machine anomaly",
    )
    card = model_state.not_serving(broken, "7f3c-19a2", PLACES, PLACES.tabs)
    told = text(card)
    assert "Machine anomaly is not serving" in told and "Other models are not affected." in told
    assert "Ask the owner, Plant 2, to run this and restart:" in told and 'pip install "xgboost==2.1.*"' in told
    assert "Or serve another version: 2." in told and "7f3c-19a2" in told


def test_any_other_hint_is_told_as_it_is() -> None:
    assert model_state.hint_parts("Restore the folder.") == ("Restore the folder.", None)
    assert model_state.hint_parts("Run: pip install x and restart. Or publish again.") == (
        "Or publish again.",
        "pip install x",
    )
    assert model_state.hint_parts(None) == ("", None)


def test_a_thing_that_is_not_there_has_a_heading_and_ways_out() -> None:
    shown = model_state.not_found("No such prediction", NotFound("There is no prediction 'x'."), Places("/desk/"))
    assert [text(part) for part in parts(shown) if type(part).__name__ == "H1"] == ["No such prediction"]
    assert {part.href for part in parts(shown) if hasattr(part, "href")} == {"/desk/", "/desk/history"}


def test_an_error_names_each_problem_and_its_reference_only_where_the_log_knows_it() -> None:
    mistake = InvalidInput("Two inputs.", problems=[Problem("age", "below_limit", "Enter 18 to 100.")])
    assert "age: Enter 18 to 100." in text(errors_view.error_alert(mistake, "r-1"))
    assert "r-1" not in text(errors_view.error_alert(mistake, "r-1"))
    assert "r-1" in text(errors_view.chart_alert(ModelUnavailable("Gone."), "r-1"))
