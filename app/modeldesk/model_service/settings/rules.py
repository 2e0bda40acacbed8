"""Rules that people write in ``model.toml``: when an expression over the inputs holds, warn or refuse.

An expression is a small part of Python's own grammar, parsed by ``ast`` and compiled to
closures; nothing is ever passed to ``eval``::

    debt > 2 * income
    `credit card` == "none" and age < 21
    inputs["x y"] in ["a", "b"]

A comparison with a missing value is false, whichever way it is asked.
"""

from __future__ import annotations

import ast
import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_EXPRESSION = 2_000
MAX_NODES = 200

Evaluate = Callable[[Mapping[str, Any]], Any]

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, choices: value in choices,
    ast.NotIn: lambda value, choices: value not in choices,
}
_BACKTICKS = re.compile(r"`([^`]*)`")


class RuleError(ValueError):
    """An expression that cannot be used; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition. ``features`` are the inputs it reads, in the order of their first use;
    ``tree`` is its syntax."""

    text: str
    features: tuple[str, ...]
    tree: ast.expr
    _evaluate: Evaluate

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether the condition is true of a checked record. Never raises."""
        return _truth(self._evaluate(record))


def parse_expression(text: str, names: Sequence[str]) -> Expression:
    """Compile a condition over the features ``names``. Raises RuleError."""
    if len(text) > MAX_EXPRESSION:
        raise RuleError(f"The expression is longer than {MAX_EXPRESSION:,} characters.")
    source = _BACKTICKS.sub(lambda match: f"inputs[{match.group(1)!r}]", text)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "it cannot be read"
        raise RuleError(
            f"The expression {text!r} is not readable: {reason}. "
            'Write it like  debt > 2 * income and purpose in ["car", "home"].'
        ) from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise RuleError("The expression is too long; split it into several rules.")
    compiler = _Compiler(names)
    evaluate = compiler.condition(tree.body)
    if not compiler.used:
        raise RuleError(f"The expression {text!r} reads no input, so it would hold always or never.")
    return Expression(text, tuple(compiler.used), tree.body, evaluate)


class _Compiler:
    """From syntax tree to closures; anything outside the small grammar is refused by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.used: dict[str, None] = {}

    def condition(self, node: ast.expr) -> Evaluate:
        """A part that must be true or false."""
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value) for value in node.values]
            join = all if isinstance(node.op, ast.And) else any
            return lambda record: join(_truth(part(record)) for part in parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.condition(node.operand)
            return lambda record: not _truth(inner(record))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Name | ast.Subscript):
            return self.value(node)
        raise RuleError(f"{ast.unparse(node)!r} is not a condition; compare it with something.")

    def _comparison(self, node: ast.Compare) -> Evaluate:
        parts = [self.value(part) for part in (node.left, *node.comparators)]
        compares = []
        for symbol, right in zip(node.ops, node.comparators, strict=True):
            compare = _COMPARISONS.get(type(symbol))
            if compare is None:
                raise RuleError("`is` compares objects, not values; write == or !=.")
            if isinstance(symbol, ast.In | ast.NotIn) and not isinstance(right, ast.List | ast.Tuple | ast.Set):
                raise RuleError('After `in` write a list, such as ["a", "b"].')
            compares.append(compare)

        def evaluate(record: Mapping[str, Any]) -> bool:
            values = [part(record) for part in parts]
            return all(
                _compare(compare, left, right)
                for compare, left, right in zip(compares, values, values[1:], strict=False)
            )

        return evaluate

    def value(self, node: ast.expr) -> Evaluate:
        """A part that stands for a value, or for a list of them."""
        if isinstance(node, ast.Constant):
            return self._constant(node.value)
        if isinstance(node, ast.Name):
            return self._input(node.id)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            parts = [self.value(part) for part in node.elts]
            return lambda record: [part(record) for part in parts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            operand = self.value(node.operand)
            sign = -1 if isinstance(node.op, ast.USub) else 1
            return lambda record: _calculate(operator.mul, sign, operand(record))
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            apply = _ARITHMETIC[type(node.op)]
            left, right = self.value(node.left), self.value(node.right)
            return lambda record: _calculate(apply, left(record), right(record))
        raise RuleError(
            f"{ast.unparse(node)!r} cannot be used in a rule; it may compare inputs and constants "
            "with == != < <= > >= in, join by and, or, not, and calculate with + - * /."
        )

    def _constant(self, value: object) -> Evaluate:
        if value is None or isinstance(value, bool | int | float | str):
            return lambda record: value
        raise RuleError(f"{value!r} cannot be used in a rule; use a number, a word in quotes, True or False.")

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        key = node.slice
        of_inputs = isinstance(node.value, ast.Name) and node.value.id == "inputs"
        if of_inputs and isinstance(key, ast.Constant) and isinstance(key.value, str):
            return self._input(key.value)
        raise RuleError(f'{ast.unparse(node)!r} cannot be used in a rule; name an input as inputs["its name"].')

    def _input(self, name: str) -> Evaluate:
        if name not in self.names:
            word = {"true": "True", "false": "False", "null": "None"}.get(name)
            close = [word] if word else difflib.get_close_matches(name, self.names, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise RuleError(f"{name!r} is not an input of this model.{hint} Words to compare with stand in quotes.")
        self.used[name] = None
        return lambda record: record.get(name)


def _truth(value: Any) -> bool:
    return value is True


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _compare(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if _missing(left) or _missing(right):
        return False
    try:
        return bool(compare(left, right))
    except (TypeError, ValueError, OverflowError):
        return False


def _calculate(apply: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The result, or None where an operand is no number or there is no result."""
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in (left, right)):
        return None
    try:
        return apply(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
