"""One file's card: what it is, how far it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import speed
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import (
    Children,
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
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch.files import left, progress_bar, share, size, state_words
from modeldesk.web.ui.pages.batch.row_sum import sum_bar, sum_line

STEPS = ("Uploaded", "Check", "Score", "Results")
_STEP = {"uploaded": 1, "queued": 2, "running": 2}


def nothing_chosen(places: Places, model: str, *, any_files: bool) -> html.Section:
    """What will be here, before a file is chosen."""
    if any_files:
        return card(empty("Choose a file", "Choose one of your files, or upload another.", art=False))
    template = places.api(f"v1/models/{model}/batches/template?format=xlsx")
    return card(
        empty(
            "No file yet",
            "Upload a table with a row for each case. Its columns are checked first; then every row gets its "
            "prediction, and rows that cannot be scored are listed with the reason.",
            html.Button(
                html.Span("Choose a file"),
                type="button",
                className="md-button md-button-primary",
                **{"data-md-batch": "choose"},
            ),
            html.A(
                [icon("download"), html.Span("Get the template")],
                href=template,
                download="",
                className="md-button md-button-secondary",
            ),
        )
    )


def job_card(batch: Batch, versions: Sequence[int], note: str | None, places: Places) -> html.Section:
    """A file's name, state, facts and actions; below, how far it is or why it ended."""
    word, state, picture = state_words(batch)
    return html.Section(
        [
            html.Div(
                [
                    html.Div(
                        [html.H2(batch.file_name, className="md-name"), badge(word, state, icon_name=picture)],
                        className="md-job-title",
                    ),
                    html.Div(_actions(batch, versions, places), className="md-actions md-job-actions"),
                ],
                className="md-job-head",
            ),
            html.P(_facts(batch), className="md-small md-quiet"),
            _body(batch, note),
            _steps(_STEP[batch.state]) if batch.state in _STEP else None,
        ],
        className="md-card md-job",
        **{"aria-label": batch.file_name},
    )


def _facts(batch: Batch) -> list[Children]:
    facts: list[Children] = [f"{size(batch.size)} · uploaded ", when(batch.created_at), f" by {batch.owner}"]
    if batch.state != "uploaded":
        facts.append(f" · version {batch.version}")
    if batch.state == "succeeded" and batch.started_at and batch.finished_at:
        seconds = (batch.finished_at - batch.started_at).total_seconds()
        facts.append(f" · scored in {formats.duration(seconds * 1_000)}")
        if seconds > 0 and batch.rows_total:
            facts.append(f", {_rate(batch.rows_total / seconds)}")
    return facts


def _rate(rows: float) -> str:
    return f"{formats.number(round(rows) if rows >= 10 else rows)} rows a second"


def _body(batch: Batch, note: str | None) -> Children:
    if batch.state == "succeeded":
        scored = (batch.rows_total or 0) - batch.rows_failed
        return html.Div(
            [sum_bar(scored, batch.rows_failed), sum_line(batch.rows_total or 0, scored, batch.rows_failed)],
            className="md-job-body",
        )
    if batch.state in ("queued", "running"):
        return _progress(batch, note)
    if batch.state == "failed":
        told = [html.P([html.Strong("This file could not be scored. "), note or "The server's log says why."])]
        told.append(html.P("Nothing of it was kept as a result. Mend the file and upload it again, or score it again."))
        return html.Div(alert("bad", *told), className="md-job-body")
    if batch.state == "cancelled":
        done = f" {batch.rows_done:,} rows had been dealt with; they are not handed out." if batch.rows_done else ""
        return html.Div(alert("info", html.P(f"{note or 'Cancelled.'}{done}")), className="md-job-body")
    return None


def _progress(batch: Batch, note: str | None) -> html.Div:
    done = share(batch)
    if done is None:
        headline = "Waiting for a worker" if batch.state == "queued" else "Counting the rows"
        parts = [
            "Files are scored in turn." if batch.state == "queued" else "The file is read once before it is scored."
        ]
    else:
        headline = formats.percent(done, 0)
        rate, rest = speed(batch), left(batch)
        parts = [f"{batch.rows_done:,} of {batch.rows_total:,} rows"]
        parts += [f"{_rate(rate)}"] if rate else []
        parts += [rest] if rest else []
    rejected = f"{batch.rows_failed:,} rejected so far. " if batch.rows_failed else ""
    # A screen reader hears of every tenth only.
    heard = headline if done is None else f"{int(done * 10) * 10}% scored"
    return html.Div(
        [
            html.P(headline, className="md-kpi"),
            progress_bar(batch, f"{batch.file_name} scored"),
            html.P(" · ".join(parts), className="md-small"),
            html.P(f"{rejected}You can close this page meanwhile and come back to this address.", className="md-note"),
            html.P(heard, className="visually-hidden", role="status"),
            alert("warn", html.P(note)) if note else None,
        ],
        className="md-job-body md-job-progress",
    )


def _steps(current: int) -> html.Ol:
    items = []
    for place, name in enumerate(STEPS):
        mark = icon("check-circle-fill") if place < current else html.Span(str(place + 1), className="md-step-number")
        attributes: dict[str, Any] = {"aria-current": "step"} if place == current else {}
        items.append(html.Li([mark, name], className="md-step-done" if place < current else "", **attributes))
    return html.Ol(items, className="md-steps", **{"aria-label": "Steps"})


def _actions(batch: Batch, versions: Sequence[int], places: Places) -> list[Children]:
    if batch.state in ("queued", "running"):
        return [button("Cancel", id=ids.action(ids.CANCEL, batch.id), label=f"Cancel scoring {batch.file_name}")]
    delete = icon_button(
        "trash",
        "Delete this file",
        **{"data-md-action": "open-dialog", "data-md-target": ids.DELETE_DIALOG},
    )
    if batch.state == "uploaded":
        return [delete]
    actions = [_rerun(batch, versions), delete]
    return [*actions, _downloads(batch, places)] if batch.state == "succeeded" else actions


def _rerun(batch: Batch, versions: Sequence[int]) -> Children:
    def again(version: int, text: str) -> html.Button:
        return button(text, id=ids.action(f"{ids.RERUN}:{version}", batch.id), kind="quiet", icon_name="arrow-repeat")

    newest = sorted(versions, reverse=True)
    if len(newest) < 2:
        return again(newest[0] if newest else batch.version, "Score again")
    items = [
        html.Button(
            f"Version {version}{', as before' if version == batch.version else ''}",
            id=ids.action(f"{ids.RERUN}:{version}", batch.id),
            type="button",
        )
        for version in newest
    ]
    return menu(
        [icon("arrow-repeat"), html.Span("Score with another version"), icon("chevron-down")],
        items,
        name="Score with another version",
        className="md-menu-quiet",
    )


def _downloads(batch: Batch, places: Places) -> html.Details:
    address = places.api(f"v1/batches/{batch.id}")
    kinds = (("xlsx", "Excel (XLSX), rejected rows on a second sheet"), ("csv", "CSV"), ("parquet", "Parquet"))
    items = [html.A(text, href=f"{address}/results?format={kind}", download="") for kind, text in kinds]
    if batch.rows_failed:
        items.append(html.A("Rejected rows, as CSV", href=f"{address}/errors?format=csv", download=""))
    return menu(
        [icon("download"), html.Span("Download results"), icon("chevron-down")],
        items,
        name="Download results",
        className="md-menu-primary md-menu-right",
    )
