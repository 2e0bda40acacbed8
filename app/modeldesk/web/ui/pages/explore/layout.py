"""The page of what a model does across many predictions: bar, key figures, charts, rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any
from urllib.parse import unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from modeldesk.core import formats
from modeldesk.ports.analytics import ID, TIME, Table
from modeldesk.services.explore.parts import Dimension
from modeldesk.services.explore.rows import MOST_ROWS, row_columns
from modeldesk.services.explore.subject import Subject
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import chart_card
from modeldesk.web.ui.common.components import Children, button, card, empty, icon, labelled, loading, menu, share_link
from modeldesk.web.ui.common.data_grid import LARGEST_FIRST, data_grid
from modeldesk.web.ui.common.filters.form import filter_form
from modeldesk.web.ui.common.filters.text import trailing, value_text
from modeldesk.web.ui.pages.explore import ids
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.bar import choice
from modeldesk.web.ui.pages.explore.names import Told, inside

PAGE_ROWS = 100
"""Rows that the table fetches at a time."""
HEIGHT_MAP = 548


def layout(_places: Places, /, name: str | None = None, **query: Any) -> html.Div:
    """Return the page before its data; ``query`` is that of the address."""
    asked = {key: value[-1] if isinstance(value, list) else value for key, value in query.items()}
    return html.Div(
        [
            dcc.Store(id=ids.MODEL, data=unquote(name or "")),
            dcc.Store(id=ids.ASKED, data=asked),
            *(dcc.Store(id=store) for store in (ids.START, ids.VIEW, ids.PICKED, ids.PAINTED, ids.VIEWS_CHANGED)),
            html.Div(id=ids.ERRORS),
            _bar(),
            html.Div(id=ids.PROBLEMS),
            html.Div(id=ids.VIEW_SAVED),
            *(html.Div(id=place) for place in (ids.VIEW_ERRORS, ids.VIEW_DELETE_ERRORS)),
            *(html.Div(id=place) for place in (ids.CHANGE_ERRORS, ids.BAR_ERRORS, ids.PAINT_ERRORS, ids.EXACT_ERRORS)),
            html.P(id=ids.STATUS, className="md-note hstack gap-2", role="status"),
            html.Div(
                loading(words.WORKING, bars=2, height=92),
                id=ids.KPIS,
                className="md-kpis overflow-hidden border rounded-3",
            ),
            html.Div(id=ids.EMPTY),
            html.Div(
                [_part(chart) for chart in ids.CHARTS], id=ids.CARDS, className="md-explore-cards md-three md-cards"
            ),
            _rows(),
        ],
        className="md-page md-stack md-explore",
    )


def chart_title(name: str) -> str:
    """What a chart is called where its card does not say more."""
    return words.CHARTS[name.removeprefix("explore-")]


def by_title(item: Dimension, said: Told | None) -> str:
    """What the chart by one input is called."""
    form = words.ANSWER_BY if said else words.PREDICTIONS_BY
    return form.format(answer=said.name if said else "", column=inside(item.label))


def pair_title(labels: list[str]) -> str:
    """What the chart by two columns is called."""
    if len(labels) > 1:
        return words.TWO_COLUMNS.format(first=labels[0], second=inside(labels[1]))
    return words.WEEKDAY_AND_HOUR.format(column=labels[0])


# ---- the bar -------------------------------------------------------------------------------------


def _bar() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id=ids.PLACE, className="hstack flex-wrap gap-2"),
                    _span(),
                    html.Div(
                        [
                            html.Div(
                                id=ids.CHIPS,
                                className="d-flex flex-wrap gap-2",
                                role="group",
                                **{"aria-label": words.FILTERS},
                            ),
                            filter_form(ids.FILTER, name=words.ADD_FILTER),
                            html.Button(
                                words.CLEAR,
                                id=ids.CLEAR,
                                type="button",
                                className="btn btn-quiet btn-sm",
                                hidden=True,
                            ),
                        ],
                        className="hstack flex-wrap gap-2",
                    ),
                ],
                className="md-explore-what hstack flex-wrap gap-2",
            ),
            html.Div(
                [_views(), share_link(ids.LINK, words.SHARE_VIEW, words.COPY_LINK)],
                className="hstack flex-wrap gap-2",
            ),
        ],
        className="md-explore-bar d-flex flex-wrap justify-content-between gap-2 border-bottom bg-body-secondary",
    )


def _span() -> html.Div:
    fields = html.Div(
        [
            labelled(words.FROM, _text(ids.SINCE, date=True), for_id=ids.SINCE),
            labelled(words.TO, _text(ids.UNTIL, date=True), for_id=ids.UNTIL),
            button(words.SHOW_DAYS, id=ids.SPAN_APPLY, kind="primary", small=True),
            html.P(words.DAYS_IN_UTC, className="md-hint"),
        ],
        className="md-menu-form d-flex flex-column gap-2 p-2",
    )
    quick = [choice(text, f"{ids.DAYS}:{days}") for days, text in words.LAST_DAYS.items()]
    shown = [icon("calendar3"), html.Span(words.ALL_DAYS, id=ids.SPAN_WORDS), icon("chevron-down")]
    times = menu(shown, [*quick, choice(words.ALL_DAYS, f"{ids.DAYS}:"), fields], name=words.DAYS, look="md-chip")
    return html.Div(times, id=ids.SPAN, hidden=True)


def _text(id: str, *, date: bool = False) -> html.Div:
    kind = {"data-md-type": "date"} if date else {}
    return html.Div(dcc.Input(id=id, type="text", autoComplete="off"), className="md-control", **kind)


def _views() -> html.Details:
    save = html.Div(
        [
            labelled(words.SAVE_AS, _text(ids.VIEW_NAME), for_id=ids.VIEW_NAME),
            button(words.SAVE, id=ids.VIEW_SAVE, kind="primary", small=True),
        ],
        className="md-menu-form d-flex flex-column gap-2 p-2",
    )
    shown = [words.SAVED_VIEWS, icon("chevron-down")]
    return menu(
        shown, [html.Div(id=ids.VIEWS), save], name=words.SAVED_VIEWS, className="md-menu-right", look="md-chip"
    )


# ---- cards ---------------------------------------------------------------------------------------


def _part(name: str) -> html.Div:
    options: dict[str, Any] = {ids.MAP: {"height": HEIGHT_MAP}, ids.COURSE: {"height": 264}}.get(name, {})
    heading = html.Span(
        [
            html.Span(chart_title(name), id=ids.title(name)),
            html.Span(
                icon("funnel-fill"),
                id=ids.funnel(name),
                hidden=True,
                title=words.FILTERS_THE_PAGE,
                className="md-explore-funnel ms-2 text-primary-emphasis",
                role="img",
                **{"aria-label": words.FILTERS_THE_PAGE},
            ),
        ]
    )
    made = chart_card(
        name, chart_title(name), heading=heading, waiting=words.WORKING, tools=_tools(name), data=True, **options
    )
    return html.Div(made, id=ids.part(name), hidden=True, className="md-explore-card")


def _tools(name: str) -> list[Children]:
    if name == ids.BY:
        return [_select(words.BY, ids.BY_COLUMN)]
    if name == ids.PAIR:
        return [_select(words.ACROSS, ids.X_COLUMN), _select(words.UP, ids.Y_COLUMN)]
    return []


def _select(label: str, id: str) -> Children:
    control = dbc.Select(id=id, options=[], size="sm")
    return labelled(label, control, for_id=id, className="md-card-select", unseen=True)


def _rows() -> html.Section:
    return card(
        html.Div(id=ids.ROWS_ERRORS),
        html.P(id=ids.ROWS_NOTE, className="md-note py-2", role="status"),
        _grid(),
        title=words.ROWS_TITLE,
        tools=[html.Div(id=ids.DOWNLOADS)],
        id=ids.ROWS,
        className="pb-0 overflow-hidden",
    )


def _grid() -> Any:
    options = {
        "rowBuffer": 0,
        "cacheBlockSize": PAGE_ROWS,
        "maxBlocksInCache": 20,
        "maxConcurrentDatasourceRequests": 1,
        "infiniteInitialRowCount": 1,
    }
    return data_grid(ids.GRID, height=440, columns=LARGEST_FIRST, options=options, rowModelType="infinite")


def downloads(view: str, address: str) -> html.Details:
    """The rows that pass as files, made by the server; ``address`` is where it takes the view."""
    links = [
        html.A(text, href=f"{address}?{view}&format={kind}", download="") for kind, text in words.DOWNLOADS.items()
    ]
    note = html.P(words.DOWNLOAD_NOTE.format(rows=f"{MOST_ROWS:,}"), className="md-hint")
    shown = [icon("download"), words.DOWNLOAD]
    return menu(shown, [*links, note], name=words.DOWNLOAD, className="md-menu-right", look="md-chip")


def rows_note(seen: Subject, rows: int) -> str:
    """What stands over the table of rows."""
    if not rows:
        return words.NO_ROW_PASSES
    return (words.ROWS_OPEN if seen.view.kind in ("log", "batch") else words.ROWS_EXACT).of(rows)


def no_rows(seen: Subject, sources: Children) -> Children:
    """What stands in the place of charts where a source has no rows at all."""
    view = seen.view
    if view.kind == "log" and (view.since or view.until or view.version):
        return empty(words.NO_PREDICTIONS_THEN, words.NOT_THEN, sources)
    if view.kind == "log":
        return empty(words.NO_PREDICTIONS, words.NOT_YET, sources)
    return empty(words.NO_ROWS, words.EMPTY_SOURCE, sources)


def grid_columns(seen: Subject) -> list[dict[str, Any]]:
    """The columns of the table of rows; what it is sorted by is sent to the server."""
    linked = {"log": "MdPlace", "batch": "MdPlace"}.get(seen.view.kind)
    first: dict[str, Any] = {
        "field": "place",
        "headerName": words.ROW,
        "width": 150,
        "pinned": "left",
        "sortable": False,
    }
    if linked:
        first |= {"cellRenderer": linked, "headerName": words.PREDICTION}
    return [first, *(_grid_column(item) for item in row_columns(seen))]


def _grid_column(item: Dimension) -> dict[str, Any]:
    right = {"type": "rightAligned"} if item.kind == "number" else {}
    look: dict[str, Any] = {"cellRenderer": "MdWhen", "width": 160} if item.column == TIME else right
    # The unit stands once, in the header, unless it is part of how a number is written.
    label = words.COLUMN_UTC.format(column=item.label) if item.column == TIME else item.label
    name = f"{label}, {item.unit}" if trailing(item.unit) else label
    return {"field": item.column, "headerName": name, "width": max(120, 40 + 8 * len(name)), **look}


def grid_rows(seen: Subject, table: Table, places: Places) -> list[dict[str, Any]]:
    """Rows as the table takes them, in words, each with its prediction's address where it has one."""
    columns = [replace(item, unit="") if trailing(item.unit) else item for item in row_columns(seen)]
    found = []
    for place, row_id in enumerate(table[ID]):
        row: dict[str, Any] = {"place": _row_name(seen, row_id)}
        if seen.view.kind in ("log", "batch"):
            row["href"] = places.prediction(str(row_id))
        for item in columns:
            value = table[item.column][place]
            if item.column == TIME:
                row[item.column] = formats.iso(value.replace(tzinfo=UTC))
            else:
                row[item.column] = "" if value is None else value_text(item, value)
        found.append(row)
    return found


def _row_name(seen: Subject, row_id: Any) -> str:
    text = str(row_id)
    if seen.view.kind == "log":
        return formats.short_id(text)
    if seen.view.kind == "batch":
        return words.ROW_NUMBER.format(number=text.rpartition("-")[2])
    return words.ROW_NUMBER.format(number=int(text.rpartition(":")[2]) + 1)
