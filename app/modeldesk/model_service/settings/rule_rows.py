"""What a model's rules say of many rows: conditions by column, exactly as ``rules`` has them by record.

Thousands of points are asked about for one surface or one search, and hundreds of thousands for a
file, so conditions are worked out as arrays. What arrays of 64-bit floats cannot hold exactly (whole
numbers beyond 2^53, columns of several kinds) is worked out record by record instead.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import InputWarning, Outputs, Refusal
from modeldesk.model_service.schema.frames import json_values
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.settings.rules import Expression
from modeldesk.model_service.settings.tables import ModelSettings

FEW_ROWS = 16
"""Up to so many rows a look at each is faster than arrays."""

_EXACT = 2.0**53
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_ORDERS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of n rows.

    ``refused`` (n,) is the place in ``refusals`` of the rule that refuses a row, -1 where none
    does; None where no row is refused. ``notes`` are the warnings, each with its rows.
    """

    refusals: tuple[Refusal, ...] = ()
    refused: np.ndarray | None = None
    notes: tuple[tuple[np.ndarray, InputWarning], ...] = ()

    def over(self, outputs: Outputs) -> Outputs:
        """The answers without those that are refused."""
        return outputs if self.refused is None else outputs.without(self.refused, self.refusals)


def rule_on(settings: ModelSettings, schema: ModelSchema, frame: pd.DataFrame) -> Ruling:
    """Apply a model's rules to a frame that was built by the contract, in their order: a row's
    first refusal ends what is said of it."""
    if not settings.compiled_rules or not len(frame):
        return Ruling()
    rows = _Rows(schema, frame)
    still = np.ones(len(frame), dtype=bool)
    refused = np.full(len(frame), -1, dtype=np.int32)
    refusals: list[Refusal] = []
    notes: list[tuple[np.ndarray, InputWarning]] = []
    for rule, expression in settings.compiled_rules:
        holds = rows.holding(expression) & still
        if not holds.any():
            continue
        if rule.action == "refuse":
            refused[holds] = len(refusals)
            refusals.append({"rule": rule.when, "text": rule.text})
            still &= ~holds
        else:
            field = expression.features[0] if len(expression.features) == 1 else None
            notes.append((np.flatnonzero(holds), InputWarning(field, "rule", rule.text)))
    return Ruling(tuple(refusals), refused if refusals else None, tuple(notes))


class _Inexact(Exception):
    """The condition is worked out record by record instead."""


@dataclass(frozen=True, slots=True)
class _Values:
    """A part of a condition, for all rows or (0-d) for each alike. ``whole`` says that the numbers
    are whole, and so must stay exact."""

    kind: Literal["number", "text", "flag", "nothing"]
    values: np.ndarray
    missing: np.ndarray
    whole: bool = False


_NOTHING = _Values("nothing", np.array(np.nan), np.array(True))


class _Rows:
    """A frame's columns, read when a condition asks for them."""

    def __init__(self, schema: ModelSchema, frame: pd.DataFrame) -> None:
        self._schema, self._frame = schema, frame
        self._columns: dict[str, _Values | None] = {}

    def holding(self, expression: Expression) -> np.ndarray:
        """Of which rows (n,) a condition is true."""
        rows = len(self._frame)
        if rows > FEW_ROWS:
            try:
                with np.errstate(all="ignore"):
                    return np.broadcast_to(self._condition(expression.tree), (rows,)).copy()
            except _Inexact:
                pass
        columns = [json_values(self._schema.feature(name), self._frame[name]) for name in expression.features]
        records = (dict(zip(expression.features, row, strict=True)) for row in zip(*columns, strict=True))
        return np.fromiter((expression.holds(record) for record in records), dtype=bool, count=rows)

    def _condition(self, node: ast.expr) -> np.ndarray:
        if isinstance(node, ast.BoolOp):
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            parts = [self._condition(value) for value in node.values]
            held = parts[0]
            for part in parts[1:]:
                held = join(held, part)
            return held
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return np.asarray(np.logical_not(self._condition(node.operand)))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        result = self._value(node)
        return np.asarray((result.values == 1) & ~result.missing) if result.kind == "flag" else np.array(False)

    def _comparison(self, node: ast.Compare) -> np.ndarray:
        left, held = self._value(node.left), np.array(True)
        for index, (symbol, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if isinstance(symbol, ast.In | ast.NotIn):
                # A list is no value to compare further with.
                if index < len(node.ops) - 1:
                    raise _Inexact
                among = self._among(left, right)
                held = held & ~left.missing & (among if isinstance(symbol, ast.In) else ~among)
                break
            other = self._value(right)
            held = held & _compared(type(symbol), left, other)
            left = other
        return held

    def _among(self, left: _Values, right: ast.expr) -> np.ndarray:
        assert isinstance(right, ast.List | ast.Tuple | ast.Set)
        result = np.array(False)
        for choice in right.elts:
            result = result | _compared(ast.Eq, left, self._value(choice))
        return result

    def _value(self, node: ast.expr) -> _Values:
        if isinstance(node, ast.Constant):
            return _constant(node.value)
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return self._column(str(node.slice.value))
        if isinstance(node, ast.UnaryOp):
            sign = _constant(-1 if isinstance(node.op, ast.USub) else 1)
            return _calculated(ast.Mult, sign, self._value(node.operand))
        if isinstance(node, ast.BinOp):
            return _calculated(type(node.op), self._value(node.left), self._value(node.right))
        raise _Inexact

    def _column(self, name: str) -> _Values:
        if name not in self._columns:
            self._columns[name] = _column_values(self._schema.feature(name), self._frame[name])
        result = self._columns[name]
        if result is None:
            raise _Inexact
        return result


def _constant(value: Any) -> _Values:
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        return _Values("text", np.array(value, dtype=object), np.array(False))
    if isinstance(value, int) and abs(value) >= _EXACT:
        raise _Inexact
    kind: Literal["flag", "number"] = "flag" if isinstance(value, bool) else "number"
    number = np.array(float(value))
    return _Values(kind, number, np.isnan(number), isinstance(value, int))


def _compared(symbol: type[ast.cmpop], left: _Values, right: _Values) -> np.ndarray:
    """A comparison row by row; one with a missing value is false, as is the order of unlike kinds."""
    known = ~(left.missing | right.missing)
    if "nothing" in (left.kind, right.kind):
        return np.array(False)
    if (left.kind == "text") is not (right.kind == "text"):
        return np.asarray(known) if symbol is ast.NotEq else np.array(False)
    return np.asarray(np.asarray(_ORDERS[symbol](left.values, right.values)).astype(bool) & known)


def _calculated(symbol: type[ast.operator], left: _Values, right: _Values) -> _Values:
    """A calculation row by row; missing where an operand is no number or there is no result."""
    if left.kind != "number" or right.kind != "number":
        return _NOTHING
    values = np.asarray(_OPERATIONS[symbol](left.values, right.values))
    missing = left.missing | right.missing | np.isnan(values)
    whole = left.whole and right.whole and symbol is not ast.Div
    if symbol is ast.Div:
        missing = missing | (right.values == 0)
    if whole and bool((np.abs(values[~missing] if values.ndim else values) >= _EXACT).any()):
        raise _Inexact
    return _Values("number", values, missing, whole)


def _column_values(feature: Feature, column: pd.Series) -> _Values | None:
    """A column as one array; None where its values are of several kinds or too large to be exact."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        options = _array(json_values(feature, pd.Series(column.cat.categories)))
        if options is None or not len(options.values):
            return options
        return replace(options, values=options.values[codes], missing=(codes < 0) | options.missing[codes])
    if feature.type == "number":
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        return _Values("number", numbers, np.isnan(numbers))
    return _array(json_values(feature, column))


def _array(values: Sequence[Any]) -> _Values | None:
    """JSON values of one kind as an array, None where they are of several."""
    missing = np.array([value is None for value in values], dtype=bool)
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        texts = np.empty(len(values), dtype=object)
        texts[:] = ["" if value is None else value for value in values]
        return _Values("text", texts, missing)
    if kinds == {bool} or kinds <= {int, float}:
        whole = float not in kinds
        if whole and any(value is not None and abs(value) >= _EXACT for value in values):
            return None
        numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
        return _Values("flag" if kinds == {bool} else "number", numbers, np.isnan(numbers), whole)
    return None
