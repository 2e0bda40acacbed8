"""The page of how well a model does: bar with the threshold, key figures, charts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode

import dash_bootstrap_components as dbc
import numpy as np
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.performance.binary import Costs, Decision, Figure
from modeldesk.model_service.performance.proportions import wilson_interval
from modeldesk.model_service.tasks import Task
from modeldesk.services.performance.measured_rows import Offered
from modeldesk.services.performance.report import Performance
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import (
    Children,
    alert,
    button,
    card,
    classes,
    given,
    icon,
    labelled,
    loading,
    menu,
    removable_chip,
    share_link,
)
from modeldesk.web.ui.common.filters.form import filter_form
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.common.metric_text import kpi, three
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.tasks import view_of
from modeldesk.web.ui.pages.performance import findings_text, ids
from modeldesk.web.ui.pages.performance import text as words
from modeldesk.web.ui.pages.performance import threshold as performance_threshold
from modeldesk.web.ui.pages.performance.cohort import rows_card
from modeldesk.web.ui.pages.performance.fields import FIELDS, SHARES, read_fields

START = 0.5
"""Where the slider stands on a model that no threshold is set for."""
SERVED = "served"
"""Stands for whichever version is served."""
UNSAID = "-"
"""Stands for no favourable outcome among the classes."""
OWN = "own"
"""Stands for the version's own rows among the sources: an empty value would leave the field blank."""
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
    """Return the page before its data; the rest is the address's query, the class as ``class`` among the ``others``."""
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
            html.Div(
                loading(words.WORKING, bars=2, height=92),
                id=ids.KPIS,
                className="md-kpis overflow-hidden border rounded-3",
            ),
            performance_threshold.dialog(),
            html.Div([_part(name) for name in ids.CARDS], className="md-three md-cards"),
        ],
        className="md-page md-stack md-performance",
        **{"data-md-words": json.dumps(words.IN_BROWSER)},
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
                        words.VERSION,
                        ids.VERSION,
                        [{"label": version or SERVED, "value": version or SERVED}],
                        version or SERVED,
                    ),
                    _select(words.MEASURED_ON, ids.ROWS, [{"label": words.OWN_ROWS, "value": OWN}], source),
                    html.Div(id=ids.SOURCE, className="md-performance-source"),
                    html.Div(
                        [
                            html.Div(id=ids.SEGMENT_CHIP),
                            html.Div(
                                id=ids.CHIPS,
                                className="d-flex flex-wrap gap-2",
                                role="group",
                                **{"aria-label": words.COHORT_FILTERS},
                            ),
                            filter_form(ids.FILTER, text=words.COHORT, name=words.ADD_FILTER),
                            button(words.CLEAR, id=ids.CLEAR, kind="quiet", small=True, hidden=True),
                        ],
                        className="hstack flex-wrap gap-2",
                    ),
                    html.Div(
                        [html.Div(id=ids.EXPORTS), share_link(ids.LINK, words.COPY_LINK, words.COPY_LINK_TO)],
                        className="hstack flex-wrap gap-2",
                    ),
                    html.Div(_select(words.CLASS, ids.CLASS), id=ids.CLASS_BOX, hidden=True),
                ],
                className="md-performance-data md-small hstack flex-wrap row-gap-2 column-gap-3 text-body-secondary",
            ),
            html.Div(
                [_threshold(), _costs(typed, messages)],
                id=ids.CONTROLS,
                className="md-threshold-bar d-flex flex-wrap row-gap-12 column-gap-4",
                hidden=True,
            ),
        ],
        className="d-flex flex-wrap align-items-start row-gap-12 column-gap-4",
    )


def _threshold() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Label(words.THRESHOLD, htmlFor=ids.SLIDER, className="me-2 fw-semibold"),
                    html.Span(id=ids.SLIDER_WORDS, className="md-quiet"),
                ],
                className="md-small",
            ),
            html.Div(
                [
                    dcc.Input(id=ids.SLIDER, type="range", min=0, max=100, step=0.1, value=100 * START),
                    html.Div(
                        [
                            dcc.Input(id=ids.NUMBER, type="text", inputMode="decimal", value="50"),
                            html.Span("%", className="md-unit text-truncate md-small text-body-secondary"),
                        ],
                        className="md-control md-control-unit md-threshold-number",
                        **{"data-md-label": words.THRESHOLD_PERCENT},
                    ),
                ],
                className="md-threshold-line hstack gap-3 mt-1 mb-2",
            ),
            html.P(
                id=ids.NUMBER_MESSAGE,
                className="md-message md-message-bad text-danger-emphasis",
                role="alert",
                **{"data-md-describes": ids.NUMBER},
            ),
            html.Div(id=ids.GO, className="d-flex flex-wrap gap-2 md-threshold-go"),
            performance_threshold.in_use_line(),
        ],
        className="md-threshold",
    )


def _costs(typed: Sequence[str], messages: Sequence[Children]) -> html.Div:
    labels = {ids.COST_MISSED: ids.COST_MISSED_LABEL, ids.COST_ALARM: ids.COST_ALARM_LABEL}
    wanted = {ids.WANT_FOUND: words.FIND_AT_LEAST, ids.WANT_RIGHT: words.RIGHT_AT_LEAST}
    return html.Div(
        [
            html.Div(
                [
                    html.Label(
                        wanted.get(field, ""), htmlFor=field, className="md-label", **given(id=labels.get(field))
                    ),
                    html.Div(
                        [
                            dcc.Input(id=field, type="text", inputMode="decimal", value=text, debounce=0.3),
                            html.Span("%", className="md-unit text-truncate md-small text-body-secondary")
                            if field in SHARES
                            else None,
                        ],
                        className=classes("md-control", field in SHARES and "md-control-unit"),
                    ),
                    html.Div(
                        wrong,
                        id=ids.message(field),
                        className="md-field-message text-break",
                        **{"data-md-describes": field},
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
    return labelled(label, control, for_id=id, className="md-pick")


def _part(name: str) -> html.Div:
    return html.Div(_CARDS[name](), id=ids.part(name), hidden=True, className=f"md-performance-{name}")


def _chart(name: str, **options: Any) -> Any:
    return lambda: chart_card(name, words.CHARTS[name], waiting=words.WORKING, **options)


def _residuals() -> Any:
    return _chart(ids.RESIDUALS, tools=[_unseen(words.ERRORS_BY, ids.RESIDUAL_FEATURE)])()


def _fails() -> Any:
    kinds = [{"label": label, "value": kind} for kind, label in words.FAIL_KINDS.items()]
    kind = html.Div(_unseen(words.FAIL_KIND, ids.FAIL_KIND, kinds, "wrong"), id=ids.FAIL_KIND_BOX)
    return card(
        html.Div(id=ids.FAILS_ERRORS),
        html.Div(loading(words.LOOKING_FOR_SEGMENTS), id=ids.FAILS_BODY, className="md-fails"),
        title=words.FAILS_TITLE,
        tools=[kind],
    )


def _groups() -> Any:
    unsaid = [{"label": words.FAVOURABLE_UNSAID, "value": UNSAID}]
    return card(
        html.Div(id=ids.GROUPS_ERRORS),
        html.Div(loading(words.WORKING), id=ids.GROUPS_BODY),
        html.Div(id=ids.GAPS_BODY),
        title=words.GROUPS_TITLE,
        tools=[
            _unseen(words.FAVOURABLE, ids.FAVOURABLE, unsaid, UNSAID),
            _unseen(words.GROUPS_BY, ids.GROUP_FEATURE),
        ],
    )


def _unseen(label: str, id: str, options: Any = None, value: Any = None) -> Children:
    control = dbc.Select(id=id, options=options or [], value=value, size="sm")
    return labelled(label, control, for_id=id, className="md-card-select", unseen=True)


def _filled(body: str, title: str) -> Any:
    return lambda: card(html.Div(loading(words.WORKING), id=body), title=title)


_CARDS = {
    ids.COHORT: lambda: card(
        html.Div(id=ids.COHORT_ERRORS),
        html.Div(loading(words.WORKING), id=ids.COHORT_BODY),
        title=words.COHORT_TITLE,
    ),
    ids.RECORDS: rows_card,
    ids.MATRIX: _filled(ids.MATRIX_BODY, words.MATRIX_TITLE),
    ids.COST: _chart(ids.COST),
    ids.ROC: _chart(ids.ROC),
    ids.CALIBRATION: _chart(ids.CALIBRATION),
    ids.SCORES: _chart(ids.SCORES),
    ids.RECALL_PRECISION: _chart(ids.RECALL_PRECISION),
    ids.GAIN: _chart(ids.GAIN),
    ids.FIGURES: _filled(ids.FIGURES_BODY, words.METRICS_TITLE),
    ids.CONFUSION: _chart(ids.CONFUSION, height=320),
    ids.EACH: _filled(ids.EACH_BODY, words.CLASSES_TITLE),
    ids.PREDICTED: _chart(ids.PREDICTED),
    ids.RESIDUALS: _residuals,
    ids.QUANTILES: _chart(ids.QUANTILES),
    ids.COVERAGE: _chart(ids.COVERAGE),
    ids.UNUSUAL: _chart(ids.UNUSUAL),
    ids.CASES: _filled(ids.CASES_BODY, words.CASES_TITLE),
    ids.FAILS: _fails,
    ids.GROUPS: _groups,
}


# ---- what is measured ----------------------------------------------------------------------------


def version_options(versions: Sequence[int], served: int | None) -> list[dict[str, str]]:
    """Return the versions that the page can be about, the newest first."""
    newest = sorted(versions, reverse=True)
    return [{"label": words.version_option(number, served), "value": str(number)} for number in newest]


def source_options(own: str, others: Sequence[Offered]) -> list[dict[str, str]]:
    """Return what the page can be measured on: the version's ``own`` rows, the log, and batches."""
    options = [{"label": words.SOURCES[own], "value": OWN}]
    return options + [{"label": words.source_option(item), "value": item.name} for item in others]


def notice(shown: Performance) -> Children:
    """Return what to know before any figure is believed."""
    doubt = words.doubt(shown)
    if doubt is not None:
        return alert("warn", html.P(doubt), live=False)
    remark = words.remark(shown)
    return None if remark is None else alert("info", html.P(remark), live=False)


def nothing_yet(error: ModeldeskError) -> html.Div:
    """Return that there are no rows to measure on yet, and how to come by some; nothing is wrong."""
    told = sentence(words.NOTHING_YET, detail=error.detail, hint=error.hint or "")
    return alert("info", html.P(told), live=False)


def nothing_to_show() -> html.P:
    """Return that these rows have no outcome to measure on."""
    return html.P(words.NO_OUTCOMES, className="md-quiet")


def segment_chip(shown: Performance, segment: str) -> Children:
    """Return the limit to a segment, to be taken off."""
    return removable_chip(words.ONLY, segment, id=ids.limit("")) if shown.conditions else None


def exports_menu(places: Places, name: str, tables: Sequence[str], query: Mapping[str, Any]) -> html.Details:
    """Return the tables as files, CSV and XLSX; ``query`` says what they are of, None where the page says nothing."""
    given_query = {key: value for key, value in query.items() if value not in (None, "")}

    def link(table: str, kind: str) -> html.A:
        path = f"v1/models/{quote(name, safe='')}/performance/{table}"
        return html.A(
            words.EXPORT_TABLE.format(table=words.EXPORTS[table], kind=kind.upper()),
            href=f"{places.api(path)}?{urlencode({**given_query, 'format': kind})}",
            download="",
        )

    items = [link(table, kind) for table in tables for kind in ("csv", "xlsx")]
    return menu(
        [icon("download"), html.Span(words.EXPORT)], items, name=words.EXPORT, className="md-exports", look="md-chip"
    )


# ---- key figures ---------------------------------------------------------------------------------


def decision_kpis(
    now: Decision,
    in_use: Decision | None,
    ranking: Mapping[str, Figure],
    costs: Costs | None,
    lowest: Decision | None,
    best: Decision | None,
) -> list[html.Div]:
    """Return the key figures of a decision, against those of the threshold in use where that is another; what its
    errors cost only where somebody said so."""
    figures, threshold = now.figures(), formats.percent(now.threshold)
    before = in_use.figures() if in_use is not None and in_use.threshold != now.threshold else None
    kpis = [
        metric_kpi(key, figures[key], threshold=threshold, change=_change(figures[key], before and before[key]))
        for key in ("recall", "precision", "accuracy")
    ]
    label = findings_text.METRIC_AT.format(metric=METRICS["f1"].label, threshold=threshold)
    kpis.append(kpi(label, three(figures["f1"].value), _best(best)))
    kpis.append(metric_kpi("roc_auc", ranking["roc_auc"]))
    if costs is None or lowest is None:
        return kpis
    per = 1_000 / max(1, now.rows)
    change = ""
    if in_use is not None and before is not None:
        change = _with_plus((now.cost(costs) - in_use.cost(costs)) * per)
    note = findings_text.LOWEST_AT.format(
        cost=formats.compact(lowest.cost(costs) * per), threshold=formats.percent(lowest.threshold)
    )
    return [*kpis, kpi(findings_text.COST_PER_1000, formats.compact(now.cost(costs) * per), note, change)]


def _best(best: Decision | None) -> str:
    if best is None:
        return ""
    value, threshold = three(best.figures()["f1"].value), formats.percent(best.threshold)
    return findings_text.BEST_AT.format(value=value, threshold=threshold)


def key_kpis(task: Task, figures: Mapping[str, Figure], unit: str = "") -> list[html.Div]:
    """Return the key figures of a kind of task, as far as they are known."""
    return [metric_kpi(key, figures[key], unit) for key in view_of(task).key_figures if key in figures]


def anomaly_kpis(unusual: np.ndarray) -> list[html.Div]:
    """Return the key figures of an anomaly model, by which rows (n,) it calls unusual."""
    low, high = wilson_interval(unusual.sum(), len(unusual))
    figure = Figure(float(unusual.mean()), float(low), float(high))
    note = findings_text.UNUSUAL_ROWS.format(unusual=f"{int(unusual.sum()):,}", rows=f"{len(unusual):,}")
    return [metric_kpi("anomaly_share", figure, note=note)]


def metric_kpi(
    key: str, figure: Figure, unit: str = "", *, threshold: str = "", note: str = "", change: str = ""
) -> html.Div:
    """Return a metric of METRICS as a key figure: its name, what it means, its value and interval."""
    name = METRICS[key]
    label = findings_text.METRIC_AT.format(metric=name.label, threshold=threshold) if threshold else name.label
    notes = "; ".join(part for part in (note, findings_text.interval(figure, name, unit)) if part)
    return kpi(label, name.text(figure.value, unit), notes, change, name.meaning)


def _change(now: Figure, before: Figure | None) -> str:
    if before is None or math.isnan(now.value) or math.isnan(before.value):
        return ""
    return formats.points(now.value - before.value)


def _with_plus(amount: float) -> str:
    text = formats.compact(amount)
    return f"+{text}" if amount > 0 else text.replace("-", formats.MINUS)
