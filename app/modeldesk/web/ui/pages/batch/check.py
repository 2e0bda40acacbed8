"""The check of a file before it is scored: how it is read, its columns, its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from modeldesk.core import formats
from modeldesk.core.errors import ModeldeskError
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.tables import FileOptions, Reject, TableForm
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import FileCheck
from modeldesk.web.ui.common.components import Children, Column, alert, badge, button, card, icon, labelled, table
from modeldesk.web.ui.common.errors_view import error_alert
from modeldesk.web.ui.pages.batch import ids
from modeldesk.web.ui.pages.batch.row_sum import sum_bar

NONE = ""
"""The value of a choice that is left to be found out, or of a feature without a column."""
MAX_OPTIONS_SHOWN = 4
MAX_GROUPS = 20

_MARKS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ".": "point", " ": "space", "'": "apostrophe"}
_PLURALS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_ORDERS = {"ymd": "year first (2026-11-30)", "dmy": "day first (30.11.2026)", "mdy": "month first (11/30/2026)"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
_READS = {
    "number": "Number",
    "integer": "Whole number",
    "boolean": "Yes or no",
    "date": "Date",
    "datetime": "Date and time",
    "text": "Text",
}


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


def reading_line(form: TableForm, rows: int | None) -> str:
    """How a file is read, in one line."""
    parts = [{"tsv": "CSV"}.get(form.kind, form.kind.upper())]
    if form.kind in ("csv", "tsv"):
        separated = _PLURALS.get(form.delimiter, f"“{form.delimiter}”")
        parts[0] = _encoding(form.encoding)
        parts += [f"separated by {separated}", f"decimal {_MARKS[form.decimal]}"]
        if form.thousands:
            parts.append(f"thousands with {_MARKS[form.thousands]}")
        parts.append(f"dates {_ORDERS[form.date_order].split(' (')[0]}")
    elif form.kind == "xlsx":
        parts.append(f"sheet {form.sheet}")
    counted = [formats.count(len(form.header), "column")]
    if rows is not None:
        counted.insert(0, formats.count(rows, "row"))
    return f"{', '.join(parts)} · {', '.join(counted)}"


def _encoding(name: str) -> str:
    plain = name.lower().replace("_", "-").removesuffix("-sig")
    return _ENCODINGS.get(plain, name.upper())


def reading_options(form: TableForm | None, options: FileOptions) -> list[Children]:
    """The choices of how the file is read. ``form`` is None where it could not be read so far."""
    kind = form.kind if form else "csv"
    shown: list[tuple[str, str, dict[str, str], str | None]] = []
    if kind in ("csv", "tsv"):
        shown += [
            ("delimiter", "Cells are separated by", _named(",;\t|"), form.delimiter if form else None),
            ("encoding", "Characters (encoding)", _ENCODINGS, _encoding(form.encoding) if form else None),
        ]
    if kind != "parquet":
        shown += [
            ("decimal", "Decimal mark", _named(".,"), form.decimal if form else None),
            ("thousands", "Thousands mark", _named(",.' "), form.thousands if form else None),
            ("date_order", "Dates", _ORDERS, form.date_order if form else None),
        ]
    if form and len(form.sheets) > 1:
        shown.append(("sheet", "Sheet", {name: name for name in form.sheets}, form.sheet))
    if form:
        shown.append(("key_column", "Your own key", {name: name for name in form.header}, None))
    given = options.model_dump()
    return [_option(name, label, choices, found, given[name]) for name, label, choices, found in shown]


def _named(marks: str) -> dict[str, str]:
    return {mark: formats.sentence(_MARKS[mark]) for mark in marks}


def _option(name: str, label: str, choices: Mapping[str, str], found: str | None, given: str | None) -> html.Div:
    automatic = f"As found: {choices.get(found, found).lower() if found in choices else found}" if found else "As found"
    if name == "key_column":
        automatic = "None"
    elif name == "encoding" and found:
        automatic = f"As found: {found}"
    options = [{"label": automatic, "value": NONE}, *({"label": said, "value": v} for v, said in choices.items())]
    control = dbc.Select(id=ids.option(name), options=options, value=given or NONE, placeholder=automatic)
    return labelled(label, control, for_id=ids.option(name))


def unreadable(error: ModeldeskError, reference: str) -> list[Children]:
    """That a file cannot be read, why, and what can be done here."""
    return [
        error_alert(error, reference),
        html.P(
            "If it is read in the wrong way, change that below. Else mend the file and upload it again.",
            className="md-small md-quiet md-batch-gap",
        ),
    ]


def refused_card(error: ModeldeskError, reference: str) -> html.Section:
    """That the file cannot be read by what was chosen last, in the place of its rows."""
    return card(error_alert(error, reference), title="Rows")


# ---- its columns ---------------------------------------------------------------------------------


def columns_card(checked: Checked) -> html.Section:
    """Which column stands for which input: first what has to be matched by hand."""
    header = set(checked.check.form.header)
    shown = [field for field in checked.fields if not field.hidden or field.name in checked.check.matching.columns]
    by_hand = [field for field in shown if field.name not in header or _moved(field, checked)]
    by_name = [field for field in shown if field not in by_hand]
    extra = [name for name in checked.check.matching.extra if name != checked.check.matching.key_column]
    parts: list[Children] = []
    if by_hand:
        parts.append(_columns_table(by_hand, checked, "Inputs to match by hand"))
    if by_name:
        parts.append(_fold(f"{len(by_name):,} matched by name", _columns_table(by_name, checked, "Matched by name")))
    if extra:
        names = html.P([html.Code(name, className="md-column-name") for name in extra], className="md-column-names")
        parts.append(_fold(f"{formats.count(len(extra), 'column')} of the file not used", names))
    return card(*parts, title=_columns_title(checked), summary=_columns_finding(checked, shown, by_name))


def _moved(field: Field, checked: Checked) -> bool:
    return checked.check.matching.columns.get(field.name) != field.name


def _columns_title(checked: Checked) -> Children:
    open_ones = len(checked.check.matching.missing)
    if not open_ones:
        return "Columns"
    return html.Span(
        ["Columns ", badge(f"{formats.count(open_ones, 'input')} to match", "warn")], className="md-title-badge"
    )


def _columns_finding(checked: Checked, shown: Sequence[Field], by_name: Sequence[Field]) -> Children:
    if len(by_name) == len(shown):
        return [html.Strong(f"All {len(shown):,} inputs"), " were found by name."]
    return [
        html.Strong(f"{len(by_name):,} of {len(shown):,} inputs"),
        " were found by name. Say which column stands for the others: nothing is guessed.",
    ]


def _fold(title: str, content: Children) -> html.Details:
    return html.Details([html.Summary(title, className="md-fold"), content], className="md-batch-fold")


def _columns_table(fields: Sequence[Field], checked: Checked, caption: str) -> html.Div:
    columns = [
        Column("Input of the model"),
        Column("Column in your file"),
        Column("First values", hide=True),
        Column("Reads as", hide=True),
        Column(html.Span("Remark", className="visually-hidden")),
    ]
    rows = [_column_row(field, checked) for field in fields]
    return table(columns, rows, caption=caption, rows_head=True, className="md-match")


def _column_row(field: Field, checked: Checked) -> list[Children]:
    column = checked.check.matching.columns.get(field.name)
    values = checked.first_values.get(column, ()) if column else ()
    said = " · ".join(value or "(empty)" for value in values) or "–"
    return [
        html.Span([field.label, html.Span(f" {field.unit}", className="md-unit-note") if field.unit else None]),
        _column_choice(field, column, checked),
        html.Span(said, className="md-quiet"),
        html.Span(reads_as(field), className="md-quiet"),
        _remark(field, column, checked),
    ]


def _column_choice(field: Field, column: str | None, checked: Checked) -> html.Div:
    needed = field.name in checked.check.matching.missing
    likely = checked.check.matching.suggestions.get(field.name, ())
    rest = [name for name in checked.check.form.header if name not in likely]
    none = "Choose a column" if needed else "Not in this file"
    options = [{"label": none, "value": NONE}, *({"label": name, "value": name} for name in (*likely, *rest))]
    state = "bad" if needed else "warn" if column is None else "good"
    return html.Div(
        labelled(
            f"Column for {field.label}",
            dbc.Select(id=ids.column(field.name), options=options, value=column or NONE, placeholder=none),
            for_id=ids.column(field.name),
            unseen=True,
        ),
        className="md-match-choice",
        **{"data-state": state},
    )


def _remark(field: Field, column: str | None, checked: Checked) -> Children:
    if column is not None:
        return None if column == field.name else badge("Matched by hand", "good")
    likely = checked.check.matching.suggestions.get(field.name, ())
    if likely:
        return button(
            f"Use {likely[0]}",
            id=ids.suggestion(field.name),
            small=True,
            label=f"Use {likely[0]} for {field.label}",
            value=likely[0],
            **{"data-md-batch": "suggest"},
        )
    if field.name in checked.check.matching.missing:
        return html.Span(
            [icon("exclamation-circle-fill"), "Needed: the model takes no empty value"], className="md-remark-bad"
        )
    said = "Every row gets the usual value" if field.hidden else "Every row will count as “not known”"
    return html.Span([icon("exclamation-triangle-fill"), said], className="md-remark-warn")


def reads_as(field: Field) -> str:
    """What is accepted in an input's column, in a few words."""
    kind = field.feature.type
    if kind in _READS:
        ends = (field.minimum, field.maximum)
        if field.feature.numeric and None not in ends:
            return f"{_READS[kind]}, {formats.span(*ends)}"
        return _READS[kind]
    values = [str(option.value) for option in field.feature.options]
    shown = ", ".join(values[:MAX_OPTIONS_SHOWN])
    return f"{shown}, …" if len(values) > MAX_OPTIONS_SHOWN else shown or "Category"


# ---- its rows ------------------------------------------------------------------------------------


def rows_card(checked: Checked) -> html.Section:
    """How many rows can be scored, the first that cannot, and the button."""
    check = checked.check
    if not check.can_start:
        names = [field.label for field in checked.fields if field.name in check.matching.missing]
        return card(
            alert(
                "info",
                html.P(f"Match {_listed(names)} first. Then the rows are checked."),
                live=False,
            ),
            title="Rows",
        )
    good = check.rows_checked - check.rows_rejected
    return card(
        sum_bar(good, check.rows_rejected) if check.rows_checked else None,
        _problems(checked) if check.problems else None,
        html.Footer(
            [
                button(
                    start_label(check),
                    id=ids.action(ids.START, checked.batch.id),
                    kind="primary",
                    disabled=True if check.rows == 0 or (good == 0 and is_whole(check)) else None,
                ),
                html.Span(
                    f"With version {checked.batch.version}. You can close this page meanwhile.", className="md-quiet"
                ),
            ],
            className="md-card-foot",
        ),
        title="Rows",
        summary=_rows_finding(check),
        className="md-rows-card",
    )


def is_whole(check: FileCheck) -> bool:
    """Whether all rows of the file were looked at."""
    return check.rows is not None and check.rows_checked >= check.rows


def start_label(check: FileCheck) -> str:
    """What the button that starts says: how many rows will be scored, as well as that is known."""
    if is_whole(check):
        return f"Score {formats.count(check.rows_checked - check.rows_rejected, 'row')}"
    if check.rows is not None:
        return f"Score up to {formats.count(check.rows - check.rows_rejected, 'row')}"
    return "Score the file"


def _rows_finding(check: FileCheck) -> Children:
    good = check.rows_checked - check.rows_rejected
    if is_whole(check):
        told = "can be scored."
        if check.rows_rejected:
            told += " The others will be left out and listed with the reason; nothing is guessed."
        return [html.Strong(f"{good:,} of {formats.count(check.rows_checked, 'row')}"), f" {told}"]
    return [
        f"Of the first {check.rows_checked:,} rows, ",
        html.Strong(f"{good:,} can be scored"),
        ". The rest is checked while it is scored; rows that cannot be are left out and listed with the reason.",
    ]


def _problems(checked: Checked) -> html.Div:
    """The first problems, those of one kind together, by the first row that has it."""
    labels = {field.name: field.label for field in checked.fields}
    groups: dict[tuple[str | None, str], list[Reject]] = {}
    for problem in checked.check.problems:
        groups.setdefault((problem.field, problem.code), []).append(problem)
    columns = [
        Column("Row", number=True),
        Column("Column"),
        Column("Value"),
        Column("Problem"),
        Column("Problems like this", number=True, hide=True),
    ]
    rows = []
    for (name, _), found in list(groups.items())[:MAX_GROUPS]:
        first = found[0]
        where = html.Span("whole row", className="md-quiet")
        if name is not None:
            where = html.Span(checked.check.matching.columns.get(name, labels.get(name, name)))
        value = html.Span("empty", className="md-quiet") if not first.value else html.Code(first.value)
        rows.append([f"{first.row:,}", where, value, first.message, f"{len(found):,}"])
    shown = sum(len(found) for found in groups.values())
    cut = shown < checked.check.rows_rejected
    return html.Div(
        [
            table(columns, rows, caption="First problems", className="md-problems-table"),
            html.P(f"Counted among the first {shown:,} problems.", className="md-note") if cut else None,
        ],
        className="md-batch-gap",
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) > MAX_OPTIONS_SHOWN:
        return f"{', '.join(names[:MAX_OPTIONS_SHOWN])} and {len(names) - MAX_OPTIONS_SHOWN:,} more"
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def chosen_options(columns: Mapping[str, str | None], options: Mapping[str, str | None]) -> dict[str, Any]:
    """What the page's choices come to, as ``FileOptions`` takes it: an input whose column has its
    very name needs no saying, and what is left to be found out is left out."""
    matched = {name: column for name, column in columns.items() if column and column != name}
    given = {name: value for name, value in options.items() if value}
    return {**given, **({"columns": matched} if matched else {})}
