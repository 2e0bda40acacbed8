"""What the check of a file says: how the file is read, its columns, its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modeldesk.core import formats
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.tables import TableForm
from modeldesk.services.batches.manage import FileCheck
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.sentences import Plural, sentence
from modeldesk.web.ui.pages.batch.text import rows

# ---- how a file is read --------------------------------------------------------------------------

LOOKING = "Looking at the file"
MATCHING = "Matching the columns"
CHECKING = "Checking the first rows"
READ_TITLE = "How the file is read"
CHANGE_READING = "Change how it is read"
RESULTS_TITLE = "Results"
EXPLAIN = "Name the inputs that moved each answer most (top contributions); takes longer"
CHECK_ACTION = "The check of a file"
UNREADABLE = "If it is read in the wrong way, change that below. Else mend the file and upload it again."
AS_DETECTED = "As found"
_AS_DETECTED = "As found: {value}"
NO_KEY = "None"
OPTIONS = {
    "delimiter": "Cells are separated by",
    "encoding": "Characters (encoding)",
    "decimal": "Decimal mark",
    "thousands": "Thousands mark",
    "date_order": "Dates",
    "sheet": "Sheet",
    "key_column": "Your own key",
}
MARKS = {
    ",": "Comma",
    ";": "Semicolon",
    "\t": "Tab",
    "|": "Bar",
    ".": "Point",
    " ": "Space",
    "'": "Apostrophe",
}
ORDERS = {"ymd": "year first (2026-11-30)", "dmy": "day first (30.11.2026)", "mdy": "month first (11/30/2026)"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
_SEPARATED = {
    ",": "{encoding}, separated by commas",
    ";": "{encoding}, separated by semicolons",
    "\t": "{encoding}, separated by tabs",
    "|": "{encoding}, separated by bars",
    " ": "{encoding}, separated by spaces",
}
_SEPARATED_OTHER = "{encoding}, separated by “{delimiter}”"
_DECIMAL = {",": "decimal comma", ".": "decimal point"}
_THOUSANDS = {
    ",": "thousands with comma",
    ".": "thousands with point",
    " ": "thousands with space",
    "'": "thousands with apostrophe",
}
_DATES = {"ymd": "dates year first", "dmy": "dates day first", "mdy": "dates month first"}
_SHEET = "XLSX, sheet {sheet}"
_COLUMNS = Plural("{n} column", "{n} columns")
_FORM, _FORM_ROWS = "{form} · {columns}", "{form} · {rows}, {columns}"


def reading(form: TableForm, amount: int | None) -> str:
    """Return how a file is read, in one line; ``amount`` is its number of rows where that is known."""
    columns = _COLUMNS.of(len(form.header))
    if amount is None:
        return _FORM.format(form=_form(form), columns=columns)
    return _FORM_ROWS.format(form=_form(form), rows=rows(amount), columns=columns)


def _form(form: TableForm) -> str:
    if form.kind == "xlsx":
        return _SHEET.format(sheet=form.sheet)
    if form.kind not in ("csv", "tsv"):
        return form.kind.upper()
    separated = _SEPARATED.get(form.delimiter, _SEPARATED_OTHER)
    listed = [separated.format(encoding=encoding(form.encoding), delimiter=form.delimiter), _DECIMAL[form.decimal]]
    listed += [_THOUSANDS[form.thousands]] if form.thousands else []
    return ", ".join([*listed, _DATES[form.date_order]])


def encoding(name: str) -> str:
    """Return the name of an encoding as people know it."""
    plain = name.lower().replace("_", "-").removesuffix("-sig")
    return ENCODINGS.get(plain, name.upper())


def automatic(option: str, choices: Mapping[str, str], detected: str | None) -> str:
    """Return what an option says that is left to be detected."""
    if option == "key_column":
        return NO_KEY
    if not detected:
        return AS_DETECTED
    named = option != "encoding" and detected in choices
    return _AS_DETECTED.format(value=choices[detected].lower() if named else detected)


# ---- columns -------------------------------------------------------------------------------------

COLUMNS_TITLE = "Columns"
_TO_MATCH = Plural("{n} input to match", "{n} inputs to match")
BY_HAND = "Inputs to match by hand"
BY_NAME = "Matched by name"
BY_NAME_COUNT = "{count} matched by name"
_UNUSED = Plural("{n} column of the file not used", "{n} columns of the file not used")
MATCH_COLUMNS = ("Input of the model", "Column in your file", "First values", "Reads as", "Remark")
_ALL_BY_NAME = "**All {inputs} inputs** were found by name."
_SOME_BY_NAME = (
    "**{named} of {inputs} inputs** were found by name. Say which column stands for the others: nothing is guessed."
)
EMPTY_VALUE = "(empty)"
CHOOSE_COLUMN = "Choose a column"
NOT_IN_FILE = "Not in this file"
COLUMN_FOR = "Column for {input}"
MATCHED_BY_HAND = "Matched by hand"
USE = "Use {column}"
USE_FOR = "Use {column} for {input}"
NEEDED = "Needed: the model takes no empty value"
_USUAL_VALUE = "Every row gets the usual value"
_NOT_KNOWN = "Every row will count as “not known”"
_READS = {
    "number": "Number",
    "integer": "Whole number",
    "boolean": "Yes or no",
    "date": "Date",
    "datetime": "Date and time",
    "text": "Text",
}
_READS_RANGE = "{kind}, {range}"
_READS_SOME = "{values}, …"
_READS_ANY = "Category"
MAX_LISTED = 4


def to_match(amount: int) -> str:
    """Return how many inputs have to be matched."""
    return _TO_MATCH.of(amount)


def unused(amount: int) -> str:
    """Return how many columns of the file are not used."""
    return _UNUSED.of(amount)


def columns_finding(named: int, inputs: int) -> Children:
    """Return how many inputs were found by name."""
    return sentence(_ALL_BY_NAME if named == inputs else _SOME_BY_NAME, named=f"{named:,}", inputs=f"{inputs:,}")


def without_column(field: Field) -> str:
    """Return what becomes of an input that may be empty and has no column."""
    return _USUAL_VALUE if field.hidden else _NOT_KNOWN


def reads_as(field: Field) -> str:
    """Return what is accepted in an input's column, in a few words."""
    kind = _READS.get(field.feature.type)
    if kind is not None:
        ends = (field.minimum, field.maximum)
        ranged = field.feature.numeric and None not in ends
        return _READS_RANGE.format(kind=kind, range=formats.span(*ends)) if ranged else kind
    values = [str(option.value) for option in field.feature.options]
    shown = ", ".join(values[:MAX_LISTED])
    return _READS_SOME.format(values=shown) if len(values) > MAX_LISTED else shown or _READS_ANY


# ---- rows that are checked -----------------------------------------------------------------------

ROWS_TITLE = "Rows"
_MATCH_FIRST = "Match {inputs} first. Then the rows are checked."
_TWO, _SEVERAL, _MORE = "{first} and {last}", "{first} and {last}", "{first} and {more} more"
WITH_VERSION = "With version {version}. You can close this page meanwhile."
_SCORE = Plural("Score {n} row", "Score {n} rows")
_SCORE_UP_TO = Plural("Score up to {n} row", "Score up to {n} rows")
_SCORE_FILE = "Score the file"
_GOOD = Plural("**{good} of {n} row** can be scored.", "**{good} of {n} rows** can be scored.")
_GOOD_REST = Plural(
    "**{good} of {n} row** can be scored. The others will be left out and listed with the reason; nothing is guessed.",
    "**{good} of {n} rows** can be scored. The others will be left out and listed with the reason; nothing is guessed.",
)
_GOOD_FIRST = (
    "Of the first {rows} rows, **{good} can be scored**. The rest is checked while it is scored; rows that cannot be "
    "are left out and listed with the reason."
)
PROBLEMS = "First problems"
PROBLEM_COLUMNS = ("Row", "Column", "Value", "Problem", "Problems like this")
WHOLE_ROW, EMPTY = "whole row", "empty"
PROBLEMS_COUNTED = "Counted among the first {count} problems."


def match_first(names: Sequence[str]) -> str:
    """Return which inputs have to be matched before rows are checked."""
    if len(names) > MAX_LISTED:
        first = ", ".join(names[:MAX_LISTED])
        listed = _MORE.format(first=first, more=f"{len(names) - MAX_LISTED:,}")
    elif len(names) > 1:
        listed = _SEVERAL.format(first=", ".join(names[:-1]), last=names[-1])
    else:
        listed = "".join(names)
    return _MATCH_FIRST.format(inputs=listed)


def is_whole(check: FileCheck) -> bool:
    """Return whether all rows of the file were looked at."""
    return check.rows is not None and check.rows_checked >= check.rows


def start_label(check: FileCheck) -> str:
    """Return what the button that starts says: how many rows will be scored, as well as that is known."""
    if is_whole(check):
        return _SCORE.of(check.rows_checked - check.rows_rejected)
    return _SCORE_FILE if check.rows is None else _SCORE_UP_TO.of(check.rows - check.rows_rejected)


def rows_finding(check: FileCheck) -> Children:
    """Return how many of the rows that were checked can be scored."""
    good, looked = f"{check.rows_checked - check.rows_rejected:,}", check.rows_checked
    if not is_whole(check):
        return sentence(_GOOD_FIRST, rows=f"{looked:,}", good=good)
    found = _GOOD_REST if check.rows_rejected else _GOOD
    return sentence(found.form(looked), good=good, n=f"{looked:,}")
