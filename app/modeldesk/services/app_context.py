"""What every use case stands on, put together once a process by ``app/modeldesk/bootstrap.py``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils

from modeldesk.core.errors import NotFound
from modeldesk.core.identity import Caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import ModelEntry, Registry
from modeldesk.ports.store import Store
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.importance.analysis_storage import AnalysisStorage


def _now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """A UUIDv7 (RFC 9562): unique everywhere, and in the order of its making."""
    return str(uuid.UUID(int=uuid_utils.uuid7().int))


@dataclass(frozen=True, slots=True)
class AppContext:
    """The models and the stores of this process, and what a test may want to hold still."""

    registry: Registry
    store: Store
    batches: BatchStorage | None = None
    analyses: AnalysisStorage | None = None
    max_records: int = 1_000
    clock: Callable[[], datetime] = _now
    new_id: Callable[[], str] = new_id

    @property
    def batch_storage(self) -> BatchStorage:
        """Where batches are. Only app contexts of a server, a worker or a command have one."""
        assert self.batches is not None
        return self.batches

    @property
    def analysis_storage(self) -> AnalysisStorage:
        """Where analyses are. Only app contexts of a server or a worker have it."""
        assert self.analyses is not None
        return self.analyses

    def entry(self, caller: Caller, name: str) -> ModelEntry:
        """A model that the caller may see, loadable or not.

        Raises NotFound alike for a model that does not exist and for one that is not the
        caller's to see.
        """
        entry = self.registry.entry(name)
        if not caller.may_see_model(frozenset(entry.settings.access.groups)):
            raise NotFound(f"There is no model named {name!r}.", hint="GET /api/v1/models lists those you can use.")
        return entry

    def hidden_from(self, caller: Caller) -> tuple[str, ...]:
        """The models that are there and not this caller's to see."""
        entries = [self.registry.entry(name) for name in self.registry.names()]
        return tuple(
            entry.name for entry in entries if not caller.may_see_model(frozenset(entry.settings.access.groups))
        )

    def model(self, caller: Caller, name: str, version: int | None = None) -> LoadedModel:
        """A model that the caller may see, ready to answer: the served version unless one is named.

        Raises NotFound, or ModelUnavailable with the reason.
        """
        self.entry(caller, name)
        return self.registry.get(name, version)
