"""The outermost layer: ids, access lines, headers, and an end for every request."""

from __future__ import annotations

import json
import logging

import pytest
from modeldesk.core.errors import InvalidInput, Problem, StoreUnavailable
from modeldesk.web.middleware.asgi import ASGIApp, Receive, Scope, Send, current_request_id
from modeldesk.web.middleware.requests import Requests, strip_prefix

from tests.web.asgi_client import ask, saying, scope_of

HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


def layer(app: ASGIApp, home: str = "/") -> Requests:
    """The layer around an application."""
    return Requests(app, home=home, headers=lambda _: HEADERS)


def raising(error: BaseException, after_start: bool = False) -> ASGIApp:
    """An application that fails."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return app


def test_an_answer_gets_the_headers_it_lacks_and_an_id() -> None:
    reply = ask(layer(saying(b"hi", cache_control="max-age=5")), "/")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "max-age=5"
    assert len(reply.headers["x-request-id"]) == 32


@pytest.mark.parametrize(("given", "kept"), [("abc-1:2", True), ("a b", False), ("x" * 129, False), ("", False)])
def test_only_a_sane_id_is_taken_over(given: str, kept: bool) -> None:
    assert (ask(layer(saying(b"")), "/", x_request_id=given).headers["x-request-id"] == given) is kept


def test_the_id_is_known_inside() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(current_request_id())
        await saying(b"")(scope, receive, send)

    reply = ask(layer(app), "/")
    assert seen == [reply.headers["x-request-id"]]


def test_a_fault_is_logged_with_its_traceback_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    reply = ask(layer(raising(ZeroDivisionError("secret"))), "/api/x")
    problem = json.loads(reply.body)
    assert (reply.status, problem["code"]) == (500, "internal_error")
    assert b"secret" not in reply.body and b"Zero" not in reply.body
    assert problem["request_id"] == reply.headers["x-request-id"]
    [record] = [record for record in caplog.records if record.name == "modeldesk.errors"]
    assert record.exc_info and record.exc_info[0] is ZeroDivisionError


def test_errors_of_ours_become_problems_and_only_the_servers_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    problem = Problem("age", "missing", "Age is \ud800 missing.", 0)
    reply = ask(layer(raising(InvalidInput("No.", problems=[problem]))), "/api/x")
    assert reply.status == 422 and reply.headers["content-type"] == "application/problem+json"
    assert json.loads(reply.body)["errors"] == [problem.as_dict()]
    assert not [record for record in caplog.records if record.name == "modeldesk.errors"]
    reply = ask(layer(raising(StoreUnavailable("The disk is full."))), "/api/x")
    assert reply.status == 503 and reply.headers["retry-after"] == "2"
    assert [record for record in caplog.records if record.name == "modeldesk.errors"]


def test_a_person_gets_a_page_and_what_is_foreign_in_it_is_escaped() -> None:
    error = InvalidInput("<script>alert(1)</script>")
    reply = ask(layer(raising(error), "/desk/"), "/models/x", accept="text/html,*/*")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<script>" not in reply.body and b'href="/desk/"' in reply.body
    assert ask(layer(raising(error)), "/api/x", accept="text/html").headers["content-type"].endswith("problem+json")
    assert ask(layer(raising(error)), "/models/x", "POST", accept="text/html").headers["content-type"].endswith("+json")


def test_an_answer_under_way_is_cut_off_and_said_to_be(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(ZeroDivisionError):
        ask(layer(raising(ZeroDivisionError(), after_start=True)), "/")
    assert "ZeroDivisionError" in caplog.text


def test_each_request_has_one_access_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ask(layer(saying(b"", status=204)), "/models/a\nb", "POST")
    ask(layer(saying(b"")), "/healthz")
    [record] = [record for record in caplog.records if record.name == "modeldesk.access"]
    assert record.getMessage().startswith("POST /models/a\nb 204 ")


def test_head_is_answered_as_get_without_its_body() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["method"])
        await saying(b"long")(scope, receive, send)

    reply = ask(layer(app), "/", "HEAD")
    assert (seen, reply.body, reply.headers["content-length"]) == (["GET"], b"", "4")


@pytest.mark.parametrize(
    ("path", "home", "left"),
    [
        ("/desk/", "/desk/", "/"),
        ("/desk", "/desk/", "/"),
        ("/desk/models/a", "/desk/", "/models/a"),
        ("/models/a", "/desk/", "/models/a"),
        ("/desktop", "/desk/", "/desktop"),
        ("/desk/desk/a", "/desk/", "/desk/a"),
        ("/a/b/c", "/a/b/", "/c"),
        ("/a", "/", "/a"),
    ],
)
def test_a_prefix_is_taken_off_where_it_is(path: str, home: str, left: str) -> None:
    scope = scope_of(path)
    assert strip_prefix(scope, home) == left == scope["path"]
    assert scope["raw_path"] == left.encode()
