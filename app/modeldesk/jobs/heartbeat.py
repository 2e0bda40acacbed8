"""Signs of life, and taking over from workers that give none any more.

Each worker counts up a row of its own. Who sees another's count stand still for long enough, by
its own clock, takes that worker for dead; the longest-standing live worker then has the dead
one's work resumed, by whoever is free. Taking over from one that was only slow does no harm:
steps may be taken twice.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from modeldesk.core.errors import ModeldeskError
from modeldesk.ports.jobs import WorkerBeat, Workers

log = logging.getLogger("modeldesk.jobs")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker gives a sign of life and looks at the others, and after how long without
    one a worker is dead; in seconds. Together less than the 15 within which work is resumed."""

    beat: float = 2.0
    dead: float = 9.0


@dataclass(slots=True)
class Watch:
    """One worker's part in this. ``lead`` is called by the one worker whose turn it is, after the
    dead have been removed, ``also`` by every worker."""

    executor: str
    workers: Workers
    lead: Callable[[], None]
    pace: Pace = Pace()
    clock: Callable[[], float] = time.monotonic
    also: Callable[[], None] = lambda: None
    _count: int = 0
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def look(self) -> None:
        """Give a sign of life, look at the others', and lead where it is this worker's turn."""
        self.workers.beat(self.sign())
        alive = self._alive(self.workers.all())
        if min(alive) == self.executor:
            self.lead()
        self.also()

    def sign(self) -> WorkerBeat:
        """The next sign of life."""
        self._count += 1
        return WorkerBeat(self.executor, socket.gethostname(), os.getpid(), self._count, datetime.now(UTC))

    def run(self, stop: threading.Event) -> None:
        """Look again and again until told to stop, whatever fails."""
        while not stop.wait(self.pace.beat):
            try:
                self.look()
            except ModeldeskError as error:
                log.warning("The workers' signs of life cannot be exchanged now: %s", error)
            except Exception:
                log.exception("Watching over the workers failed.")

    def _alive(self, beats: Sequence[WorkerBeat]) -> frozenset[str]:
        now = self.clock()
        for heartbeat in beats:
            count, _ = self._seen.get(heartbeat.executor, (None, now))
            if count != heartbeat.count:
                self._seen[heartbeat.executor] = (heartbeat.count, now)
        present = {heartbeat.executor for heartbeat in beats}
        self._seen = {executor: seen for executor, seen in self._seen.items() if executor in present}
        dead = {executor for executor, (_, since) in self._seen.items() if now - since > self.pace.dead}
        for executor in dead - {self.executor}:
            log.warning("The worker %s gives no sign of life any more; its work is taken over.", executor)
            self.workers.remove(executor)
        return frozenset(present - dead) | {self.executor}
