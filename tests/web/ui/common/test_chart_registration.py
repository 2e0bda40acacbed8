"""One registration draws a chart, says its finding and makes its table: through the real callback address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from dash import Dash, Input, Output, html
from dash.exceptions import PreventUpdate
from fastapi import FastAPI
from modeldesk.core.errors import InvalidInput
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.registration import Callbacks

FIGURE, SUMMARY, TABLE, ERRORS, TOGGLE = (
    json.dumps(made("sales"), separators=(",", ":"), sort_keys=True)
    for made in (ids.chart_figure, ids.chart_summary, ids.chart_table, ids.chart_errors, ids.chart_toggle)
)
PROPERTIES = {FIGURE: "data", SUMMARY: "children", TABLE: "children", ERRORS: "children", "note": "title"}


def _id(text: str) -> Any:
    """A component's id, from how Dash writes it."""
    return json.loads(text) if text.startswith("{") else text


def served(function: Callable[[int], Drawing], **options: Any) -> FastAPI:
    server = FastAPI()
    dash_app = Dash(__name__, server=server, use_async=True, use_pages=False)
    dash_app.layout = html.Div([html.Div(id=_id(name)) for name in ("in", TOGGLE, ids.NOTICES, *PROPERTIES)])
    chart(Callbacks(dash_app), "sales", Input("in", "value"), **options)(function)
    return server


def ask(server: FastAPI, *outputs: str, value: Any = 3, clicks: int | None = None) -> dict[str, Any]:
    """What the browser is told for the callback with these outputs; nothing where it is told nothing."""
    inputs = [{"id": "in", "property": "value", "value": value}]
    if clicks is not None:
        inputs.insert(0, {"id": _id(TOGGLE), "property": "n_clicks", "value": clicks})
    asked = [{"id": _id(name), "property": PROPERTIES[name]} for name in outputs]
    one = len(asked) == 1
    names = "...".join(f"{name}.{PROPERTIES[name]}" for name in outputs)
    body = {
        "output": names if one else f"..{names}..",
        "outputs": asked[0] if one else asked,
        "inputs": inputs,
        "state": [{"id": _id(ERRORS), "property": "children", "value": None}] if ERRORS in outputs else [],
        "changedPropIds": ["in.value"],
    }

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/_dash-update-component", json=body)

    response = asyncio.run(post())
    assert response.status_code in (200, 204), response.text
    found: dict[str, Any] = response.json()["response"] if response.status_code == 200 else {}
    return {name: next(iter(values.values())) for name, values in found.items()}


class Sales:
    """A chart of a number, which notes what of it was made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, number: int) -> Drawing:
        if number == 0:
            raise PreventUpdate
        if number < 0:
            raise InvalidInput("There are no sales below zero.")
        finding = f"{number} sold."
        return Drawing(finding, lambda: self._make("figure", number), lambda: self._make("table", number))

    def _make(self, what: str, number: int) -> str:
        self.made.append(what)
        return f"{what} of {number}"


def function(sales: Sales) -> Callable[[int], Drawing]:
    def draw_sales(number: int) -> Drawing:
        return sales(number)

    return draw_sales


def test_figure_finding_and_table_come_together() -> None:
    shown = ask(served(function(Sales())), FIGURE, SUMMARY, TABLE, ERRORS)
    assert shown == {FIGURE: "figure of 3", SUMMARY: "3 sold.", TABLE: "table of 3"}


def test_a_large_table_is_made_for_those_who_look_at_it() -> None:
    sales = Sales()
    server = served(function(sales), table_when_open=True)
    assert ask(server, FIGURE, SUMMARY, ERRORS) == {FIGURE: "figure of 3", SUMMARY: "3 sold."}
    assert ask(server, TABLE, clicks=0) == ask(server, TABLE, clicks=2) == {}
    assert sales.made == ["figure"]
    assert ask(server, TABLE, clicks=1) == {TABLE: "table of 3"}
    assert sales.made == ["figure", "table"], "the figure is not drawn again"


def test_what_there_is_nothing_new_of_stays_as_it_is() -> None:
    def waiting(_number: int) -> Drawing:
        return Drawing("Being computed.")

    assert ask(served(waiting), FIGURE, SUMMARY, TABLE, ERRORS) == {SUMMARY: "Being computed."}
    assert ask(served(waiting, table_when_open=True), TABLE, clicks=1) == {}
    assert ask(served(function(Sales())), FIGURE, SUMMARY, TABLE, ERRORS, value=0) == {}


def test_a_chart_without_a_table_and_outputs_beside_it() -> None:
    def beside(number: int) -> Drawing:
        return Drawing("Sold.", lambda: number, beside={"note": f"of {number}"})

    server = served(beside, table=False, beside={"note": Output("note", "title")})
    assert ask(server, FIGURE, SUMMARY, "note", ERRORS) == {FIGURE: 3, SUMMARY: "Sold.", "note": "of 3"}


def test_an_error_shows_in_the_card_and_leaves_what_is_drawn() -> None:
    shown = ask(served(function(Sales())), FIGURE, SUMMARY, TABLE, ERRORS, value=-1)
    assert set(shown) == {ERRORS} and "no sales below zero" in str(shown)


@pytest.mark.parametrize(("outputs", "clicks"), [((FIGURE, SUMMARY, ERRORS), None), ((TABLE,), 1)])
def test_both_callbacks_hold_what_is_sent_to_the_types(
    outputs: tuple[str, ...], clicks: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = Sales()
    told = ask(served(function(sales), table_when_open=True), *outputs, value="three", clicks=clicks)
    assert not {FIGURE, SUMMARY, TABLE} & set(told)
    assert sales.made == []
