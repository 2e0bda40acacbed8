"""Composition: the only place where concrete stores are chosen and the parts are put together.

Importing this module imports what is heavy. Processes that fork do it afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from modeldesk.core.errors import ModeldeskError
from modeldesk.core.settings import Settings
from modeldesk.jobs.queue import DbosJobs
from modeldesk.model_service.package.load_attempts import LoadAttempts
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.tables import Limits
from modeldesk.services.app_context import AppContext, new_id
from modeldesk.services.batches.manage import workers_alive
from modeldesk.services.batches.storage import BatchStorage
from modeldesk.services.importance.analysis_storage import AnalysisStorage
from modeldesk.services.readiness import StorageCheck
from modeldesk.store import jobs_url, open_store
from modeldesk.web.middleware.asgi import ASGIApp
from modeldesk.web.middleware.headers import SafeHeaders


def build_context(settings: Settings) -> AppContext:
    """The models, the stores and the batches that the settings name. The database has to be migrated."""
    store = open_store(settings.database, data=settings.data)
    registry = Registry(
        settings.models, store.served, store.thresholds, LoadAttempts(settings.data.absolute() / "loading")
    )
    limits = Limits(
        bytes=settings.max_upload_bytes,
        unpacked_bytes=settings.max_unpacked_bytes,
        rows=settings.max_batch_rows,
        columns=settings.max_batch_columns,
    )
    jobs = DbosJobs(jobs_url(settings.database))
    storage = BatchStorage(
        folder=settings.data.absolute() / "batches",
        jobs=jobs,
        limits=limits,
        retention_days=settings.batch_days,
    )
    analyses = AnalysisStorage(settings.data.absolute() / "inquiries", jobs)
    return AppContext(registry, store, storage, analyses, max_records=settings.max_records)


def run_batches(settings: Settings, stop: threading.Event) -> None:
    """Be a worker, for batches, analyses and the log, until told to stop. The databases have to be migrated."""
    from modeldesk.jobs.worker import run_worker
    from modeldesk.services.batches.work import BatchWorker
    from modeldesk.services.importance.analysis_work import AnalysisWorker
    from modeldesk.services.log.compaction import LogWorker

    context = build_context(settings)
    # The first batch should not wait for it. What cannot be loaded is told by the batch that needs it.
    context.registry.load_all()
    work, asked, logged = BatchWorker(context), AnalysisWorker(context), LogWorker(context)
    run_worker(jobs_url(settings.database), new_id(), work, asked, logged, context.store.workers, stop)


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """REST and the dashboard on one app context: what ``serving.site`` lets requests in to."""

    app: ASGIApp
    context: AppContext
    storage: StorageCheck

    def load_models(self) -> None:
        """Load every served model. What their first explanations need is made ready later, while
        requests are taken."""
        self.context.registry.load_all()
        self._warm()

    def refresh(self) -> None:
        """Follow the folder of models and the decisions on versions; what is new is loaded here
        and not by the first request for it."""
        registry = self.context.registry
        registry.refresh()
        for name, state in registry.ready().items():
            if state == "loading":
                with suppress(ModeldeskError):  # logged by the registry, and told by the model's entry
                    registry.get(name)
                    self._warm(name)

    def _warm(self, *names: str) -> None:
        # A daemon: a process that is told to stop does not wait for it.
        threading.Thread(target=self.context.registry.warm, args=names, name="warm", daemon=True).start()

    def models(self) -> Mapping[str, str]:
        """The models and the state of each."""
        return self.context.registry.ready()

    def reasons(self) -> Mapping[str, str]:
        """Why models are not serving, by name."""
        return self.context.registry.reasons()

    def workers(self) -> int:
        """How many processes that score batches are alive."""
        return workers_alive(self.context)

    def check_store(self) -> None:
        """Raise StoreUnavailable or NoRoom unless what is kept can be written."""
        self.storage()

    def metrics(self) -> str:
        """Figures in Prometheus' text format."""
        from modeldesk.web.api.metrics import metrics

        return metrics(self.context)

    def close(self) -> None:
        """Let go of the store and of what batches hold."""
        self.context.batch_storage.close()
        self.context.store.close()


def build_site(settings: Settings, headers: SafeHeaders) -> BuiltSite:
    """The API and the dashboard, ready for requests; inline scripts of the pages are made known
    to ``headers``."""
    # Commands that need only an app context are spared the web's libraries.
    from fastapi import FastAPI

    from modeldesk import __version__
    from modeldesk.web.api.routes import add_api
    from modeldesk.web.middleware.compression import Compression
    from modeldesk.web.middleware.dash_guard import DashGuard
    from modeldesk.web.ui.dashboard import mount

    context = build_context(settings)
    server = FastAPI(title="Modeldesk", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    add_api(server, context, settings)
    dash = mount(server, context, settings)
    headers.allow_scripts(dash.csp_hashes())
    guarded = Compression(DashGuard(server, dash.callback_map, dash.registered_paths, settings.url_prefix))
    return BuiltSite(guarded, context, StorageCheck(context))
