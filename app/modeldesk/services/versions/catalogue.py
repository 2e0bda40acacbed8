"""Which models there are, and how they are doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from modeldesk.core.errors import ModeldeskError
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.examples import Arriving, arriving

CARD_DAYS = 14


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model at a glance.

    ``daily`` counts predictions for each of the last CARD_DAYS UTC days, oldest first;
    None where the log cannot be read (the model itself may still be fine).
    """

    entry: ModelEntry
    daily: tuple[int, ...] | None
    measured: bool = False
    """Whether the caller may see how the model performs, and who decided what on it."""

    @property
    def manifest(self) -> Manifest | None:
        """The served version's manifest, or None where no version can be read."""
        return self.entry.manifest

    @property
    def total(self) -> int | None:
        """Predictions over the days of ``daily``."""
        return None if self.daily is None else sum(self.daily)


def cards(context: AppContext, caller: Caller) -> Sequence[ModelCard]:
    """A card for each model that the caller may see, by name; models that cannot load included."""
    entries = []
    for name in context.registry.names():
        entry = context.registry.entry(name)
        if caller.may_see_model(frozenset(entry.settings.access.groups)):
            entries.append(entry)
    return _cards(context, entries)


def examples_arriving(context: AppContext) -> Arriving | None:
    """The examples that the first start is publishing; None where it is not."""
    return arriving(context.registry.folder)


def card(context: AppContext, caller: Caller, name: str) -> ModelCard:
    """The card of one model. Raises NotFound alike for none and for one that is not the caller's to see."""
    result = _cards(context, [context.entry(caller, name)])[0]
    return replace(result, measured=caller.may(Permission.SEE_PERFORMANCE))


def _cards(context: AppContext, entries: Sequence[ModelEntry]) -> Sequence[ModelCard]:
    today = context.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=CARD_DAYS - 1)
    try:
        names = [entry.name for entry in entries]
        counts, of_files = context.store.log.daily_counts(names, first), context.store.batches.daily_rows(names, first)
    except ModeldeskError:
        return [ModelCard(entry, None) for entry in entries]
    days = [(first + timedelta(days=offset)).date() for offset in range(CARD_DAYS)]

    def daily(name: str) -> tuple[int, ...]:
        return tuple(sum(part.get(name, {}).get(day, 0) for part in (counts, of_files)) for day in days)

    return [ModelCard(entry, daily(entry.name)) for entry in entries]
