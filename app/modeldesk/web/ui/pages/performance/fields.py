"""The numbers that people type on the Performance page: costs of errors and wanted shares.

They are read by the rule of the forms (``predict_values.read_number``). What cannot be read is said
beside its field, and the figures go on with what was read last, which is said too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from modeldesk.model_service.performance.binary import Costs
from modeldesk.web.ui.common.components import Children, field_error
from modeldesk.web.ui.common.explanation.typed_values import read_number
from modeldesk.web.ui.pages.performance import ids
from modeldesk.web.ui.pages.performance import text as words

COSTS = (ids.COST_MISSED, ids.COST_ALARM)
SHARES = (ids.WANT_FOUND, ids.WANT_RIGHT)
FIELDS = (*COSTS, *SHARES)
"""In the order of the page."""

START: Mapping[str, float | None] = {
    ids.COST_MISSED: None,
    ids.COST_ALARM: None,
    ids.WANT_FOUND: 0.8,
    ids.WANT_RIGHT: 0.8,
}
"""What counts before anything was typed: nobody has said yet what errors cost."""

MOST = 1e12

Values = Mapping[str, float | None]
"""What the fields stand for, by their ids: costs, None where nobody said; shares of which None asks for nothing."""


def read_fields(texts: Sequence[Any], before: Values | None = None) -> tuple[dict[str, float | None], list[Children]]:
    """Return what the texts of FIELDS stand for, and the message beside each (None: nothing is wrong). A text
    that cannot be read leaves the value of ``before``."""
    values: dict[str, float | None] = {}
    messages: list[Children] = []
    for field, text in zip(FIELDS, texts, strict=True):
        last = (before or START).get(field, START[field])
        value, fault = _read(field, "" if text is None else str(text).strip())
        values[field] = last if fault else value
        messages.append(field_error(words.until_then(fault, last, cost=field in COSTS)) if fault else None)
    return values, messages


def costs_of(values: Values | None) -> Costs | None:
    """Return what errors cost, None unless both costs were set."""
    missed, alarm = ((values or START).get(field) for field in COSTS)
    if missed is None or alarm is None or not (0 <= missed <= MOST and 0 <= alarm <= MOST):
        return None
    return Costs(missed, alarm)


def shares_of(values: Values | None) -> tuple[float | None, float | None]:
    """Return the wanted shares: of the positives that are found, and of the alarms that are right."""
    found, right = ((values or START).get(field) for field in SHARES)
    return found, right


def _read(field: str, text: str) -> tuple[float | None, str]:
    """Return the value, or what is wrong with the text and what would be right."""
    percent = field in SHARES
    if not text:
        return None, ""
    number = read_number(text)
    if isinstance(number, str) or not math.isfinite(number):
        return None, words.NOT_A_NUMBER.format(text=text[:40])
    if percent:
        return (number / 100, "") if 0 < number <= 100 else (None, words.NOT_A_SHARE)
    return (float(number), "") if 0 <= number <= MOST else (None, words.NOT_A_COST)
