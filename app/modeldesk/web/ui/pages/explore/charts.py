"""The figures of the Explore page: at once from a sample, then exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NotRequired

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from pydantic import AfterValidator
from typing_extensions import TypedDict

from modeldesk.core.identity import current_caller
from modeldesk.model_service.schema.geography import OUTLINE, outline
from modeldesk.ports.analytics import TIME
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.figures import explore
from modeldesk.services.explore.plan import SAMPLE
from modeldesk.services.explore.results import Exploration, Grid, Scatter
from modeldesk.services.explore.subject import Subject, subject
from modeldesk.services.explore.view import parted
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.components import button
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.explore import ids as names
from modeldesk.web.ui.pages.explore import layout as page
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.figures import by_figure, course_figure, distribution_figure
from modeldesk.web.ui.pages.explore.names import inside, named, told
from modeldesk.web.ui.pages.explore.pair_figures import map_figure, pair_figure

_PER_CHART = (
    lambda chart, **how: Output(names.part(chart), "hidden", **how),
    lambda chart, **how: Output(names.title(chart), "children", **how),
    lambda chart, **how: Output(names.funnel(chart), "hidden", **how),
    lambda chart, **how: Output(figure_of(chart), "data", **how),
    lambda chart, **how: Output(ids.chart_summary(chart), "children", **how),
)
"""What is put into each chart's card, in this order."""

Drawing = tuple[str, frozenset[str], Any, Any]
"""A chart's title, the columns whose filters are its own, its figure, and what it says."""


def figure_of(chart: str) -> dict[str, Any]:
    """The store of a chart's figure."""
    return ids.chart_figure(chart)


def graph_inputs(chart: str) -> tuple[tuple[dict[str, Any], str], tuple[dict[str, Any], str]]:
    """What a drawn chart tells of clicks and drags."""
    return (ids.chart_graph(chart), "clickData"), (ids.chart_graph(chart), "selectedData")


def _outputs(*, again: bool) -> list[Output]:
    how: dict[str, Any] = {"allow_duplicate": True} if again else {}
    found = [Output(name, "children", **how) for name in (names.STATUS, names.KPIS, names.EMPTY)]
    found += [Output(names.CARDS, "className", **how), Output(names.ROWS, "hidden", **how)]
    return found + [make(chart, **how) for chart in names.CHARTS for make in _PER_CHART]


def _even(data: ChartData) -> ChartData:
    if any(len(row) != len(data["columns"]) for row in data["rows"]):
        raise ValueError("a row has as many cells as there are columns")
    return data


class ChartData(TypedDict):
    """A chart's data, as the figure carries it."""

    columns: list[str]
    rows: list[list[str | int | float | None]]
    percent: NotRequired[list[int]]
    parts: NotRequired[list[str | None]]
    left_out: NotRequired[int]


class Meta(TypedDict):
    """What a figure carries beside what it draws."""

    data: Annotated[ChartData, AfterValidator(_even)]


class Layout(TypedDict):
    """The part of a figure's layout that is read here."""

    meta: NotRequired[Meta | None]


class Figure(TypedDict):
    """A figure, as the page holds it."""

    layout: NotRequired[Layout | None]


class Painted(TypedDict):
    """What the charts show, and whether of all rows."""

    view: str
    exact: bool


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the callbacks of the charts onto the app."""

    @callbacks.on(
        *_outputs(again=False),
        Output(names.PAINTED, "data"),
        Input(names.VIEW, "data"),
        State(names.MODEL, "data"),
        errors=names.PAINT_ERRORS,
        prevent_initial_call=True,
    )
    def paint(shown: str | None, name: str | None) -> tuple[Any, ...]:
        seen, found = _explored(context, name, shown, SAMPLE)
        return (*_shown(seen, found), {"view": shown, "exact": found.exact})

    @callbacks.on(
        *_outputs(again=True),
        Input(names.PAINTED, "data"),
        State(names.MODEL, "data"),
        errors=names.EXACT_ERRORS,
        prevent_initial_call=True,
    )
    def make_exact(painted: Painted | None, name: str | None) -> tuple[Any, ...]:
        if not painted or painted["exact"]:
            raise PreventUpdate
        return _shown(*_explored(context, name, painted["view"], None))

    for chart in names.CHARTS:
        _register_table(callbacks, chart)


def _explored(
    context: AppContext, name: str | None, shown: str | None, sample: int | None
) -> tuple[Subject, Exploration]:
    if not name or shown is None:
        raise PreventUpdate
    seen, _ = subject(context, current_caller(), name, parted(shown))
    return seen, explore(context.store.analyst, seen, sample=sample)


def _shown(seen: Subject, found: Exploration) -> tuple[Any, ...]:
    """What ``_outputs`` asks for, in its order."""
    if not found.rows:
        others = button("Look at the reference data", id=names.do(f"{names.INSTEAD}:reference"))
        nothing = page.no_rows(seen, None if seen.view.kind == "reference" else others)
        charts: list[Any] = [item for _ in names.CHARTS for item in (True, *(no_update,) * 4)]
        return ("", None, nothing, no_update, True, *charts)
    drawn = {chart: draw(seen, found) for chart, draw in _DRAWINGS.items()}
    filled = [chart for chart in names.CHARTS if drawn[chart] is not None]
    look = " ".join(f"md-has-{chart.removeprefix('explore-')}" for chart in filled)
    charts = []
    for chart in names.CHARTS:
        drawing = drawn[chart]
        if drawing is None:
            charts += [True, *(no_update,) * 4]
            continue
        title, own, figure, finding = drawing
        filters = any(item.column in own for item in seen.view.where)
        charts += [False, title, not filters, figure, finding]
    return (
        words.status(found),
        words.kpis(seen, found),
        None,
        f"md-explore-cards {look}",
        False,
        *charts,
    )


def _distribution(seen: Subject, found: Exploration) -> Drawing:
    item = named(seen, seen.prediction)
    finding = words.distribution_finding(found.distribution)
    return item.label, frozenset({item.column}), distribution_figure(found.distribution), finding


def _by(seen: Subject, found: Exploration) -> Drawing | None:
    if found.by is None:
        return None
    item, said = found.by.parts.dimension, told(seen)
    title = page.by_title(item, said)
    return title, frozenset({item.column}), by_figure(found.by, said), words.by_finding(found.by, said)


def _pair(seen: Subject, found: Exploration) -> Drawing | None:
    pair, said = found.pair, told(seen)
    if pair is None:
        return None
    if isinstance(pair, Grid):
        columns = [pair.x.dimension, pair.y.dimension]
    else:
        columns = [pair.x, pair.y] if isinstance(pair, Scatter) else [pair.parts.dimension, pair.value]
    labels = list(dict.fromkeys(item.label for item in columns))
    title = page.pair_title(labels)
    own = frozenset(item.column for item in (columns if not hasattr(pair, "marks") else columns[:1]))
    figure = pair_figure(pair, said, seen.view.where)
    return title, own, figure, words.pair_finding(pair, said)


def _course(seen: Subject, found: Exploration) -> Drawing | None:
    if found.course is None:
        return None
    item, said = found.course.parts.dimension, told(seen)
    title = "Over time (UTC)" if item.column == TIME else f"By {inside(item.label)}"
    figure = course_figure(found.course, said)
    return title, frozenset({item.column}), figure, words.course_finding(found.course, said)


def _map(seen: Subject, found: Exploration) -> Drawing | None:
    if found.map is None:
        return None
    said = told(seen)
    lines = outline(seen.model.folder.parent.parent / OUTLINE)
    own = frozenset({found.map.latitude.dimension.column, found.map.longitude.dimension.column})
    figure = map_figure(found.map, said, lines, seen.view.where)
    return page.chart_title(names.MAP), own, figure, words.map_finding(found.map, said)


_DRAWINGS: dict[str, Callable[[Subject, Exploration], Drawing | None]] = {
    names.MAP: _map,
    names.DISTRIBUTION: _distribution,
    names.BY: _by,
    names.PAIR: _pair,
    names.COURSE: _course,
}


def _register_table(callbacks: Callbacks, chart: str) -> None:
    @callbacks.on(
        Output(ids.chart_table(chart), "children"),
        Input(ids.chart_toggle(chart), "n_clicks"),
        Input(figure_of(chart), "data"),
        State(names.title(chart), "children"),
        prevent_initial_call=True,
    )
    def tabulate(clicks: int | None, figure: Figure | None, title: str | None) -> Any:
        layout = None if figure is None else figure.get("layout")
        meta = None if layout is None else layout.get("meta")
        if not is_open(clicks) or not meta:
            raise PreventUpdate
        return words.chart_table(chart, title or "", meta)
