"""Who a request is made for: everybody as one caller, or whom the proxy in front names."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modeldesk.core.errors import NotSignedIn
from modeldesk.core.identity import LOCAL, MONITOR, Caller, Role
from modeldesk.core.settings import Settings

MAX_NAME = 200

_BLANKS = " \t"
"""What HTTP takes for blanks. Others, such as a no-break space, are part of a name."""

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells the caller of a request from where it comes and what its headers say.

    Raises NotSignedIn where a proxy has to name the caller and did not, or where the headers
    come from an address that is not believed.
    """

    settings: Settings
    _proxies: Sequence[Network] = field(init=False)
    _monitors: Sequence[Network] = field(init=False)
    _roles: Mapping[str, Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_proxies", _networks(self.settings.proxy_trusted))
        object.__setattr__(self, "_monitors", _networks(self.settings.monitor_trusted))
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
        return _within(address, self._proxies)

    def of_probe(self, address: str | None, headers: Mapping[str, bytes]) -> Caller | None:
        """Who asks after the server's health: the caller, a program that MODELDESK_MONITOR_TRUSTED
        lists, or None for anybody else. What a proxy passes on is its caller's, never a monitor's."""
        try:
            return self.of(address, headers)
        except NotSignedIn:
            monitor = _within(address, self._monitors) and not self.trusts(address)
            return MONITOR if monitor else None

    def of(self, address: str | None, headers: Mapping[str, bytes]) -> Caller:
        """The caller; ``address`` is the connection's own, ``headers`` have names in lower case."""
        if self.settings.auth != "proxy":
            return LOCAL
        if not self.trusts(address):
            raise NotSignedIn(
                f"Sign-in is the proxy's part, and this connection comes from {address or 'nowhere'}.",
                hint="Come in through the proxy; its address has to be in MODELDESK_PROXY_TRUSTED.",
            )
        name = _text(self.settings.proxy_user_header, headers)
        if not 1 <= len(name) <= MAX_NAME:
            raise NotSignedIn(
                f"The proxy named nobody in the header {self.settings.proxy_user_header}.",
                hint="Sign in at the proxy, or set MODELDESK_PROXY_USER_HEADER to the header it uses.",
            )
        listed = _text(self.settings.proxy_groups_header, headers).split(",")
        groups = frozenset(group.strip(_BLANKS) for group in listed) - {""}
        roles = {Role.USER} | {self._roles[group] for group in groups if group in self._roles}
        return Caller(name=name, roles=frozenset(roles), groups=groups)


def _networks(listed: Sequence[str]) -> list[Network]:
    """The networks that a setting lists; one of IPv4 addresses written as IPv6 is that of IPv4."""
    networks: list[Network] = []
    for text in listed:
        network = ipaddress.ip_network(text, strict=False)
        if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
            first = int(network.network_address) & 0xFFFF_FFFF
            network = ipaddress.IPv4Network((first, network.prefixlen - _MAPPED.prefixlen))
        networks.append(network)
    return networks


def _within(address: str | None, networks: Sequence[Network]) -> bool:
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
    return any((mapped or peer) in network for network in networks)


def _text(name: str, headers: Mapping[str, bytes]) -> str:
    """A header's value. Raises NotSignedIn where it is not UTF-8 or has characters that no name has:
    two people whose names were read wrongly could be taken for one."""
    try:
        text = headers.get(name.lower(), b"").decode("utf-8").strip(_BLANKS)
    except UnicodeDecodeError:
        text = "\0"
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise NotSignedIn(
            f"The header {name} cannot be read.", hint="The proxy has to send it as UTF-8, without control characters."
        )
    return text
