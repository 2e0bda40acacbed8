"""The page of a model's versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from dash import dcc, html

from app.layout import formats
from app.layout.components import (
    Children,
    Column,
    alert,
    badge,
    button,
    card,
    empty,
    given,
    icon_button,
    labelled,
    loading,
    table,
    when,
)
from app.model_service.manifest import Evaluation, Manifest, Task
from app.ports import ServedChange
from app.services.versions import Versions

MODEL = "versions-model"
TABLE = "versions-table"
HISTORY = "versions-history"
ERRORS = "versions-errors"
FOLLOW = "versions-follow"
SHOWN = "versions-shown"
"""A store: what the page shows, so that an unchanged answer is not sent again."""
DIALOG = "versions-dialog"
WANTED = "versions-wanted"
"""A store: the decision that the dialog is open for."""
DIALOG_TITLE = "versions-dialog-title"
DIALOG_TEXT = "versions-dialog-text"
REASON = "versions-reason"
REASON_ERRORS = "versions-reason-errors"
CONFIRM = "versions-confirm"
CONFIRM_TEXT = "versions-confirm-text"
DONE = "versions-done"
OUTCOME = "versions-outcome"
FOLLOW_MILLISECONDS = 1_500

METRICS: dict[str, str] = {
    "roc_auc": "ROC area (AUC)",
    "pr_auc": "Precision-recall area",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "accuracy": "Right overall (accuracy)",
    "f1": "F1",
    "f1_macro": "F1, mean of classes",
    "rmse": "Typical error (RMSE)",
    "mae": "Mean error (MAE)",
    "r2": "Variance explained (R²)",
    "anomaly_share": "Called unusual",
}
_SHARES = {"accuracy", "anomaly_share"}
_IN_UNIT = {"rmse", "mae"}
_FIRST: dict[Task, tuple[str, ...]] = {
    "regression": ("rmse", "mae", "r2"),
    "binary": ("roc_auc", "accuracy", "log_loss"),
    "multiclass": ("accuracy", "f1_macro", "log_loss"),
    "anomaly": ("anomaly_share",),
}


def promote_id(version: Any) -> dict[str, Any]:
    """The button that promotes one version."""
    return {"part": "version-promote", "name": version}


def rollback_id(version: Any) -> dict[str, Any]:
    """The button that rolls back to one version."""
    return {"part": "version-rollback", "name": version}


def layout(name: str | None = None, **_: Any) -> html.Div:
    """The page before its data."""
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
            html.Div(id=HISTORY),
            _dialog(),
        ],
        className="md-page md-stack",
    )


def _dialog() -> html.Dialog:
    return html.Dialog(
        html.Div(
            [
                html.Div(
                    [
                        html.H2("Serve another version", id=DIALOG_TITLE, className="md-name"),
                        icon_button("x-lg", "Close", **given(**{"data-md-action": "close-dialog"})),
                    ],
                    className="md-dialog-head",
                ),
                html.P(id=DIALOG_TEXT, className="md-small md-quiet"),
                html.Div(
                    [
                        labelled(
                            "Reason",
                            html.Div(dcc.Textarea(id=REASON, rows=3, maxLength=1_000), className="md-control"),
                            for_id=REASON,
                            hint="Kept with the decision, for those who look at this model's history later.",
                        ),
                        html.Div(id=REASON_ERRORS, className="md-field-message", **{"data-md-describes": REASON}),
                    ],
                    className="md-dialog-field",
                ),
                html.Div(
                    [
                        button("Cancel", kind="quiet", **given(**{"data-md-action": "close-dialog"})),
                        html.Button(
                            html.Span("Promote", id=CONFIRM_TEXT),
                            id=CONFIRM,
                            type="button",
                            className="md-button md-button-primary",
                        ),
                    ],
                    className="md-dialog-foot",
                ),
            ],
            className="md-dialog-body",
        ),
        id=DIALOG,
        className="md-dialog",
        **{"aria-labelledby": DIALOG_TITLE},
    )


def versions_card(shown: Versions, *, may_decide: bool) -> html.Section:
    """All versions, newest first, with what they were measured at."""
    entry = shown.entry
    if not shown.manifests:
        return card(empty("No version can be read", entry.reason or "The folder of this model is empty."))
    wanted = _FIRST[shown.manifests[0].task]
    columns = [
        Column("Version"),
        Column("State"),
        Column("Published"),
        *(Column(METRICS[name], number=True) for name in wanted),
        Column("Measured on"),
        Column("Estimator", hide=True),
        Column(html.Span("Actions", className="visually-hidden")),
    ]
    rows = [_row(manifest, shown, wanted, may_decide) for manifest in shown.manifests]
    notes: list[Any] = []
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


def _summary(shown: Versions) -> Children:
    entry = shown.entry
    if entry.served is None:
        return "No version is served."
    newest = shown.manifests[0].version
    served: list[Children] = [html.Strong(f"Version {entry.served} is being served.")]
    if newest > entry.served:
        served.append(f" Version {newest} waits for review.")
    return served


def _row(manifest: Manifest, shown: Versions, wanted: Sequence[str], may_decide: bool) -> list[Children]:
    unit = shown.entry.settings.unit
    figures = {metric.name: metric.value for metric in manifest.evaluation.metrics}
    return [
        str(manifest.version),
        _state(manifest.version, shown),
        html.Span([when(manifest.created_at), html.Span(f" by {manifest.created_by}", className="md-quiet")]),
        *(_figure(name, figures.get(name), unit) for name in wanted),
        measured_on(manifest.evaluation),
        html.Code(manifest.estimator),
        _action(manifest.version, shown) if may_decide else None,
    ]


def _state(version: int, shown: Versions) -> html.Span:
    served = shown.entry.served
    if version == served:
        return badge("Serving", "good") if shown.entry.state == "serving" else badge("Not serving", "bad")
    was_served = any(version in (change.version, change.previous) for change in shown.history)
    if served is not None and version > served and not was_served:
        return badge("Waiting for review", "accent", plain=True)
    return badge("Retired", "neutral", plain=True)


def _action(version: int, shown: Versions) -> Children:
    if version == shown.entry.served:
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
    if name in _SHARES:
        return formats.percent(value)
    text = formats.number(value, keep_zeros=True)
    return formats.with_unit(text, unit) if name in _IN_UNIT else text


def measured_on(evaluation: Evaluation) -> Children:
    """The rows behind the figures, and the doubt about them."""
    rows = formats.count(evaluation.rows, "row")
    if evaluation.source == "holdout":
        return f"Hold-out, {rows}"
    return html.Span(["Training, ", rows], className="md-warn-text")


def decisions(history: Sequence[ServedChange]) -> Children:
    """Who decided what, when and why; newest first."""
    if not history:
        return card(
            html.P(
                "Nobody has decided on a version yet. Until somebody does, the newest sound one is served.",
                className="md-small md-quiet",
            ),
            title="Decisions",
        )
    columns = [Column("When"), Column("Decision"), Column("By"), Column("Reason")]
    rows = [[when(change.at), _decision(change), change.who, change.why] for change in history]
    return card(table(columns, rows, caption="Decisions on versions, newest first"), title="Decisions")


def _decision(change: ServedChange) -> str:
    before = f", was {change.previous}" if change.previous is not None else ""
    if change.action == "rollback":
        return f"Rolled back to version {change.version}{before}"
    return f"Promoted version {change.version}{before}"


def outcome(change: ServedChange) -> html.Div:
    """That a decision is in force."""
    return alert("good", html.P(f"Version {change.version} is being served, in every worker within a second or two."))
