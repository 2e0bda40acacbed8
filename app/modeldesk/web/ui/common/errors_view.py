"""How an error looks: what, why, what to do, and the reference that the log knows it by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from modeldesk.core.errors import ModeldeskError, Problem
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.components import Children, alert, code, field_error, icon
from modeldesk.web.ui.common.sentences import sentence

MAX_PROBLEMS = 20


def error_alert(error: ModeldeskError, reference: str) -> html.Div:
    """An error inside a card or above a page; the rest of the page goes on working."""
    faults = [p for p in error.problems if p.message][:MAX_PROBLEMS]
    return alert(
        "bad",
        html.P([html.Strong(words.ERROR.format(title=error.title)), " ", error.detail]),
        problem_list(faults) if faults else None,
        html.P(error.hint) if error.hint else None,
        _reference(reference) if error.status >= 500 else None,
    )


def chart_alert(error: ModeldeskError, reference: str) -> html.Div:
    """An error where a chart should be."""
    return alert(
        "bad",
        html.P([html.Strong(words.NOT_DRAWN), " ", error.detail]),
        html.P(error.hint) if error.hint else None,
        html.P(words.REST_NOT_AFFECTED),
        _reference(reference) if error.status >= 500 else None,
    )


def beside_the_field(error: ModeldeskError, reference: str) -> html.P:
    """An error under the field that it is about."""
    told = " ".join(part for part in (error.detail, error.hint) if part)
    if error.status >= 500:
        told = words.ERROR_WITH_REFERENCE.format(error=told, reference=reference)
    return field_error(told)


def error_card(
    title: str,
    detail: Children,
    *,
    todo: Sequence[Children] = (),
    command: str | None = None,
    actions: Sequence[Children] = (),
    foot: Children = None,
) -> html.Section:
    """A whole page's error: a thing that is not there, or a model that does not serve."""
    what: list[Any] = []
    if todo or command:
        what = [
            html.H3(words.WHAT_TO_DO, className="md-small mt-12"),
            html.Ul([html.Li(step) for step in todo]) if todo else None,
            code(command, id="error-command", label=words.THE_COMMAND) if command else None,
        ]
    return html.Section(
        [
            html.Div(
                [
                    icon("x-octagon-fill", className="mt-1 fs-5 text-danger-emphasis"),
                    html.Div(
                        [
                            html.H2(title, className="md-name"),
                            html.P(detail),
                            *what,
                            html.Div(list(actions), className="d-flex flex-wrap gap-2 mt-3") if actions else None,
                        ],
                        className="min-w-0 flex-fill",
                        role="alert",
                    ),
                ],
                className="md-error-body md-small d-flex gap-12 text-body-secondary",
            ),
            html.Footer(foot, className="md-note mt-3 pt-12 border-top text-body-secondary")
            if foot is not None
            else None,
        ],
        className="md-card md-error-card",
    )


def problem_list(problems: Sequence[Problem]) -> html.Ul:
    """What is wrong, one line each."""
    return html.Ul(
        [
            html.Li([html.Strong(f"{problem.field}: ") if problem.field else None, problem.message])
            for problem in problems
        ],
        className="mt-1 ps-3",
    )


def _reference(reference: str) -> html.P:
    return html.P(
        sentence(words.REFERENCE, reference=html.Code(reference)), className="md-note mt-1 text-body-secondary"
    )
