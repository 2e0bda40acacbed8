"""Views of the Explore page that people keep under a name, said without naming what keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view under a name: ``query`` is what stands in an address. ``at`` (aware, in UTC) is when its owner
    saved it. A deleted one stays on record, with who deleted it and when."""

    id: str
    model: str
    name: str
    query: str
    owner: str
    at: datetime
    deleted_by: str | None = None
    deleted_at: datetime | None = None


class SavedViews(Protocol):
    """The record of saved views."""

    def add(self, view: SavedView) -> None:
        """Commit a new view."""

    def get(self, view_id: str) -> SavedView | None:
        """One view that is not deleted."""

    def own(self, model: str, owner: str, limit: int) -> Sequence[SavedView]:
        """The views of one model that somebody saved and that are not deleted, newest first."""

    def delete(self, view_id: str, who: str, at: datetime) -> bool:
        """Record that a view was deleted; False where it was already, or never was."""
