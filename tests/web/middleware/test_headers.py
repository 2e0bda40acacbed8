"""The Content-Security-Policy, and what only a secure origin is told."""

from __future__ import annotations

import pytest
from modeldesk.core.settings import read_settings
from modeldesk.web.middleware.headers import SafeHeaders


def sent(headers: SafeHeaders, scheme: str = "http", **given: str) -> dict[bytes, bytes]:
    """The headers of the answer to a request."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return dict(headers({"type": "http", "scheme": scheme, "headers": named}))


def policy(headers: SafeHeaders) -> dict[str, list[str]]:
    """The directives of the policy."""
    text = sent(headers)[b"content-security-policy"].decode()
    return {part.split()[0]: part.split()[1:] for part in text.split("; ")}


def test_inline_scripts_run_only_once_they_are_known() -> None:
    headers = SafeHeaders(read_settings())
    assert policy(headers)["script-src"] == ["'self'", "'unsafe-eval'"]
    headers.allow_scripts(["'sha256-abc='"])
    assert policy(headers)["script-src"] == ["'self'", "'unsafe-eval'", "'sha256-abc='"]
    assert policy(headers)["frame-ancestors"] == ["'none'"]


def test_only_a_tile_server_that_was_named_can_be_reached() -> None:
    assert policy(SafeHeaders(read_settings()))["connect-src"] == ["'self'"]
    named = policy(SafeHeaders(read_settings(map_style="https://tiles.example:8443/style.json")))
    assert named["connect-src"] == ["'self'", "https://tiles.example:8443"]
    assert named["img-src"] == ["'self'", "data:", "blob:", "https://tiles.example:8443"]
    assert named["script-src"] == ["'self'", "'unsafe-eval'"]


@pytest.mark.parametrize(
    ("scheme", "given", "secure"),
    [
        ("https", {"host": "desk.example.org"}, True),
        ("http", {"host": "desk.example.org"}, False),
        ("http", {"host": "desk.example.org", "x_forwarded_proto": "https"}, True),
        ("http", {"host": "localhost:8050"}, True),
        ("http", {"host": "[::1]:8050"}, True),
        ("http", {"host": "127.0.0.1.example.org"}, False),
        ("http", {"host": "[" * 9}, False),
        ("http", {}, False),
    ],
)
def test_the_opener_policy_is_sent_where_the_browser_heeds_it(scheme: str, given: dict[str, str], secure: bool) -> None:
    headers = sent(SafeHeaders(read_settings()), scheme, **given)
    assert (b"cross-origin-opener-policy" in headers) == secure
