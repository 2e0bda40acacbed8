"""Counterfactuals: the smallest changes that reach a goal, each to be tried in the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.whatif.counterfactual import Change, Suggestion
from modeldesk.services.predictions.what_if import Suggested
from modeldesk.web.ui.common.answers import answer, class_inside, class_name
from modeldesk.web.ui.common.components import Children, badge, button, card, labelled
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.choices import inputs_of, shown_changes
from modeldesk.web.ui.common.fragment import encode_record, shareable
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.pages.predict import text as words

ANY = "*"
"""The goal of any other class than now; a drop-down needs a value for it."""
AT_LEAST, AT_MOST = "at_least", "at_most"
HIGHEST, LOWEST = "*highest", "*lowest"
"""The goals of the best that can be; for a class its name follows the colon: ``*highest:yes``."""


def changes_card() -> html.Section:
    """The card with its goal; the list is empty until somebody asks."""
    goal = html.Div(
        [
            labelled(words.GOAL, dbc.Select(id=names.CHANGES_GOAL, options=[]), for_id=names.CHANGES_GOAL),
            html.Div(
                labelled(
                    words.VALUE,
                    html.Div(
                        dcc.Input(id=names.CHANGES_VALUE, type="text", inputMode="decimal"), className="md-control"
                    ),
                    for_id=names.CHANGES_VALUE,
                ),
                id=names.CHANGES_VALUE_BOX,
                hidden=True,
            ),
            button(words.FIND_CHANGES, id=names.CHANGES_FIND),
        ],
        className="md-goal d-flex flex-wrap align-items-end row-gap-2 column-gap-12 my-2",
    )
    return card(
        html.P(words.CHANGES_SUMMARY, className="md-card-summary"),
        goal,
        html.Div(id=names.CHANGES_ERRORS),
        html.Div(id=names.CHANGES, role="status"),
        title=words.CHANGES,
        id=names.CHANGES_CARD,
        **{"data-md-follows": "changes"},
    )


def goal_options(model: LoadedModel) -> list[dict[str, str]]:
    """What may be asked for: another class, or a value to reach."""
    task = model.manifest.task
    if task.numeric:
        ends = [{"label": words.AS_LOW, "value": LOWEST}, {"label": words.AS_HIGH, "value": HIGHEST}]
        return [{"label": words.AT_MOST, "value": AT_MOST}, {"label": words.AT_LEAST, "value": AT_LEAST}, *ends]
    any_other = {"label": words.ANY_OTHER, "value": ANY}
    classes = model.manifest.classes if task.one_of_many else ()
    reached = [any_other, *({"label": class_name(name), "value": str(name)} for name in classes)]
    return reached + [
        {"label": words.AS_LIKELY.format(of_class=class_inside(name)), "value": f"{HIGHEST}:{name}"}
        for name in (model.manifest.classes if task.has_classes else ())
    ]


def can_be_changed(model: LoadedModel) -> bool:
    """Whether a suggestion can be filled into the form: images and texts are drawn and written."""
    return len(shareable(model.fields)) > 0 and not model.settings.image


def suggestions_list(asked: Suggested) -> list[Children]:
    """The suggestions, fewest changes first, or why there is none."""
    model, found = asked.model, asked.suggestions
    if found.goal.best is not None:
        return _best_list(asked)
    if found.already:
        return [html.P(words.GOAL_REACHED)]
    if not found.items:
        return [html.P(words.NO_CHANGE if found.complete else words.NO_CHANGE_IN_TIME)]
    done = None if found.complete else html.P(words.CUT_SHORT, className="md-note")
    return [html.Ul([_line(model, item) for item in found.items], className="list-unstyled"), done]


def _best_list(asked: Suggested) -> list[Children]:
    """The best of one change, of two and so on, the last of them the best of all."""
    found = asked.suggestions
    if not found.items:
        return [html.P(words.NONE_FURTHER)]
    return [
        html.P(words.BEST if found.complete else words.BEST_CUT_SHORT),
        html.Ul([_line(asked.model, item) for item in found.items], className="list-unstyled"),
    ]


def _line(model: LoadedModel, item: Suggestion) -> html.Li:
    changes = shown_changes(model, item)
    told = "; ".join(change_text(model, change) for change in changes)
    return html.Li(
        [
            html.Span(_changes(model, changes), className="flex-fill min-w-0"),
            badge(words.UNUSUAL, "warn") if item.unusual else None,
            html.Strong(answer(item.output, model.settings).short, className="md-change-answer"),
            html.A(
                words.TRY,
                href=f"#{encode_record(model.fields, item.record, model.version)}",
                className="btn btn-secondary btn-sm",
                **{"aria-label": words.TRY_CHANGES.format(changes=told)},
            ),
        ],
        className="hstack gap-12 py-2 border-top md-small",
    )


def change_text(model: LoadedModel, change: Change) -> str:
    """One change in words."""
    by_name = {field.name: field for field in inputs_of(model)}
    of = quantity(by_name[change.feature])
    return words.CHANGE.format(input=of.label, before=of.text(change.before), after=of.text(change.after))


def _changes(model: LoadedModel, changes: Sequence[Change]) -> list[Any]:
    by_name = {field.name: field for field in inputs_of(model)}
    parts: list[Any] = []
    for place, change in enumerate(changes):
        of = quantity(by_name[change.feature])
        before = html.Span(f"{of.text(change.before)} → ", className="md-quiet")
        parts += [", " if place else "", f"{of.label} ", before, html.Strong(of.text(change.after))]
    return parts
