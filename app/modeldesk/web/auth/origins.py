"""Whether a request names this server and comes from its own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from modeldesk.core.errors import BadRequest, NotAllowed

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})


class MisdirectedHost(BadRequest):
    """The Host header names no name of ours: a wrong proxy setting, or DNS rebinding."""

    code, title = "unknown_host", "The server does not go by this name"


class ForeignOrigin(NotAllowed):
    """Another site's page tries to act here with the visitor's browser."""

    code, title = "foreign_origin", "Requests from other sites are refused"


def check_host(host: str | None, allowed: tuple[str, ...]) -> None:
    """Raise MisdirectedHost unless the Host header, its port aside, is an allowed name."""
    name = host_name(host or "")
    if name is None or not any(_matches(name, pattern) for pattern in allowed):
        raise MisdirectedHost(
            f"The Host header names {host!r}.", hint="If that name is right, add it to MODELDESK_ALLOWED_HOSTS."
        )


def check_origin(method: str, host: str | None, origin: str | None, fetch_site: str | None) -> None:
    """Raise ForeignOrigin if a browser says that a changing request comes from another site.

    Programs send neither header and pass: they carry nobody's session.
    """
    if method in _SAFE_METHODS:
        return
    if fetch_site is not None:
        foreign = fetch_site not in _OWN_SITES
    else:
        foreign = origin is not None and urlsplit(origin).netloc.lower() != (host or "").lower()
    if foreign:
        raise ForeignOrigin(
            f"A page of {origin or 'another site'} sent this {method}.",
            hint="Use Modeldesk's own pages, or call the API from a program. A proxy has to pass the Host header on.",
        )


def host_name(host: str) -> str | None:
    """The name of a Host header in lower case, without its port; None if it is malformed."""
    name, bracket, rest = host.lower().partition("]")
    if bracket:
        return f"{name}]" if name.startswith("[") and (not rest or rest[1:].isdigit()) else None
    name, _, port = name.partition(":")
    return name.rstrip(".") if name and (not port or port.isdigit()) else None


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:]) and len(name) > len(pattern) - 1
    return pattern in ("*", name)
