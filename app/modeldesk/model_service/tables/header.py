"""The names of a file's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.model_service.tables.options import Limits

_LONGEST = 500


def checked_header(names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The names as they stand; a column without one is named by its place, as pandas names it.

    Raises TooLarge for too many columns, and InvalidInput for a name that stands twice.
    """
    if len(names) > limits.columns:
        raise TooLarge(
            f"The file has {len(names):,} columns; at most {limits.columns:,} are read.",
            hint="Leave out columns that the model does not read.",
        )
    header = tuple(name if name.strip() else f"Unnamed: {place}" for place, name in enumerate(names))
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise InvalidInput(
            f"The header names a column twice: {', '.join(repr(name[:60]) for name in twice[:5])}.",
            hint="Give each column a name of its own.",
        )
    long = next((name for name in header if len(name) > _LONGEST), None)
    if long is not None:
        raise InvalidInput(
            f"A column's name has {len(long):,} characters: {long[:60]!r}…",
            hint="The first row has to be a header with short names; the file may have none.",
        )
    return header
