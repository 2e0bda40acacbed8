"""How well a version does on rows whose outcome is known, and where it fails."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import BadRequest, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.performance.conditions import Condition, read, segment_mask
from modeldesk.model_service.performance.groups import Group, compare_groups, group_conditions
from modeldesk.model_service.performance.report import Failure, Report
from modeldesk.model_service.performance.rows import EvaluatedRows, evaluated_rows
from modeldesk.model_service.performance.segments import Weakness, find_segments
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.frames import category_key
from modeldesk.ports.analytics import Filter
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.cohort import cohort_mask, read_cohort
from modeldesk.services.performance.measured_records import require_many, require_shown
from modeldesk.services.performance.measured_rows import measured_rows, moment
from modeldesk.services.privacy import shown_features

CACHED_ROWS, CACHED_REPORTS, CACHED_SEARCHES = 4, 16, 64

# Figures follow from files that never change; a process works them out once.
_rows: LruCache[EvaluatedRows] = LruCache(CACHED_ROWS)
_reports: LruCache[Report] = LruCache(CACHED_REPORTS)
_weaknesses: LruCache[Weakness | None] = LruCache(CACHED_SEARCHES)


@dataclass(frozen=True, slots=True)
class Performance:
    """A version's figures on its hold-out, else on the published rows, or on predictions whose outcome
    is known; or on the part of them that meets the ``conditions`` of a segment and the filters of a cohort,
    ``where``. ``everyone`` are the figures without these. ``source`` names the rows, and ``asked`` tells when
    outcomes were looked at, None for the version's own rows. Equal keys stand for equal figures."""

    model: LoadedModel
    report: Report
    everyone: Report
    conditions: tuple[Condition, ...]
    where: tuple[Filter, ...]
    source: str
    asked: int | None
    key: tuple[Hashable, ...]

    @property
    def limited(self) -> bool:
        """Whether these are a part of the rows."""
        return bool(self.conditions or self.where)

    @property
    def rows_in_all(self) -> int:
        """How many rows there are without the limits."""
        return len(self.everyone.rows)


def performance(
    context: AppContext,
    caller: Caller,
    name: str,
    *,
    version: int | None = None,
    segment: str | None = None,
    where: str | None = None,
    source: str = "",
    asked: int | None = None,
) -> Performance:
    """The figures of a version, the served one unless named; ``segment`` is what ``conditions.written`` wrote,
    ``where`` what ``cohort_text`` wrote. ``source`` is the version's own rows, or what ``measured_rows`` takes;
    outcomes are then those of the moment that ``asked`` tells, else of now.

    Raises NotAllowed, NotFound, ModelUnavailable, BadRequest for a segment, cohort or source that cannot be read,
    NotFound for a segment by an input that is not shown, NotAllowed for so few rows that they would tell
    of single records which are not shown, and Conflict where no outcome is known.
    """
    caller.require(Permission.SEE_PERFORMANCE)
    model = context.model(caller, name, version)
    conditions, filters = read(model.schema, segment), read_cohort(model, where)
    require_shown(model, conditions)
    if source:
        asked = moment(context) if asked is None else asked
        # Whose predictions count depends on who asks, and which there are on the database.
        of_rows = (*_version_key(model), source, asked, caller.name, context.store.log)
        rows = _rows.get(of_rows, lambda: measured_rows(context, caller, model, source))
    else:
        of_rows, asked = _version_key(model), None
        rows = _rows.get(of_rows, lambda: evaluated_rows(model))

    positive = str(model.settings.positive)
    every = _reports.get((*of_rows, positive, ()), lambda: Report(model.manifest.task, rows, model.settings.positive))
    key = (*of_rows, positive, conditions)
    if filters:  # on the answer, they follow the threshold in force
        key = (*key, filters, model.settings.threshold)
    if not (conditions or filters):
        return Performance(model, every, every, (), (), source, asked, key)

    def make() -> Report:
        mask = segment_mask(model.schema, rows.frame, conditions) & cohort_mask(model, rows, filters)
        return Report(model.manifest.task, rows.where(mask), model.settings.positive)

    report = _reports.get(key, make)
    require_many(model, len(report.rows))
    return Performance(model, report, every, conditions, filters, source, asked, key)


def weakness(measured: Performance, kind: Failure = "wrong", threshold: float | None = None) -> Weakness | None:
    """The segments of the shown rows where the version fails worst; None where nothing is known to
    fail. ``threshold`` decides for the positive class; without one the artifact does."""

    def make() -> Weakness | None:
        failures = measured.report.failures(kind, threshold)
        if failures is None:
            return None
        mask, errors = failures
        frame = measured.report.rows.frame[mask].reset_index(drop=True)
        return find_segments(measured.model.schema, frame, errors, searched_features(measured.model))

    return _weaknesses.get((*measured.key, kind, threshold, searched_features(measured.model)), make)


def groups(
    measured: Performance,
    feature: str,
    threshold: float | None,
    *,
    of_class: str | None = None,
    favourable: str | None = None,
) -> tuple[Group, ...]:
    """What is decided in each group that a feature makes: by a binary model at ``threshold``, by one of many
    classes for ``of_class`` against the rest, as the artifact answers. ``favourable`` names the outcome that is
    good for people, the one of model.toml unless given.

    Raises NotFound for a feature that is not shown and BadRequest for an outcome that is no class.
    """
    if feature not in searched_features(measured.model):
        raise NotFound(f"There is no input {feature!r} to make groups of.")
    report, schema = measured.report, measured.model.schema
    if report.decided is None:
        return ()
    codes = report.answers_at(threshold)
    index = report.place_of(of_class)
    wanted = favourable or favourable_class(measured.model)
    if wanted is not None and wanted not in report.classes:
        raise BadRequest(
            f"{wanted!r} is no class of {measured.model.name}.", hint=f"Use {', '.join(report.classes[:20])}."
        )
    favoured = None if wanted is None else codes == report.classes.index(wanted)
    conditions = group_conditions(schema.feature(feature), report.rows.frame[feature])
    alarm, positive = codes == index, report.decided.truth == index
    return compare_groups(schema, report.rows.frame, alarm, positive, conditions, favoured)


def class_groups(measured: Performance, feature: str) -> dict[str, tuple[Group, ...]]:
    """Of each class of a model of many what is decided in each group, one class against the rest, as the artifact
    answers; empty for others. Raises NotFound for a feature that is not shown."""
    if not measured.model.manifest.task.one_of_many or measured.report.decided is None:
        return {}
    return {name: groups(measured, feature, None, of_class=name) for name in measured.report.classes}


def favourable_class(model: LoadedModel) -> str | None:
    """The outcome that model.toml calls favourable, by name; None where it names none."""
    value = model.settings.favourable
    known = {category_key(item): str(native(item)) for item in model.manifest.classes}
    return None if value is None else known.get(category_key(value))


def searched_features(model: LoadedModel) -> tuple[str, ...]:
    """The inputs that segments and groups are made of: those that may be shown, without free text."""
    shown = shown_features(model)
    return tuple(name for name in shown if model.schema.feature(name).type != "text")


def labels(model: LoadedModel) -> dict[str, Field]:
    """The model's inputs by name, as people call them."""
    return {field.name: field for field in model.fields}


def _version_key(model: LoadedModel) -> tuple[Hashable, ...]:
    return str(model.folder), model.version, model.digest
