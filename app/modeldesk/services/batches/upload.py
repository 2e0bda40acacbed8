"""Taking a file in: streamed to disk, and a batch only once it is whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import BinaryIO

from modeldesk.core.atomic_files import sync_to_disk
from modeldesk.core.errors import BadRequest, InvalidInput, TooLarge, room_needed
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.settings.model_settings import settings_digest
from modeldesk.model_service.tables import FileOptions, Matching, TableForm, match_columns
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.reading import look
from modeldesk.services.batches.storage import BatchFiles
from modeldesk.services.predictions.explain import require_class

MAX_FILE_NAME = 255


class Upload:
    """A file on its way in: ``write`` what comes, then ``commit``; else nothing is left of it.

    Used as a context manager, by one thread at a time.
    """

    def __init__(self, context: AppContext, caller: Caller, model: str, file_name: str) -> None:
        self._context = context
        self._caller = caller
        self._model = model
        self._name = file_name
        self._id = context.new_id()
        self._files = context.batch_storage.files(self._id)
        self._most = context.batch_storage.limits.bytes
        self._size = 0
        self._committed = False
        try:
            with room_needed():
                self._files.make_folders()
                self._file: BinaryIO = self._files.upload.open("xb")
        except BaseException:
            self._files.remove()
            raise

    def __enter__(self) -> Upload:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(OSError):  # what is left to be written then is of no use
                self._file.close()
        finally:
            if not self._committed:
                self._files.remove()

    def write(self, data: bytes) -> None:
        """Append what came. Raises TooLarge beyond the limit."""
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge(
                f"A file may have {self._most:,} bytes here.",
                hint="Send it in parts, send Parquet, or have MODELDESK_MAX_UPLOAD_BYTES raised.",
            )
        with room_needed():
            self._file.write(data)

    def commit(self, options: FileOptions, *, version: int | None = None, start: bool = True) -> Batch:
        """Make the whole file a batch, with the version and the settings as they are now, and hand it
        to the workers, or leave it to be looked at and started later.

        Raises InvalidInput or TooLarge where it is empty, or is to be started and cannot be: then
        nothing is left of it either. Raises NotFound and ModelUnavailable too.
        """
        if self._size == 0:
            raise InvalidInput("The file is empty.", hint="Send a table with a header and at least one row.")
        with room_needed():
            self._file.flush()
            sync_to_disk(self._files.upload)
        model = self._context.model(self._caller, self._model, version)
        if start:
            read_form(self._context, self._files, self._name, model, options)[1].require()
        batch = new_batch(self._context, self._caller, model, self._id, self._name, self._size, options)
        batch = replace(batch, state="queued" if start else "uploaded")
        self._context.store.batches.create(batch)
        self._committed = True
        if start:
            self._context.batch_storage.jobs.submit(batch.id)
        return batch


def receive(context: AppContext, caller: Caller, name: str, file_name: str) -> Upload:
    """Begin to take a file in for a model that the caller may use.

    Raises NotAllowed, NotFound, and BadRequest for a name that is too long.
    """
    caller.require(Permission.PREDICT)
    context.entry(caller, name)
    file_name = file_name.replace("\\", "/").rsplit("/", 1)[-1].strip() or "file"
    if len(file_name) > MAX_FILE_NAME:
        raise BadRequest(f"A file's name has at most {MAX_FILE_NAME} characters.")
    return Upload(context, caller, name, file_name)


def new_batch(
    context: AppContext,
    caller: Caller,
    model: LoadedModel,
    batch_id: str,
    file_name: str,
    size: int,
    options: FileOptions,
) -> Batch:
    """A batch that waits to be started, with version and settings as they are now."""
    require_class(model, options.explain_class)
    return Batch(
        id=batch_id,
        owner=caller.name,
        model=model.name,
        version=model.version,
        version_digest=model.digest,
        settings_digest=settings_digest(model.settings),
        settings=model.settings.model_dump(mode="json", exclude_defaults=True, exclude_none=True),
        file_name=file_name,
        size=size,
        options=options.model_dump(mode="json", exclude_none=True),
        state="uploaded",
        created_at=context.clock(),
    )


def read_form(
    context: AppContext, files: BatchFiles, file_name: str, model: LoadedModel, options: FileOptions
) -> tuple[TableForm, Matching]:
    """How a batch's file is read, and which column stands for which feature. Raises InvalidInput, TooLarge."""
    limits = context.batch_storage.limits.with_room_for(model.schema.width)
    form = context.batch_storage.parsing.call(look, files.upload, options, limits, file_name)
    return form, match_columns(model.schema, model.fields, form, options)
