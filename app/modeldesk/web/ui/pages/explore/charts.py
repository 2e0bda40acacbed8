"""The figures of the Explore page: at once from a sample, then exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, NotRequired

from dash import Input, Output, State
from dash.exceptions import PreventUpdate
from pydantic import AfterValidator
from typing_extensions import TypedDict

from modeldesk.core.identity import current_caller
from modeldesk.model_service.schema.geography import OUTLINE, outline
from modeldesk.ports.analytics import TIME
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.figures import explore
from modeldesk.services.explore.parts import Dimension
from modeldesk.services.explore.plan import SAMPLE
from modeldesk.services.explore.results import Exploration, Grid, Scatter
from modeldesk.services.explore.subject import Subject, subject
from modeldesk.services.explore.view import parted
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.charts.registration import Drawing, outputs_of, values_of
from modeldesk.web.ui.common.components import Children, button
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.explore import findings
from modeldesk.web.ui.pages.explore import ids as names
from modeldesk.web.ui.pages.explore import layout as page
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.figures import by_figure, course_figure, distribution_figure
from modeldesk.web.ui.pages.explore.names import inside, named, told
from modeldesk.web.ui.pages.explore.pair_figures import map_figure, pair_figure

_BESIDE = {
    "hidden": lambda chart, **how: Output(names.part(chart), "hidden", **how),
    "title": lambda chart, **how: Output(names.title(chart), "children", **how),
    "hide_funnel": lambda chart, **how: Output(names.funnel(chart), "hidden", **how),
}
"""What is put into each chart's card beside the chart."""


def figure_of(chart: str) -> dict[str, Any]:
    """The store of a chart's figure."""
    return ids.chart_figure(chart)


def graph_inputs(chart: str) -> tuple[tuple[dict[str, Any], str], tuple[dict[str, Any], str]]:
    """What a drawn chart tells of clicks and drags."""
    return (ids.chart_graph(chart), "clickData"), (ids.chart_graph(chart), "selectedData")


def _outputs(**how: Any) -> dict[str, Output]:
    return {
        "status": Output(names.STATUS, "children", **how),
        "kpis": Output(names.KPIS, "children", **how),
        "empty": Output(names.EMPTY, "children", **how),
        "look": Output(names.CARDS, "className", **how),
        "hide_rows": Output(names.ROWS, "hidden", **how),
        **outputs_of(names.CHARTS, _BESIDE, **how),
    }


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
        {**_outputs(), "painted": Output(names.PAINTED, "data")},
        Input(names.VIEW, "data"),
        State(names.MODEL, "data"),
        errors=names.PAINT_ERRORS,
        prevent_initial_call=True,
    )
    def paint(shown: str | None, name: str | None) -> dict[str, Any]:
        seen, found = _explored(context, name, shown, SAMPLE)
        return {**_shown(seen, found), "painted": {"view": shown, "exact": found.exact}}

    @callbacks.on(
        _outputs(allow_duplicate=True),
        Input(names.PAINTED, "data"),
        State(names.MODEL, "data"),
        errors=names.EXACT_ERRORS,
        prevent_initial_call=True,
    )
    def make_exact(painted: Painted | None, name: str | None) -> dict[str, Any]:
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


def _shown(seen: Subject, found: Exploration) -> dict[str, Any]:
    if not found.rows:
        others = button(words.LOOK_AT_REFERENCE, id=names.do(f"{names.INSTEAD}:reference"))
        nothing = page.no_rows(seen, None if seen.view.kind == "reference" else others)
        hidden = {f"hidden {chart}": True for chart in names.CHARTS}
        return {"status": "", "kpis": None, "empty": nothing, "hide_rows": True, **hidden}
    drawings = {chart: draw(seen, found) for chart, draw in _DRAWINGS.items()}
    filled = {chart: drawing for chart, drawing in drawings.items() if drawing is not None}
    look = " ".join(f"md-has-{chart.removeprefix('explore-')}" for chart in filled)
    return {
        "status": findings.status(found),
        "kpis": findings.kpis(seen, found),
        "empty": None,
        "look": f"md-explore-cards md-three md-cards {look}",
        "hide_rows": False,
        **{f"hidden {chart}": True for chart in drawings if chart not in filled},
        **values_of(filled),
    }


def _drawing(
    seen: Subject, title: str, own: Iterable[Dimension], finding: Children, figure: Callable[[], Any]
) -> Drawing:
    """A chart with its title, and the sign that the page is filtered by a column of its ``own``."""
    columns = {item.column for item in own}
    filters = any(item.column in columns for item in seen.view.where)
    return Drawing(finding, figure, beside={"hidden": False, "title": title, "hide_funnel": not filters})


def _distribution(seen: Subject, found: Exploration) -> Drawing:
    item, bars = named(seen, seen.prediction), found.distribution
    return _drawing(seen, item.label, [item], findings.distribution_finding(bars), lambda: distribution_figure(bars))


def _by(seen: Subject, found: Exploration) -> Drawing | None:
    if (bars := found.by) is None:
        return None
    item, said = bars.parts.dimension, told(seen)
    title = page.by_title(item, said)
    return _drawing(seen, title, [item], findings.by_finding(bars, said), lambda: by_figure(bars, said))


def _pair(seen: Subject, found: Exploration) -> Drawing | None:
    if (pair := found.pair) is None:
        return None
    said = told(seen)
    if isinstance(pair, Grid):
        columns = [pair.x.dimension, pair.y.dimension]
    else:
        columns = [pair.x, pair.y] if isinstance(pair, Scatter) else [pair.parts.dimension, pair.value]
    title = page.pair_title(list(dict.fromkeys(item.label for item in columns)))
    own = columns if not hasattr(pair, "marks") else columns[:1]
    finding = findings.pair_finding(pair, said)
    return _drawing(seen, title, own, finding, lambda: pair_figure(pair, said, seen.view.where))


def _course(seen: Subject, found: Exploration) -> Drawing | None:
    if (course := found.course) is None:
        return None
    item, said = course.parts.dimension, told(seen)
    title = words.OVER_TIME_UTC if item.column == TIME else words.BY_COLUMN.format(column=inside(item.label))
    return _drawing(seen, title, [item], findings.course_finding(course, said), lambda: course_figure(course, said))


def _map(seen: Subject, found: Exploration) -> Drawing | None:
    if (drawn := found.map) is None:
        return None
    said, lines = told(seen), outline(seen.model.folder.parent.parent / OUTLINE)
    own = [drawn.latitude.dimension, drawn.longitude.dimension]
    finding = findings.map_finding(drawn, said)
    title = page.chart_title(names.MAP)
    return _drawing(seen, title, own, finding, lambda: map_figure(drawn, said, lines, seen.view.where))


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
        return findings.chart_table(chart, title or "", meta)
