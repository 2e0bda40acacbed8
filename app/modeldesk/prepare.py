"""What is done once before or beside the server, each in a process of its own."""

from __future__ import annotations

import logging
import sys

from modeldesk.core.errors import ModeldeskError
from modeldesk.core.settings import Settings
from modeldesk.web.server.logs import configure_logging


def migrate_databases(settings: Settings) -> None:
    """Bring the log and the job queue to the newest schema. Raises what the two raise."""
    from modeldesk.jobs.database import migrate_jobs
    from modeldesk.store import jobs_url, migrate

    migrate(settings.database)
    migrate_jobs(jobs_url(settings.database))


def migrate(settings: Settings) -> None:
    """Migrate the databases. End the process with 1, and the reason on standard error, where that fails."""
    configure_logging(settings.log_level, settings.log_format)
    try:
        migrate_databases(settings)
    except ModeldeskError as error:
        _fail(error)


def publish_examples(settings: Settings) -> None:
    """Publish the example models that are not there. What cannot be published is logged."""
    from modeldesk.services.versions import examples

    configure_logging(settings.log_level, settings.log_format)
    try:
        examples.publish_examples(settings.models, logging.getLogger("modeldesk.examples").info)
    except ModeldeskError as error:
        _fail(error)


def _fail(error: ModeldeskError) -> None:
    print(f"Error: {error}", file=sys.stderr)
    sys.exit(1)
