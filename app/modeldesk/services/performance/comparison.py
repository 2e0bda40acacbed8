"""Two versions of a model side by side, on the same rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import BadRequest, Conflict
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.performance.compare import Comparison
from modeldesk.model_service.performance.compare_rows import PairedRows, comparison_of, paired_rows
from modeldesk.model_service.performance.segments import Weakness, find_segments
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.model_service.schema.frames import records_of
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.measured_rows import LOG
from modeldesk.services.performance.report import performance, searched_features
from modeldesk.services.privacy import shown_features, shown_target, shows_records

CACHED_PAIRS = 8

# What follows from files that never change, a process works out once.
_rows: LruCache[PairedRows] = LruCache(CACHED_PAIRS)
_segments: LruCache[tuple[Weakness, Weakness]] = LruCache(CACHED_PAIRS)


@dataclass(frozen=True, slots=True)
class DifferingRow:
    """A row that the versions answer differently: its inputs that may be shown, what was actually so
    where that may be shown, and its place among the compared rows."""

    place: int
    inputs: Mapping[str, Any]
    actual: Any


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions and the rows they are compared on."""

    first: LoadedModel
    second: LoadedModel
    rows: PairedRows


def usual_pair(entry: ModelEntry) -> tuple[int, int]:
    """The versions to compare where nobody says which: the served one, or where that is the newest the one before it,
    with the newest. There have to be two."""
    newest = max(entry.versions)
    before = entry.served if entry.served not in (None, newest) else max(set(entry.versions) - {newest})
    assert before is not None
    return before, newest


def compare_versions(
    context: AppContext, caller: Caller, name: str, first: int, second: int, *, rows_of: int | None = None
) -> VersionPair:
    """Both versions on the hold-out of the newer one, or on the rows of the version named.

    Raises NotAllowed, NotFound, ModelUnavailable; BadRequest for a version with itself, and Conflict
    where the two cannot be compared, which says why.
    """
    caller.require(Permission.SEE_PERFORMANCE)
    if first == second:
        raise BadRequest(f"Version {first} cannot be compared with itself.", hint="Choose two versions.")
    if rows_of is not None and rows_of not in (first, second):
        raise BadRequest(
            f"Versions {first} and {second} cannot be compared on the rows of version {rows_of}.",
            hint=f"Use the rows of version {first} or {second}.",
        )
    one, other = (context.model(caller, name, number) for number in (first, second))
    of = one if (rows_of or max(first, second)) == first else other
    rows = _rows.get((*_key(one), *_key(other), of.version), lambda: paired_rows(one, other, of))
    return VersionPair(one, other, rows)


def logged_comparison(context: AppContext, caller: Caller, pair: VersionPair) -> Comparison | None:
    """Both versions on the predictions of the live log whose outcome is known, whichever predicted them; None
    where there are none, or one of the versions does not take all of them."""
    try:
        both = [
            performance(context, caller, model.name, version=model.version, source=LOG).report.rows
            for model in (pair.first, pair.second)
        ]
    except (BadRequest, Conflict):
        return None
    one, other = both
    if one.excluded or other.excluded or len(one) != len(other):
        return None
    return comparison_of(pair.first, pair.second, one.frame, other.frame, one.actual)


def changed_segments(pair: VersionPair) -> tuple[Weakness, Weakness] | None:
    """The segments where the second version errs more than the first, and those where it errs less (by
    how much more the first errs); None where nothing is known to be an error."""
    losses = pair.rows.comparison.losses
    if losses is None:
        return None
    schema, names = pair.second.schema, searched_features(pair.second)

    def make() -> tuple[Weakness, Weakness]:
        frame = pair.rows.frame
        worse = find_segments(schema, frame, losses, names, changes=True)
        return worse, find_segments(schema, frame, -losses, names, changes=True)

    return _segments.get((*_key(pair.first), *_key(pair.second), pair.rows.version, names), make)


def differing_rows(pair: VersionPair) -> tuple[DifferingRow, ...]:
    """The rows that the versions answer most differently, those first; none where single records of
    the model's data are not to be shown."""
    if not shows_records(pair.second):
        return ()
    indices = pair.rows.comparison.differing()
    records = records_of(pair.second.schema, pair.rows.frame.iloc[indices])
    shown, target = shown_features(pair.second), shown_target(pair.second)
    actual = pair.rows.actual if target is not None else None
    return tuple(
        DifferingRow(
            int(index),
            {name: record[name] for name in shown},
            None if actual is None else native(actual.iloc[int(index)]),
        )
        for index, record in zip(indices, records, strict=True)
    )


def _key(model: LoadedModel) -> tuple[Hashable, ...]:
    return str(model.folder), model.version, model.digest, str(model.settings.positive), model.settings.threshold
