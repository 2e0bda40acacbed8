"""What the callbacks of the Feature importance page are asked about, from what the page holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from dash.exceptions import PreventUpdate
from typing_extensions import TypedDict

from modeldesk.core.identity import current_caller
from modeldesk.model_service.importance.contributions import Contributions
from modeldesk.model_service.importance.permutation import Shuffling
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance.importance import Drivers, Found, JobStatus, drivers
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.common.decoding_callbacks import Version
from modeldesk.web.ui.common.explanation.choices import inputs_of
from modeldesk.web.ui.pages.importance import text as words
from modeldesk.web.ui.pages.importance.figures import Panel


class Ready(TypedDict):
    """The version that the page shows."""

    name: str
    version: Version


Wanted = TypedDict("Wanted", {"class": str | None, "colour": str | None, "by": str | None, "input": str | None})
"""What the address asks for."""


class Standing(TypedDict):
    """How a question stands, as the page keeps it."""

    of: list[str | int | None]
    done: int
    steps: int
    waiting: bool
    failed: str | None
    idle: bool


def seen_of(context: AppContext, ready: Ready | None, of_class: str | None) -> Drivers:
    """The version that the page shows; nothing happens while it shows none."""
    if not ready:
        raise PreventUpdate
    return drivers(context, current_caller(), ready["name"], version=ready["version"], of_class=of_class)


def subject(seen: Drivers, feature: str | None) -> list[Any]:
    """What a question is about, for the page to tell an answer from one to the last choice."""
    return [seen.model.name, seen.model.version, seen.of_class, feature]


def state_of(asking: JobStatus[Any], of: list[Any]) -> Standing:
    """How a question stands, as the page keeps it; equal to itself while nothing changes."""
    return Standing(
        of=of, done=asking.done, steps=asking.steps, waiting=asking.waiting, failed=asking.failed, idle=asking.idle
    )


def standing(
    state: Standing | None, seen: Drivers, feature: str | None, ask: Callable[[], JobStatus[Found]]
) -> JobStatus[Found]:
    """How a question stands as the page knows it; the answer is asked for only where there is one, so
    that drawing never waits for what is still being found out."""
    if not state or state["of"] != subject(seen, feature):
        return JobStatus()
    if state["waiting"] or state["failed"]:
        return JobStatus(failed=state["failed"], done=state["done"], steps=state["steps"], idle=state["idle"])
    return ask()


def effect_of(seen: Drivers, found: Contributions) -> Effect:
    """What contributions are measured in."""
    return Effect(found.scale, seen.model.settings.unit if found.scale == "value" else "")


def fields_of(seen: Drivers) -> dict[str, Field]:
    """The inputs by their keys as people call them, a choice as one."""
    return {field.name: field for field in inputs_of(seen.model)}


def names_shown(seen: Drivers) -> tuple[list[str], list[str]]:
    """The keys of the inputs that are shown, and what people call them."""
    fields = fields_of(seen)
    pictures = [driver for _, driver in seen.shown if driver.picture]
    called = []
    for _, driver in seen.shown:
        if driver.picture:
            called.append("The picture" if len(pictures) == 1 else f"The picture {pictures.index(driver) + 1}")
        else:
            called.append(fields[driver.key].label)
    return [driver.key for _, driver in seen.shown], called


def places_of(seen: Drivers) -> list[int]:
    """The places of the inputs that are shown among all of the version's."""
    return [place for place, _ in seen.shown]


def places_ranked(seen: Drivers, sizes: np.ndarray) -> list[int]:
    """The inputs that are shown (by their place among these), the largest first; ``sizes`` are of all."""
    return [int(at) for at in np.argsort(-sizes[places_of(seen)], kind="stable")]


def contribution_panel(seen: Drivers, found: Contributions) -> Panel:
    """Mean absolute contributions, as bars."""
    effect, places = effect_of(seen, found), places_of(seen)
    title = {"log_odds": "Mean contribution, log-odds", "probability": "Mean contribution, points"}.get(
        found.scale, "Mean contribution" + (f", {effect.unit}" if effect.unit else "")
    )
    return Panel(title, found.sizes[places], found.ends[places], effect.short, effect.size)


def shuffling_panel(seen: Drivers, found: Shuffling) -> Panel:
    """Losses when shuffled, as bars."""
    unit, places, loss = seen.model.settings.unit, places_of(seen), found.loss
    return Panel(
        words.loss_title(loss, unit),
        found.sizes[places],
        found.ends[places],
        lambda amount: words.loss_short(amount, loss),
        lambda amount: words.loss_text(amount, loss, unit),
    )
