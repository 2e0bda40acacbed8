"""What the stores of the Feature importance page hold, and what it draws of them."""

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
from modeldesk.services.importance.importance import Answer, FeatureImportance, JobStatus, feature_importance
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
    """The status of an analysis job, as its store holds it."""

    of: list[str | int | None]
    done: int
    steps: int
    waiting: bool
    failed: str | None
    idle: bool


def shown_of(context: AppContext, ready: Ready | None, of_class: str | None) -> FeatureImportance:
    """Return the version that the page shows. Raise `PreventUpdate` while it shows none."""
    if not ready:
        raise PreventUpdate
    return feature_importance(context, current_caller(), ready["name"], version=ready["version"], of_class=of_class)


def subject(shown: FeatureImportance, feature: str | None) -> list[Any]:
    """Return what an analysis job is about, to tell its result from that of the last choice."""
    return [shown.model.name, shown.model.version, shown.of_class, feature]


def state_of(status: JobStatus[Any], of: list[Any]) -> Standing:
    """Return the status of an analysis job as its store holds it; equal to itself while nothing changes."""
    return Standing(
        of=of, done=status.done, steps=status.steps, waiting=status.waiting, failed=status.failed, idle=status.idle
    )


def standing(
    state: Standing | None, shown: FeatureImportance, feature: str | None, ask: Callable[[], JobStatus[Answer]]
) -> JobStatus[Answer]:
    """Return the status of an analysis job as the page knows it. Its result is read only where there is one, so
    that drawing never waits for what is being computed."""
    if not state or state["of"] != subject(shown, feature):
        return JobStatus()
    if state["waiting"] or state["failed"]:
        return JobStatus(failed=state["failed"], done=state["done"], steps=state["steps"], idle=state["idle"])
    return ask()


def effect_of(shown: FeatureImportance, contributions: Contributions) -> Effect:
    """Return what contributions are measured in."""
    return Effect(contributions.scale, shown.model.settings.unit if contributions.scale == "value" else "")


def fields_of(shown: FeatureImportance) -> dict[str, Field]:
    """Return the inputs by their keys as people call them, a choice as one."""
    return {field.name: field for field in inputs_of(shown.model)}


def names_shown(shown: FeatureImportance) -> tuple[list[str], list[str]]:
    """Return the keys of the inputs that are shown, and their labels."""
    fields = fields_of(shown)
    pictures = [driver for _, driver in shown.shown if driver.picture]
    labels = []
    for _, driver in shown.shown:
        if driver.picture:
            number = pictures.index(driver) + 1
            labels.append(words.THE_PICTURE if len(pictures) == 1 else words.ONE_PICTURE.format(number=number))
        else:
            labels.append(fields[driver.key].label)
    return [driver.key for _, driver in shown.shown], labels


def places_of(shown: FeatureImportance) -> list[int]:
    """Return the places of the inputs that are shown among all of the version's."""
    return [place for place, _ in shown.shown]


def places_ranked(shown: FeatureImportance, sizes: np.ndarray) -> list[int]:
    """Return the inputs that are shown (by their place among these), the largest first; ``sizes`` are of all."""
    return [int(at) for at in np.argsort(-sizes[places_of(shown)], kind="stable")]


def contribution_panel(shown: FeatureImportance, contributions: Contributions) -> Panel:
    """Return mean absolute contributions as bars."""
    effect, places = effect_of(shown, contributions), places_of(shown)
    return Panel(
        words.panel_title(effect), contributions.sizes[places], contributions.ends[places], effect.short, effect.size
    )


def shuffling_panel(shown: FeatureImportance, shuffling: Shuffling) -> Panel:
    """Return losses when shuffled as bars."""
    unit, places, loss = shown.model.settings.unit, places_of(shown), shuffling.loss
    return Panel(
        words.loss_title(loss, unit),
        shuffling.sizes[places],
        shuffling.ends[places],
        lambda amount: words.loss_short(amount, loss),
        lambda amount: words.loss_text(amount, loss, unit),
    )
