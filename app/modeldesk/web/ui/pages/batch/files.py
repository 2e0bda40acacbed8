"""The list of a person's files, and the words for a batch that it shares with the rest of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import seconds_left
from modeldesk.web.ui.common.components import Children, State, button, icon, when
from modeldesk.web.ui.common.icons import IconName
from modeldesk.web.ui.pages.batch import ids

SHOWN = 50
_STATES: dict[str, tuple[str, State, IconName]] = {
    "uploaded": ("To check", "warn", "pencil"),
    "queued": ("Waiting", "neutral", "clock-history"),
    "running": ("Scoring", "accent", "arrow-repeat"),
    "succeeded": ("Done", "good", "check-circle-fill"),
    "failed": ("Failed", "bad", "x-circle-fill"),
    "cancelled": ("Cancelled", "neutral", "dash-circle"),
}
_KILO = 1_000


def state_words(batch: Batch) -> tuple[str, State, IconName]:
    """A batch's state in a word, how it looks, and its icon; a running one with its share."""
    word, state, picture = _STATES[batch.state]
    done = share(batch)
    if batch.state == "running":
        word = "Reading" if done is None else f"{word} {formats.percent(done, 0)}"
    return word, state, picture


def share(batch: Batch) -> float | None:
    """How much of a file is dealt with, from 0 to 1; None before its rows are counted."""
    return batch.rows_done / batch.rows_total if batch.rows_total else None


def size(amount: int) -> str:
    """Bytes for people: 812 bytes, 61.9 MB."""
    if amount < _KILO:
        return formats.count(amount, "byte")
    power, unit = next(
        ((_KILO**place, unit) for place, unit in ((1, "kB"), (2, "MB")) if amount < _KILO ** (place + 1) * 0.9995),
        (_KILO**3, "GB"),
    )
    return f"{formats.number(amount / power)} {unit}"


def left(batch: Batch) -> str | None:
    """How long a running batch will still take, in words."""
    seconds = seconds_left(batch)
    if seconds is None:
        return None
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes < 90 else f"{formats.number(seconds / 3600, 2)} h left"


def progress_bar(batch: Batch, label: str) -> html.Progress:
    """How far it is; without a value while nobody can tell."""
    done = share(batch)
    value = {} if done is None else {"value": f"{done * 100:.1f}"}
    return html.Progress(max="100", className="md-progress", **{"aria-label": label}, **value)


def files(batches: Sequence[Batch], selected: str | None, days: int, *, more: bool) -> list[Children]:
    """The files, newest first, the chosen one marked; nothing at all is said to be nothing."""
    if not batches:
        return [html.P("Nothing yet. What you upload is listed here.", className="md-small md-quiet md-files-none")]
    kept = f"Kept {formats.count(days, 'day')} after they are done."
    return [
        html.Ul([_file(batch, batch.id == selected) for batch in batches]),
        html.P(f"The newest {SHOWN}. {kept}" if more else kept, className="md-note md-files-note"),
    ]


def _file(batch: Batch, chosen: bool) -> html.Li:
    word, state, picture = state_words(batch)
    link = html.A(
        [
            html.Span(
                [
                    html.Strong(batch.file_name, title=batch.file_name, className="md-file-name"),
                    html.Span([icon(picture), word], className=f"md-file-state md-file-{state}"),
                ],
                className="md-file-line",
            ),
            progress_bar(batch, f"{batch.file_name} scored") if batch.state == "running" else None,
            html.Span(_facts(batch), className="md-file-facts"),
        ],
        href=f"?batch={batch.id}",
        **{"data-md-batch": "show", "data-md-id": batch.id},
        **({"aria-current": "true"} if chosen else {}),
    )
    cancel = None
    if batch.state in ("queued", "running"):
        cancel = button(
            "Cancel",
            id=ids.action(ids.CANCEL_LISTED, batch.id),
            kind="quiet",
            small=True,
            label=f"Cancel {batch.file_name}",
            className="md-file-cancel",
        )
    return html.Li([link, cancel], className="md-file")


def _facts(batch: Batch) -> list[Any]:
    if batch.state == "running" and batch.rows_total:
        rest = left(batch)
        done = f"{batch.rows_done:,} of {batch.rows_total:,} rows"
        return [f"{done} · {rest}" if rest else done]
    rows = formats.count(batch.rows_total, "row") if batch.rows_total else size(batch.size)
    return [when(batch.created_at), f" · {rows} · version {batch.version} · {batch.owner}"]
