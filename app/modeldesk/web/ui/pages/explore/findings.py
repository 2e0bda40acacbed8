"""The findings of the Explore page: key figures, what each chart says, and charts as tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from modeldesk.core import formats
from modeldesk.services.explore.parts import Parts
from modeldesk.services.explore.results import (
    Bars,
    Boxes,
    Course,
    Exploration,
    Figures,
    Grid,
    Key,
    Map,
    Pair,
    Scatter,
    comparable,
    least_rows,
)
from modeldesk.services.explore.subject import Subject
from modeldesk.web.ui.common.components import Children, Column, button, table
from modeldesk.web.ui.common.filters.form import filter_chips
from modeldesk.web.ui.common.filters.text import value_text
from modeldesk.web.ui.common.metric_text import kpi
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.pages.explore import ids
from modeldesk.web.ui.pages.explore import text as words
from modeldesk.web.ui.pages.explore.names import Told, inside, part_text, told

MOST_LISTED = 200
_PERCENT = "percent"


# ---- bar and key figures -------------------------------------------------------------------------


def chips(subject: Subject) -> list[Children]:
    """The filters that are on, each to be taken off."""
    return filter_chips(subject.dimensions.values(), subject.view.where, lambda text: ids.do(f"{ids.WITHOUT}:{text}"))


def status(found: Exploration) -> Children:
    """From how many rows the figures are."""
    if found.exact:
        return words.EXACT.of(found.rows)
    return [
        html.Span(className="spinner-border", **{"aria-hidden": "true"}),
        words.SO_FAR.format(read=f"{found.read:,}", rows=f"{found.rows:,}"),
    ]


def kpis(subject: Subject, found: Exploration) -> list[html.Div]:
    """The key figures of the rows that pass, each beside that of all rows."""
    every, some, said = found.every, found.some, told(subject)
    filtered = bool(subject.view.where)
    figures = [_rows_kpi(some.rows, every.rows)]
    if said is not None:
        note = words.ALL_ROWS_ARE.format(value=said.text(every.answer)) if filtered else ""
        figures.append(kpi(said.name, _plain(said, some.answer), note, _unit(said)))
    if some.known or every.known:
        figures += _outcome_kpis(said, some, every, filtered)
    if some.warned is not None and every.warned is not None:
        every_share = words.ALL_ROWS_ARE.format(value=_share(every.warned, every.rows))
        note = every_share if filtered else words.WARNED_ROWS.format(rows=f"{round(some.warned):,}")
        figures.append(kpi(words.WITH_WARNINGS, _share(some.warned, some.rows), note))
    return figures


def _rows_kpi(some: float, every: float) -> html.Div:
    share = some / every if every else 0.0
    return html.Div(
        [
            html.Div(words.PREDICTIONS, className="md-small text-body-secondary"),
            html.Div(
                [
                    html.Span(f"{round(some):,}", className="md-kpi me-2"),
                    html.Span(words.OF_ROWS.format(rows=f"{round(every):,}"), className="md-quiet"),
                ]
            ),
            html.Div(
                html.Span(style={"width": f"{100 * share:.2f}%"}, className="progress-bar"),
                className="md-explore-share progress mt-2",
                **{"aria-hidden": "true"},
            ),
        ],
        className="md-kpi-item",
    )


def _outcome_kpis(said: Told | None, some: Key, every: Key, filtered: bool) -> list[html.Div]:
    form = words.KNOWN_FOR_SHARE if some.rows else words.KNOWN_FOR
    known = form.format(rows=f"{round(some.known):,}", share=_share(some.known, some.rows))
    found = []
    if said is not None and said.outcome:
        found.append(kpi(said.outcome, _plain(said, some.actual), known, _unit(said)))
    if every.error is not None and said is not None:
        text = "" if some.error is None else words.ERROR.format(error=formats.number(some.error))
        all_rows = words.ALL_ROWS_ARE.format(value=words.ERROR.format(error=formats.number(every.error)))
        note = all_rows if filtered else words.ROOT_MEAN_SQUARE
        found.append(kpi(words.TYPICAL_ERROR, text or formats.NOT_KNOWN, note, said.unit))
    if every.right is not None:
        text = formats.NOT_KNOWN if some.right is None else formats.percent(some.right)
        note = words.ALL_ROWS_ARE.format(value=formats.percent(every.right)) if filtered else known
        found.append(kpi(words.RIGHT_ANSWERS, text, note))
    return found


def _plain(said: Told, value: float | None) -> str:
    if value is None or said.share:
        return said.text(value)
    return formats.number(float(value))


def _unit(said: Told) -> str:
    return "" if said.share else said.unit


def _share(some: float, every: float) -> str:
    return formats.percent(some / every) if every else formats.NOT_KNOWN


# ---- what charts say -----------------------------------------------------------------------------


def distribution_finding(bars: Bars) -> Children:
    """Where most predictions are."""
    some = passing(bars.some, bars.chosen)
    total = sum(value or 0 for value in some) + (0 if bars.chosen else bars.beyond + bars.missing)
    place = _largest(some)
    if place is None or not total:
        return words.NO_ROW
    every = _largest(bars.every)
    parts = {"part": part_text(bars.parts, place), "share": formats.percent((some[place] or 0) / total)}
    if every is None or every == place:
        return [*sentence(words.MOST_OFTEN, **parts), *_outside(bars)]
    told_too = sentence(words.MOST_OFTEN_FILTERED, **parts, every=part_text(bars.parts, every))
    return [*told_too, *_outside(bars)]


def passing(values: Figures, chosen: Sequence[bool] | None) -> Figures:
    """The figures of the parts that pass the filter on the chart's own column; None for the others."""
    if chosen is None:
        return values
    return [value if passes else None for value, passes in zip(values, chosen, strict=True)]


def by_finding(bars: Bars, said: Told | None) -> Children:
    """Where what is told of predictions is highest and lowest."""
    ends = _ends(passing(bars.answer_some, bars.chosen), bars.some) if said is not None else None
    if said is None or ends is None:
        return distribution_finding(bars)
    return [*_extremes(said, bars.parts, bars.answer_some, ends), *_outside(bars)]


def course_finding(course: Course, said: Told | None) -> Children:
    """When what is told of predictions was highest and lowest, and how many outcomes are known."""
    if said is None:
        place = _largest(passing(course.rows, course.chosen))
        return words.NO_ROW if place is None else words.MOST_ROWS.format(part=part_text(course.parts, place))
    ends = _ends(passing(course.some, course.chosen), course.rows)
    if ends is None:
        return words.NO_ROW
    if len(course.parts) == 1:
        part, value = part_text(course.parts, 0), said.text(course.some[0])
        return sentence(words.ONE_PART, part=part, answer=inside(said.name), value=value)
    rows, known = (sum(v or 0 for v in passing(values, course.chosen)) for values in (course.rows, course.known))
    outcomes = [f" {words.KNOWN.format(share=formats.percent(known / rows))}"] if known and rows else []
    return [*_extremes(said, course.parts, course.some, ends), *outcomes]


def pair_finding(pair: Pair, said: Told | None) -> Children:
    """What two columns have to do with the prediction, in a sentence."""
    if isinstance(pair, Scatter):
        return _scatter_finding(pair)
    if isinstance(pair, Boxes):
        ends = _ends(passing(pair.marks[2], pair.chosen), pair.rows)
        if ends is None:
            return words.NO_ROW
        high, low = ends.high, ends.low
        told_of = sentence(
            words.MEDIAN,
            column=inside(pair.value.label),
            high=part_text(pair.parts, high),
            high_value=value_text(pair.value, pair.marks[2][high]),
            low=part_text(pair.parts, low),
            low_value=value_text(pair.value, pair.marks[2][low]),
        )
        return [*told_of, ends.note]
    return _grid_finding(pair, said)


def map_finding(found: Map, said: Told | None) -> Children:
    """Where the answer is highest."""
    ends = _ends(passing(found.answer, found.chosen), found.rows)
    if ends is None:
        return words.NO_ROW
    high = ends.high
    place = f"{formats.number(found.lats[high] or 0, 5)}, {formats.number(found.lons[high] or 0, 5)}"
    text = said.text(found.answer[high]) if said else _counted(found.rows[high])
    drag = html.Span(f" {words.DRAG}", className="md-wide-only")
    return [*sentence(words.HIGHEST_AROUND, place=place, value=text), ends.note, drag]


def _counted(rows: float | None) -> str:
    return words.HIGHEST_ROWS.format(rows=f"{round(rows or 0):,}")


def _scatter_finding(found: Scatter) -> Children:
    xs = passing(found.xs, found.chosen)
    pairs = [(x, y) for x, y in zip(xs, found.ys, strict=True) if x is not None and y is not None]
    related = _correlation(pairs)
    if related is None:
        return words.NO_ROW if not pairs else words.TOO_FEW
    value = formats.number(round(related, 2), 2)
    return sentence(words.RELATED[_relation(related)], x=found.x.label, y=inside(found.y.label), value=value)


def _relation(correlation: float) -> str:
    """Return the key in ``words.RELATED`` of a correlation."""
    size = abs(correlation)
    if size < 0.1:
        return "hardly"
    strength = "weakly-" if size < 0.3 else "" if size < 0.7 else "closely-"
    return f"{strength}{'rising' if correlation > 0 else 'falling'}"


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's correlation of points; None of fewer than three, or where one does not vary."""
    if len(pairs) < 3:
        return None
    xs, ys = zip(*pairs, strict=True)
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    spread = math.sqrt(sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys))
    return both / spread if spread else None


def _grid_finding(found: Grid, said: Told | None) -> Children:
    cells = [(row, column) for row in range(len(found.y)) for column in range(len(found.x))]
    chosen = [found.passes(row, column) for row, column in cells] if found.filtered else None
    answers = passing([found.answer[row][column] for row, column in cells], chosen)
    ends = _ends(answers, [found.rows[row][column] for row, column in cells])
    if ends is None:
        return words.NO_ROW
    row, column = cells[ends.high]
    value = found.answer[row][column]
    told_of = sentence(
        words.HIGHEST_AT,
        x=part_text(found.x, column),
        y=part_text(found.y, row),
        value=said.text(value) if said else _counted(value),
        rows=f"{round(found.rows[row][column] or 0):,}",
    )
    return [*told_of, ends.note]


def _extremes(said: Told, parts: Parts, values: Figures, ends: _Ends) -> list[Any]:
    high, low = ends.high, ends.low
    if values[high] == values[low]:
        alike = sentence(words.ALIKE, answer=said.name, value=said.text(values[high]), part=part_text(parts, high))
        return [*alike, ends.note]
    extremes = sentence(
        words.EXTREMES,
        answer=said.name,
        high=part_text(parts, high),
        high_value=said.text(values[high]),
        low=part_text(parts, low),
        low_value=said.text(values[low]),
    )
    return [*extremes, ends.note]


def _outside(bars: Bars) -> list[str]:
    beyond, missing = round(bars.beyond), round(bars.missing)
    notes = []
    if beyond and bars.parts.edges:
        notes.append(f" {words.BEYOND.of(beyond)}")
    if missing and None not in bars.parts.keys:
        notes.append(f" {words.NOT_KNOWN.of(missing)}")
    return notes


@dataclass(frozen=True, slots=True)
class _Ends:
    """The places of the highest and the lowest value among parts of ``least`` rows or more; ``note`` says so
    where a smaller part goes beyond them."""

    high: int
    low: int
    note: str


def _ends(values: Figures, rows: Figures) -> _Ends | None:
    """Where values are highest and lowest; None where there are none."""
    enough = comparable(rows)
    known = {place: value for place, value in enumerate(values) if value is not None}
    kept = {place: value for place, value in known.items() if enough[place]} or known
    if not kept:
        return None
    high, low = max(kept, key=lambda place: kept[place]), min(kept, key=lambda place: kept[place])
    beyond = any(value > kept[high] or value < kept[low] for value in known.values())
    return _Ends(high, low, f" {words.PARTS_LEFT_OUT.format(rows=least_rows(rows))}" if beyond else "")


def _largest(values: Figures) -> int | None:
    place = max(range(len(values)), key=lambda item: values[item] or 0, default=None)
    return None if place is None or not values[place] else place


# ---- charts as tables ----------------------------------------------------------------------------


def chart_table(name: str, title: str, meta: Mapping[str, Any]) -> Children:
    """A chart's data as a table; where its parts are filters, each is a button that sets it."""
    data = meta["data"]
    rows = data["rows"][:MOST_LISTED]
    left_out = data.get("left_out", 0)
    names, percent = data["columns"], frozenset(data.get(_PERCENT, ()))
    numbers = [any(isinstance(row[place], int | float) for row in rows) for place in range(len(names))]
    parts = data.get("parts", [])
    cells = []
    for place, row in enumerate(rows):
        line: list[Any] = [_cell(value, column in percent) for column, value in enumerate(row)]
        if place < len(parts):
            line[0] = button(
                str(line[0]),
                id=ids.do(f"{ids.PICK}:{name}:{parts[place]}"),
                kind="quiet",
                small=True,
                label=words.FILTER_BY.format(part=line[0]),
            )
        cells.append(line)
    columns = [Column(name, number=number) for name, number in zip(names, numbers, strict=True)]
    every = len(data["rows"])
    cut = words.CAPTION_CUT.format(title=title, shown=MOST_LISTED, all=f"{every:,}")
    listed = table(columns, cells, caption=cut if every > MOST_LISTED else title)
    if not left_out:
        return listed
    return [listed, html.P(words.LINES_LEFT_OUT.of(left_out), className="md-note")]


def _cell(value: Any, percent: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, int | float):
        return (
            formats.percent(value)
            if percent
            else formats.number(round(value) if float(value).is_integer() else value, 4)
        )
    return str(value)
