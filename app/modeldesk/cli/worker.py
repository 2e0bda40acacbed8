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
    from modeldesk.core.settings import read_settings
    from modeldesk.job_worker import work
    from modeldesk.prepare import migrate_databases
    from modeldesk.web.server.logs import configure_logging

    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    migrate_databases(settings)
    work(settings)
