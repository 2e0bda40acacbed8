"""Dash's own addresses: what pages send passes, anything else is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from dash import ALL, MATCH, Dash, Input, Output, State, html
from fastapi import FastAPI
from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.web.middleware.dash_guard import DashGuard, StalePage, _check_location, check_body
from modeldesk.web.middleware.problems import MethodNotAllowed

from tests.web.asgi_client import ask, saying


@pytest.fixture(scope="module")
def callbacks() -> dict[str, Any]:
    """The callback map of an application with one callback of each kind."""
    dash_app = Dash(server=FastAPI(), use_async=True)
    dash_app.layout = html.Div()

    @dash_app.callback(Output("a", "children"), Input("b", "value"), State({"kind": "field", "name": ALL}, "value"))
    def single(_b: Any, _fields: Any) -> Any: ...

    @dash_app.callback(
        Output({"kind": "out", "name": MATCH}, "children"),
        Output("c", "children", allow_duplicate=True),
        Input({"kind": "field", "name": MATCH}, "value"),
        prevent_initial_call=True,
    )
    def several(_field: Any) -> Any: ...

    @dash_app.callback(Input("b", "n_clicks"))
    def none(_clicks: Any) -> None: ...

    return dict(dash_app.callback_map)


def part(identity: Any, name: str = "value", value: Any = None) -> dict[str, Any]:
    """A property as a page sends it."""
    return {"id": identity, "property": name, "value": value}


def single(**changed: Any) -> dict[str, Any]:
    """What a page sends for the first callback, with changes."""
    return {
        "output": "a.children",
        "outputs": {"id": "a", "property": "children"},
        "inputs": [part("b", value=float(1))],
        "state": [[part({"kind": "field", "name": "age"}), part({"kind": "field", "name": "x.y"})]],
        "changedPropIds": ["b.value"],
        **changed,
    }


def several(callbacks: dict[str, Any]) -> dict[str, Any]:
    """What a page sends for the second callback."""
    return {
        "output": next(name for name in callbacks if name.startswith("..")),
        "outputs": [part({"kind": "out", "name": "age"}, "children"), part("c", "children")],
        "inputs": [part({"kind": "field", "name": "age"})],
        "changedPropIds": ['{"kind":"field","name":"age"}.value'],
    }


def test_what_pages_send_passes(callbacks: dict[str, Any]) -> None:
    check_body(orjson.dumps(single()), callbacks)
    check_body(orjson.dumps(single(state=[[]], changedPropIds=[])), callbacks)
    check_body(orjson.dumps(several(callbacks)), callbacks)
    name = next(name for name, callback in callbacks.items() if callback["no_output"])
    check_body(orjson.dumps({"output": name, "inputs": [part("b", "n_clicks", 1)], "changedPropIds": []}), callbacks)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b"null", b"1", b'{"output": 1}', b'{"output": NaN}', b"[" * 100_000, b"\xff"]
)
def test_no_callback_at_all_is_malformed(callbacks: dict[str, Any], body: bytes) -> None:
    with pytest.raises(BadRequest):
        check_body(body, callbacks)


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": None},
        {"inputs": {}},
        {"inputs": [1]},
        {"inputs": [{"id": "b"}]},
        {"inputs": [{"id": ["b"], "property": "value"}]},
        {"inputs": [{"id": {"b": {}}, "property": "value"}]},
        {"inputs": [[part("b")]]},
        {"state": [part({"kind": "field", "name": "age"})]},
        {"state": [[1]]},
        {"outputs": None},
        {"outputs": [{"id": "a", "property": "children"}]},
        {"outputs": {"id": "a"}},
        {"changedPropIds": "b.value"},
        {"changedPropIds": [1]},
        {"changedPropIds": ["b"]},
        {"changedPropIds": ["{nonsense.value"]},
    ],
)
def test_wrong_parts_are_malformed(callbacks: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        check_body(orjson.dumps(single(**changed)), callbacks)


@pytest.mark.parametrize(
    "changed",
    [
        {"output": "gone.children"},
        {"inputs": []},
        {"inputs": [part("b"), part("b")]},
        {"inputs": [part("z")]},
        {"inputs": [part("b", "data")]},
        {"outputs": {"id": "z", "property": "children"}},
        {"state": [[part({"kind": "other", "name": "age"})]]},
        {"state": [[part({"kind": "field"})]]},
        {"state": [[part("field")]]},
    ],
)
def test_parts_of_another_release_are_told_to_reload(callbacks: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(StalePage) as caught:
        check_body(orjson.dumps(single(**changed)), callbacks)
    assert caught.value.hint == "Reload the page."


def test_what_a_pattern_matches_is_the_same_throughout(callbacks: dict[str, Any]) -> None:
    body = several(callbacks)
    for other in ("income", 1, True):
        body["outputs"][0]["id"]["name"] = other
        with pytest.raises(StalePage):
            check_body(orjson.dumps(body), callbacks)


def test_addresses_that_dash_does_not_have(callbacks: dict[str, Any]) -> None:
    guard = DashGuard(saying(b"passed"), callbacks, {"dash": {"deps/react.js"}})
    assert ask(guard, "/_dash-layout").body == b"passed"
    assert ask(guard, "/_dash-component-suites/dash/deps/react.v1m2.js").body == b"passed"
    assert ask(guard, "/models/x").body == b"passed"
    assert ask(guard, "/_dash-update-component", "POST", orjson.dumps(single())).body == b"passed"
    for path in ("/_dash-nope", "/_dash-component-suites/os/a.py", "/_dash-component-suites/dash/", "/_dash"):
        with pytest.raises(NotFound):
            ask(guard, path)
    for path, method in (("/_dash-update-component", "GET"), ("/_dash-layout", "POST")):
        with pytest.raises(MethodNotAllowed):
            ask(guard, path, method)


@pytest.mark.parametrize(("prefix", "address"), [("/", ""), ("/", "models"), ("/desk/", "/"), ("/desk/", "")])
def test_an_address_that_is_of_no_page_is_malformed(prefix: str, address: str) -> None:
    location = {"id": "_pages_location", "property": "pathname", "value": address}
    with pytest.raises(BadRequest):
        _check_location({"inputs": [location]}, prefix)
