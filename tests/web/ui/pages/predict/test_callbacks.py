"""The Predict page without a browser: its form, answers, and the charts around a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.errors import NotAllowed
from modeldesk.core.identity import Caller, Role, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.pages.predict import charts, compare_callbacks, forms, predictions, reasons, what_if

from tests.services.conftest import lending, logged, private_lending, published_lending
from tests.services.lending import RECORD
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

__all__ = ["lending", "private_lending", "published_lending"]

TEXTS = {name: form_text(value) for name, value in RECORD.items()}
Functions = dict[str, Callable[..., Any]]


@pytest.fixture(autouse=True)
def _as_user() -> Iterator[None]:
    with acting_as(Caller("ada", frozenset({Role.USER}))):
        yield


def functions_of(context: AppContext) -> Functions:
    recorded = Recorded()
    for part in (forms, predictions, charts, reasons, what_if, compare_callbacks):
        part.register(recorded, context, Places())  # type: ignore[arg-type]
    return recorded.functions


@pytest.fixture
def functions(lending: AppContext) -> Functions:
    return functions_of(lending)


def entered(version: int = 1, seq: int = 7, **changes: str) -> dict[str, Any]:
    """What the browser sends of the form."""
    return {
        "model": "loans",
        "version": version,
        "values": [[name, value] for name, value in (TEXTS | changes).items()],
        "seq": seq,
    }


def test_the_form_is_drawn_with_what_its_charts_can_show(functions: Functions) -> None:
    drawn = functions["draw_form"]("loans", None)
    assert not drawn["hidden"] and drawn["spec"]["version"] == 1
    assert {option["value"] for option in drawn["curve_options"]} == set(RECORD)
    assert drawn["curve"] in RECORD and drawn["x"] != drawn["y"]
    assert not drawn["hide_curve"] and not drawn["hide_surface"]
    assert functions["draw_form"]("no such model", None) == {"hidden": True}


def test_a_preview_is_shown_and_kept_nowhere(functions: Functions, lending: AppContext) -> None:
    shown = functions["preview"](entered())
    assert shown["told"]["kind"] == "preview" and shown["told"]["seq"] == 7 and not shown["told"]["problems"]
    assert not shown["hide_standing"] and shown["figure"].data and text(shown["main"])
    assert logged(lending) == []
    with pytest.raises(PreventUpdate):
        functions["preview"](None)


def test_inputs_at_fault_are_told_by_field_and_the_answer_stays(functions: Functions) -> None:
    for name, kind in (("preview", "preview"), ("predict", "failed")):
        shown = functions[name](entered(age="old"))
        assert set(shown) == {"errors", "told"} and shown["errors"] is None
        assert shown["told"]["kind"] == kind
        assert [problem["field"] for problem in shown["told"]["problems"]] == ["age"]


def test_a_prediction_is_recorded_and_linked(functions: Functions, lending: AppContext) -> None:
    shown = functions["predict"](entered())
    [record] = logged(lending)
    assert shown["told"]["kind"] == "recorded" and record.id in str(shown["foot"])
    assert shown["notice"] is None and shown["hide_redraw"]


def test_a_form_of_another_version_is_told_so_and_nothing_is_predicted(
    functions: Functions, lending: AppContext
) -> None:
    shown = functions["predict"](entered(version=2))
    assert set(shown) == {"errors", "told", "notice", "hide_redraw"}
    assert shown["told"]["kind"] == "changed" and not shown["hide_redraw"] and text(shown["notice"])
    assert logged(lending) == []


def test_the_curve_its_finding_and_its_table_are_of_one_answer(functions: Functions) -> None:
    shown = functions["draw_curve"]("income", entered())
    assert shown["figure"].data and "All else as entered" in shown["finding"] and "table" not in shown
    tabled = text(functions["draw_curve_table"](1, "7", "income", entered()))
    assert "Seen in training" in tabled and "Probability of" in tabled
    for closed in (None, 2):
        with pytest.raises(PreventUpdate):
            functions["draw_curve_table"](closed, "7", "income", entered())


def test_two_inputs_are_two(functions: Functions) -> None:
    shown = functions["draw_surface"]("income", "debt", entered())
    assert shown["figure"].data and shown["finding"]
    assert "by Income and Debt" in text(functions["draw_surface_table"](1, "7", "income", "debt", entered()))
    assert set(functions["draw_surface"]("debt", "debt", entered())) == {"finding"}
    with pytest.raises(PreventUpdate):
        functions["draw_surface"]("debt", None, entered())


def test_the_explanation_adds_up_to_a_chart_and_a_table(functions: Functions) -> None:
    shown = functions["show_why"](entered(seq=9))
    assert shown["figure"].data and shown["of"] == 9
    assert "Age in years" in text(functions["show_why_table"](1, "9", entered(seq=9)))


def test_charts_wait_for_inputs_in_order(functions: Functions) -> None:
    wrong = entered(age="old")
    for name, chosen in (("draw_curve", ["income"]), ("draw_surface", ["income", "debt"]), ("show_why", [])):
        assert set(functions[name](*chosen, wrong)) == {"finding"}, "the figure stays"
        assert "in order" in functions[f"{name}_table"](1, "7", *chosen, wrong)


def test_no_chart_goes_along_a_masked_input(private_lending: AppContext) -> None:
    functions = functions_of(private_lending)
    assert "income" not in {option["value"] for option in functions["draw_form"]("loans", None)["curve_options"]}
    with pytest.raises(NotAllowed):
        functions["draw_curve"]("income", entered())
    with pytest.raises(NotAllowed):
        functions["draw_surface_table"](1, "7", "debt", "income", entered())


def test_goals_are_those_of_the_task(functions: Functions) -> None:
    binary = functions["offer_goals"]({"version": 1}, "loans")
    assert binary["goal"] == binary["goals"][0]["value"] and binary["hide_value"] and not binary["hide_card"]
    assert not functions["offer_goals"]({"version": 1}, "rates")["hide_value"]
    with pytest.raises(PreventUpdate):
        functions["offer_goals"](None, "loans")


def test_records_are_filtered_by_a_range_or_by_values(functions: Functions) -> None:
    number, category, none = (functions["show_filter"](1, name, "loans") for name in ("=income", "=plan", None))
    assert not number["hide_range"] and number["hide_values"]
    assert category["hide_range"] and not category["hide_values"] and len(category["values"]) == 2
    assert none["hide_range"] and none["hide_values"]
    assert len(none["inputs"]) > len(RECORD) - 1


def test_the_form_is_compared_with_the_reference_data_once_asked(functions: Functions) -> None:
    assert functions["show"](None, None, None, entered()) == {"table": None, "of": None, "hide_toggle": False}
    shown = functions["show"](1, None, None, entered(seq=5))
    assert shown["of"] == 5 and not shown["hide_toggle"] and "Income" in text(shown["table"])
    assert set(functions["show"](1, None, None, entered(age="old"))) == {"table", "hide_toggle"}
