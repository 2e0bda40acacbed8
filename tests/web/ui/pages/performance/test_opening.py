"""The Performance page as it opens: the cards there is data for, what may be chosen, and the charts of a threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.performance import callbacks as page
from modeldesk.web.ui.pages.performance import ids

from tests.web.ui.recorded import Recorded

CARDS = (ids.ROC, ids.COST, ids.RESIDUALS)
NOTHING = {"threshold": None, "of_class": None, "groups": None, "favourable": None}
Functions = dict[str, Callable[..., Any]]


@pytest.fixture
def functions(recording: AppContext, monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    cards = [{"id": ids.part(name)} for name in CARDS]
    monkeypatch.setattr(page, "ctx", SimpleNamespace(outputs_list=[{}, cards]))
    recorded = Recorded()
    page.register(recorded, recording, Places())  # type: ignore[arg-type]
    with acting_as(LOCAL):
        yield recorded.functions


def opened(functions: Functions, name: str = "loans", *selected: str | None, **wanted: Any) -> dict[str, Any]:
    chosen = selected or (None,) * 4
    shown: dict[str, Any] = functions["open_page"](name, None, None, None, None, {**NOTHING, **wanted}, None, *chosen)
    return shown


def test_cards_are_those_of_the_task(functions: Functions) -> None:
    assert opened(functions)["hidden"] == [False, False, True]
    assert opened(functions, "rates")["hidden"] == [True, True, False]
    with pytest.raises(PreventUpdate):
        opened(functions, "no such model")


def test_what_is_chosen_stays_where_it_is_offered(functions: Functions) -> None:
    first = opened(functions, groups="plan", threshold=0.3)
    assert (first["group"], first["threshold"], first["slider"], first["settled"]) == ("plan", 0.3, 30.0, 0.3)
    assert {option["value"] for option in first["group options"]} == {"age", "income", "debt", "plan"}
    again = opened(functions, "loans", "no", "age", "yes", ":debt")
    assert (again["class"], again["group"], again["favourable"], again["residual"]) == ("no", "age", "yes", ":debt")
    assert opened(functions, "loans", None, "gone", None, None)["group"] == "age"


def test_charts_follow_the_threshold_together(functions: Functions) -> None:
    ready = opened(functions)["ready"]
    shown = functions["follow"](ready, 0.4, None, None, None)
    assert shown["answered"] == 0.4 and shown["kpis"] and shown["matrix"]
    for chart in page.FOLLOWING:
        assert shown[f"figure {chart}"] and shown[f"finding {chart}"]
    assert set(functions["follow"](None, 0.4, None, None, None)) == {"kpis", "answered"}
