"""``modeldesk worker``."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
Examples:
  modeldesk worker
  MODELDESK_EMBEDDED_WORKERS=0 modeldesk serve
"""
)
def command() -> None:
    """Score batches, beside or far from the server.

    One process works on one file's rows at a time; start as many as there are cores to spare. It needs
    the server's database, its folder of models and its folder of run-time data. Ctrl-C or SIGTERM
    ends it at once, and another worker resumes what it was at.
    """
    from app.jobs.database import migrate_jobs
    from app.serving.job_worker import work
    from app.serving.logs import configure_logging
    from app.settings import read_settings
    from app.store import jobs_url, migrate

    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    migrate(settings.database)
    migrate_jobs(jobs_url(settings.database))
    work(settings)
