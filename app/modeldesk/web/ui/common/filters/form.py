"""The form that a filter is added by: a column, and its range or its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import Output, dcc, html

from modeldesk.core.errors import InvalidInput
from modeldesk.ports.analytics import PROBABILITY, Column, Filter, OneOf, Range
from modeldesk.services.explore.parts import Dimension, ValueRange
from modeldesk.services.explore.view import column_text, filter_text, read_filter
from modeldesk.web.ui.common.components import Children, button, icon, labelled, menu, removable_chip
from modeldesk.web.ui.common.explanation.typed_values import read_number
from modeldesk.web.ui.common.filters import text as words
from modeldesk.web.ui.common.filters.text import filter_name, filter_words, value_text


@dataclass(frozen=True, slots=True)
class FilterFormIds:
    """The ids of one such form, made from the name of its page."""

    page: str

    @property
    def column(self) -> str:
        """The choice of what to filter by."""
        return f"{self.page}-filter-column"

    @property
    def range(self) -> str:
        """The two ends, hidden for a category."""
        return f"{self.page}-filter-range"

    @property
    def low(self) -> str:
        """The lower end."""
        return f"{self.page}-filter-low"

    @property
    def high(self) -> str:
        """The upper end."""
        return f"{self.page}-filter-high"

    @property
    def values_box(self) -> str:
        """The values, hidden for a number or a time."""
        return f"{self.page}-filter-values-box"

    @property
    def values(self) -> str:
        """The values to tick."""
        return f"{self.page}-filter-values"

    @property
    def hint(self) -> str:
        """What may be entered."""
        return f"{self.page}-filter-hint"

    @property
    def add(self) -> str:
        """The button that adds the filter."""
        return f"{self.page}-filter-add"

    @property
    def errors(self) -> str:
        """What is wrong with what was entered."""
        return f"{self.page}-filter-errors"

    def outputs(self) -> dict[str, Output]:
        """What a callback writes that prepares the form for a column: the values of ``form_state``."""
        return {
            "hide_range": Output(self.range, "hidden"),
            "hide_values": Output(self.values_box, "hidden"),
            "values": Output(self.values, "options"),
            "ticked": Output(self.values, "value"),
            "hint": Output(self.hint, "children"),
            "low": Output(self.low, "value"),
            "high": Output(self.high, "value"),
        }


def filter_form(ids: FilterFormIds, *, text: str = words.FILTER, action: str = words.ADD, name: str) -> html.Details:
    """The menu that holds the form; it says ``text``, its button ``action``, and a screen reader calls it ``name``."""
    form = html.Div(
        [
            labelled(words.COLUMN, dbc.Select(id=ids.column, options=[]), for_id=ids.column),
            html.Div(
                [
                    labelled(words.FROM, _text(ids.low), for_id=ids.low),
                    labelled(words.TO, _text(ids.high), for_id=ids.high),
                ],
                id=ids.range,
                className="row row-cols-2 gx-2",
            ),
            html.Fieldset(
                [
                    html.Legend(words.VALUES, className="md-label"),
                    dbc.Checklist(id=ids.values, options=[], value=[]),
                ],
                id=ids.values_box,
                hidden=True,
            ),
            html.P(id=ids.hint, className="md-hint"),
            html.Div(id=ids.errors),
            button(action, id=ids.add, kind="primary", small=True),
        ],
        className="md-menu-form d-flex flex-column gap-2 p-2",
    )
    return menu([icon("funnel"), text], [form], name=name, className="md-filter-add", look="md-chip")


def _text(id: str) -> html.Div:
    return html.Div(dcc.Input(id=id, type="text", autoComplete="off"), className="md-control")


def form_state(item: Dimension, scale: ValueRange, where: Sequence[Filter]) -> dict[str, Any]:
    """The form for a column whose values lie as ``scale`` says, filled with the filters that are on: the values of
    ``FilterFormIds.outputs``."""
    on = [chosen for chosen in where if chosen.column == item.column]
    ticked = [filter_text(OneOf(item.column, (value,))) for f in on if isinstance(f, OneOf) for value in f.values]
    low, high = range_texts(on)
    listed = item.kind == "category"
    return {
        "hide_range": listed,
        "hide_values": not listed,
        "values": value_options(item, scale),
        "ticked": ticked,
        "hint": hint(item, scale),
        "low": low,
        "high": high,
    }


def filter_chips(
    dimensions: Iterable[Dimension], where: Sequence[Filter], remove: Callable[[str], dict[str, Any]]
) -> list[Children]:
    """The filters that are on, each to be taken off; ``remove`` is the id of the button that takes one off, which
    is told as ``filter_text`` writes it."""
    by_column = {item.column: item for item in dimensions}
    return [
        removable_chip(
            filter_name(by_column[item.column], item),
            filter_words(by_column[item.column], item),
            id=remove(filter_text(item)),
        )
        for item in where
    ]


def column_options(columns: Sequence[Dimension]) -> list[dict[str, str]]:
    """Columns to choose from, by what addresses call them."""
    return [{"label": item.label, "value": column_text(item.column)} for item in columns if item.charted]


def value_options(item: Dimension, scale: ValueRange) -> list[dict[str, str]]:
    """The values of a category to tick, each by its filter."""
    if item.kind != "category":
        return []
    return [
        {"label": value_text(item, value), "value": filter_text(OneOf(item.column, (value,)))} for value in scale.values
    ]


def hint(item: Dimension, scale: ValueRange) -> str:
    """What may be entered."""
    if item.kind == "category":
        return words.MOST_FREQUENT if scale.values else words.NO_VALUE
    if scale.low is None:
        return words.NO_VALUE
    template = words.SHARE_HINT if item.column == PROBABILITY else words.NUMBER_HINT
    template = words.TIME_HINT if item.kind == "time" else template
    return template.format(low=value_text(item, scale.low), high=value_text(item, scale.high))


def range_texts(on: Sequence[Filter]) -> tuple[str, str]:
    """The ends of a range that is on, as they are typed."""
    found = next((item for item in on if isinstance(item, Range)), None)
    if found is None:
        return "", ""
    return _typed(found.low), _typed(found.high)


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    return f"{value:.12g}"


def dimension_of(dimensions: Iterable[Dimension], column: str | None) -> Dimension | None:
    """The column that an address calls so."""
    return next((item for item in dimensions if column_text(item.column) == column), None)


def read_form(
    dimensions: Iterable[Dimension],
    columns: Iterable[Column],
    column: str | None,
    low: str | None,
    high: str | None,
    ticked: Sequence[str] | None,
) -> Filter:
    """The filter that the form asks for, on one of the ``columns`` that ``dimensions`` name. Raises InvalidInput
    that says what is accepted."""
    item = dimension_of(dimensions, column)
    if item is None:
        raise _refused(words.CHOOSE_COLUMN)
    if item.kind == "category":
        known = {column_text(found.name): found for found in columns}
        values = [value for text in ticked or () for value in _values(read_filter(text, known))]
        if not values:
            raise _refused(words.TICK_A_VALUE.format(column=item.label))
        return OneOf(item.column, tuple(dict.fromkeys(values)))
    ends = [_end(item, label, text) for label, text in ((words.FROM, low), (words.TO, high))]
    if ends == [None, None]:
        raise _refused(words.SAY_AN_END.format(column=item.label))
    if None not in ends and ends[0] > ends[1]:
        raise _refused(words.WRONG_ORDER.format(column=item.label, low=low, high=high))
    return Range(item.column, ends[0], ends[1])


def _values(item: Filter) -> tuple[Any, ...]:
    return item.values if isinstance(item, OneOf) else ()


def _end(item: Dimension, label: str, text: str | None) -> Any:
    plain = (text or "").strip()
    if not plain:
        return None
    try:
        if item.kind == "time":
            moment = datetime.fromisoformat(plain)
            if moment.tzinfo is not None:
                raise ValueError
            return moment
        share = item.column == PROBABILITY and plain.endswith("%")
        # ``3,5`` could mean two things and raises ValueError here.
        value = float(read_number(plain.removesuffix("%" if share else "").replace(" ", "")))
        value = value / 100 if share else value
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        template = words.NO_DAY if item.kind == "time" else words.NO_NUMBER
        raise _refused(template.format(end=label, text=plain[:40])) from None
    return value


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message)
