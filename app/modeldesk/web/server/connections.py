"""The connections of one worker: none may hold what others need, by its number or by its slowness.

gunicorn bounds neither how long a request's head may take nor how many connections there are.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol

log = logging.getLogger("modeldesk.connections")

DRAIN_SECONDS = 2.0
"""How long connections that wait for a request stay open in a worker that is about to stop, so that who
asks for readiness over one of them is told."""

_LOOK_SECONDS = 0.5

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


class Connection(ASGIProtocol):
    """One connection, known to its worker's ``connections`` from its beginning to its end."""

    worker: Any

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, in the place of an idle connection where there are too many."""
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.since: float | None = self.worker.loop.time()
        super().connection_made(transport)
        self.worker.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; the first of a request's head begin its time."""
        if self.since is None and self.waits:
            self.since = self.worker.loop.time()
        super().data_received(data)

    def _on_headers_complete(self) -> Any:
        self.since = None
        return super()._on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.worker.connections.discard(self)
        super().connection_lost(exc)

    @property
    def waits(self) -> bool:
        """Whether no request is being answered: its head has not come, or not to its end."""
        return bool(self._awaiting_request) and not self._finishing_calls

    def look(self, now: float, limit: float) -> None:
        """Close the connection if a head takes longer than the limit in seconds."""
        if self.waits and self.since is not None and now - self.since > limit:
            self.close()

    def close(self) -> None:
        """Close a connection that waits."""
        self._keepalive_timeout()

    def refuse(self) -> None:
        """Close a connection that there is no room for."""
        self.transport.abort()


class Connections:
    """The open connections of a worker process.

    Of one address at most ``per_address`` are open (0: any number; ``trusted`` networks are proxies that
    speak for many), of all at most ``most``: beyond that the one that has waited longest for its next
    request is closed, and where none waits, the new one. A request's head may take ``head`` seconds, from
    the connection's beginning or from its own first byte.
    """

    def __init__(self, *, per_address: int, most: int, trusted: Iterable[str] = (), head: float) -> None:
        self._per_address, self._most, self._head = per_address, most, head
        self._trusted: Networks = [ipaddress.ip_network(item, strict=False) for item in trusted]
        # In the order of their beginning.
        self._open: dict[Connection, None] = {}
        self._by_address: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Take a connection in, or refuse it."""
        own = self._by_address.setdefault(connection.address, {})
        limited = self._per_address and not self._speaks_for_many(connection.address)
        if limited and len(own) >= self._per_address:
            self._make_room(own, connection, f"{connection.address} has {len(own)} connections")
        elif len(self._open) >= self._most:
            self._make_room(self._open, connection, f"{len(self._open)} connections are open")
        self._open[connection] = own[connection] = None

    def discard(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._open.pop(connection, None)
        own = self._by_address.get(connection.address, {})
        own.pop(connection, None)
        if not own:
            self._by_address.pop(connection.address, None)

    def close_waiting(self) -> None:
        """Close those that wait for a request."""
        for connection in list(self._open):
            if connection.waits:
                connection.close()

    async def watch(self) -> None:
        """Close what takes too long, as long as the worker runs."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for connection in list(self._open):
                connection.look(loop.time(), self._head)

    def _make_room(self, among: dict[Connection, None], new: Connection, why: str) -> None:
        oldest = next((connection for connection in among if connection.waits), None)
        log.debug("%s; one is closed.", why)
        if oldest is not None:
            self.discard(oldest)
            oldest.close()
        else:
            new.refuse()

    def _speaks_for_many(self, address: str) -> bool:
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
        return any((mapped or peer) in network for network in self._trusted)
