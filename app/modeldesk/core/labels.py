"""Names cut to the length that there is room for, and still apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def shortened(text: str, length: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def distinct(names: Sequence[str], length: int) -> list[str]:
    """Names of about so many characters that stay apart: where two begin alike, their ends are kept too,
    and what is alike even so is numbered."""
    plain = [shortened(name, length) for name in names]
    counts = Counter(plain)
    head = (length - 1) // 2
    result: dict[str, None] = {}
    for name, label in zip(names, plain, strict=True):
        apart = label if counts[label] == 1 or len(name) <= length else f"{name[:head]}…{name[head + 1 - length :]}"
        number = 1
        while (shown := apart if number == 1 else f"{apart} ({number})") in result:
            number += 1
        result[shown] = None
    return list(result)
