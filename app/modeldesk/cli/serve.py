"""``modeldesk serve``."""

from __future__ import annotations

import sys
from functools import partial

import click


@click.command(
    epilog="""\b
Examples:
  modeldesk serve
  MODELDESK_AUTH=none modeldesk serve --host 0.0.0.0 --port 80
"""
)
@click.option("--host", help="The address to listen on (MODELDESK_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on (MODELDESK_PORT; 8050).")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (MODELDESK_WORKERS; 2).")
@click.option("--no-examples", is_flag=True, help="Leave an empty registry empty: publish no example models.")
def command(host: str | None, port: int | None, workers: int | None, no_examples: bool) -> None:
    """Serve the dashboard and the API.

    Listens on http://127.0.0.1:8050 unless told otherwise. Ctrl-C or SIGTERM lets running
    requests end; a second one does not wait for them.
    """
    from modeldesk import job_worker, main, prepare
    from modeldesk.core.branding import read_brand
    from modeldesk.core.settings import read_settings
    from modeldesk.web.server.supervisor import Programs, Supervisor

    settings = read_settings(host=host, port=port, workers=workers)
    read_brand(settings)  # a logo that cannot be shown stops the start, with its reason
    programs = Programs(main.serve, prepare.migrate, prepare.publish_examples, job_worker.work)
    sys.exit(Supervisor(settings, programs, examples=not no_examples, say=partial(click.echo, err=True)).run())
