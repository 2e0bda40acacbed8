"""The Explore page without a browser: what opens, what its charts and its table show, and how filters are added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.explore import charts, ids
from modeldesk.web.ui.pages.explore.callbacks import register

from tests.services.conftest import lending, private_lending, published_lending
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

__all__ = ["lending", "private_lending", "published_lending"]

Functions = dict[str, Callable[..., Any]]


@pytest.fixture(autouse=True)
def _as_somebody() -> Iterator[None]:
    with acting_as(LOCAL):
        yield


def functions_of(context: AppContext) -> Functions:
    recorded = Recorded()
    register(recorded, context, Places())  # type: ignore[arg-type]
    return recorded.functions


@pytest.fixture
def functions(lending: AppContext) -> Functions:
    return functions_of(lending)


def test_the_page_opens_with_charts_by_some_inputs(functions: Functions) -> None:
    opened = functions["open_page"]("loans", {"source": "holdout", "where": "age:30.."})
    assert "where=age" in opened["start"] and opened["problems"] is None
    offered = {option["value"] for option in opened["by_options"]}
    assert opened["by"] in offered and opened["x"] in offered and opened["column"] in {
        option["value"] for option in opened["columns"]
    }  # fmt: skip
    gone = functions["open_page"]("loans", {"source": "holdout", "where": "shoe:1..2"})
    assert "shoe" in text(gone["problems"])
    with pytest.raises(PreventUpdate):
        functions["open_page"]("no such model", {})


def test_each_chart_that_has_data_is_drawn_and_says_what_filters_it(functions: Functions) -> None:
    shown = functions["paint"]("source=holdout&by=age&where=age:30..", "loans")
    assert shown["painted"]["exact"] and "exact" in text(shown["status"]) and not shown["hide_rows"]
    for chart in (ids.DISTRIBUTION, ids.BY):
        assert not shown[f"hidden {chart}"] and shown[f"figure {chart}"].data and shown[f"finding {chart}"]
    assert not shown[f"hide_funnel {ids.BY}"] and shown[f"hide_funnel {ids.DISTRIBUTION}"]
    assert shown[f"hidden {ids.MAP}"] and f"figure {ids.MAP}" not in shown, "there are no coordinates"
    assert "md-has-by" in shown["look"] and "md-has-map" not in shown["look"]
    with pytest.raises(PreventUpdate):
        functions["make_exact"](shown["painted"], "loans")


def test_a_source_without_rows_shows_no_chart(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        rows = 0

    monkeypatch.setattr(charts, "explore", lambda *_, **__: Nothing())
    monkeypatch.setattr(Nothing, "exact", True, raising=False)
    shown = functions["paint"]("source=holdout", "loans")
    assert all(shown[f"hidden {chart}"] for chart in ids.CHARTS) and shown["hide_rows"]
    assert "No rows" in text(shown["empty"])


def test_the_bar_tells_the_view(functions: Functions) -> None:
    bar = functions["show_bar"]("source=holdout&where=age:30..", "loans")
    assert not bar["hide_clear"] and bar["hide_span"] and "Hold-out" in text(bar["sources"])
    assert "/rows?source=holdout" in str(bar["downloads"])
    form = functions["show_form"]("plan", "source=holdout", "loans")
    assert form["hide_range"] and not form["hide_values"]
    assert [option["label"] for option in form["values"]] == ["Basic", "Plus"]


def test_rows_are_fetched_as_the_table_asks(functions: Functions) -> None:
    asked = {"startRow": 0, "endRow": 5, "sortModel": [{"colId": ":age", "sort": "asc"}]}
    found, note = functions["fetch"](asked, "source=holdout", "loans")
    assert len(found["rowData"]) == 5 and found["rowCount"] == 200 and "200 rows" in note
    ages = [int(row[":age"]) for row in found["rowData"]]
    assert ages == sorted(ages)


def test_rows_that_are_not_shown_are_not_sent(private_lending: AppContext) -> None:
    functions = functions_of(private_lending)
    found, _ = functions["fetch"]({"startRow": 0, "endRow": 5}, "source=holdout", "loans")
    assert found == {"rowData": [], "rowCount": 0}
    assert functions["show_columns"]("source=holdout", "loans", None) == []
    assert functions["show_bar"]("source=holdout", "loans")["downloads"] is None
