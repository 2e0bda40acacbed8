"""How numbers and dates are written in a file, found out from a sample and read accordingly.

What can be read in two ways follows the file's own form; where the file shows both forms, it is
not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modeldesk.model_service.schema.schema import Frozen
from modeldesk.model_service.tables.options import DateOrder, Decimal, FileOptions, TableForm, Thousands

SPACES = "\u0020\u00a0\u2009\u202f"
MISSING_WORDS = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
        *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
"""The texts that pandas reads as a missing value."""
_MISSING = frozenset(word.lower() for word in MISSING_WORDS)
_PLAIN = re.compile(r"[+-]?\d+", re.ASCII)
_MARKED = re.compile(rf"[+-]?\d+(?:[.,'{SPACES}]\d+)+(?:[eE][+-]?\d+)?", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[T ](.+))?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MOSTLY = 0.5


class Unreadable(Exception):
    """A text is no such value, or could be several; the message is a sentence's end."""

    def __init__(self, code: Literal["wrong_type", "ambiguous", "bad_date"], message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Notation(Frozen):
    """The part of a file's form that says how values are written."""

    decimal: Decimal = "."
    thousands: Thousands = ""
    mixed_numbers: bool = False
    date_order: DateOrder = "ymd"
    mixed_dates: bool = False

    @classmethod
    def of(cls, form: TableForm) -> Notation:
        """The notation of a file."""
        return cls.model_validate({name: getattr(form, name) for name in cls.model_fields})

    @property
    def plain(self) -> bool:
        """Whether numbers are written as computers write them."""
        return self.decimal == "." and not self.thousands and not self.mixed_numbers

    def number_pattern(self) -> str:
        """A regular expression of whole cells, ends included, that are numbers beyond doubt."""
        mark = re.escape(self.decimal)
        digits = r"\d+"
        if self.thousands:
            digits = rf"(?:\d+|\d{{1,3}}(?:[{self.thousand_marks()}]\d{{3}})+)"
        fraction = rf"(?:{mark}\d*)?"
        if self.mixed_numbers:
            # Three digits after one mark might be thousands.
            fraction = rf"(?:{mark}(?:\d{{0,2}}|\d{{4,}}))?"
        return rf"^[ \t]*[+-]?(?:{digits}{fraction}|{mark}\d+)(?:[eE][+-]?\d+)?[ \t]*$"

    def thousand_marks(self) -> str:
        """The characters that stand between thousands, for a character class."""
        return SPACES if self.thousands == " " else self.thousands

    def number(self, text: str) -> int | float:
        """A cell's number. Raises Unreadable."""
        stripped = text.strip()
        if not re.search(self.number_pattern(), stripped, re.ASCII):
            raise self._no_number(stripped)
        for mark in self.thousand_marks():
            stripped = stripped.replace(mark, "")
        if _PLAIN.fullmatch(stripped) and len(stripped) < 4_000:
            return int(stripped)
        return float(stripped.replace(self.decimal, "."))

    def _no_number(self, text: str) -> Unreadable:
        if not _MARKED.fullmatch(text):
            return Unreadable("wrong_type", f"{_shown(text)} is not a number.")
        if self.mixed_numbers:
            return Unreadable(
                "ambiguous",
                f"{_shown(text)} can be read as two different numbers, and this file writes both 0.5 and 0,5. "
                "Declare the decimal mark.",
            )
        return Unreadable(
            "ambiguous",
            f"{_shown(text)} is not a number where {self.decimal!r} is the decimal mark and thousands are "
            f"{'not marked' if not self.thousands else f'marked by {self.thousands!r}'}. "
            "Declare the marks if they are others.",
        )

    def date_text(self, text: str) -> str:
        """A cell's date or time in ISO 8601. Raises Unreadable."""
        stripped = text.strip()
        if _ISO_DATE.fullmatch(stripped):
            return stripped
        result = _LOOSE_DATE.fullmatch(stripped)
        if result is None:
            raise Unreadable("bad_date", f"{_shown(stripped)} is not a date.")
        first, _, second, year, clock = result.groups()
        day, month = (second, first) if self.date_order == "mdy" else (first, second)
        if self.date_order == "ymd" or self.mixed_dates:
            if first != second and int(first) <= 12 and int(second) <= 12:
                raise Unreadable(
                    "ambiguous",
                    f"{_shown(stripped)} can be read as two different dates. Declare the order of day and month.",
                )
            day, month = (second, first) if int(second) > 12 else (first, second)
        try:
            iso = date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            raise Unreadable("bad_date", f"{_shown(stripped)} is not a date.") from None
        return iso if clock is None else f"{iso}T{_clock(clock, stripped)}"


def _clock(text: str, whole: str) -> str:
    result = _CLOCK.fullmatch(text)
    if result is None:
        raise Unreadable("bad_date", f"{_shown(whole)} has no time of day that can be read.")
    hour, minute, second, fraction, offset = result.groups()
    return f"{int(hour):02}:{minute}:{second or '00'}{fraction or ''}{offset or ''}"


def is_missing(text: str) -> bool:
    """Whether a cell of a feature that is no text says that the value is missing."""
    return text.strip().lower() in _MISSING


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def boolean(text: str) -> bool:
    """A cell's truth value. Raises Unreadable."""
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise Unreadable("wrong_type", f"{_shown(text)} is neither true nor false; write true, false, yes, no, 1 or 0.")
    return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


def detect_notation(
    columns: Iterable[Sequence[str]], options: FileOptions, delimiter: str | None = None
) -> dict[str, Any]:
    """How a sample's numbers and dates are written, as the fields of TableForm that say so.

    Only columns that mostly hold numbers, or dates, give evidence. Where commas part the cells and some
    numbers have a decimal point, what has a comma in quotation marks is no evidence against it: a class
    called "1,5", say.
    """
    signs: set[str] = set()
    orders: set[str] = set()
    for cells in columns:
        present = [cell.strip() for cell in cells if not is_missing(cell)]
        if not present:
            continue
        marked = [cell for cell in present if _MARKED.fullmatch(cell)]
        whole = sum(_PLAIN.fullmatch(cell) is not None for cell in present)
        if marked and len(marked) + whole >= _MOSTLY * len(present):
            for cell in marked:
                signs |= _number_signs(cell)
        dates = [result for cell in present if (result := _LOOSE_DATE.fullmatch(cell))]
        if len(dates) >= _MOSTLY * len(present):
            orders |= {order for result in dates for order in _date_signs(int(result[1]), int(result[3]))}
    if delimiter == "," and "decimal." in signs:
        signs -= {"decimal,", "thousands."}
    return {**_numbers(signs, options), **_dates(orders, options)}


def _number_signs(cell: str) -> set[str]:
    """What one number with marks shows beyond doubt, such as ``decimal,`` or ``thousands.``."""
    marks = re.findall(rf"[.,'{SPACES}]", cell)
    kinds = list(dict.fromkeys(" " if mark in SPACES else mark for mark in marks))
    digits = re.split(rf"[.,'{SPACES}]", re.split("[eE]", cell.lstrip("+-"))[0])
    if len(kinds) == 2 and kinds[1] in ".,":
        return {f"thousands{kinds[0]}", f"decimal{kinds[1]}"}
    if len(kinds) != 1:
        return set()
    if kinds[0] in " '":
        return {f"thousands{kinds[0]}"} if all(len(group) == 3 for group in digits[1:]) else set()
    if len(marks) > 1:
        return {f"thousands{kinds[0]}"} if all(len(group) == 3 for group in digits[1:]) else set()
    thousands_possible = len(digits[1]) == 3 and 1 <= len(digits[0]) <= 3 and not digits[0].startswith("0")
    return set() if thousands_possible else {f"decimal{kinds[0]}"}


def _date_signs(first: int, second: int) -> set[str]:
    return {"dmy"} if first > 12 >= second else {"mdy"} if second > 12 >= first else set()


def _numbers(signs: set[str], options: FileOptions) -> dict[str, Any]:
    # A thousands mark of one kind says that the other kind is the decimal mark.
    comma = "decimal," in signs or "thousands." in signs
    dot = "decimal." in signs or "thousands," in signs
    decimal: Any = options.decimal or ("," if comma and not dot else ".")
    if options.thousands is not None:
        thousands: Any = options.thousands
    else:
        marks = [sign.removeprefix("thousands") for sign in sorted(signs) if sign.startswith("thousands")]
        fitting = [mark for mark in marks if mark != decimal]
        thousands = fitting[0] if len(fitting) == 1 else ""
    mixed = comma and dot and options.decimal is None
    return {"decimal": decimal, "thousands": "" if mixed else thousands, "mixed_numbers": mixed}


def _dates(orders: set[str], options: FileOptions) -> dict[str, Any]:
    if options.date_order is not None:
        return {"date_order": options.date_order, "mixed_dates": False}
    mixed = len(orders) > 1
    return {"date_order": orders.pop() if len(orders) == 1 else "ymd", "mixed_dates": mixed}


_EXACT = 2**53
_WORDS = pa.array(sorted({word.lower() for word in MISSING_WORDS}))
Numbers = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]
"""Values (n,) of int64 or float64; which are missing; of which nothing can be said yet."""


def stored_numbers(cells: pa.Array, *, whole: bool) -> Numbers:
    """Cells that are stored as numbers; ``whole`` numbers as int64."""
    if pa.types.is_decimal(cells.type) or pa.types.is_uint64(cells.type):
        cells = cells.cast(pa.float64(), safe=False)
    if pa.types.is_integer(cells.type):
        missing = None if not cells.null_count else np.asarray(cells.is_null())
        values = cells.fill_null(0).cast(pa.int64()).to_numpy(zero_copy_only=False)
        if whole:
            return values, missing, None
        floats = values.astype(float)
        if missing is not None:
            floats[missing] = np.nan
        return floats, missing, None
    floats = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    gone = np.isnan(floats)
    missing = gone if gone.any() else None
    return _whole(floats, missing) if whole else (floats, missing, None)


def _whole(floats: np.ndarray, missing: np.ndarray | None) -> Numbers:
    """Floats as whole numbers; those that are none are not certain."""
    certain = (np.abs(floats) < _EXACT) & (floats == np.floor(floats))
    values = np.where(certain, floats, 0).astype(np.int64)
    strange = ~certain if missing is None else ~certain & ~missing
    return values, missing, strange if strange.any() else None


def written_numbers(cells: pa.Array, notation: Notation, *, whole: bool) -> Numbers:
    """Texts that stand for numbers in a notation; ``whole`` numbers as int64."""
    missing = np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(cells), ""), True))
    result = _plainly(cells, missing, notation, whole)
    if result is not None:
        return result
    words = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), _WORDS)
    missing |= np.asarray(pc.fill_null(words, True))
    result = _plainly(cells, missing, notation, whole)
    return _by_pattern(cells, missing, notation, whole) if result is None else result


def _plainly(cells: pa.Array, missing: np.ndarray, notation: Notation, whole: bool) -> Numbers | None:
    """The numbers where all are written as computers write them, else None."""
    if not notation.plain:
        return None
    for kind in (pa.int64(), pa.float64()) if whole else (pa.float64(),):
        try:
            return _certain(pc.cast(_without(cells, missing), kind), _any(missing), whole, None)
        except pa.ArrowInvalid:
            continue
    return None


def _without(cells: pa.Array, missing: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), cells) if missing.any() else cells


def _any(rows: np.ndarray) -> np.ndarray | None:
    return rows if rows.any() else None


def _by_pattern(cells: pa.Array, missing: np.ndarray, notation: Notation, whole: bool) -> Numbers:
    """The numbers among texts of all kinds; the others are not certain."""
    present, gone = _without(cells, missing), _any(missing)
    fits = np.asarray(pc.fill_null(pc.match_substring_regex(present, notation.number_pattern()), False))
    text = pc.utf8_trim_whitespace(present)
    for mark in notation.thousand_marks():
        text = pc.replace_substring(text, mark, "")
    if notation.decimal != ".":
        text = pc.replace_substring(text, notation.decimal, ".")
    text = pc.replace_substring_regex(text, r"^\+", "")
    # A mark at either end of the digits is fine for people and not for the parser.
    text = pc.replace_substring_regex(text, r"\.($|[eE])", r"\1")
    text = pc.if_else(pa.array(fits), text, pa.scalar(None, pa.string()))
    try:
        numbers = pc.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return np.zeros(len(cells), dtype=float if not whole else np.int64), gone, ~missing
    unread = ~fits if gone is None else ~fits & ~gone
    return _certain(numbers, gone, whole, unread if unread.any() else None)


def _certain(numbers: pa.Array, missing: np.ndarray | None, whole: bool, unread: np.ndarray | None) -> Numbers:
    """Parsed numbers, those apart whose text has to be looked at: infinite, or no whole number."""
    if pa.types.is_integer(numbers.type):
        return numbers.fill_null(0).to_numpy(zero_copy_only=False), missing, unread
    floats = numbers.to_numpy(zero_copy_only=False)
    if missing is not None or unread is not None or not floats.flags.writeable:
        floats = floats.copy()
    if whole:
        values, _, strange = _whole(floats, missing)
        if unread is not None:
            strange = unread if strange is None else strange | unread
        return values, missing, strange
    infinite = ~np.isfinite(floats)
    if missing is not None:
        infinite &= ~missing
    return floats, missing, infinite if infinite.any() else unread
