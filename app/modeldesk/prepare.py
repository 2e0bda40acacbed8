"""What is done once before or beside the server, in a process of its own.

``python -m modeldesk.prepare migrate`` or ``examples``, started by ``modeldesk serve``: the
process that forks workers must not have loaded a database driver or an estimator.
"""

from __future__ import annotations

import logging
import sys

from modeldesk.core.errors import ModeldeskError
from modeldesk.core.settings import Settings, read_settings
from modeldesk.web.server.logs import configure_logging


def main(task: str) -> int:
    """Do one task; the status is 1, with the reason on standard error, where it failed."""
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    try:
        return {"migrate": _migrate, "examples": _examples}[task](settings)
    except ModeldeskError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _migrate(settings: Settings) -> int:
    from modeldesk.jobs.database import migrate_jobs
    from modeldesk.store import jobs_url, migrate

    migrate(settings.database)
    migrate_jobs(jobs_url(settings.database))
    return 0


def _examples(settings: Settings) -> int:
    from modeldesk.services.versions.examples import publish_examples

    examples = publish_examples(settings.models, logging.getLogger("modeldesk.examples").info)
    return 1 if any(example.error for example in examples) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
