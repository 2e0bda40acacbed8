"""Who a request is made for: everybody as one caller, or whom the proxy in front names."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import NotSignedIn
from app.identity import LOCAL, Caller, Role
from app.settings import Settings

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells the caller of a request from where it comes and what its headers say.

    Raises NotSignedIn where a proxy has to name the caller and did not, or where the headers
    come from an address that is not believed.
    """

    settings: Settings
    _networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = field(init=False)
    _roles: Mapping[str, Role] = field(init=False)

    def __post_init__(self) -> None:
        networks = [ipaddress.ip_network(text, strict=False) for text in self.settings.proxy_trusted]
        object.__setattr__(self, "_networks", networks)
        by_group: dict[str, Role] = {}
        for groups, role in (
            (self.settings.analyst_groups, Role.ANALYST),
            (self.settings.manager_groups, Role.MANAGER),
            (self.settings.admin_groups, Role.ADMIN),
        ):
            by_group.update(dict.fromkeys(groups, role))
        object.__setattr__(self, "_roles", by_group)

    def trusts(self, address: str | None) -> bool:
        """Whether headers of a connection from this address are believed."""
        try:
            peer = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
        return any((mapped or peer) in network for network in self._networks)

    def of(self, address: str | None, headers: Mapping[str, str]) -> Caller:
        """The caller; ``address`` is the connection's own, ``headers`` have names in lower case."""
        if self.settings.auth != "proxy":
            return LOCAL
        if not self.trusts(address):
            raise NotSignedIn(
                f"Sign-in is the proxy's part, and this connection comes from {address or 'nowhere'}.",
                hint="Come in through the proxy; its address has to be in MODELDESK_PROXY_TRUSTED.",
            )
        name = headers.get(self.settings.proxy_user_header.lower(), "").strip()
        if not 1 <= len(name) <= MAX_NAME:
            raise NotSignedIn(
                f"The proxy named nobody in the header {self.settings.proxy_user_header}.",
                hint="Sign in at the proxy, or set MODELDESK_PROXY_USER_HEADER to the header it uses.",
            )
        listed = headers.get(self.settings.proxy_groups_header.lower(), "").split(",")
        groups = frozenset(group.strip() for group in listed if group.strip())
        roles = {Role.USER} | {self._roles[group] for group in groups if group in self._roles}
        return Caller(name=name, roles=frozenset(roles), groups=groups)
