"""The page of a model's versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.package.manifest import Evaluation, Manifest
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from modeldesk.ports.version_labels import LabelChange, Labels
from modeldesk.services.versions.manage import Versions
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import (
    Children,
    Column,
    alert,
    badge,
    button,
    card,
    empty,
    labelled,
    loading,
    table,
    when,
)
from modeldesk.web.ui.common.metric_names import METRICS, at_publication
from modeldesk.web.ui.common.metric_text import change_words
from modeldesk.web.ui.common.reason_dialog import ReasonIds, reason_dialog
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.versions import comparison as version_pair
from modeldesk.web.ui.pages.versions import text as words

MODEL = "versions-model"
TABLE = "versions-table"
HISTORY = "versions-history"
ERRORS = "versions-errors"
FOLLOW = "versions-follow"
SHOWN = "versions-shown"
"""A store: what the page shows, so that an unchanged answer is not sent again."""
DIALOG = ReasonIds("versions")
LABELS = "versions-labels"
LABEL_VERSION = "versions-label-version"
LABEL_KIND = "versions-label-kind"
LABEL_NAME = "versions-label-name"
LABEL_SET = "versions-label-set"
LABEL_REMOVE = "versions-label-remove"
LABEL_ERRORS = "versions-label-errors"
LABELLED = "versions-labelled"
"""A store: the last change of an alias or a tag that was made here."""
WANTED = "versions-wanted"
"""A store: the decision that the dialog is open for."""
DONE = "versions-done"
OUTCOME = "versions-outcome"
FOLLOW_MILLISECONDS = 1_500


def promote_id(version: Any) -> dict[str, Any]:
    """Return the id of the button that promotes one version."""
    return {"part": "version-promote", "name": version}


def rollback_id(version: Any) -> dict[str, Any]:
    """Return the id of the button that rolls back to one version."""
    return {"part": "version-rollback", "name": version}


def layout(
    _places: Places, /, name: str | None = None, compare: str | None = None, rows: str | None = None, **_: Any
) -> html.Div:
    """Return the page before its data; ``compare`` and ``rows`` are what the address asks to be compared."""
    return html.Div(
        [
            dcc.Store(id=MODEL, data=unquote(name or "")),
            dcc.Store(id=SHOWN),
            dcc.Store(id=WANTED),
            dcc.Store(id=DONE),
            dcc.Interval(id=FOLLOW, interval=FOLLOW_MILLISECONDS),
            html.Div(id=OUTCOME),
            html.Div(id=ERRORS),
            html.Div(card(loading(words.READING, bars=4), title=words.TITLE), id=TABLE),
            dcc.Store(id=LABELLED),
            html.Div(labels_card(), id=LABELS, hidden=True),
            version_pair.part(compare, rows),
            html.Div(id=HISTORY),
            reason_dialog(DIALOG, words.DIALOG_TITLE, words.PROMOTE, hint=words.REASON_HINT),
        ],
        className="md-page md-stack",
        **{"data-md-words": json.dumps(words.IN_BROWSER)},
    )


def versions_card(shown: Versions, *, may_decide: bool) -> html.Section:
    """Return all versions, newest first, with their figures at publication."""
    entry = shown.entry
    if not shown.manifests:
        why = entry.reason or words.EMPTY_FOLDER
        return card(empty(words.NO_VERSION, why), *_unreadable(shown))
    task = shown.manifests[0].task
    wanted = task.headline
    columns = [
        Column(words.VERSION),
        Column(words.STATE),
        Column(words.PUBLISHED),
        *(Column(METRICS[at_publication(name, task)].label, number=True) for name in wanted),
        Column(words.MEASURED_ON),
        Column(words.ESTIMATOR, hide=True),
        Column(html.Span(words.ACTIONS, className="visually-hidden")),
    ]
    rows = [_row(manifest, shown, wanted, may_decide) for manifest in shown.manifests]
    notes = _unreadable(shown)
    if any(manifest.evaluation.source == "training" and manifest.evaluation.metrics for manifest in shown.manifests):
        notes.append(alert("info", html.P(words.TRAINING_ROWS), live=False))
    if not may_decide:
        notes.append(html.P(words.MAY_NOT_DECIDE, className="md-note"))
    return card(
        table(columns, rows, caption=words.CAPTION, rows_head=True, className="md-versions"),
        *notes,
        title=words.TITLE,
        summary=words.summary(shown),
        className="d-flex flex-column gap-2",
    )


def _unreadable(shown: Versions) -> list[Any]:
    """Return what is wrong with each version that cannot be read."""
    return [
        alert("warn", html.P(sentence(words.UNREADABLE, version=item.version, **_texts(item.error))))
        for item in shown.unreadable
    ]


def _texts(error: ModeldeskError) -> dict[str, str]:
    return {"detail": error.detail, "hint": error.hint or ""}


def _row(manifest: Manifest, shown: Versions, wanted: Sequence[str], may_decide: bool) -> list[Children]:
    unit, by = shown.entry.settings.unit, words.PUBLISHED_BY.format(person=manifest.created_by)
    figures = {metric.name: metric.value for metric in manifest.evaluation.metrics}
    return [
        str(manifest.version),
        html.Span(
            [_state(manifest.version, shown), *_labels(manifest.version, shown.labels)],
            className="d-flex flex-wrap gap-2",
        ),
        html.Span([when(manifest.created_at), " ", html.Span(by, className="md-quiet")]),
        *(_figure(name, figures.get(name), unit) for name in wanted),
        _measured_on(manifest.evaluation),
        html.Code(manifest.estimator),
        _action(manifest.version, shown) if may_decide else None,
    ]


def _state(version: int, shown: Versions) -> html.Span:
    served = shown.entry.served
    if version == shown.entry.chosen:
        return badge(words.SERVING, "good") if shown.entry.state == "serving" else badge(words.NOT_SERVING, "bad")
    if served is not None and version > served and not words.was_served(version, shown):
        return badge(words.WAITING_FOR_REVIEW, "accent", plain=True)
    return badge(words.RETIRED, "neutral", plain=True)


def _labels(version: int, labels: Labels) -> list[Children]:
    """Return a version's aliases and tags, told apart by more than their colour."""
    return [
        *(badge(f"@{alias}", "accent", plain=True) for alias in labels.aliases_of(version)),
        *(badge(f"#{tag}", "outline", plain=True) for tag in labels.tags_of(version)),
    ]


def labels_card() -> html.Section:
    """Return the fields that set and remove aliases and tags; hidden from those who may not."""
    kinds = [{"label": label, "value": kind} for kind, label in words.LABEL_KINDS.items()]
    name = html.Div(dcc.Input(id=LABEL_NAME, type="text", maxLength=63), className="md-control")
    controls = (
        (words.VERSION, LABEL_VERSION, dbc.Select(id=LABEL_VERSION, options=[])),
        (words.LABEL_KIND, LABEL_KIND, dbc.Select(id=LABEL_KIND, options=kinds, value="alias")),
        (words.LABEL_NAME, LABEL_NAME, name),
    )
    fields = [
        *(labelled(label, control, for_id=id_, className="md-pick") for label, id_, control in controls),
        button(words.SET, id=LABEL_SET),
        button(words.REMOVE, id=LABEL_REMOVE, kind="quiet"),
    ]
    return card(
        html.Div(fields, className="d-flex flex-wrap align-items-end row-gap-2 column-gap-3 mt-2"),
        html.Div(id=LABEL_ERRORS),
        title=words.LABELS_TITLE,
        summary=words.LABELS_SUMMARY,
    )


def no_verdict(error: ModeldeskError) -> html.P:
    """Return why a version cannot be compared with the one that is served."""
    return html.P(words.NOT_COMPARABLE.format(detail=error.detail), className="md-quiet")


def _action(version: int, shown: Versions) -> Children:
    if version == shown.entry.chosen:
        return None
    if version == shown.previous:
        return button(
            words.ROLL_BACK,
            id=rollback_id(version),
            kind="outline-danger",
            small=True,
            label=words.ROLL_BACK_TO.format(version=version),
        )
    label = words.PROMOTE_VERSION.format(version=version)
    return button(words.PROMOTE, id=promote_id(version), small=True, label=label)


def _figure(name: str, value: float | None, unit: str) -> Children:
    if value is None:
        return html.Span(formats.NOT_KNOWN, className="md-quiet")
    return METRICS[name].text(value, unit)


def _measured_on(evaluation: Evaluation) -> Children:
    """Return the rows behind the figures, marked where they are not of a hold-out."""
    rows = words.measured_on(evaluation)
    return rows if evaluation.source == "holdout" else html.Span(rows, className="text-warning-emphasis")


def decisions(
    history: Sequence[ServedChange],
    thresholds: Sequence[ThresholdChange] = (),
    labels: Sequence[LabelChange] = (),
) -> Children:
    """Return who decided what on versions and on the threshold, when and why; newest first."""
    notes: list[Any] = []
    if not history:
        notes.append(html.P(words.UNDECIDED, className="md-small md-quiet"))
    made = [(change.at, words.decision(change), change.who, change.why) for change in history]
    made += [(change.at, change_words(change), change.who, change.why) for change in thresholds]
    made += [(change.at, words.label_change(change), change.who, "") for change in labels]
    made.sort(key=lambda item: item[0], reverse=True)
    if not made:
        return card(*notes, title=words.DECISIONS_TITLE)
    columns = [Column(name) for name in words.DECISION_COLUMNS]
    rows = [[when(at), decision, who, why] for at, decision, who, why in made]
    return card(table(columns, rows, caption=words.DECISIONS_CAPTION), *notes, title=words.DECISIONS_TITLE)


def outcome(change: ServedChange) -> html.Div:
    """Return that a decision is in force."""
    return alert("good", html.P(words.DONE.format(version=change.version)))
