"""How callbacks run, and how their errors are told: through the real callback address."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from dash import ALL, Dash, Input, Output, html
from dash.exceptions import PreventUpdate
from fastapi import FastAPI
from modeldesk.core.errors import InvalidInput, StoreUnavailable
from modeldesk.core.identity import Caller, Role, acting_as, current_caller
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.registration import Callbacks

BODY: dict[str, Any] = {
    "output": "..out.children...faults.children..",
    "outputs": [{"id": "out", "property": "children"}, {"id": "faults", "property": "children"}],
    "inputs": [{"id": "in", "property": "value", "value": "x"}],
    "state": [{"id": "faults", "property": "children", "value": None}],
    "changedPropIds": ["in.value"],
}
ALONE = {**BODY, "output": "out.children", "outputs": {"id": "out", "property": "children"}, "state": []}


def served(function: Callable[[str], Any], **options: Any) -> FastAPI:
    server = FastAPI()
    dash_app = Dash(__name__, server=server, use_async=True, use_pages=False)
    dash_app.layout = html.Div([html.Div(id=name) for name in ("in", "out", "faults", ids.NOTICES)])
    Callbacks(dash_app).on(Output("out", "children"), Input("in", "value"), **options)(function)
    return server


def ask(server: FastAPI, body: dict[str, Any], times: int = 1) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            calls = [client.post("/_dash-update-component", json=body) for _ in range(times)]
            return list(await asyncio.gather(*calls))

    return asyncio.run(run())


def answered(server: FastAPI, body: dict[str, Any] = BODY) -> dict[str, Any]:
    (response,) = ask(server, body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_callbacks_run_beside_each_other_and_not_on_the_event_loop() -> None:
    meeting = threading.Barrier(4, timeout=20)

    def waits_for_the_others(value: str) -> str:
        meeting.wait()
        return value

    responses = ask(served(waits_for_the_others, errors="faults"), BODY, times=4)
    assert [response.json()["response"]["out"]["children"] for response in responses] == ["x"] * 4


def test_the_caller_of_the_request_is_known_in_the_thread() -> None:
    with acting_as(Caller("ada", frozenset({Role.USER}))):
        answer = answered(served(lambda _: current_caller().name, errors="faults"))
    assert answer["response"]["out"]["children"] == "ada"


def test_an_answer_clears_the_error_of_the_one_before() -> None:
    told = {**BODY["state"][0], "value": {"type": "Div"}}
    answer = answered(served(lambda value: value, errors="faults"), {**BODY, "state": [told]})
    assert answer["response"]["faults"]["children"] is None


def test_where_no_error_stands_none_is_cleared() -> None:
    assert "faults" not in answered(served(lambda value: value, errors="faults"))["response"]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("beside", [True, False])
def test_an_error_leaves_every_element_that_one_output_stands_for(own: bool, beside: bool) -> None:
    server = FastAPI()
    dash_app = Dash(__name__, server=server, use_async=True, use_pages=False)
    parts = [{"part": "card", "name": name} for name in ("one", "two")]
    plain = ("in", "out", "faults", ids.NOTICES)
    dash_app.layout = html.Div([*(html.Div(id=name) for name in plain), *(html.Div(id=part) for part in parts)])
    outputs = [Output({"part": "card", "name": ALL}, "hidden"), *([Output("out", "children")] if beside else [])]

    def refuses(_: str) -> None:
        raise InvalidInput("Age is not acceptable.", hint="Enter 18 to 100.")

    Callbacks(dash_app).on(*outputs, Input("in", "value"), errors="faults" if own else None)(refuses)
    asked: list[Any] = [[{"id": part, "property": "hidden"} for part in parts]]
    asked += [{"id": name, "property": "children"} for name in (["out"] * beside + ["faults"] * own)]
    output = "...".join(['{"name":["ALL"],"part":"card"}.hidden', *(f"{item['id']}.children" for item in asked[1:])])
    several = len(asked) > 1
    body = {**BODY, "output": f"..{output}.." if several else output, "outputs": asked if several else asked[0]}
    body["state"] = BODY["state"] if own else []
    shown = answered(server, body)
    told = shown["response"]["faults"] if own else shown["sideUpdate"][ids.NOTICES]
    assert "Age is not acceptable." in json.dumps(told)


def test_an_error_of_ours_shows_in_its_own_place_and_leaves_the_rest() -> None:
    def refuses(_: str) -> None:
        raise InvalidInput("Age is not acceptable.", hint="Enter 18 to 100.")

    response = answered(served(refuses, errors="faults"))["response"]
    assert "out" not in response
    shown = json.dumps(response["faults"])
    assert "Age is not acceptable." in shown and "Enter 18 to 100." in shown and '"role": "alert"' in shown
    assert "Reference" not in shown


def test_a_fault_is_logged_and_told_by_its_reference_only(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_: str) -> None:
        raise RuntimeError("the secret path /srv/x")

    with caplog.at_level(logging.ERROR, logger="modeldesk.callbacks"):
        shown = json.dumps(answered(served(breaks, errors="faults"))["response"]["faults"])
    assert "secret" not in shown and "Reference" in shown
    (entry,) = caplog.records
    reference = entry.getMessage().rsplit("reference ", 1)[1].rstrip(")")
    assert reference in shown
    assert entry.exc_info and "secret" in str(entry.exc_info[1])


def test_an_outage_is_told_with_its_reference() -> None:
    def cannot(_: str) -> None:
        raise StoreUnavailable("The log cannot be written.")

    shown = json.dumps(answered(served(cannot, errors="faults"))["response"]["faults"])
    assert "The log cannot be written." in shown and "Reference" in shown


def test_without_a_place_of_its_own_an_error_shows_among_the_notices() -> None:
    def refuses(_: str) -> None:
        raise InvalidInput("Not like this.")

    answer = answered(served(refuses), ALONE)
    assert "Not like this." in json.dumps(answer["sideUpdate"][ids.NOTICES])


def test_nothing_to_update_is_no_error() -> None:
    def declines(_: str) -> None:
        raise PreventUpdate

    (response,) = ask(served(declines, errors="faults"), BODY)
    assert response.status_code == 204


def test_named_outputs_are_put_in_their_order_and_others_stay() -> None:
    server = FastAPI()
    dash_app = Dash(__name__, server=server, use_async=True, use_pages=False)
    dash_app.layout = html.Div([html.Div(id=name) for name in ("in", "out", "second", "faults", ids.NOTICES)])
    outputs = {"first": Output("out", "children"), "second": Output("second", "children")}

    def names(value: str) -> dict[str, str]:
        return {"both": {"second": "b", "first": "a"}, "one": {"second": "b"}}.get(value, {"third": "c"})

    Callbacks(dash_app).on(outputs, Input("in", "value"), errors="faults")(names)

    def shown(value: str) -> dict[str, Any]:
        asked = [{"id": name, "property": "children"} for name in ("out", "second", "faults")]
        inputs = [{"id": "in", "property": "value", "value": value}]
        output = "..out.children...second.children...faults.children.."
        return dict(answered(server, {**BODY, "output": output, "outputs": asked, "inputs": inputs})["response"])

    assert shown("both") == {"out": {"children": "a"}, "second": {"children": "b"}}
    assert shown("one") == {"second": {"children": "b"}}
    assert set(shown("an unknown name")) == {"faults"}


def test_a_named_output_of_several_elements_stays_where_it_is_not_named() -> None:
    server = FastAPI()
    dash_app = Dash(__name__, server=server, use_async=True, use_pages=False)
    parts = [{"part": "card", "name": name} for name in ("one", "two")]
    plain = [html.Div(id=name) for name in ("in", "out", ids.NOTICES)]
    dash_app.layout = html.Div([*plain, *(html.Div(id=part) for part in parts)])
    outputs = {"cards": Output({"part": "card", "name": ALL}, "hidden"), "out": Output("out", "children")}
    Callbacks(dash_app).on(outputs, Input("in", "value"))(lambda value: {"out": value})
    asked = [[{"id": part, "property": "hidden"} for part in parts], {"id": "out", "property": "children"}]
    output = '..{"name":["ALL"],"part":"card"}.hidden...out.children..'
    answer = answered(server, {**BODY, "output": output, "outputs": asked, "state": []})
    assert answer["response"] == {"out": {"children": "x"}}
