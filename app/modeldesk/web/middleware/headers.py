"""The headers that every answer carries."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from modeldesk.core.settings import Settings, is_loopback
from modeldesk.web.auth.origins import host_name
from modeldesk.web.middleware.asgi import Scope, header

_OPENER = (b"cross-origin-opener-policy", b"same-origin")
_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()",
    ),
    (b"cache-control", b"no-store"),
]


class SafeHeaders:
    """Hands out the headers. ``scripts`` are the hashes of the pages' inline scripts, known only once
    the pages are built; until then no inline script runs."""

    def __init__(self, settings: Settings) -> None:
        self._tiles = _origin(settings.map_style)
        self._headers: list[tuple[bytes, bytes]] = []
        self.allow_scripts(())

    def allow_scripts(self, scripts: Sequence[str]) -> None:
        """Let these inline scripts run: quoted hashes as a Content-Security-Policy has them."""
        self._headers = [*_ALWAYS, (b"content-security-policy", self._policy(scripts).encode())]

    def __call__(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """What the answer to a request carries unless it says otherwise itself."""
        return [*self._headers, _OPENER] if _is_trustworthy(scope) else self._headers

    def _policy(self, scripts: Sequence[str]) -> str:
        # 'unsafe-eval' is what Plotly's WebGL charts need; styles are set inline by Dash's components.
        tiles = f" {self._tiles}" if self._tiles else ""
        return "; ".join(
            [
                "default-src 'self'",
                " ".join(["script-src 'self' 'unsafe-eval'", *scripts]),
                "style-src 'self' 'unsafe-inline'",
                f"img-src 'self' data: blob:{tiles}",
                "font-src 'self' data:",
                f"connect-src 'self'{tiles}",
                "worker-src 'self' blob:",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )


def _is_trustworthy(scope: Scope) -> bool:
    """Whether the browser takes the site's origin for a secure one. On others it ignores the opener
    policy and says so in its console. Who claims HTTPS falsely gets one more header, and no more."""
    if "https" in (scope.get("scheme"), header(scope, b"x-forwarded-proto")):
        return True
    return is_loopback(host_name(header(scope, b"host") or "") or "")


def _origin(style: str) -> str | None:
    """The origin of a map style that is an address."""
    address = urlsplit(style)
    return f"{address.scheme}://{address.netloc}" if address.scheme in ("http", "https") else None
