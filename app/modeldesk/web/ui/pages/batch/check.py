"""The check of a file before it is scored: how it is read, its columns, its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.tables import FileOptions, Reject, TableForm
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import FileCheck
from modeldesk.web.ui.common.components import (
    Children,
    Column,
    alert,
    badge,
    button,
    card,
    icon,
    labelled,
    loading,
    table,
)
from modeldesk.web.ui.common.errors_view import error_alert
from modeldesk.web.ui.pages.batch import check_text as words
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch.job import sum_bar

NONE = ""
"""The value of a choice that is left to be detected, or of a feature without a column."""
MAX_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's check with what a page says beside it: the inputs as people know them, each
    column's first values, and the options it was read by."""

    batch: Batch
    check: FileCheck
    fields: Sequence[Field]
    first_values: Mapping[str, tuple[str, ...]]
    options: FileOptions


# ---- how it is read ------------------------------------------------------------------------------


def looking() -> html.Div:
    """Return what stands in the place of how a file is read while that is detected."""
    return loading(words.LOOKING, bars=1)


def reading_options(form: TableForm | None, options: FileOptions) -> list[Children]:
    """Return the choices of how the file is read; ``form`` is None where it could not be read so far."""
    kind = form.kind if form else "csv"
    shown: list[tuple[str, dict[str, str], str | None]] = []
    if kind in ("csv", "tsv"):
        shown += [
            ("delimiter", _named(",;\t|"), form.delimiter if form else None),
            ("encoding", words.ENCODINGS, words.encoding(form.encoding) if form else None),
        ]
    if kind != "parquet":
        shown += [
            ("decimal", _named(".,"), form.decimal if form else None),
            ("thousands", _named(",.' "), form.thousands if form else None),
            ("date_order", words.ORDERS, form.date_order if form else None),
        ]
    if form and len(form.sheets) > 1:
        shown.append(("sheet", {name: name for name in form.sheets}, form.sheet))
    if form:
        shown.append(("key_column", {name: name for name in form.header}, None))
    given = options.model_dump()
    return [_option(name, choices, detected, given[name]) for name, choices, detected in shown]


def _named(marks: str) -> dict[str, str]:
    return {mark: words.MARKS[mark] for mark in marks}


def _option(name: str, choices: Mapping[str, str], detected: str | None, given: str | None) -> html.Div:
    automatic = words.automatic(name, choices, detected)
    options = [{"label": automatic, "value": NONE}, *({"label": label, "value": v} for v, label in choices.items())]
    control = dbc.Select(id=ids.option(name), options=options, value=given or NONE, placeholder=automatic)
    return labelled(words.OPTIONS[name], control, for_id=ids.option(name))


def unreadable(error: ModeldeskError, reference: str) -> list[Children]:
    """Return that a file cannot be read, why, and what can be done here."""
    return [error_alert(error, reference), html.P(words.UNREADABLE, className="md-small md-quiet mt-2")]


def refused_card(error: ModeldeskError, reference: str) -> html.Section:
    """Return that the file cannot be read by what was chosen last, in the place of its rows."""
    return card(error_alert(error, reference), title=words.ROWS_TITLE)


# ---- its columns ---------------------------------------------------------------------------------


def columns_waiting() -> html.Section:
    """Return the columns' card before they are matched."""
    return card(loading(words.MATCHING, bars=3), title=words.COLUMNS_TITLE)


def columns_card(checked: Checked) -> html.Section:
    """Return which column stands for which input: first what has to be matched by hand."""
    header, matching = set(checked.check.form.header), checked.check.matching
    shown = [field for field in checked.fields if not field.hidden or field.name in matching.columns]
    by_hand = [field for field in shown if field.name not in header or _moved(field, checked)]
    by_name = [field for field in shown if field not in by_hand]
    extra = [name for name in matching.extra if name != matching.key_column]
    parts: list[Children] = []
    if by_hand:
        parts.append(_columns_table(by_hand, checked, words.BY_HAND))
    if by_name:
        counted = words.BY_NAME_COUNT.format(count=f"{len(by_name):,}")
        parts.append(_fold(counted, _columns_table(by_name, checked, words.BY_NAME)))
    if extra:
        names = html.P(
            [html.Code(name, className="px-2 rounded-1 bg-body-tertiary") for name in extra],
            className="d-flex flex-wrap gap-2 pt-1",
        )
        parts.append(_fold(words.unused(len(extra)), names))
    title: Children = words.COLUMNS_TITLE
    if matching.missing:
        to_match = badge(words.to_match(len(matching.missing)), "warn")
        title = html.Span([title, " ", to_match], className="hstack gap-2")
    return card(*parts, title=title, summary=words.columns_finding(len(by_name), len(shown)))


def _moved(field: Field, checked: Checked) -> bool:
    return checked.check.matching.columns.get(field.name) != field.name


def _fold(title: str, content: Children) -> html.Details:
    return html.Details(
        [html.Summary(title, className="md-fold md-small text-primary-emphasis"), content], className="mt-2"
    )


def _columns_table(fields: Sequence[Field], checked: Checked, caption: str) -> html.Div:
    name, column, values, kind, remark = words.MATCH_COLUMNS
    columns = [
        Column(name),
        Column(column),
        Column(values, hide=True),
        Column(kind, hide=True),
        Column(html.Span(remark, className="visually-hidden")),
    ]
    rows = [_column_row(field, checked) for field in fields]
    return table(columns, rows, caption=caption, rows_head=True, className="md-match mt-2")


def _column_row(field: Field, checked: Checked) -> list[Children]:
    column = checked.check.matching.columns.get(field.name)
    values = checked.first_values.get(column, ()) if column else ()
    listed = " · ".join(value or words.EMPTY_VALUE for value in values) or "–"
    return [
        html.Span(
            [
                field.label,
                html.Span(f" {field.unit}", className="text-body-secondary fw-normal") if field.unit else None,
            ]
        ),
        _column_choice(field, column, checked),
        html.Span(listed, className="md-quiet"),
        html.Span(words.reads_as(field), className="md-quiet"),
        _remark(field, column, checked),
    ]


def _column_choice(field: Field, column: str | None, checked: Checked) -> html.Div:
    needed = field.name in checked.check.matching.missing
    likely = checked.check.matching.suggestions.get(field.name, ())
    rest = [name for name in checked.check.form.header if name not in likely]
    none = words.CHOOSE_COLUMN if needed else words.NOT_IN_FILE
    options = [{"label": none, "value": NONE}, *({"label": name, "value": name} for name in (*likely, *rest))]
    state = "bad" if needed else "warn" if column is None else "good"
    return html.Div(
        labelled(
            words.COLUMN_FOR.format(input=field.label),
            dbc.Select(id=ids.column(field.name), options=options, value=column or NONE, placeholder=none),
            for_id=ids.column(field.name),
            unseen=True,
        ),
        className="md-field md-match-choice",
        **{"data-state": state},
    )


def _remark(field: Field, column: str | None, checked: Checked) -> Children:
    if column is not None:
        return None if column == field.name else badge(words.MATCHED_BY_HAND, "good")
    likely = checked.check.matching.suggestions.get(field.name, ())
    if likely:
        return button(
            words.USE.format(column=likely[0]),
            id=ids.suggestion(field.name),
            small=True,
            label=words.USE_FOR.format(column=likely[0], input=field.label),
            value=likely[0],
            **{"data-md-batch": "suggest"},
        )
    if field.name in checked.check.matching.missing:
        return html.Span(
            [icon("exclamation-circle-fill"), words.NEEDED], className="hstack gap-2 md-note text-danger-emphasis"
        )
    return html.Span(
        [icon("exclamation-triangle-fill"), words.without_column(field)],
        className="hstack gap-2 md-note text-warning-emphasis",
    )


# ---- its rows ------------------------------------------------------------------------------------


def rows_waiting() -> html.Section:
    """Return the rows' card before they are checked."""
    return card(loading(words.CHECKING, bars=4), title=words.ROWS_TITLE)


def rows_card(checked: Checked) -> html.Section:
    """Return how many rows can be scored, the first that cannot, and the button."""
    check = checked.check
    if not check.can_start:
        names = [field.label for field in checked.fields if field.name in check.matching.missing]
        return card(alert("info", html.P(words.match_first(names)), live=False), title=words.ROWS_TITLE)
    good = check.rows_checked - check.rows_rejected
    return card(
        sum_bar(good, check.rows_rejected) if check.rows_checked else None,
        _problems(checked) if check.problems else None,
        html.Footer(
            [
                button(
                    words.start_label(check),
                    id=ids.action(ids.START, checked.batch.id),
                    kind="primary",
                    disabled=True if check.rows == 0 or (good == 0 and words.is_whole(check)) else None,
                ),
                html.Span(words.WITH_VERSION.format(version=checked.batch.version), className="md-quiet"),
            ],
            className="md-card-edge mt-12 md-small hstack flex-wrap row-gap-2 column-gap-12",
        ),
        title=words.ROWS_TITLE,
        summary=words.rows_finding(check),
        className="md-rows-card",
    )


def _problems(checked: Checked) -> html.Div:
    """Return the first problems, those of one kind together, by the first row that has it."""
    labels = {field.name: field.label for field in checked.fields}
    groups: dict[tuple[str | None, str], list[Reject]] = {}
    for problem in checked.check.problems:
        groups.setdefault((problem.field, problem.code), []).append(problem)
    row, column, value, problem_head, like_this = words.PROBLEM_COLUMNS
    columns = [
        Column(row, number=True),
        Column(column),
        Column(value),
        Column(problem_head),
        Column(like_this, number=True, hide=True),
    ]
    rows = []
    for (name, _), group in list(groups.items())[:MAX_GROUPS]:
        first = group[0]
        where = html.Span(words.WHOLE_ROW, className="md-quiet")
        if name is not None:
            where = html.Span(checked.check.matching.columns.get(name, labels.get(name, name)))
        cell = html.Span(words.EMPTY, className="md-quiet") if not first.value else html.Code(first.value)
        rows.append([f"{first.row:,}", where, cell, first.message, f"{len(group):,}"])
    shown = sum(len(group) for group in groups.values())
    counted = words.PROBLEMS_COUNTED.format(count=f"{shown:,}")
    return html.Div(
        [
            table(columns, rows, caption=words.PROBLEMS, className="md-problems-table"),
            html.P(counted, className="md-note") if shown < checked.check.rows_rejected else None,
        ],
        className="mt-2",
    )


def chosen_options(columns: Mapping[str, str | None], options: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the page's choices as ``FileOptions`` takes them, without inputs whose column has their very
    name and without what is left to be detected."""
    matched = {name: column for name, column in columns.items() if column and column != name}
    given = {name: value for name, value in options.items() if value}
    return {**given, **({"columns": matched} if matched else {})}
