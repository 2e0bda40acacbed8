"""The Content-Security-Policy."""

from __future__ import annotations

from app.serving.headers import SafeHeaders
from app.settings import read_settings


def policy(headers: SafeHeaders) -> dict[str, list[str]]:
    """The directives of the policy."""
    text = dict(headers())[b"content-security-policy"].decode()
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
