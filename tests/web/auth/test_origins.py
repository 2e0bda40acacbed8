"""Host and origin checks."""

from __future__ import annotations

import pytest
from modeldesk.web.auth.origins import ForeignOrigin, MisdirectedHost, check_host, check_origin

ALLOWED = ("localhost", "127.0.0.1", "[::1]", "*.example.org")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8050", "127.0.0.1:80", "[::1]:8050", "[::1]", "a.example.org", "a.b.example.org:1"]
)
def test_own_names_pass(host: str) -> None:
    check_host(host, ALLOWED)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "example.org",
        ".example.org",
        "localhost.evil.example",
        "localhost:8050.evil.example",
        "127.0.0.1@evil",
        "[::1].evil",
        "::1",
        "[evil]",
    ],
)
def test_other_names_do_not(host: str | None) -> None:
    with pytest.raises(MisdirectedHost, match="MODELDESK_ALLOWED_HOSTS"):
        check_host(host, ALLOWED)


def test_a_star_takes_any_name() -> None:
    check_host("whatever.example", ("*",))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_may_come_from_anywhere(method: str) -> None:
    check_origin(method, "desk", "https://evil.example", "cross-site")


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        (None, None),
        (None, "same-origin"),
        (None, "none"),
        ("https://desk:8050", None),
        ("http://DESK:8050", None),
        ("https://elsewhere", "same-origin"),
    ],
)
def test_own_pages_and_programs_may_change_things(origin: str | None, site: str | None) -> None:
    check_origin("POST", "desk:8050", origin, site)


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", None),
        ("null", None),
        ("https://desk", None),
        (None, "cross-site"),
        (None, "same-site"),
        ("https://desk:8050", "cross-site"),
        (None, "nonsense"),
    ],
)
def test_other_sites_may_not(origin: str | None, site: str | None) -> None:
    with pytest.raises(ForeignOrigin):
        check_origin("POST", "desk:8050", origin, site)
