"""A column's numbers as arrays, with what cannot be told of them at a glance."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modeldesk.model_service.tables.notation import MISSING_WORDS, Notation

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
    found = _plainly(cells, missing, notation, whole)
    if found is not None:
        return found
    words = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), _WORDS)
    missing |= np.asarray(pc.fill_null(words, True))
    found = _plainly(cells, missing, notation, whole)
    return _by_pattern(cells, missing, notation, whole) if found is None else found


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
