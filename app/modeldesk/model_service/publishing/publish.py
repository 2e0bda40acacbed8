"""Publishing: a trained artifact and its data become the next version of a model."""

from __future__ import annotations

import pickle
import platform
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.atomic_files import write_file
from modeldesk.core.errors import InvalidInput, PublishRefused, staying_alive
from modeldesk.model_service.engine.engine import ModelEngine, describe, reference_engine
from modeldesk.model_service.engine.foreign import Adapter, adapted
from modeldesk.model_service.engine.introspect import input_names
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.steps import final_of
from modeldesk.model_service.engine.task import Question, check_answers_rows, decide_task
from modeldesk.model_service.package.artifacts import (
    ArtifactUnreadable,
    LoadedArtifact,
    file_digest,
    give_back_memory,
    libraries_of,
    load_bytes,
    machine,
)
from modeldesk.model_service.package.card import card_text
from modeldesk.model_service.package.data_files import DataTable, read_table, storable, write_parquet
from modeldesk.model_service.package.drafts import Draft, draft_version
from modeldesk.model_service.package.file_formats import FileFormat, file_format, folder_format, no_pickle
from modeldesk.model_service.package.folder import (
    CARD,
    HOLDOUT,
    PREDICTIONS,
    REFERENCE,
    SETTINGS,
    TRAINING,
    outputs_table,
    version_numbers,
    write_manifest,
)
from modeldesk.model_service.package.golden_rows import choose_rows, crossed_rows, golden_rows, missing_rows
from modeldesk.model_service.package.manifest import DOUBT, Engine, Evaluation, Manifest, PlanProof
from modeldesk.model_service.publishing.checks import (
    check_expected,
    check_holdout,
    check_task,
    model_name,
    performance_warning,
    task_named,
)
from modeldesk.model_service.publishing.profile import HoldOut, evaluate, study
from modeldesk.model_service.publishing.published_data import (
    answerable,
    held_to_contract,
    meant_words,
    named_as,
    with_categories,
    with_learnt_gaps,
    word_columns,
)
from modeldesk.model_service.publishing.selftest import unimportable
from modeldesk.model_service.publishing.selftest_runner import selftest_in_fresh_process
from modeldesk.model_service.schema.frames import model_input
from modeldesk.model_service.schema.infer import fitted_schema
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.settings.inferred import choices_of, inferred_text, switches_of
from modeldesk.model_service.settings.model_settings import named_positive, read_settings
from modeldesk.model_service.settings.tables import LABEL_LENGTH
from modeldesk.model_service.tables.matching import resolve
from modeldesk.model_service.tasks import Task

REFERENCE_ROWS = 10_000
CROSSED_ROWS = 1_000
EVALUATED_ROWS = 50_000
"""Rows of the training data that figures are measured on where there is no hold-out."""

STEPS = (
    "Reading the artifact and the data",
    "Finding out what the artifact reads and takes",
    "Measuring it, and how to explain it",
    "Proving it in a fresh process",
)
_NO_PICKLE = (KeyError, IndexError, EOFError, struct.error, pickle.UnpicklingError, UnicodeDecodeError, zlib.error)
"""What reading bytes as a pickle raises where they are none, or not all of one."""

TASK_ROWS = 500
"""Rows whose answers tell the task of an artifact that does not."""

_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is there now. ``first`` says that the model had none before."""

    name: str
    version: int
    folder: Path
    first: bool
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An artifact that has been understood, and the data it was understood with."""

    content: bytes
    suffix: str
    estimator: Any
    schema: ModelSchema
    task: Task
    classes: tuple[Scalar, ...]
    target: str | None
    data: pd.DataFrame
    raw: ModelEngine
    tolerance: float
    positive: Scalar = None

    @property
    def question(self) -> Question:
        """What the artifact answers."""
        return Question(self.task, self.classes)

    def inputs(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The columns that the artifact reads."""
        return rows[list(self.schema.names)]

    def agrees_with(self, expect: str | None) -> bool:
        """Whether the predictions made where it was trained are those made here; False where none are
        given. Raises PublishRefused for others."""
        return check_expected(self.raw, self.inputs(self.data), self.data, expect, self.tolerance)

    def answers(self, rows: pd.DataFrame, what: str) -> Outputs:
        """The artifact's own answers to rows just as they were given."""
        try:
            return self.raw.predict(self.inputs(rows))
        except InvalidInput as error:
            raise PublishRefused(
                "predict",
                f"The artifact does not answer the {what}. {error.detail}",
                hint="Give the data with the columns and types the artifact was trained on; Parquet keeps types "
                "(dates, categories) that CSV loses.",
            ) from error


def publish(
    artifact: Path | object,
    data: Any,
    *,
    target: str | None,
    models: Path,
    name: str | None = None,
    holdout: Any = None,
    expect: str | None = None,
    categories: Sequence[str] = (),
    title: str | None = None,
    task: str | None = None,
    by: str = "local",
    prove: Callable[[Path], PlanProof | None] = selftest_in_fresh_process,
    report: Callable[[str], None] = lambda step: None,
    confirm: Callable[[int], None] | None = None,
) -> Published:
    """Make a trained artifact the next version of a model, once it has proven itself.

    ``artifact`` is a file saved by joblib or pickle, or a fitted estimator. ``data`` is what it
    was trained on: a file or whatever ``read_table`` takes; ``target`` the column that it predicts
    (None for anomaly models), ``expect`` a column of predictions made where it was trained,
    ``categories`` those that were pandas categories there, which files do not say, ``task`` what it
    answers where it does not tell that by itself. Who publishes several gives the ``prove`` of one
    SelftestRunner, so that libraries are imported once. ``report`` is called with each of STEPS as it begins.

    The version is built in a hidden folder, proven in a fresh process and renamed: it is there
    completely or not at all. ``confirm`` is called with its number as the last step; where it
    raises, the version is taken back. Raises PublishRefused with ``reason`` and the ways out in ``hint``.
    """
    name = model_name(name, artifact)
    report(STEPS[0])
    content, suffix, loaded = _load(artifact)
    warnings = list(loaded.version_warnings)
    estimator = loaded.estimator
    table = _given(data, estimator, target)
    report(STEPS[1])
    candidate, notes, expect = _understand(content, suffix, estimator, table, target, expect, categories, task)
    agreed = candidate.agrees_with(expect)
    if warnings and not agreed:
        raise _other_versions(warnings)
    held, more = _held(holdout, candidate)
    warnings += (*notes, *more)
    model_folder = Path(models) / name
    check_task(model_folder, candidate.task)
    candidate = replace(candidate, positive=named_positive(model_folder / SETTINGS))
    with draft_version(model_folder) as draft:
        first = not version_numbers(model_folder)
        report(STEPS[2])
        manifest = _fill(draft, candidate, held, name, by, agreed)
        warnings[:0] = [manifest.notes[DOUBT]] if DOUBT in manifest.notes else []
        if not (model_folder / SETTINGS).exists():
            _write_first_settings(draft.folder, manifest, name, title)
        # The process that proves it holds the artifact now, and may be all that there is room for.
        del candidate, content, loaded, estimator, table, held
        give_back_memory()
        report(STEPS[3])
        manifest = manifest.with_plan(prove(draft.folder))
        folder = draft.commit(lambda number: _write_manifest(draft.folder, manifest, number), confirm)
    return Published(name, int(folder.name), folder, first, warnings)


def _write_first_settings(folder: Path, manifest: Manifest, name: str, title: str | None) -> None:
    """Write a model's first ``model.toml``, as names and data suggest it."""
    reference = pd.read_parquet(folder / REFERENCE)
    schema = manifest.model_schema
    switches = switches_of(schema)
    published = [folder / TRAINING, *([folder / HOLDOUT] if (folder / HOLDOUT).exists() else [])]
    rows = pd.concat([pd.read_parquet(path, columns=switches) for path in published], ignore_index=True)
    if title is not None and len(title.strip()) > LABEL_LENGTH:
        raise PublishRefused(
            "title", f"The title has {len(title):,} characters.", hint=f"Give one of at most {LABEL_LENGTH}."
        )
    text = inferred_text(
        name=name, title=title, manifest=manifest, reference=reference, choices=choices_of(schema, rows)
    )
    write_file(folder / SETTINGS, text.encode())
    read_settings(folder / SETTINGS, manifest)  # what was written must be readable before anything is served


def _load(artifact: Path | object) -> tuple[bytes, str, LoadedArtifact]:
    """The bytes to keep, the ending of their file, and the artifact as it is to be asked."""
    if isinstance(artifact, Path | str):
        path = Path(artifact)
        if path.is_dir():
            raise _foreign_format(path, folder_format(path))
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PublishRefused(
                "unreadable", f"{path} cannot be read: {error.strerror or error}.", hint="Check the artifact's path."
            ) from error
        try:
            loaded = load_bytes(content)
        except ArtifactUnreadable as error:
            known = file_format(content, path.suffix.lower())
            if known is None and isinstance(error.cause, _NO_PICKLE):
                known = no_pickle()
            if known is not None:
                raise _foreign_format(path, known) from error
            fault = unimportable(error)
            raise PublishRefused(fault.reason, fault.detail, hint=fault.hint) from error
        # PyTorch's older files begin with a pickled number, which loads.
        if isinstance(loaded.estimator, int) and (known := file_format(content, path.suffix.lower())) is not None:
            raise _foreign_format(path, known)
        return content, path.suffix.lower() or ".joblib", loaded
    try:
        # Not joblib.dump: other libraries extend the pickler it builds on, and what they let
        # through needs them wherever it is loaded.
        content = pickle.dumps(artifact, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise PublishRefused(
            "unimportable",
            f"The {type(artifact).__name__} cannot be saved: {error}.",
            hint="Replace lambdas and functions defined inside others by functions of an installed module.",
        ) from error
    return content, ".pkl", LoadedArtifact(adapted(artifact))


def _foreign_format(path: Path, known: FileFormat) -> PublishRefused:
    return PublishRefused("unreadable", f"{path.name} is {known.name}, which is not read here.", hint=known.hint)


def _other_versions(warnings: Sequence[str]) -> PublishRefused:
    return PublishRefused(
        "version_mismatch",
        f"The artifact was {'; '.join(warnings)}. Answers may differ without any error.",
        hint="Train and save it again with the version installed here; or add the predictions made where it "
        "was trained as a column of the data and name it with --expect.",
    )


def _own_answers(estimator: Any, rows: Any) -> np.ndarray:
    with staying_alive():
        return np.asarray(estimator.predict(rows))


def _given(data: Any, estimator: Any, target: str | None) -> DataTable:
    """The published rows, read as the artifact knows its columns."""
    return read_table(data, words=word_columns(estimator, target), meant=meant_words(estimator, target))


def _held(holdout: Any, candidate: _Candidate) -> tuple[pd.DataFrame | None, Sequence[str]]:
    """The hold-out as the candidate's contract takes it, and what is to be said of it. Raises PublishRefused."""
    if holdout is None:
        return None, ["No hold-out was given: figures are measured on rows the model may have been trained on."]
    schema, target = candidate.schema, candidate.target
    words = {feature.name for feature in schema.features if feature.type in ("category", "text")}
    if target is not None and all(isinstance(value, str) for value in candidate.classes):
        words |= {target} if candidate.classes else set()
    table = read_table(holdout, "hold-out", words, _options_meant(candidate))
    frame = named_as(table.frame, [*schema.names, *([target] if target else [])])
    check_holdout(frame, schema.names, target, candidate.task, candidate.classes)
    held = held_to_contract(schema, replace(table, frame=frame))
    return storable(held.frame, [name for name in frame.columns if name != target]), held.notes


def _options_meant(candidate: _Candidate) -> dict[str, set[str]]:
    """By column the words that are an option of it, or a class."""
    result = {feature.name: {str(option.value) for option in feature.options} for feature in candidate.schema.features}
    if candidate.target is not None:
        result[candidate.target] = set(map(str, candidate.classes))
    return result


def _understand(
    content: bytes,
    suffix: str,
    estimator: Any,
    given: DataTable,
    target: str | None,
    expect: str | None,
    categories: Sequence[str],
    task: str | None,
) -> tuple[_Candidate, tuple[str, ...], str | None]:
    """The candidate, notes about its data, and the name of the column of expected predictions."""
    check_answers_rows(estimator)
    learned = input_names(estimator) or []
    if not all(name.strip() for name in learned):
        raise PublishRefused(
            "columns",
            "The model was fitted on a column that has no name.",
            hint="Give each column a name and fit the model again.",
        )
    table = named_as(given.frame, learned)
    meant = resolve([name for name in (target, expect, *categories) if name is not None], table.columns)
    target, expect = meant.get(target or "", target), meant.get(expect or "", expect)
    for reason, column, part in (("target", target, "be the target"), ("expect", expect, "hold expected predictions")):
        if column is not None and column not in table.columns:
            raise PublishRefused(
                reason,
                f"The data has no column {column!r} to {part}.",
                hint=f"Its columns are: {', '.join(map(repr, table.columns[:20]))}.",
            )
    table = with_categories(table, [meant.get(name, name) for name in categories], estimator)
    table = with_learnt_gaps(table, estimator)
    answerable_rows = answerable(estimator, replace(given, frame=table), target)
    table = answerable_rows.frame
    inputs = table if expect is None else table.drop(columns=expect)
    schema = fitted_schema(estimator, inputs, target=target)
    table = storable(table, [*schema.unread, *([expect] if expect is not None else [])])
    some = model_input(table[list(schema.names)].head(TASK_ROWS), schema.fitted_on)
    question = decide_task(
        estimator,
        None if task is None else task_named(task),
        lambda: _own_answers(estimator, some),
        None if target is None else table[target],
    )
    if target is not None:
        question.task.check_target(table[target], question.classes, "data")
    engine = describe(estimator, question.task, question.classes, some)  # refuses several outputs
    raw = reference_engine(estimator, question.task, question.classes, schema)
    candidate = _Candidate(
        content, suffix, estimator, schema, question.task, question.classes, target, table, raw, engine.tolerance
    )
    return candidate, answerable_rows.notes, expect


def _fill(draft: Draft, candidate: _Candidate, held: pd.DataFrame | None, name: str, by: str, agreed: bool) -> Manifest:
    """Write everything of a version into the draft and return its manifest."""
    generator = np.random.default_rng(_SEED)
    data = candidate.data
    sample = generator.permutation(len(data))[:REFERENCE_ROWS]
    reference = data.take(sample).reset_index(drop=True)
    rows = candidate.inputs(reference)
    outputs = candidate.answers(reference, "published data")
    engine, golden = _golden(candidate, rows, outputs, generator)
    artifact = f"artifact{candidate.suffix}"
    write_file(draft.folder / artifact, candidate.content)
    write_parquet(data, draft.folder / TRAINING)
    write_parquet(reference, draft.folder / REFERENCE)
    write_parquet(outputs_table(outputs), draft.folder / PREDICTIONS)
    if held is not None:
        write_parquet(held, draft.folder / HOLDOUT)
    evaluation, holdout, warning = _evaluation(candidate, held, generator)
    manifest = Manifest(
        name=name,
        version=draft.next_version,
        created_at=datetime.now(UTC),
        created_by=by,
        task=candidate.task,
        target=candidate.target,
        classes=candidate.classes,
        estimator=_described(candidate.estimator),
        model_schema=candidate.schema,
        engine=engine,
        libraries=libraries_of(candidate.estimator),
        python=platform.python_version(),
        platform=machine(),
        digests={},
        artifact=artifact,
        rows=len(data),
        evaluation=evaluation,
        golden=golden,
        insights=study(candidate.estimator, candidate.schema, candidate.question, golden, rows, holdout),
        notes=({"expected_predictions_agreed": True} if agreed else {}) | ({DOUBT: warning} if warning else {}),
    )
    write_file(draft.folder / CARD, card_text(manifest).encode())
    digests = {path.name: file_digest(path) for path in sorted(draft.folder.iterdir())}
    manifest = manifest.model_copy(update={"digests": digests})
    _write_manifest(draft.folder, manifest, draft.next_version)
    return manifest


def _write_manifest(folder: Path, manifest: Manifest, version: int) -> None:
    write_manifest(folder, manifest.model_copy(update={"version": version}))


def _golden(
    candidate: _Candidate, rows: pd.DataFrame, outputs: Outputs, generator: np.random.Generator
) -> tuple[Engine, tuple[Any, ...]]:
    """How the artifact is to be asked, and its golden rows, from published and crossed rows."""
    inputs = len(rows)
    pool, answers = rows, outputs
    try:
        crossed = crossed_rows(rows, min(CROSSED_ROWS, inputs), generator)
        mixed = pd.concat([rows, crossed], ignore_index=True)
        pool, answers = mixed, candidate.raw.predict(mixed)
    except InvalidInput:
        pass  # some artifacts refuse a company of values that was never seen; the published rows remain
    chosen = choose_rows(pool, answers, inputs)
    golden = golden_rows(candidate.schema, pool.take(chosen), _take(answers, chosen))
    golden += missing_rows(candidate.schema, rows.head(1), candidate.raw)
    asked = model_input(pool, candidate.schema.fitted_on)
    return describe(candidate.estimator, candidate.task, candidate.classes, asked), tuple(golden)


def _take(outputs: Outputs, rows: list[int]) -> Outputs:
    pick: Callable[[np.ndarray | None], Any] = lambda values: None if values is None else values[rows]  # noqa: E731
    return Outputs(
        outputs.prediction[rows], outputs.classes, pick(outputs.probability), pick(outputs.score), outputs.keys
    )


def _evaluation(
    candidate: _Candidate, held: pd.DataFrame | None, generator: np.random.Generator
) -> tuple[Evaluation, HoldOut | None, str | None]:
    """The figures of performance, the answers to the hold-out, which more is learnt from, and what
    makes the answers doubtful."""
    rows = candidate.data if held is None else held
    if held is None and len(rows) > EVALUATED_ROWS:
        rows = rows.take(generator.permutation(len(rows))[:EVALUATED_ROWS]).reset_index(drop=True)
    outputs = candidate.answers(rows, "data" if held is None else "hold-out")
    actual = None if candidate.target is None else rows[candidate.target]
    evaluation = Evaluation(
        source="training" if held is None else "holdout",
        rows=len(rows),
        metrics=evaluate(candidate.task, outputs, actual, candidate.positive),
    )
    warning = performance_warning(candidate.task, evaluation, outputs, actual)
    return evaluation, None if held is None or actual is None else HoldOut(outputs, actual), warning


def _described(estimator: Any) -> str:
    """``Pipeline(… LogisticRegression)``: the kind, and what it comes down to."""
    own = estimator.artifact if isinstance(estimator, Adapter) else estimator
    kind, last = type(own).__name__, type(final_of(own)).__name__
    return kind if last == kind else f"{kind} ({last})"
