"""A file's single cell as the JSON value that the record contract is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from modeldesk.model_service.tables.notation import MISSING_WORDS, Notation, Unreadable, boolean, is_missing
from modeldesk.model_service.tables.xlsx_source import cell_text
from modeldesk.model_service.validation.values import CategoryCheck, ColumnCheck

Convert = Callable[[Any], Any]
"""A cell's value, never None, to a JSON value or None for missing. Raises Unreadable."""


def text_convert(check: ColumnCheck, notation: Notation, *, blank_is_missing: bool) -> Convert:
    """How a text cell of this feature is read.

    Where the file has no other sign for a missing value, blanks and the words that pandas takes for
    one are missing, unless they are among the feature's options.
    """
    if check.feature.type == "text":
        return _free_text if blank_is_missing else _same
    if isinstance(check, CategoryCheck) and "text" in check.kinds:
        inner, known = _category_text(check, notation), check.known

        def words(text: str) -> Any:
            if blank_is_missing and text not in known and (text in MISSING_WORDS or not text.strip()):
                return None
            return inner(text)

        return words
    parse = _parser(check, notation)
    return lambda text: None if is_missing(text) else parse(text)


def typed_convert(check: ColumnCheck, *, numbers_as_text: bool) -> Convert:
    """How a cell that is stored as a number, truth value or time is read.

    ``numbers_as_text`` lets a number stand for its digits where the feature is text: spreadsheets
    store a number wherever one is typed.
    """
    wants_text = check.feature.type == "text" or (isinstance(check, CategoryCheck) and check.only_words)
    wants_date = check.feature.type in ("date", "datetime")

    def convert(value: Any) -> Any:
        if isinstance(value, float) and value != value:
            return None
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if wants_date and isinstance(value, date | datetime):
            return value.isoformat()
        if wants_text and numbers_as_text and isinstance(value, int | float):
            return cell_text(value, ".")
        return value

    return convert


def _free_text(text: str) -> str | None:
    return None if text in MISSING_WORDS else text


def _same(text: str) -> str:
    return text


def _parser(check: ColumnCheck, notation: Notation) -> Convert:
    kind = check.feature.type
    if kind in ("number", "integer"):
        return notation.number
    if kind == "boolean":
        return boolean
    if kind in ("date", "datetime"):
        return notation.date_text
    assert isinstance(check, CategoryCheck)
    return _category_text(check, notation)


def _category_text(check: CategoryCheck, notation: Notation) -> Convert:
    """Words as they stand; numbers and truth values where the choices are such."""
    if check.only_words:
        return _same

    def convert(text: str) -> Any:
        if text in check.known:
            return text
        if "a number" in check.kinds:
            try:
                return notation.number(text)
            except Unreadable:
                if check.kinds == {"a number"}:
                    raise
        if "true or false" in check.kinds:
            try:
                return boolean(text)
            except Unreadable:
                if "text" not in check.kinds:
                    raise
        return text

    return convert
