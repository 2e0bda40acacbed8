"""Run an analysis job in a worker: take its steps in turn, and store the answer.

A step that is repeated finds its part there and leaves it; what two workers do at once gives the same.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence

from modeldesk.core.cache import LruCache
from modeldesk.core.errors import Conflict, NotFound
from modeldesk.model_service.importance.analysis import Analysis, analysis_of
from modeldesk.model_service.importance.question import request_key
from modeldesk.model_service.package.folder import version_folder
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance.analysis_storage import AnalysisJob

log = logging.getLogger("modeldesk.inquiries")

_OPEN = 4


class AnalysisWorker:
    """``AnalysisWork`` on an app context. Steps may come from several threads."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._room = context.analysis_storage
        self._open: LruCache[Analysis] = LruCache(_OPEN)

    def steps(self, analysis_id: str) -> int:
        """Return the number of steps, 0 if there is nothing to do."""
        job = self._room.asked(analysis_id)
        return 0 if job is None else job.steps

    def take(self, analysis_id: str, index: int) -> bool:
        """Take one step and store its result; return False if the analysis is over.

        Raises NotFound or ModelUnavailable where the version cannot be had, Conflict where it is another
        than the one that was asked about, and InvalidInput where the artifact does not answer.
        """
        job = self._room.asked(analysis_id)
        if job is None:
            return False
        if self._room.part(job, index) is None:
            self._room.keep_part(job, index, self._analysis(job).step(index))
        return True

    def finish(self, analysis_id: str) -> None:
        """Store the answer. Raises as ``take``."""
        job = self._room.asked(analysis_id)
        if job is None:
            return
        parts = [self._room.part(job, index) for index in range(job.steps)]
        there = [part for part in parts if part is not None]
        if len(there) < len(parts):
            self.fail(analysis_id, f"{len(parts) - len(there):,} of {len(parts):,} parts are missing.")
            return
        self._room.keep(job, self._analysis(job).join(there))
        self._open.forget(analysis_id)

    def fail(self, analysis_id: str, reason: str) -> None:
        """End the analysis because it cannot go on."""
        job = self._room.asked(analysis_id)
        if job is not None:
            log.warning("The analysis %s about %s failed: %s", analysis_id, job.model, reason)
            self._room.keep_failure(job, reason)
        self._open.forget(analysis_id)

    def again(self, analysis_id: str) -> None:
        """Begin an analysis job anew that waits for an answer though its work was done: what was found is lost,
        as with a data folder that was put back from a copy."""
        job = self._room.asked(analysis_id)
        if job is not None:
            self._room.close(analysis_id)
            if self._room.answer(job.model, job.version, job.key) is None:
                self._room.open(job.model_copy(update={"attempt": job.attempt + 1}))
        self._open.forget(analysis_id)

    def unfinished(self) -> Sequence[str]:
        """Return the ids of all unfinished analyses."""
        return self._room.waiting()

    def sweep(self) -> None:
        """Remove the files of deleted versions, and folders without a job file."""
        self._room.remove_leftovers()
        models = self._context.registry.folder
        if not models.is_dir():
            return
        for name, version, folder in self._room.versions():
            if not version_folder(models / name, version).is_dir():
                shutil.rmtree(folder, ignore_errors=True)

    def _analysis(self, job: AnalysisJob) -> Analysis:
        return self._open.get(job.id, lambda: analysis_of(self._model(job), job.question))

    def _model(self, job: AnalysisJob) -> LoadedModel:
        """Load the version with the files and settings for which the analysis was requested."""
        registry = self._context.registry
        try:
            model = registry.get(job.model, job.version)
        except NotFound:
            model = None
        if model is None or request_key(model, job.question) != job.key:
            registry.refresh()
            model = registry.get(job.model, job.version)
        if request_key(model, job.question) != job.key:
            raise Conflict("The model or its settings have changed since this was asked.", hint="Ask again.")
        return model
