"""The page of a model's versions."""

from __future__ import annotations

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
from modeldesk.web.ui.pages.versions import comparison as version_pair

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
_KEPT = "Kept with the decision, for those who look at this model's history later."


def promote_id(version: Any) -> dict[str, Any]:
    """The button that promotes one version."""
    return {"part": "version-promote", "name": version}


def rollback_id(version: Any) -> dict[str, Any]:
    """The button that rolls back to one version."""
    return {"part": "version-rollback", "name": version}


def layout(
    _places: Places, /, name: str | None = None, compare: str | None = None, rows: str | None = None, **_: Any
) -> html.Div:
    """The page before its data; ``compare`` and ``rows`` are what the address asks to be compared."""
    return html.Div(
        [
            dcc.Store(id=MODEL, data=unquote(name or "")),
            dcc.Store(id=SHOWN),
            dcc.Store(id=WANTED),
            dcc.Store(id=DONE),
            dcc.Interval(id=FOLLOW, interval=FOLLOW_MILLISECONDS),
            html.Div(id=OUTCOME),
            html.Div(id=ERRORS),
            html.Div(card(loading("Reading the versions", bars=4), title="Versions"), id=TABLE),
            dcc.Store(id=LABELLED),
            html.Div(labels_card(), id=LABELS, hidden=True),
            version_pair.part(compare, rows),
            html.Div(id=HISTORY),
            reason_dialog(DIALOG, "Serve another version", "Promote", hint=_KEPT),
        ],
        className="md-page md-stack",
    )


def versions_card(shown: Versions, *, may_decide: bool) -> html.Section:
    """All versions, newest first, with what they were measured at."""
    entry = shown.entry
    if not shown.manifests:
        why = entry.reason or "The folder of this model is empty."
        return card(empty("No version can be read", why), *_unreadable(shown))
    task = shown.manifests[0].task
    wanted = task.headline
    columns = [
        Column("Version"),
        Column("State"),
        Column("Published"),
        *(Column(METRICS[at_publication(name, task)].label, number=True) for name in wanted),
        Column("Measured on"),
        Column("Estimator", hide=True),
        Column(html.Span("Actions", className="visually-hidden")),
    ]
    rows = [_row(manifest, shown, wanted, may_decide) for manifest in shown.manifests]
    notes = _unreadable(shown)
    if any(manifest.evaluation.source == "training" and manifest.evaluation.metrics for manifest in shown.manifests):
        notes.append(
            alert(
                "info",
                html.P(
                    "Figures on training rows are from rows that the model may have been trained on. "
                    "Publish with a hold-out file to know how it does on new ones."
                ),
                live=False,
            )
        )
    if not may_decide:
        notes.append(
            html.P(
                "Which version is served is decided by people with the role manager; ask an administrator for it.",
                className="md-note",
            )
        )
    return card(
        table(columns, rows, caption="Versions, newest first", rows_head=True, className="md-versions"),
        *notes,
        title="Versions",
        summary=_summary(shown),
        className="md-stack-inner",
    )


def _unreadable(shown: Versions) -> list[Any]:
    """What is wrong with each version that cannot be read."""
    return [
        alert("warn", html.P([html.Strong(f"Version {item.version}: "), item.error.detail, " ", item.error.hint or ""]))
        for item in shown.unreadable
    ]


def _summary(shown: Versions) -> Children:
    entry = shown.entry
    if entry.served is None:
        decided = "" if entry.decided is None else f" Version {entry.decided} is to be served and cannot be."
        return f"No version is served.{decided} {entry.reason or ''}".rstrip()
    newest = shown.manifests[0].version
    served: list[Children] = [html.Strong(f"Version {entry.served} is being served.")]
    if newest > entry.served and not _was_served(newest, shown):
        served.append(f" Version {newest} waits for review.")
    elif newest > entry.served:
        served.append(f" Version {newest} was served before and is retired.")
    return served


def _row(manifest: Manifest, shown: Versions, wanted: Sequence[str], may_decide: bool) -> list[Children]:
    unit = shown.entry.settings.unit
    figures = {metric.name: metric.value for metric in manifest.evaluation.metrics}
    return [
        str(manifest.version),
        html.Span([_state(manifest.version, shown), *_labels(manifest.version, shown.labels)], className="md-chips"),
        html.Span([when(manifest.created_at), html.Span(f" by {manifest.created_by}", className="md-quiet")]),
        *(_figure(name, figures.get(name), unit) for name in wanted),
        measured_on(manifest.evaluation),
        html.Code(manifest.estimator),
        _action(manifest.version, shown) if may_decide else None,
    ]


def _state(version: int, shown: Versions) -> html.Span:
    served = shown.entry.served
    if version == shown.entry.chosen:
        return badge("Serving", "good") if shown.entry.state == "serving" else badge("Not serving", "bad")
    if served is not None and version > served and not _was_served(version, shown):
        return badge("Waiting for review", "accent", plain=True)
    return badge("Retired", "neutral", plain=True)


def _labels(version: int, labels: Labels) -> list[Children]:
    """A version's aliases and tags, told apart by more than their colour."""
    return [
        *(badge(f"@{alias}", "accent", plain=True) for alias in labels.aliases_of(version)),
        *(badge(f"#{tag}", "outline", plain=True) for tag in labels.tags_of(version)),
    ]


def labels_card() -> html.Section:
    """The fields that set and remove aliases and tags; hidden from those who may not."""
    kinds = [{"label": "Alias", "value": "alias"}, {"label": "Tag", "value": "tag"}]
    name = html.Div(dcc.Input(id=LABEL_NAME, type="text", maxLength=63), className="md-control")
    controls = (
        ("Version", LABEL_VERSION, dbc.Select(id=LABEL_VERSION, options=[])),
        ("Kind", LABEL_KIND, dbc.Select(id=LABEL_KIND, options=kinds, value="alias")),
        ("Name", LABEL_NAME, name),
    )
    fields = [
        *(labelled(label, control, for_id=id_, className="md-pair-select") for label, id_, control in controls),
        button("Set", id=LABEL_SET),
        button("Remove", id=LABEL_REMOVE, kind="quiet"),
    ]
    return card(
        html.Div(fields, className="md-pair-choice"),
        html.Div(id=LABEL_ERRORS),
        title="Aliases and tags",
        summary="An alias (@champion) stands for one version and may move; a tag (#audited) goes on any number. "
        "Neither changes what is served.",
    )


def no_verdict(error: ModeldeskError) -> html.P:
    """Why nothing can be said of a version beside the one that is served."""
    return html.P(f"It cannot be compared with the version that is served. {error.detail}", className="md-quiet")


def label_words(change: LabelChange) -> str:
    """A change of an alias or a tag among a model's decisions."""
    if change.kind == "alias":
        return f"@{change.label} {'set to' if change.action == 'set' else 'removed from'} version {change.version}"
    return f"#{change.label} {'put on' if change.action == 'set' else 'taken off'} version {change.version}"


def _was_served(version: int, shown: Versions) -> bool:
    return any(version in (change.version, change.previous) for change in shown.history)


def _action(version: int, shown: Versions) -> Children:
    if version == shown.entry.chosen:
        return None
    if version == shown.previous:
        return button(
            "Roll back",
            id=rollback_id(version),
            kind="danger-outline",
            small=True,
            label=f"Roll back to version {version}",
        )
    return button("Promote", id=promote_id(version), small=True, label=f"Promote version {version}")


def _figure(name: str, value: float | None, unit: str) -> Children:
    if value is None:
        return html.Span(formats.NOT_KNOWN, className="md-quiet")
    return METRICS[name].text(value, unit)


def measured_on(evaluation: Evaluation) -> Children:
    """The rows behind the figures, and the doubt about them."""
    rows = formats.count(evaluation.rows, "row")
    if evaluation.source == "holdout":
        return f"Hold-out, {rows}"
    return html.Span(["Training, ", rows], className="md-warn-text")


def decisions(
    history: Sequence[ServedChange],
    thresholds: Sequence[ThresholdChange] = (),
    labels: Sequence[LabelChange] = (),
) -> Children:
    """Who decided what on versions and on the threshold, when and why; newest first."""
    notes: list[Any] = []
    if not history:
        notes.append(
            html.P(
                "Nobody has decided on a version yet. Until somebody does, the newest sound one is served.",
                className="md-small md-quiet",
            )
        )
    made = [(change.at, _decision(change), change.who, change.why) for change in history]
    made += [(change.at, change_words(change), change.who, change.why) for change in thresholds]
    made += [(change.at, label_words(change), change.who, "") for change in labels]
    made.sort(key=lambda item: item[0], reverse=True)
    if not made:
        return card(*notes, title="Decisions")
    columns = [Column("When"), Column("Decision"), Column("By"), Column("Reason")]
    rows = [[when(at), words, who, why] for at, words, who, why in made]
    return card(table(columns, rows, caption="Decisions, newest first"), *notes, title="Decisions")


def _decision(change: ServedChange) -> str:
    before = f", was {change.previous}" if change.previous is not None else ""
    if change.action == "rollback":
        return f"Rolled back to version {change.version}{before}"
    return f"Promoted version {change.version}{before}"


def outcome(change: ServedChange) -> html.Div:
    """That a decision is in force."""
    return alert("good", html.P(f"Version {change.version} is being served, in every worker within a second or two."))
