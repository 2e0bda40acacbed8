"""One checker a column: JSON values in; checked values, problems and warnings out.

Columns are checked whole, so that a thousand records cost a loop and not a thousand calls: the
value that is plainly good passes in a line, everything else takes the careful path.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from modeldesk.core.errors import Problem
from modeldesk.model_service.engine.results import InputWarning, WarningCode
from modeldesk.model_service.schema.fields import Field, accepted, shown_options
from modeldesk.model_service.schema.frames import category_key, column_dtype

MAX_TEXT = 20_000
MAX_CATEGORY = 1_000
MAX_GUESSES = 20
"""How many misspelt words of one column are compared with all options to name the closest."""
EXACT_FLOAT = 2**53
"""Whole numbers up to here are exact as 64-bit floats."""

ABSENT: Any = object()
"""Stands for a field that the record does not have."""


class Refused(Exception):
    """A value is not acceptable; becomes a Problem of its row."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Findings:
    """What the checkers of all columns found, by row."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: defaultdict[int, list[InputWarning]] = defaultdict(list)


class ColumnCheck(ABC):
    """Checks one column. Subclasses say in ``accept`` what a present value must be."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.feature = field.feature
        verb = "Choose" if field.feature.type in ("category", "boolean") else "Enter"
        self.ask = f"{verb} {accepted(field)}."
        self.sends_default = field.hidden or field.feature.hidden

    def check(self, values: Sequence[Any], findings: Findings) -> list[Any]:
        """The checked values, None where missing or refused."""
        return [self.careful(value, row, findings) for row, value in enumerate(values)]

    def careful(self, value: Any, row: int, findings: Findings) -> Any:
        """One value by the full rules; a refusal becomes a problem of its row."""
        try:
            if value is None or value is ABSENT:
                return self._missing(value, row, findings)
            if isinstance(value, np.generic):
                value = value.item()
            return self.accept(value, row, findings)
        except Refused as refused:
            findings.problems.append(Problem(self.field.name, refused.code, refused.message, row))
            return None

    @abstractmethod
    def accept(self, value: Any, row: int, findings: Findings) -> Any:
        """A present value as the contract carries it. Raises Refused."""

    def warn(self, row: int, findings: Findings, code: WarningCode, message: str) -> None:
        """Note a doubt about a value that is accepted."""
        findings.warnings[row].append(InputWarning(self.field.name, code, message))

    def wrong_type(self, wanted: str, value: Any) -> Refused:
        """The refusal of a value of another JSON type."""
        return Refused("wrong_type", f"{self.field.label} needs {wanted}, not {_kind(value)}. {self.ask}")

    def _missing(self, value: Any, row: int, findings: Findings) -> Any:
        if value is ABSENT and self.sends_default:
            return self.feature.default
        if not self.feature.missing_allowed:
            raise Refused("missing", f"{self.field.label} is needed. {self.ask}")
        if self.feature.missing_share == 0:
            message = f"{self.field.label} is not known; in the published data it always was."
            self.warn(row, findings, "missing", message)
        return None

    def outside(self, value: Any, low: Any, high: Any, row: int, findings: Findings) -> None:
        """Hold a value, comparable with both, against the limits of people and what was observed."""
        field, feature = self.field, self.feature
        minimum, maximum = self.limits
        if minimum is not None and value < minimum:
            raise Refused("below_limit", f"{field.label} must be at least {field.text(field.minimum)}. {self.ask}")
        if maximum is not None and value > maximum:
            raise Refused("above_limit", f"{field.label} must be at most {field.text(field.maximum)}. {self.ask}")
        if low is None or high is None:
            return
        if value < low or value > high:
            below = value < low
            bounds = field.span(feature.minimum, feature.maximum)
            message = f"{field.label} is {'below' if below else 'above'} anything in the published data ({bounds})."
            self.warn(row, findings, "below_range" if below else "above_range", message)

    @property
    def limits(self) -> tuple[Any, Any]:
        """The limits that people set, comparable with checked values."""
        return self.field.minimum, self.field.maximum


class NumberCheck(ColumnCheck):
    """Numbers, and whole numbers where the feature is an integer."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.integer = field.feature.type == "integer"
        self.least, self.most = _capacity(field)
        lows = (field.feature.minimum, field.minimum, self.least)
        highs = (field.feature.maximum, field.maximum, self.most)
        self.quiet_low = max(bound for bound in lows if isinstance(bound, int | float))
        self.quiet_high = min(bound for bound in highs if isinstance(bound, int | float))

    def check(self, values: Sequence[Any], findings: Findings) -> list[Any]:
        """The checked values; those within all bounds pass here."""
        low, high, careful = self.quiet_low, self.quiet_high, self.careful
        plain = int if self.integer else float
        return [
            value if type(value) is plain and low <= value <= high else careful(value, row, findings)
            for row, value in enumerate(values)
        ]

    def accept(self, value: Any, row: int, findings: Findings) -> float | int:
        """The number, as int or float. Raises Refused."""
        label = self.field.label
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong_type("a whole number" if self.integer else "a number", value)
        if isinstance(value, float):
            if not np.isfinite(value):
                raise Refused("not_finite", f"{label} needs a finite number. {self.ask}")
            if self.integer:
                if not value.is_integer():
                    raise Refused("not_an_integer", f"{label} needs a whole number; {value:g} is not. {self.ask}")
                value = int(value)
        if value < self.least or value > self.most:
            code, word = ("below_limit", "small") if value < self.least else ("above_limit", "large")
            raise Refused(code, f"{label} is too {word} a number for this model. {self.ask}")
        number = value if self.integer else float(value)
        self.outside(number, self.feature.minimum, self.feature.maximum, row, findings)
        return number


class BooleanCheck(ColumnCheck):
    """True or false, and nothing that stands for them."""

    def accept(self, value: Any, row: int, findings: Findings) -> bool:
        """The boolean. Raises Refused."""
        if not isinstance(value, bool):
            raise self.wrong_type("true or false", value)
        return value


class TextCheck(ColumnCheck):
    """Free text."""

    def accept(self, value: Any, row: int, findings: Findings) -> str:
        """The text. Raises Refused."""
        if not isinstance(value, str):
            raise self.wrong_type("text", value)
        return sound_text(self.field.label, value, MAX_TEXT)


class CategoryCheck(ColumnCheck):
    """One of the known choices, or another where the artifact takes it."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        feature = field.feature
        self.known = {category_key(option.value): option.value for option in feature.options}
        self.words = [option.value for option in feature.options if isinstance(option.value, str)]
        held = (*self.known.values(), *(feature.categories or ()))
        self.kinds = frozenset(_kind(value) for value in held) or frozenset({"text"})
        self.representable = None if feature.categories is None else frozenset(map(category_key, feature.categories))
        self.only_words = self.kinds == {"text"}
        dtype = column_dtype(feature)
        self.integers = isinstance(dtype, np.dtype) and dtype.kind in "iu"
        self.bounds = _capacity(field) if "a number" in self.kinds else (0, 0)
        self.guesses: dict[str, str] = {}

    def check(self, values: Sequence[Any], findings: Findings) -> list[Any]:
        """The checked values; known words pass here."""
        known, careful = self.known, self.careful
        return [
            value if type(value) is str and value in known else careful(value, row, findings)
            for row, value in enumerate(values)
        ]

    def accept(self, value: Any, row: int, findings: Findings) -> Any:
        """The known choice as it was published, or the new one. Raises Refused."""
        kind = _kind(value)
        if kind not in self.kinds:
            raise self.wrong_type(" or ".join(sorted(self.kinds)), value)
        label = self.field.label
        if isinstance(value, float) and not np.isfinite(value):
            raise Refused("not_finite", f"{label} needs a finite number. {self.ask}")
        key = category_key(value)
        if key in self.known:
            return self.known[key]
        if isinstance(value, str):
            sound_text(label, value, MAX_CATEGORY)
        representable = self.representable is None or key in self.representable
        if not self.feature.unseen_allowed or not representable:
            raise Refused("unseen_category", self._unseen(value))
        new = self._new_number(value) if kind == "a number" else value
        self.warn(row, findings, "unseen_category", f"{label}: {shown(new)} is not in the published data.")
        return new

    def _new_number(self, value: int | float) -> int | float:
        least, most = self.bounds
        if self.integers and isinstance(value, float):
            if not value.is_integer():
                raise Refused("not_an_integer", f"{self.field.label} needs a whole number. {self.ask}")
            value = int(value)
        if not least <= value <= most:
            raise Refused("above_limit", f"{self.field.label} is too large a number for this model. {self.ask}")
        return value

    def _unseen(self, value: Any) -> str:
        choices = shown_options([option.value for option in self.feature.options])
        text = f"{self.field.label}: the model does not know {shown(value)}. Choose one of: {choices}"
        closest = self._closest(value) if isinstance(value, str) else ""
        return f"{text}; closest is {closest!r}." if closest else f"{text}."

    def _closest(self, word: str) -> str:
        if word in self.guesses:
            return self.guesses[word]
        if len(word) > 100 or len(self.guesses) >= MAX_GUESSES or len(self.words) > MAX_CATEGORY:
            return ""
        lowered = {option.lower(): option for option in self.words}
        result = difflib.get_close_matches(word.lower().strip(), lowered, n=1)
        self.guesses[word] = lowered[result[0]] if result else ""
        return self.guesses[word]


def sound_text(label: str, value: str, longest: int) -> str:
    """Text that can be stored and shown. Raises Refused for anything else."""
    if len(value) > longest:
        raise Refused("text_too_long", f"{label} has {len(value):,} characters; at most {longest:,} are taken.")
    if "\x00" in value:
        raise Refused("bad_text", f"{label} holds a null character. Take it out.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(
                "bad_text", f"{label} holds half of a surrogate pair, which is no character. Take it out."
            ) from None
    return value


def shown(value: Any) -> str:
    """A value as a message can hold it: short, and safe to encode."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**18:
        return "a very large number"
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}…"
    return text.encode("utf-8", "backslashreplace").decode()


_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    dict: "an object",
    list: "a list",
}


def _kind(value: Any) -> str:
    """The JSON type of a value, in words."""
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def _capacity(field: Field) -> tuple[float, float]:
    """The least and the most that the published dtype can hold."""
    feature = field.feature
    dtype = column_dtype(feature)
    numpy_dtype = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", np.dtype(object))
    if numpy_dtype.kind in "iu":
        limits = np.iinfo(numpy_dtype)
        return int(limits.min), int(limits.max)
    if feature.type == "integer":
        bounds = [abs(bound) for bound in (feature.minimum, feature.maximum) if isinstance(bound, int | float)]
        return -max(EXACT_FLOAT, *bounds, 0), max(EXACT_FLOAT, *bounds, 0)
    if numpy_dtype.kind == "f":
        most = float(np.finfo(numpy_dtype).max)
        return -most, most
    return -np.finfo(float).max.item(), np.finfo(float).max.item()
