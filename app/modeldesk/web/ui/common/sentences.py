"""How a sentence of a ``text.py`` takes what stands in it.

Pages keep their words in ``text.py``, each sentence whole, with named placeholders:
``RECORDED = "Recorded {when} as {prediction_id}."``. Plain values go in by ``RECORDED.format(...)``,
components (a time, a link, strong words) by ``sentence``, and a count by ``Plural``.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Any

from dash import html


def sentence(template: str, **parts: Any) -> list[Any]:
    """Return the sentence as children of a component, each placeholder replaced by its part.

    What stands between two ``**`` is strong. Raises KeyError for a placeholder that has no part.
    """
    children: list[Any] = []
    for index, piece in enumerate(template.split("**")):
        filled = _filled(piece, parts)
        children += [html.Strong(filled[0] if len(filled) == 1 else filled)] if index % 2 else filled
    return children


def _filled(template: str, parts: dict[str, Any]) -> list[Any]:
    """Return texts and components in turn, neighbouring texts joined."""
    children: list[Any] = []
    for text, name, _, _ in Formatter().parse(template):
        for part in (text, "" if name is None else parts[name]):
            if not isinstance(part, str | int | float):
                children += part if isinstance(part, list) else [part]
            elif children and isinstance(children[-1], str):
                children[-1] += str(part)
            elif part != "":
                children.append(str(part))
    return children


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence about ``{n}`` things, in the forms that a language has for counts (CLDR's categories)."""

    one: str
    other: str

    def form(self, n: int) -> str:
        """Return the sentence for that count, its placeholders still open."""
        return self.one if n == 1 else self.other

    def of(self, n: int, **parts: Any) -> str:
        """Return the sentence about that many, its thousands grouped."""
        return self.form(n).format(n=f"{n:,}", **parts)
