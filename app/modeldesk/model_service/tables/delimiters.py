"""Which character parts the cells of a text table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

CANDIDATES = (",", ";", "\t", "|")


def detect_delimiter(sample: str, first: str) -> str:
    """The candidate that cuts the sample's rows into as many cells as its header, and most of them.

    ``first`` is preferred where several do equally well; it is also the answer for one column.
    """
    best, best_score = first, (0.0, 0, False)
    for candidate in dict.fromkeys((first, *CANDIDATES)):
        widths = _widths(sample, candidate)
        if not widths or widths[0] < 2:
            continue
        fitting = sum(width == widths[0] for width in widths) / len(widths)
        score = (round(fitting, 2), widths[0], candidate == first)
        if fitting > 0.5 and score > best_score:
            best, best_score = candidate, score
    return best if best_score[1] else _by_header(sample, first)


def _by_header(sample: str, first: str) -> str:
    """By the header alone, where no candidate suits the rows: they will be refused as ragged."""
    header = sample.partition("\n")[0]
    counts = {candidate: header.count(candidate) for candidate in CANDIDATES}
    most = max(counts, key=lambda candidate: counts[candidate])
    return most if counts[most] else first


def _widths(sample: str, delimiter: str) -> Sequence[int]:
    """Cells a row, blank rows apart, as far as the sample can be read."""
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
    except csv.Error:
        return widths
    return widths
