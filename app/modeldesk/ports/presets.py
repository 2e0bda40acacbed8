"""Sets of inputs that people save under a name, said without naming what stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

PresetKind = Literal["preset", "scenarios"]
"""One record, or several named records to be compared."""


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """The inputs of one record, as JSON values by feature. ``name`` is that of a scenario, empty for a
    preset's only record."""

    name: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PresetSummary:
    """What a list tells of a set of inputs, made with one ``version`` of ``model``; ``size`` counts its records.

    ``shared`` ones are for everybody who may see the model, others for their owner only. ``created_at`` is
    aware and in UTC.
    """

    id: str
    model: str
    version: int
    kind: PresetKind
    name: str
    size: int
    shared: bool
    owner: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preset(PresetSummary):
    """A set of inputs under a name, with its records."""

    records: Sequence[NamedRecord]


class Presets(Protocol):
    """The record of presets and sets of scenarios."""

    def add(self, preset: Preset) -> None:
        """Commit a new one. Raises Conflict if its owner has one of that name for the same model."""

    def get(self, preset_id: str) -> Preset | None:
        """One that is not deleted."""

    def visible(self, model: str, caller: str, limit: int) -> Sequence[PresetSummary]:
        """Those of one model that are the caller's own or shared, newest first; deleted ones are left out."""

    def count_own(self, model: str, owner: str) -> int:
        """How many of one model somebody has, without the deleted ones."""

    def change(self, preset_id: str, name: str, shared: bool) -> bool:
        """Rename and share, or no longer share, one; False where it is deleted or never was. Raises
        Conflict if its owner has another of that name for the same model."""

    def delete(self, preset_id: str, who: str, at: datetime) -> bool:
        """Remove the inputs and record who deleted them; False where they are gone already, or never were.
        The rest stays on record."""
