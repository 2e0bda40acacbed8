"""A batch as it is worked on: its model with the settings it was created under, its plan, its file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tomlkit

from modeldesk.core.atomic_files import sync_to_disk, written_whole
from modeldesk.core.errors import Conflict, ModeldeskError, NotFound
from modeldesk.model_service.batch.score import Extras, ScoredChunk
from modeldesk.model_service.batch.summary import Summarizer
from modeldesk.model_service.batch.writers import ParquetFileWriter
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.settings.model_settings import ModelSettings, parse_settings, settings_digest
from modeldesk.model_service.tables import Chunk, ChunkCheck, FileOptions, Part, Plan, match_columns
from modeldesk.ports.batches import Batch, RecordedChunk
from modeldesk.services.batches.storage import BatchFiles


@dataclass(slots=True)
class OpenBatch:
    """A batch that a process works on: its model with the pinned settings, and its file."""

    model: LoadedModel
    plan: Plan
    path: Path
    check: ChunkCheck
    summarizer: Summarizer
    extras: Extras

    def recorded(self, part: Part, chunk: Chunk, scored: ScoredChunk, index: int, attempt: int) -> RecordedChunk:
        """What is to be recorded of a chunk that was scored."""
        summary = self.summarizer.part(scored).model_dump(mode="json")
        first = [*chunk.numbers[:1].tolist(), *(reject.row for reject in chunk.rejects)]
        return RecordedChunk(index, min(first, default=part.first_row), scored.rows, attempt, scored.rejected, summary)


def open_batch(registry: Registry, batch: Batch, files: BatchFiles) -> OpenBatch:
    """A batch whose plan is recorded, ready to be scored. Raises like ``pinned_model``."""
    model = pinned_model(registry, batch)
    plan = read_plan(files)
    options = FileOptions.model_validate(batch.options)
    matching = match_columns(model.schema, model.fields, plan.form, options)
    return OpenBatch(
        model=model,
        plan=plan,
        path=files.folder / plan.path,
        check=ChunkCheck(model.schema, model.settings, matching, plan.form),
        summarizer=Summarizer(model),
        extras=Extras(options.unusual is not False, bool(options.explain), options.explain_class),
    )


def pinned_model(registry: Registry, batch: Batch) -> LoadedModel:
    """The very version and settings that the batch was created for. Raises Conflict where they are not
    there any more, NotFound and ModelUnavailable."""
    try:
        model = registry.get(batch.model, batch.version)
    except NotFound:
        registry.refresh()
        model = registry.get(batch.model, batch.version)
    if model.digest != batch.version_digest:
        raise Conflict(f"Version {batch.version} of {batch.model} is another than when this batch was created.")
    return model.with_settings(pinned_settings(batch, model.manifest))


def write_plan(files: BatchFiles, plan: Plan) -> None:
    """Keep a plan; the path in it becomes one within the batch's folder, which may be moved."""
    inside = Path(plan.path).relative_to(files.folder)
    with written_whole(files.plan) as path:
        path.write_text(plan.model_copy(update={"path": str(inside)}).model_dump_json(), "utf-8")


def read_plan(files: BatchFiles) -> Plan:
    """The plan that was kept, its path within the batch's folder."""
    return Plan.model_validate_json(files.plan.read_bytes())


def pinned_settings(batch: Batch, manifest: Manifest) -> ModelSettings:
    """The model's settings as they were when the batch was created. Raises Conflict where they
    cannot be had any more."""
    try:
        settings = parse_settings(tomlkit.dumps(dict(batch.settings)).encode(), manifest)
    except ModeldeskError as error:
        raise Conflict(f"The settings that this batch was created under cannot be used: {error.detail}") from error
    if settings_digest(settings) != batch.settings_digest:
        raise Conflict("The settings that this batch was created under cannot be restored.")
    return settings


def write_chunk(files: BatchFiles, scored: ScoredChunk, attempt: int) -> None:
    """Write a chunk's results under the attempt's name, to last before they are recorded."""
    files.make_folders()
    for path, table in (
        (files.chunk(scored.index, attempt), scored.table),
        (files.rejects(scored.index, attempt), scored.rejects),
    ):
        writer = ParquetFileWriter(path)
        writer.write(table)
        writer.close()
        sync_to_disk(path)
        sync_to_disk(path.parent)
