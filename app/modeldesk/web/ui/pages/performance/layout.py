"""The page of how well a model does: bar with the threshold, key figures, charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import Children, button, card, classes, given, labelled, loading, share_link
from modeldesk.web.ui.common.filters.form import filter_form
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import threshold as performance_threshold
from modeldesk.web.ui.pages.performance.cohort import rows_card
from modeldesk.web.ui.pages.performance.fields import FIELDS, SHARES, read_fields
from modeldesk.web.ui.pages.performance.text import OWN

START = 0.5
"""Where the slider stands on a model that no threshold is set for."""
SERVED = "served"
"""Stands for whichever version is served."""
UNSAID = "-"
"""Stands for no favourable outcome among the classes."""
WORKING = "Working out the figures"
OWN_ROWS = "The version's own rows"
DEFAULT_WANTED = 80
BY_PREDICTION = "prediction"
"""Stands for the prediction among the inputs that errors are shown by, which are named behind a colon."""


def layout(
    _places: Places,
    /,
    name: str | None = None,
    threshold: str | None = None,
    missed: str | None = None,
    alarm: str | None = None,
    segment: str | None = None,
    where: str | None = None,
    source: str | None = None,
    version: str | None = None,
    groups: str | None = None,
    favourable: str | None = None,
    **others: Any,
) -> html.Div:
    """The page before its data; the rest is what the address asks for, the class as ``class`` among the ``others``."""
    typed = [missed or "", alarm or "", str(DEFAULT_WANTED), str(DEFAULT_WANTED)]
    values, messages = read_fields(typed)
    return html.Div(
        [
            dcc.Store(id=ids.MODEL, data=unquote(name or "")),
            dcc.Store(
                id=ids.WANTED,
                data={
                    "threshold": _share(threshold),
                    "of_class": _text(others.get("class")),
                    "groups": _text(groups),
                    "favourable": _text(favourable),
                },
            ),
            dcc.Store(id=ids.SEGMENT, data=segment or ""),
            dcc.Store(id=ids.WHERE, data=_text(where) or ""),
            *(dcc.Store(id=store) for store in (ids.READY, ids.THRESHOLD, ids.ANSWERED, ids.SETTLED)),
            dcc.Store(id=ids.TYPED, data=values),
            *performance_threshold.stores(),
            *(html.Div(id=place) for place in (ids.ERRORS, ids.ADD_ERRORS, ids.REMOVE_ERRORS)),
            _bar(source or OWN, version or "", typed, messages),
            html.Div(id=ids.NOTICE),
            html.Div(id=ids.FOLLOW_ERRORS),
            html.Div(loading(WORKING, bars=2, height=92), id=ids.KPIS, className="md-kpis"),
            performance_threshold.dialog(),
            html.Div([_part(name) for name in ids.CARDS], className="md-performance-cards"),
        ],
        className="md-page md-stack md-performance",
    )


def _text(given: object) -> str | None:
    """One value of an address; of a name that comes twice the last."""
    value = given[-1] if isinstance(given, list) and given else given
    return value if isinstance(value, str) else None


def _share(text: str | None) -> float | None:
    value = _number(text)
    return value if value is not None and 0 <= value <= 1 else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _bar(source: str, version: str, typed: Sequence[str], messages: Sequence[Children]) -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    _select(
                        "Version",
                        ids.VERSION,
                        [{"label": version or SERVED, "value": version or SERVED}],
                        version or SERVED,
                    ),
                    _select("Measured on", ids.ROWS, [{"label": OWN_ROWS, "value": OWN}], source),
                    html.Div(id=ids.SOURCE, className="md-performance-source"),
                    html.Div(
                        [
                            html.Div(id=ids.SEGMENT_CHIP),
                            html.Div(
                                id=ids.CHIPS, className="md-chips", role="group", **{"aria-label": "Cohort filters"}
                            ),
                            filter_form(ids.FILTER, text="Cohort", name="Add a filter to the cohort"),
                            button("Clear all", id=ids.CLEAR, kind="quiet", small=True, hidden=True),
                        ],
                        className="md-performance-cohort-bar",
                    ),
                    html.Div(
                        [html.Div(id=ids.EXPORTS), share_link(ids.LINK, "Copy link", "Copy the link to these figures")],
                        className="md-performance-actions",
                    ),
                    html.Div(_select("Class", ids.CLASS), id=ids.CLASS_BOX, hidden=True),
                ],
                className="md-performance-data",
            ),
            html.Div(
                [_threshold(), _costs(typed, messages)], id=ids.CONTROLS, className="md-threshold-bar", hidden=True
            ),
        ],
        className="md-performance-bar",
    )


def _threshold() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Label("Threshold", htmlFor=ids.SLIDER, className="md-threshold-title"),
                    html.Span(id=ids.SLIDER_WORDS, className="md-quiet"),
                ],
                className="md-threshold-words",
            ),
            html.Div(
                [
                    dcc.Input(id=ids.SLIDER, type="range", min=0, max=100, step=0.1, value=100 * START),
                    html.Div(
                        [
                            dcc.Input(id=ids.NUMBER, type="text", inputMode="decimal", value="50"),
                            html.Span("%", className="md-unit"),
                        ],
                        className="md-control md-control-unit md-threshold-number",
                        **{"data-md-label": "Threshold in percent"},
                    ),
                ],
                className="md-threshold-line",
            ),
            html.P(
                id=ids.NUMBER_MESSAGE,
                className="md-message md-message-bad",
                role="alert",
                **{"data-md-describes": ids.NUMBER},
            ),
            html.Div(id=ids.GO, className="md-chips md-threshold-go"),
            performance_threshold.in_use_line(),
        ],
        className="md-threshold",
    )


def _costs(typed: Sequence[str], messages: Sequence[Children]) -> html.Div:
    labels = {ids.COST_MISSED: ids.COST_MISSED_LABEL, ids.COST_ALARM: ids.COST_ALARM_LABEL}
    words = {ids.WANT_FOUND: "Find at least", ids.WANT_RIGHT: "Alarms right at least"}
    return html.Div(
        [
            html.Div(
                [
                    html.Label(
                        words.get(field, ""), htmlFor=field, className="md-label", **given(id=labels.get(field))
                    ),
                    html.Div(
                        [
                            dcc.Input(id=field, type="text", inputMode="decimal", value=text, debounce=0.3),
                            html.Span("%", className="md-unit") if field in SHARES else None,
                        ],
                        className=classes("md-control", field in SHARES and "md-control-unit"),
                    ),
                    html.Div(
                        wrong, id=ids.message(field), className="md-field-message", **{"data-md-describes": field}
                    ),
                ],
                className="md-field",
            )
            for field, text, wrong in zip(FIELDS, typed, messages, strict=True)
        ],
        id=ids.COST_BOX,
        className="md-threshold-costs",
    )


def _select(label: str, id: str, options: Any = None, value: Any = None) -> Children:
    control = dbc.Select(id=id, options=options or [], value=value)
    return labelled(label, control, for_id=id, className="md-performance-select")


def _part(name: str) -> html.Div:
    return html.Div(
        _CARDS[name](), id=ids.part(name), hidden=True, className=f"md-performance-card md-performance-{name}"
    )


def _chart(name: str, title: str, **options: Any) -> Any:
    return lambda: chart_card(name, title, waiting=WORKING, **options)


def _residuals() -> Any:
    return chart_card(ids.RESIDUALS, "Errors", waiting=WORKING, tools=[_unseen("Errors by", ids.RESIDUAL_FEATURE)])


def _fails() -> Any:
    kinds = [
        {"label": "Wrong answers", "value": "wrong"},
        {"label": "Missed", "value": "missed"},
        {"label": "False alarms", "value": "alarm"},
    ]
    kind = html.Div(_unseen("What counts as failing", ids.FAIL_KIND, kinds, "wrong"), id=ids.FAIL_KIND_BOX)
    return card(
        html.Div(id=ids.FAILS_ERRORS),
        html.Div(loading("Looking for segments"), id=ids.FAILS_BODY, className="md-fails"),
        title="Worst segments",
        tools=[kind],
    )


def _groups() -> Any:
    return card(
        html.Div(id=ids.GROUPS_ERRORS),
        html.Div(loading(WORKING), id=ids.GROUPS_BODY),
        html.Div(id=ids.GAPS_BODY),
        title="Fairness by group",
        tools=[
            _unseen("Favourable outcome", ids.FAVOURABLE, [{"label": "Favourable outcome?", "value": UNSAID}], UNSAID),
            _unseen("Groups by", ids.GROUP_FEATURE),
        ],
    )


def _unseen(label: str, id: str, options: Any = None, value: Any = None) -> Children:
    control = dbc.Select(id=id, options=options or [], value=value)
    return labelled(label, control, for_id=id, className="md-card-select", unseen=True)


def _filled(body: str, title: str) -> Any:
    return lambda: card(html.Div(loading(WORKING), id=body), title=title)


_CARDS = {
    ids.COHORT: lambda: card(
        html.Div(id=ids.COHORT_ERRORS),
        html.Div(loading(WORKING), id=ids.COHORT_BODY),
        title="This cohort beside everyone",
    ),
    ids.RECORDS: rows_card,
    ids.MATRIX: _filled(ids.MATRIX_BODY, "Confusion matrix"),
    ids.COST: _chart(ids.COST, "Cost by threshold"),
    ids.ROC: _chart(ids.ROC, "ROC curve"),
    ids.CALIBRATION: _chart(ids.CALIBRATION, "Calibration"),
    ids.SCORES: _chart(ids.SCORES, "Score distribution by outcome"),
    ids.RECALL_PRECISION: _chart(ids.RECALL_PRECISION, "Precision and recall"),
    ids.GAIN: _chart(ids.GAIN, "Gain and lift"),
    ids.FIGURES: _filled(ids.FIGURES_BODY, "All metrics"),
    ids.CONFUSION: _chart(ids.CONFUSION, "Confusion matrix", height=320),
    ids.EACH: _filled(ids.EACH_BODY, "Class by class"),
    ids.PREDICTED: _chart(ids.PREDICTED, "Predicted and actual"),
    ids.RESIDUALS: _residuals,
    ids.QUANTILES: _chart(ids.QUANTILES, "How large errors are"),
    ids.COVERAGE: _chart(ids.COVERAGE, "Do intervals cover?"),
    ids.UNUSUAL: _chart(ids.UNUSUAL, "Scores"),
    ids.CASES: _filled(ids.CASES_BODY, "Most unusual"),
    ids.FAILS: _fails,
    ids.GROUPS: _groups,
}
