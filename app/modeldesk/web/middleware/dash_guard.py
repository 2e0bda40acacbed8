"""Dash's own addresses, checked before Dash sees a request for them.

Dash answers 500 to a body that is not of its own page's making, and to a file it does not have.
Here the one is 400 with the reason (a page of an earlier release that calls what no longer
exists is told to reload) and the other 404.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from dash.fingerprint import check_fingerprint

from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.web.middleware.asgi import ASGIApp, Receive, Scope, Send, read_body, replay
from modeldesk.web.middleware.problems import MethodNotAllowed

CALLBACKS_PATH = "/_dash-update-component"
_PLAIN_GETS = frozenset({"/_dash-layout", "/_dash-dependencies", "/_reload-hash", "/_favicon.ico"})
_MATCH = ["MATCH"]
_LOCATION = "_pages_location"
_SUITES = "/_dash-component-suites/"


class StalePage(BadRequest):
    """A page's callback that this server does not have."""

    code, title = "stale_page", "This page is out of date"


Callbacks = Mapping[str, Mapping[str, Any]]
"""Dash's callback map: what it knows of each callback, by its outputs."""

Files = Mapping[str, Collection[str]]
"""Dash's registered paths: the files that it serves of each package."""


class DashGuard:
    """Lets through what the pages themselves would send and ask for."""

    def __init__(self, app: ASGIApp, callbacks: Callbacks, files: Files, prefix: str = "/") -> None:
        self.app = app
        self.callbacks = callbacks
        self.files = files
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or raise BadRequest, NotFound or MethodNotAllowed."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(("/_dash", "/_reload-hash", "/_favicon.ico")):
            expected = "POST" if path == CALLBACKS_PATH else "GET"
            if path != CALLBACKS_PATH and path not in _PLAIN_GETS and not self._has_file(path):
                raise NotFound(f"There is nothing at {path}.")
            if scope["method"] != expected:
                raise MethodNotAllowed(scope["method"], [expected])
            if path == CALLBACKS_PATH:
                body = await read_body(receive)
                if body is None:
                    return
                # Handed on as it was understood: Dash's own reading would stumble over numbers of any length.
                document = check_body(body, self.callbacks)
                _check_location(document, self.prefix)
                body = orjson.dumps(document)
                # Dash reads the body as JSON only where it is said to be.
                scope = {**scope, "headers": _as_json(scope["headers"])}
                receive = replay(body, receive)
        await self.app(scope, receive, send)

    def _has_file(self, path: str) -> bool:
        package, _, file = path.removeprefix(_SUITES).partition("/")
        return path.startswith(_SUITES) and check_fingerprint(file)[0] in self.files.get(package, ())


def check_body(body: bytes, callbacks: Callbacks) -> dict[str, Any]:
    """The document of a callback's body. Raise BadRequest unless it names a known callback and has exactly
    its inputs and state, and StalePage where the callback or its parts are not (or no longer) those."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise _malformed("the body has to be an object")
    output = document.get("output")
    if not isinstance(output, str):
        raise _malformed("`output` has to name a callback")
    callback = callbacks.get(output)
    if callback is None or "callback" not in callback:
        raise StalePage("The page calls something that this server does not have.", hint="Reload the page.")
    matched: dict[str, Any] = {}
    for key in ("inputs", "state"):
        expected = [(part["id"], part["property"]) for part in callback[key]]
        _check_parts(key, document.get(key, []), expected, matched)
    _check_outputs(document.get("outputs"), callback, matched)
    _check_changed(document.get("changedPropIds", []))
    return document


def _check_location(document: Mapping[str, Any], prefix: str) -> None:
    """Raise BadRequest unless the address that Dash's own router is given is one of a page below ``prefix``."""
    for part in document.get("inputs", []):
        if not isinstance(part, list) and part["id"] == _LOCATION:
            value = part.get("value")
            below = part["property"] != "pathname" or (value != "" and f"{value}/".startswith(prefix))
            if value is not None and not (isinstance(value, str) and below):
                raise _malformed(f"{part['property']} of {_LOCATION} has to be an address below {prefix}")


def _check_parts(key: str, given: object, expected: Sequence[tuple[str, str]], matched: dict[str, Any]) -> None:
    if not isinstance(given, list):
        raise _malformed(f"`{key}` has to be a list")
    if len(given) != len(expected):
        raise StalePage(f"The callback has {len(expected)} {key}, not {len(given)}.", hint="Reload the page.")
    for part, (identity, name) in zip(given, expected, strict=True):
        several = '["ALL"]' in identity or '["ALLSMALLER"]' in identity
        if several != isinstance(part, list):
            raise _malformed(f"{identity}.{name} of `{key}` is {'a list' if several else 'one property'}")
        for item in part if several else [part]:
            _check_property(key, item)
            # Where several callbacks write one property, Dash tells them apart by a hash after "@".
            if item["property"].partition("@")[0] != name or not _fits(item["id"], identity, matched):
                raise StalePage(f"The callback has no {item['id']}.{item['property']}.", hint="Reload the page.")


def _fits(given: str | dict[str, Any], identity: str, matched: dict[str, Any]) -> bool:
    """Whether a page's id is one that the callback has, where patterns stand for any value and
    MATCH for the same one throughout: ``matched`` keeps those values, by key."""
    if not identity.startswith("{"):
        return given == identity
    known = _pattern(identity)
    if not isinstance(given, dict) or given.keys() != known.keys():
        return False
    for key, value in known.items():
        if value == _MATCH:
            value = matched.setdefault(key, given[key])
        if not isinstance(value, list) and (type(given[key]), given[key]) != (type(value), value):
            return False
    return True


@lru_cache(maxsize=1_000)
def _pattern(identity: str) -> dict[str, Any]:
    known: dict[str, Any] = orjson.loads(identity)
    return known


def _check_outputs(given: object, callback: Mapping[str, Any], matched: dict[str, Any]) -> None:
    if callback.get("no_output"):
        return
    known = callback["output"]
    grouped = isinstance(known, list | tuple)
    outputs = known if grouped else [known]
    expected = [(output.component_id_str(), output.component_property) for output in outputs]
    _check_parts("outputs", given if grouped else [given], expected, matched)


def _check_changed(given: object) -> None:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise _malformed("`changedPropIds` has to be a list of strings")
    for item in given:
        identity, dot, _ = item.rpartition(".")
        if not dot or (identity.startswith("{") and not _is_object(identity)):
            raise _malformed("each of `changedPropIds` has to be an id and a property")


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _check_property(key: str, item: object) -> None:
    if not isinstance(item, dict) or not isinstance(item.get("property"), str):
        raise _malformed(f"each of `{key}` has to have an `id` and a `property`")
    identity = item.get("id")
    if isinstance(identity, dict):
        if all(isinstance(value, str | int | float | bool) for value in identity.values()):
            return
    elif isinstance(identity, str):
        return
    raise _malformed(f"each `id` of `{key}` has to be text or an object of plain values")


def _malformed(what: str) -> BadRequest:
    return BadRequest(f"This is no callback of a page: {what}.")


def _as_json(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(key, value) for key, value in headers if key != b"content-type"] + [(b"content-type", b"application/json")]
