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
from modeldesk.model_service.schema.fields import Field
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance.importance import (
    AUTOMATIC,
    ByValue,
    FeatureImportance,
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
from modeldesk.web.ui.pages.importance import layout as page
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
    shown_of,
    shuffling_panel,
    standing,
)

MOST_TABLED = 200


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
        shown = shown_of(context, ready, of_class)
        adds = standing(adds_state, shown, None, lambda: contributions(context, shown))
        loses = standing(loses_state, shown, None, lambda: shuffling(context, shown)) if shown.has_outcomes else None
        keys, labels = names_shown(shown)
        panels = _panels(shown, adds, loses)
        finding = [html.Div(part) for part in _importance_words(shown, adds, loses, labels, rank)]
        if not panels or not keys:
            return Drawing(finding)
        by = next((at for at, (name, _) in enumerate(panels) if name == rank), 0)
        fields = fields_of(shown)
        return Drawing(
            finding,
            lambda: importance_figure(keys, labels, [panel for _, panel in panels], by, chosen),
            lambda: _importance_table(
                [None if driver.picture else fields[driver.key] for _, driver in shown.shown],
                labels,
                None if adds.found is None else effect_of(shown, adds.found),
                adds.found,
                None if loses is None else loses.found,
                places_of(shown),
                ranking(panels[by][1]),
                shown.model.settings.unit,
            ),
            {"height": {"height": f"{importance_height(len(keys))}px"}},
        )


def _importance_table(
    fields: Sequence[Field | None],
    labels: Sequence[str],
    effect: Effect | None,
    found: Contributions | None,
    shuffled: Shuffling | None,
    places: Sequence[int],
    order: Sequence[int],
    unit: str,
) -> html.Div:
    """Return both measures of every input, in the order that is shown."""
    grouped = any(field is not None and field.group for field in fields)
    columns = [Column(words.INPUT), *([Column(words.GROUP)] if grouped else [])]
    if found is not None:
        columns += [Column(words.MEAN_CONTRIBUTION, number=True), Column(words.INTERVAL, number=True)]
        columns += [Column(words.ROW_ERROR, number=True)] if found.errors is not None else []
    if shuffled is not None:
        columns += [
            Column(words.loss_title(shuffled.loss, unit), number=True),
            Column(words.LOWEST_TO_HIGHEST, number=True),
        ]
        columns += [Column(words.DEVIATION, number=True)]
    rows = []
    for item in order:
        at, field = places[item], fields[item]
        cells: list[Any] = [labels[item], *([(field.group if field else None) or ""] if grouped else [])]
        if found is not None and effect is not None:
            low, high = found.ends[at]
            cells += [
                effect.size(float(found.sizes[at])),
                words.RANGE.format(low=effect.short(float(low)), high=effect.short(float(high))),
            ]
            cells += [] if found.typical_errors is None else [effect.short(float(found.typical_errors[at]))]
        if shuffled is not None:
            low, high = (words.loss_short(float(end), shuffled.loss) for end in shuffled.ends[at])
            cells += [
                words.loss_short(float(shuffled.sizes[at]), shuffled.loss),
                words.RANGE.format(low=low, high=high),
            ]
            cells += [words.loss_short(float(shuffled.spread[at]), shuffled.loss)]
        rows.append(cells)
    return table(columns, rows, caption=words.IMPORTANCE_CAPTION, rows_head=True)


def _panels(
    shown: FeatureImportance, adds: JobStatus[Contributions], loses: JobStatus[Shuffling] | None
) -> list[tuple[str, Panel]]:
    """The measures that are there."""
    found = [] if adds.found is None else [(names.BY_CONTRIBUTION, contribution_panel(shown, adds.found))]
    if loses is not None and loses.found is not None:
        found.append((names.BY_SHUFFLING, shuffling_panel(shown, loses.found)))
    return found


def _importance_words(
    shown: FeatureImportance,
    adds: JobStatus[Contributions],
    loses: JobStatus[Shuffling] | None,
    labels: list[str],
    rank: str,
) -> list[Any]:
    """The finding by what is ranked by, sources, and how far an answer is that is waited for."""
    findings: dict[str, Any] = {}
    sources, waiting = [], []
    if adds.found is not None:
        panel = contribution_panel(shown, adds.found)
        effect = effect_of(shown, adds.found)
        findings[names.BY_CONTRIBUTION] = words.contribution_finding(labels, panel.sizes, panel.ends, effect)
        sources.append(words.contribution_source(adds.found, shown.model.manifest.rows))
    elif adds.waiting:
        waiting.append(page.progress(words.CONTRIBUTIONS, adds))
    if loses is not None and loses.found is not None:
        panel, unit = shuffling_panel(shown, loses.found), shown.model.settings.unit
        findings[names.BY_SHUFFLING] = words.shuffling_finding(labels, panel.sizes, panel.ends, loses.found, unit)
        sources.append(words.shuffling_source(loses.found))
    elif loses is not None and loses.waiting:
        waiting.append(page.progress(words.SHUFFLING, loses))
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
        shown = shown_of(context, ready, of_class)
        driver = next((driver for _, driver in shown.shown if driver.picture), None)
        if driver is None:
            raise PreventUpdate
        status = standing(state, shown, None, lambda: contributions(context, shown))
        if status.found is None:
            return Drawing(page.progress(words.CONTRIBUTIONS, status) if status.waiting else None, table=lambda: None)
        image = next(item for item in shown.model.settings.image if item.columns[0] == driver.key)
        sizes, effect = pixels(shown, status.found, driver), effect_of(shown, status.found)
        at = sizes.index(max(sizes))
        row, column = divmod(at, image.width)
        finding = words.PIXELS_FINDING.format(row=row + 1, column=column + 1, size=effect.size(sizes[at]))
        return Drawing(
            finding,
            lambda: picture_figure(sizes, image.width, image.height, effect.size),
            lambda: _picture_table(sizes, image.width, effect),
        )


def _picture_table(sizes: Sequence[float], width: int, effect: Effect) -> Children:
    heads = [Column(words.ROW), *(Column(str(column + 1), number=True) for column in range(width))]
    rows = [
        [str(start // width + 1), *(effect.short(size) for size in sizes[start : start + width])]
        for start in range(0, len(sizes), width)
    ]
    return table(heads, rows, caption=words.PIXELS_CAPTION)


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
        shown = shown_of(context, ready, of_class)
        status = standing(state, shown, None, lambda: contributions(context, shown))
        if status.found is None:
            return Drawing(page.progress(words.CONTRIBUTIONS, status) if status.waiting else None)
        drawn = _by_value(shown, status.found, feature, colour)
        fields, effect = fields_of(shown), effect_of(shown, status.found)
        x = quantity(fields[drawn.feature])
        hue = None if drawn.colour is None else quantity(fields[drawn.colour])
        chosen = colour not in (None, names.AUTOMATIC)
        finding = words.by_value_finding(drawn, x.label, hue.label if hue else None, effect, chosen=chosen)
        if not shown.rows_shown:
            return Drawing(
                finding, lambda: binned_figure(drawn.bins, x, effect), lambda: _binned_table(drawn, x, effect)
            )
        colours = None if hue is None else Colours(hue, drawn.colours)
        return Drawing(
            finding,
            lambda: by_value_figure(drawn.values, drawn.contributions, x, effect, colours),
            lambda: _by_value_table(drawn, x, hue, effect),
        )


def _by_value(shown: FeatureImportance, found: Contributions, feature: str | None, colour: str | None) -> ByValue:
    if not feature:
        raise PreventUpdate
    wanted = None if colour == names.NO_COLOUR else AUTOMATIC
    if colour and colour.startswith(":"):
        wanted = colour[1:]
    return by_value(shown, found, feature, wanted)


def _binned_table(drawn: ByValue, x: Quantity, effect: Effect) -> Children:
    heads = [Column(x.label), *(Column(head, number=True) for head in words.BIN_COLUMNS)]
    rows = [
        [
            x.text(item.where),
            f"{item.rows:,}",
            effect.signed(item.mean),
            words.RANGE.format(low=effect.short(item.low), high=effect.short(item.high)),
        ]
        for item in drawn.bins
    ]
    return table(heads, rows, caption=words.BINS_CAPTION.format(input=x.label))


def _by_value_table(drawn: ByValue, x: Quantity, hue: Quantity | None, effect: Effect) -> Children:
    heads = [Column(x.label), Column(words.ADDS, number=True), *([Column(hue.label)] if hue else [])]
    rows = []
    for place, amount in enumerate(drawn.contributions[:MOST_TABLED]):
        value = drawn.values[place]
        cells = [formats.NOT_KNOWN if value is None else x.text(value), effect.signed(float(amount))]
        if hue is not None:
            other = drawn.colours[place]
            cells.append(formats.NOT_KNOWN if other is None else hue.text(other))
        rows.append(cells)
    caption = words.POINTS_CAPTION.format(input=x.label, shown=f"{len(rows):,}", rows=f"{len(drawn.values):,}")
    return table(heads, rows, caption=caption)


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
        shown = shown_of(context, ready, of_class)
        if not feature:
            raise PreventUpdate
        status = standing(state, shown, feature, lambda: dependence(context, shown, feature))
        found = status.found
        if found is None:
            return Drawing(page.progress(words.FOLLOWING, status) if status.waiting else None)
        x, answer = quantity(fields_of(shown)[feature]), _answer(shown, found)
        lines = shown.rows_shown and x.kind != "category"
        drawn = min(MOST_LINES, len(found.curves))
        note = words.dependence_note(drawn, lines=lines, category=x.kind == "category")
        return Drawing(
            f"{dependence_finding(found, x, answer)} {note}",
            lambda: dependence_figure(found, x, answer, lines=lines),
            lambda: _dependence_table(found, x, answer),
        )


def _dependence_table(found: Dependence, x: Quantity, answer: AnswerAxis) -> Children:
    heads = [Column(x.label), *(Column(head, number=True) for head in words.FOLLOWS_COLUMNS)]
    heads.append(Column(words.IN_TRAINING))
    return table(
        heads,
        dependence_rows(found, x, answer),
        caption=words.FOLLOWS_CAPTION.format(answer=answer.name, input=x.label),
    )


def _answer(shown: FeatureImportance, found: Dependence) -> AnswerAxis:
    if found.answered == "share":
        return AnswerAxis(words.SHARE_ANSWERED.format(class_name=class_inside(found.of_class)), "probability")
    return answer_axis(shown.model, found.answered, found.of_class, ())
