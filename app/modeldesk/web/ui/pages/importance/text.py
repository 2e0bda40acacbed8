"""The Feature importance page in words: sources, progress, findings and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.importance.contributions import Contributions
from modeldesk.model_service.importance.permutation import REPEATS, Loss, Shuffling
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.importance.importance import ByValue, Drivers, JobStatus
from modeldesk.services.privacy import NOT_SHOWN
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.common.components import Children, Column, alert, button, table, when
from modeldesk.web.ui.pages.importance import ids

_LOSSES: dict[Loss, tuple[str, str]] = {
    "log_loss": ("log loss", "rises"),
    "accuracy": ("accuracy", "falls"),
    "rmse": ("typical error (RMSE)", "rises"),
}
_SOURCES = {
    "holdout": "of the hold-out",
    "training": "that were published with it, and that it may have been trained on",
}


def source_line(seen: Drivers) -> Children:
    """Which version, about which class, and what is left out."""
    parts: list[Any] = [
        html.Strong(f"Version {seen.model.version}"),
        ", published ",
        when(seen.model.manifest.created_at, style="day"),
    ]
    if seen.of_class is not None:
        parts.append(f". All is about the class “{class_inside(seen.of_class)}”")
    if seen.hidden:
        parts.append(f". {formats.count(seen.hidden, 'input')} not shown")
    return [*parts, "."]


def progress(name: str, asking: JobStatus[Any]) -> Children:
    """How far an answer is that is waited for."""
    if asking.idle:
        return html.P("No worker is running; it waits until one is started (modeldesk worker).", role="status")
    if not asking.steps:
        return html.P([html.Span(className="md-spinner"), name], className="md-loading-text", role="status")
    told = f"{name}: {asking.done:,} of {asking.steps:,} parts done"
    return html.Div(
        [
            html.P([html.Span(className="md-spinner"), told], className="md-loading-text"),
            html.Progress(
                value=str(asking.done),
                max=str(max(1, asking.steps)),
                className="md-progress",
                **{"aria-label": name},
            ),
        ],
        className="md-drivers-progress",
        role="status",
    )


def failures(told: Mapping[str, str | None]) -> Children:
    """What could not be found out, and the button that asks again; nothing where nothing failed."""
    failed = [(name, reason) for name, reason in told.items() if reason is not None]
    if not failed:
        return None
    return alert(
        "bad",
        *(html.P([html.Strong(f"{name} could not be found out. "), reason]) for name, reason in failed),
        button("Ask again", id=ids.again("all"), small=True),
    )


def contribution_finding(labels: Sequence[str], sizes: np.ndarray, ends: np.ndarray, effect: Effect) -> Children:
    """Which input moves the answer most, and by how much."""
    if not len(sizes) or not sizes.max():
        return "No input moves the answer."
    order = np.argsort(-sizes, kind="stable")
    first = int(order[0])
    low, high = (effect.short(float(end)) for end in ends[first])
    told: list[Any] = [
        html.Strong(f"{labels[first]} moves the answer most"),
        f": by {effect.size(float(sizes[first]))} on average (95% CI {low} to {high})",
    ]
    if len(order) > 1 and sizes[order[1]] > 0:
        told.append(f", then {_inside(labels[int(order[1])])} by {effect.size(float(sizes[order[1]]))}")
    return [*told, "."]


def contribution_source(found: Contributions, published: int) -> str:
    """Which of the reference data contributions are of, and how exact they are."""
    rows = f"{len(found):,} of {published:,} rows of the reference data, chosen at random"
    told = f"Contributions to the answers for {rows if len(found) < published else 'all rows of the reference data'}"
    told += " (estimated by sampling)" if found.errors is not None else " (exact)"
    return told + (f"; {found.left_out:,} could not be explained on this scale" if found.left_out else "") + "."


def shuffling_finding(
    labels: Sequence[str], sizes: np.ndarray, ends: np.ndarray, found: Shuffling, unit: str
) -> Children:
    """Which input is missed most where it tells nothing."""
    name, moves = _LOSSES[found.loss]
    order = np.argsort(-sizes, kind="stable")
    first = int(order[0])
    if not len(sizes) or sizes[first] <= 0:
        return f"Shuffling no input makes the {name} worse."
    low, high = (loss_text(float(end), found.loss, unit) for end in ends[first])
    return [
        html.Strong(f"Without {_inside(labels[first])} the {name} {moves} most"),
        f": by {loss_text(float(sizes[first]), found.loss, unit)} ({low} to {high} over {REPEATS} permutations), from "
        f"{loss_text(found.baseline, found.loss, unit)}.",
    ]


def shuffling_source(found: Shuffling) -> str:
    """Which rows the loss is measured on."""
    rows = (
        f"{found.rows:,} rows" if found.rows == found.rows_in_all else f"{found.rows:,} of {found.rows_in_all:,} rows"
    )
    whiskers = f"whiskers from lowest to highest of {REPEATS} permutations"
    return f"Permutation importance: on {rows} {_SOURCES[found.source]}; {whiskers}."


def _inside(label: str) -> str:
    """A label within a sentence; those that people gave stay as they are."""
    return f"t{label[1:]}" if label.startswith("The picture") else label


def loss_title(loss: Loss, unit: str) -> str:
    """What the bars of shuffling measure."""
    name, moves = _LOSSES[loss]
    return f"{name[:1].upper()}{name[1:]} {moves} by" + (
        ", points" if loss == "accuracy" else f", {unit}" if unit and loss == "rmse" else ""
    )


def loss_text(amount: float, loss: Loss, unit: str) -> str:
    """A loss, or a change of one, in words."""
    if loss == "accuracy":
        return f"{formats.number(amount * 100)} points"
    return formats.measure(amount, unit if loss == "rmse" else "")


def loss_short(amount: float, loss: Loss) -> str:
    """A change of a loss where the title says of what."""
    return formats.number(amount * 100 if loss == "accuracy" else amount)


def by_value_finding(drawn: ByValue, label: str, colour: str | None, effect: Effect, *, chosen: bool) -> str:
    """What is drawn, and why in these colours."""
    if not drawn.values:
        rows = formats.count(sum(item.rows for item in drawn.bins), "row")
        return f"Means of {rows}, in groups of ten or more; lines hold the middle 80% of each. {NOT_SHOWN}"
    known = [place for place, value in enumerate(drawn.values) if value is not None]
    low, high = (float(np.quantile(drawn.contributions, share)) for share in (0.05, 0.95))
    told = f"In 9 of 10 rows {label} adds {effect.between(low, high)}."
    told += f" {len(drawn.contributions):,} rows are drawn"
    missing = len(drawn.values) - len(known)
    told += f" ({missing:,} without a value)." if missing else "."
    if colour is None:
        return f"{told} No other input tells much of the rest." if not chosen else told
    return told if chosen else f"{told} {colour} tells most of the rest."


NO_OUTCOMES = "It has no outcomes that answers could be held against, so there is no permutation importance."


def importance_table(
    fields: Sequence[Field | None],
    labels: Sequence[str],
    effect: Effect | None,
    found: Contributions | None,
    shuffled: Shuffling | None,
    places: Sequence[int],
    order: Sequence[int],
    unit: str,
) -> html.Div:
    """Both measures of every input, in the order that is shown."""
    grouped = any(field is not None and field.group for field in fields)
    columns = [Column("Input"), *([Column("Group")] if grouped else [])]
    if found is not None:
        columns += [Column("Mean contribution", number=True), Column("95% CI", number=True)]
        columns += [Column("Standard error, a row", number=True)] if found.errors is not None else []
    if shuffled is not None:
        columns += [Column(loss_title(shuffled.loss, unit), number=True), Column("Lowest to highest", number=True)]
        columns += [Column("Standard deviation", number=True)]
    rows = []
    for item in order:
        at, field = places[item], fields[item]
        cells: list[Any] = [labels[item], *([(field.group if field else None) or ""] if grouped else [])]
        if found is not None and effect is not None:
            low, high = found.ends[at]
            cells += [effect.size(float(found.sizes[at])), f"{effect.short(float(low))} to {effect.short(float(high))}"]
            cells += [] if found.typical_errors is None else [effect.short(float(found.typical_errors[at]))]
        if shuffled is not None:
            low, high = (loss_short(float(end), shuffled.loss) for end in shuffled.ends[at])
            cells += [loss_short(float(shuffled.sizes[at]), shuffled.loss), f"{low} to {high}"]
            cells += [loss_short(float(shuffled.spread[at]), shuffled.loss)]
        rows.append(cells)
    return table(columns, rows, caption="Feature importance, input by input", rows_head=True)
