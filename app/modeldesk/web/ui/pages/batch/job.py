"""The list of a person's files, and one file's card: what it is, how far it is, what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import speed
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import (
    Children,
    State,
    alert,
    badge,
    button,
    card,
    empty,
    icon,
    icon_button,
    menu,
    when,
)
from modeldesk.web.ui.common.icons import IconName
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch import text as words

SHOWN = 50
_LOOKS: dict[str, tuple[State, IconName]] = {
    "uploaded": ("warn", "pencil"),
    "queued": ("neutral", "clock-history"),
    "running": ("accent", "arrow-repeat"),
    "succeeded": ("good", "check-circle-fill"),
    "failed": ("bad", "x-circle-fill"),
    "cancelled": ("neutral", "dash-circle"),
}
_COLOURS = {
    "good": "text-success-emphasis",
    "warn": "text-warning-emphasis",
    "bad": "text-danger-emphasis",
    "neutral": "text-body-secondary",
    "accent": "text-body-secondary",
}
_STEP = {"uploaded": 1, "queued": 2, "running": 2}


# ---- the list ------------------------------------------------------------------------------------


def files(batches: Sequence[Batch], selected: str | None, days: int, *, more: bool) -> list[Children]:
    """Return the list of files, newest first, with the chosen one marked; ``days`` is how long they are stored."""
    if not batches:
        return [html.P(words.NO_FILES, className="md-small md-quiet px-3 pb-3")]
    note = words.retention(days, SHOWN if more else None)
    return [
        html.Ul([_file(batch, batch.id == selected) for batch in batches], className="list-unstyled overflow-y-auto"),
        html.P(note, className="md-note py-2 px-3 border-top"),
    ]


def _file(batch: Batch, chosen: bool) -> html.Li:
    state, picture = _LOOKS[batch.state]
    link = html.A(
        [
            html.Span(
                [
                    html.Strong(batch.file_name, title=batch.file_name, className="text-truncate min-w-0"),
                    html.Span(
                        [icon(picture), words.state(batch)],
                        className=f"md-note hstack gap-1 flex-shrink-0 {_COLOURS[state]}",
                    ),
                ],
                className="hstack justify-content-between gap-2",
            ),
            _progress_bar(batch) if batch.state == "running" else None,
            html.Span(_listed_facts(batch), className="md-file-facts md-note d-block text-body-secondary"),
        ],
        href=f"?batch={batch.id}",
        className="md-small text-body text-decoration-none",
        **{"data-md-batch": "show", "data-md-id": batch.id},
        **({"aria-current": "true"} if chosen else {}),
    )
    cancel = None
    if batch.state in ("queued", "running"):
        cancel = button(
            words.CANCEL,
            id=ids.action(ids.CANCEL_LISTED, batch.id),
            kind="quiet",
            small=True,
            label=words.CANCEL_FILE.format(file=batch.file_name),
            className="md-file-cancel",
        )
    return html.Li([link, cancel], className="md-file position-relative border-top")


def _listed_facts(batch: Batch) -> Children:
    if batch.state == "running" and batch.rows_total:
        return words.rows_done(batch)
    rows = words.rows(batch.rows_total) if batch.rows_total else words.size(batch.size)
    time = when(batch.created_at)
    return sentence(words.FILE_FACTS, time=time, rows=rows, version=batch.version, owner=batch.owner)


def _progress_bar(batch: Batch) -> html.Progress:
    """Return how far a batch is, without a value while that is not known."""
    done = words.share(batch)
    value = {} if done is None else {"value": f"{done * 100:.1f}"}
    label = words.FILE_SCORED.format(file=batch.file_name)
    return html.Progress(max="100", className="md-progress", **{"aria-label": label}, **value)


# ---- one file ------------------------------------------------------------------------------------


def nothing_chosen(places: Places, model: str, *, any_files: bool) -> html.Section:
    """Return the card that stands here before a file is chosen."""
    if any_files:
        return card(empty(words.CHOOSE_TITLE, words.CHOOSE_OR_UPLOAD, art=False))
    return card(
        empty(
            words.NO_FILE_TITLE,
            words.NO_FILE,
            _choose(),
            html.A(
                [icon("download"), html.Span(words.GET_TEMPLATE)],
                href=places.api(f"v1/models/{model}/batches/template?format=xlsx"),
                download="",
                className="btn btn-secondary",
            ),
        )
    )


def gone() -> html.Section:
    """Return the card for a file that is no longer there, or never was."""
    return card(empty(words.GONE_TITLE, words.GONE, _choose(), art=False))


def _choose() -> html.Button:
    return button(words.CHOOSE_TITLE, kind="primary", **{"data-md-batch": "choose"})


def job_card(batch: Batch, versions: Sequence[int], note: str | None, places: Places) -> html.Section:
    """Return a file's name, state, facts and actions; below, how far it is or why it ended."""
    state, picture = _LOOKS[batch.state]
    return html.Section(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(batch.file_name, className="md-name text-break"),
                            badge(words.state(batch), state, icon_name=picture),
                        ],
                        className="md-job-title hstack flex-wrap row-gap-1 column-gap-2 min-w-0",
                    ),
                    html.Div(_actions(batch, versions, places), className="hstack flex-wrap gap-2"),
                ],
                className="d-flex flex-wrap align-items-start justify-content-between row-gap-1 column-gap-3",
            ),
            html.P(words.facts(batch, when(batch.created_at)), className="md-small md-quiet"),
            _body(batch, note),
            _steps(_STEP[batch.state]) if batch.state in _STEP else None,
        ],
        className="md-card md-job",
        **{"aria-label": batch.file_name},
    )


def _body(batch: Batch, note: str | None) -> Children:
    if batch.state == "succeeded":
        total = batch.rows_total or 0
        scored = total - batch.rows_failed
        body: list[Children] = [sum_bar(scored, batch.rows_failed), sum_line(total, scored, batch.rows_failed)]
    elif batch.state in ("queued", "running"):
        return _progress(batch, note)
    elif batch.state == "failed":
        reason = sentence(words.FAILED, reason=note or words.FAILED_REASON)
        body = [alert("bad", html.P(reason), html.P(words.FAILED_NEXT))]
    elif batch.state == "cancelled":
        body = [alert("info", html.P(words.cancelled(batch, note)))]
    else:
        return None
    return html.Div(body, className="mt-12")


def sum_bar(scored: int, rejected: int) -> html.Div:
    """Return both parts of a file's rows side by side; a part that is not empty can always be seen."""
    parts = [
        html.Span(className=f"md-sum-{name}", style={"flexGrow": rows})
        for name, rows in (("scored", scored), ("rejected", rejected))
        if rows
    ]
    return html.Div(
        parts,
        className="md-sum d-flex my-2 overflow-hidden rounded-pill bg-body-tertiary",
        role="img",
        **{"aria-label": words.rows_sum(scored, rejected)},
    )


def sum_line(rows: int, scored: int, rejected: int) -> html.P:
    """Return the same as a sum: rows in = scored + rejected."""

    def swatch(part: str) -> html.Span:
        return html.Span(className=f"md-swatch md-sum-{part}", **{"aria-hidden": "true"})

    return html.P(
        [
            html.Span(sentence(words.ROWS_IN.form(rows), n=f"{rows:,}")),
            html.Span("=", className="md-quiet"),
            html.Span([swatch("scored"), *sentence(words.SCORED, count=f"{scored:,}")]),
            html.Span("+", className="md-quiet"),
            html.Span([swatch("rejected"), *sentence(words.REJECTED, count=f"{rejected:,}")]),
        ],
        className="md-sum-line md-small hstack flex-wrap row-gap-1 column-gap-3",
    )


def _progress(batch: Batch, note: str | None) -> html.Div:
    headline, details, spoken = words.progress(batch, speed(batch))
    return html.Div(
        [
            html.P(headline, className="md-kpi"),
            _progress_bar(batch),
            html.P(details, className="md-small"),
            html.P(words.leave(batch.rows_failed), className="md-note"),
            html.P(spoken, className="visually-hidden", role="status"),
            alert("warn", html.P(note)) if note else None,
        ],
        className="md-job-progress mt-12 d-grid gap-1",
    )


def _steps(current: int) -> html.Ol:
    items = []
    for index, name in enumerate(words.STEPS):
        mark = (
            icon("check-circle-fill", className="text-success-emphasis fs-6")
            if index < current
            else html.Span(str(index + 1), className="md-step-number rounded-circle text-center")
        )
        attributes: dict[str, Any] = {"aria-current": "step"} if index == current else {}
        items.append(html.Li([mark, name], className="hstack gap-2 md-small", **attributes))
    return html.Ol(
        items, className="md-steps d-flex px-3 overflow-x-auto border-top", **{"aria-label": words.STEPS_LABEL}
    )


def _actions(batch: Batch, versions: Sequence[int], places: Places) -> list[Children]:
    if batch.state in ("queued", "running"):
        label = words.CANCEL_SCORING.format(file=batch.file_name)
        return [button(words.CANCEL, id=ids.action(ids.CANCEL, batch.id), label=label)]
    delete = icon_button(
        "trash", words.DELETE_FILE, **{"data-md-action": "open-dialog", "data-md-target": ids.DELETE_DIALOG}
    )
    if batch.state == "uploaded":
        return [delete]
    actions = [_rerun(batch, versions), delete]
    return [*actions, _downloads(batch, places)] if batch.state == "succeeded" else actions


def _rerun(batch: Batch, versions: Sequence[int]) -> Children:
    newest = sorted(versions, reverse=True)
    if len(newest) < 2:
        again = ids.action(f"{ids.RERUN}:{newest[0] if newest else batch.version}", batch.id)
        return button(words.SCORE_AGAIN, id=again, kind="quiet", icon_name="arrow-repeat")
    items = [
        html.Button(
            words.version(version, batch.version), id=ids.action(f"{ids.RERUN}:{version}", batch.id), type="button"
        )
        for version in newest
    ]
    return menu(
        [icon("arrow-repeat"), html.Span(words.OTHER_VERSION), icon("chevron-down")],
        items,
        name=words.OTHER_VERSION,
        look="btn btn-quiet",
    )


def _downloads(batch: Batch, places: Places) -> html.Details:
    address = places.api(f"v1/batches/{batch.id}")
    items = [
        html.A(label, href=f"{address}/results?format={kind}", download="") for kind, label in words.DOWNLOADS.items()
    ]
    if batch.rows_failed:
        items.append(html.A(words.DOWNLOAD_REJECTED, href=f"{address}/errors?format=csv", download=""))
    return menu(
        [icon("download"), html.Span(words.DOWNLOAD), icon("chevron-down")],
        items,
        name=words.DOWNLOAD,
        className="md-menu-primary md-menu-right",
        look="btn btn-primary",
    )
