"""The charts of the Feature importance page and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, State, html
from dash.exceptions import PreventUpdate

from modeldesk.core import formats
from modeldesk.model_service.importance.contributions import Contributions
from modeldesk.model_service.importance.dependence import Dependence
from modeldesk.model_service.importance.permutation import Shuffling
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance.importance import (
    AUTOMATIC,
    ByValue,
    Drivers,
    JobStatus,
    by_value,
    contributions,
    dependence,
    pixels,
    shuffling,
)
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.components import Children, Column, table
from modeldesk.web.ui.common.naming import answer_axis, quantity
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.importance import ids as names
from modeldesk.web.ui.pages.importance import text as words
from modeldesk.web.ui.pages.importance.by_value import Colours, binned_figure, by_value_figure
from modeldesk.web.ui.pages.importance.dependence import (
    MOST_LINES,
    dependence_figure,
    dependence_finding,
    dependence_rows,
)
from modeldesk.web.ui.pages.importance.figures import (
    Panel,
    importance_figure,
    importance_height,
    picture_figure,
    ranking,
)
from modeldesk.web.ui.pages.importance.state import (
    Ready,
    Standing,
    contribution_panel,
    effect_of,
    fields_of,
    names_shown,
    places_of,
    seen_of,
    shuffling_panel,
    standing,
)

MOST_TABLED = 200
_LOOKING = "How much each input adds"
_LOSING = "Permutation importance"
_FOLLOWING = "Partial dependence and ICE"


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put the callbacks of the charts onto the app."""
    _register_importance(callbacks, context)
    _register_picture(callbacks, context)
    _register_by_value(callbacks, context)
    _register_dependence(callbacks, context)


def _register_importance(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.IMPORTANCE,
        Input(names.CONTRIBUTIONS, "data"),
        Input(names.SHUFFLING, "data"),
        Input(names.RANK, "value"),
        Input(names.INPUT, "value"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        figure=Output(names.FIGURE, "data"),
        beside={"height": Output(ids.chart_graph(names.IMPORTANCE), "style")},
        table_when_open=True,
    )
    def importance(
        adds_state: Standing | None,
        loses_state: Standing | None,
        rank: str,
        chosen: str | None,
        ready: Ready | None,
        of_class: str | None,
    ) -> Drawing:
        seen = seen_of(context, ready, of_class)
        adds = standing(adds_state, seen, None, lambda: contributions(context, seen))
        loses = standing(loses_state, seen, None, lambda: shuffling(context, seen)) if seen.has_outcomes else None
        keys, called = names_shown(seen)
        panels = _panels(seen, adds, loses)
        finding = [html.Div(part) for part in _importance_words(seen, adds, loses, called, rank)]
        if not panels or not keys:
            return Drawing(finding)
        by = next((at for at, (name, _) in enumerate(panels) if name == rank), 0)
        fields = fields_of(seen)
        return Drawing(
            finding,
            lambda: importance_figure(keys, called, [panel for _, panel in panels], by, chosen),
            lambda: words.importance_table(
                [None if driver.picture else fields[driver.key] for _, driver in seen.shown],
                called,
                None if adds.found is None else effect_of(seen, adds.found),
                adds.found,
                None if loses is None else loses.found,
                places_of(seen),
                ranking(panels[by][1]),
                seen.model.settings.unit,
            ),
            {"height": {"height": f"{importance_height(len(keys))}px"}},
        )


def _panels(
    seen: Drivers, adds: JobStatus[Contributions], loses: JobStatus[Shuffling] | None
) -> list[tuple[str, Panel]]:
    """The measures that are there."""
    found = [] if adds.found is None else [(names.BY_CONTRIBUTION, contribution_panel(seen, adds.found))]
    if loses is not None and loses.found is not None:
        found.append((names.BY_SHUFFLING, shuffling_panel(seen, loses.found)))
    return found


def _importance_words(
    seen: Drivers, adds: JobStatus[Contributions], loses: JobStatus[Shuffling] | None, called: list[str], rank: str
) -> list[Any]:
    """The finding by what is ranked by, sources, and how far an answer is that is waited for."""
    findings: dict[str, Any] = {}
    sources, waiting = [], []
    if adds.found is not None:
        panel = contribution_panel(seen, adds.found)
        effect = effect_of(seen, adds.found)
        findings[names.BY_CONTRIBUTION] = words.contribution_finding(called, panel.sizes, panel.ends, effect)
        sources.append(words.contribution_source(adds.found, seen.model.manifest.rows))
    elif adds.waiting:
        waiting.append(words.progress(_LOOKING, adds))
    if loses is not None and loses.found is not None:
        panel, unit = shuffling_panel(seen, loses.found), seen.model.settings.unit
        findings[names.BY_SHUFFLING] = words.shuffling_finding(called, panel.sizes, panel.ends, loses.found, unit)
        sources.append(words.shuffling_source(loses.found))
    elif loses is not None and loses.waiting:
        waiting.append(words.progress(_LOSING, loses))
    if loses is None:
        sources.append(words.NO_OUTCOMES)
    finding = findings.get(rank) or next(iter(findings.values()), None)
    notes = [html.P(" ".join(sources), className="md-note")] if sources else []
    return [part for part in (finding, *notes, *waiting) if part]


def _register_picture(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.PICTURE,
        Input(names.CONTRIBUTIONS, "data"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        table_when_open=True,
    )
    def picture(state: Standing | None, ready: Ready | None, of_class: str | None) -> Drawing:
        seen = seen_of(context, ready, of_class)
        driver = next((driver for _, driver in seen.shown if driver.picture), None)
        if driver is None:
            raise PreventUpdate
        asking = standing(state, seen, None, lambda: contributions(context, seen))
        if asking.found is None:
            return Drawing(words.progress(_LOOKING, asking) if asking.waiting else None, table=lambda: None)
        image = next(item for item in seen.model.settings.image if item.columns[0] == driver.key)
        sizes, effect = pixels(seen, asking.found, driver), effect_of(seen, asking.found)
        at = sizes.index(max(sizes))
        finding = (
            f"Most is decided by row {at // image.width + 1}, column {at % image.width + 1}: that point moves the "
            f"answer by {effect.size(sizes[at])} on average. Darker points matter more."
        )
        return Drawing(
            finding,
            lambda: picture_figure(sizes, image.width, image.height, effect.size),
            lambda: _picture_table(sizes, image.width, effect),
        )


def _picture_table(sizes: Sequence[float], width: int, effect: Effect) -> Children:
    heads = [Column("Row"), *(Column(str(column + 1), number=True) for column in range(width))]
    rows = [
        [str(start // width + 1), *(effect.short(size) for size in sizes[start : start + width])]
        for start in range(0, len(sizes), width)
    ]
    return table(heads, rows, caption="Mean contribution of each point, row by row")


def _register_by_value(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.BY_VALUE,
        Input(names.CONTRIBUTIONS, "data"),
        Input(names.INPUT, "value"),
        Input(names.COLOUR, "value"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        table_when_open=True,
    )
    def values_add(
        state: Standing | None, feature: str | None, colour: str | None, ready: Ready | None, of_class: str | None
    ) -> Drawing:
        seen = seen_of(context, ready, of_class)
        asking = standing(state, seen, None, lambda: contributions(context, seen))
        if asking.found is None:
            return Drawing(words.progress(_LOOKING, asking) if asking.waiting else None)
        drawn = _by_value(seen, asking.found, feature, colour)
        fields, effect = fields_of(seen), effect_of(seen, asking.found)
        x = quantity(fields[drawn.feature])
        hue = None if drawn.colour is None else quantity(fields[drawn.colour])
        chosen = colour not in (None, names.AUTOMATIC)
        finding = words.by_value_finding(drawn, x.label, hue.label if hue else None, effect, chosen=chosen)
        if not seen.rows_shown:
            return Drawing(
                finding, lambda: binned_figure(drawn.bins, x, effect), lambda: _binned_table(drawn, x, effect)
            )
        colours = None if hue is None else Colours(hue, drawn.colours)
        return Drawing(
            finding,
            lambda: by_value_figure(drawn.values, drawn.contributions, x, effect, colours),
            lambda: _by_value_table(drawn, x, hue, effect),
        )


def _by_value(seen: Drivers, found: Contributions, feature: str | None, colour: str | None) -> ByValue:
    if not feature:
        raise PreventUpdate
    wanted = None if colour == names.NO_COLOUR else AUTOMATIC
    if colour and colour.startswith(":"):
        wanted = colour[1:]
    return by_value(seen, found, feature, wanted)


def _binned_table(drawn: ByValue, x: Quantity, effect: Effect) -> Children:
    heads = [Column(x.label), *(Column(head, number=True) for head in ("Rows", "Mean", "Middle 80%"))]
    rows = [
        [
            x.text(item.where),
            f"{item.rows:,}",
            effect.signed(item.mean),
            f"{effect.short(item.low)} to {effect.short(item.high)}",
        ]
        for item in drawn.bins
    ]
    return table(heads, rows, caption=f"Mean contribution of {x.label} by its value")


def _by_value_table(drawn: ByValue, x: Quantity, hue: Quantity | None, effect: Effect) -> Children:
    heads = [Column(x.label), Column("Adds", number=True), *([Column(hue.label)] if hue else [])]
    rows = []
    for place, amount in enumerate(drawn.contributions[:MOST_TABLED]):
        value = drawn.values[place]
        cells = [formats.NOT_KNOWN if value is None else x.text(value), effect.signed(float(amount))]
        if hue is not None:
            other = drawn.colours[place]
            cells.append(formats.NOT_KNOWN if other is None else hue.text(other))
        rows.append(cells)
    return table(
        heads, rows, caption=f"Contribution of {x.label} by its value, {len(rows):,} of {len(drawn.values):,} rows"
    )


def _register_dependence(callbacks: Callbacks, context: AppContext) -> None:
    @chart(
        callbacks,
        names.FOLLOWS,
        Input(names.DEPENDENCE, "data"),
        Input(names.INPUT, "value"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        table_when_open=True,
    )
    def follows(state: Standing | None, feature: str | None, ready: Ready | None, of_class: str | None) -> Drawing:
        seen = seen_of(context, ready, of_class)
        if not feature:
            raise PreventUpdate
        asking = standing(state, seen, feature, lambda: dependence(context, seen, feature))
        found = asking.found
        if found is None:
            return Drawing(words.progress(_FOLLOWING, asking) if asking.waiting else None)
        x, answer = quantity(fields_of(seen)[feature]), _answer(seen, found)
        lines = seen.rows_shown and x.kind != "category"
        drawn = min(MOST_LINES, len(found.curves))
        note = f" Thin lines: {drawn} single rows; band: the middle 80%." if lines else " Whiskers: the middle 80%."
        if not lines and x.kind != "category":
            note = " Band: the middle 80% of rows."
        return Drawing(
            dependence_finding(found, x, answer) + note,
            lambda: dependence_figure(found, x, answer, lines=lines),
            lambda: _dependence_table(found, x, answer),
        )


def _dependence_table(found: Dependence, x: Quantity, answer: AnswerAxis) -> Children:
    heads = [Column(x.label), *(Column(head, number=True) for head in ("Mean", "10% are below", "10% are above"))]
    heads.append(Column("Seen in training"))
    return table(heads, dependence_rows(found, x, answer), caption=f"{answer.name} by {x.label}")


def _answer(seen: Drivers, found: Dependence) -> AnswerAxis:
    if found.answered == "share":
        return AnswerAxis(f"Share answered {class_inside(found.of_class)}", "probability")
    return answer_axis(seen.model, found.answered, found.of_class, ())
