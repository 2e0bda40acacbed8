"""``modeldesk copy-log``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json


@click.command(epilog="\b\nExample:\n  modeldesk copy-log sqlite:////var/modeldesk/modeldesk.db")
@click.argument("source", metavar="URL")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(source: str, json_: bool) -> None:
    """Copy everything recorded in another database into this installation's.

    URL is the database to copy from, such as sqlite:///PATH. It is copied into the one that
    MODELDESK_DATABASE_URL names, which has to be empty. Stop the server first: what is
    recorded during the copy would be missed, and is refused.
    """
    from modeldesk.core.settings import read_settings
    from modeldesk.store.sql.migrate_log import copy_log

    def say(table: str, done: int, total: int) -> None:
        if not json_ and (done == total or done % 100_000 == 0):
            click.echo(f"{table}: {done:,} of {total:,}")

    copied = copy_log(source, read_settings().database, say)
    if json_:
        as_json({"copied": copied})
    else:
        click.echo(f"Copied {sum(copied.values()):,} rows; counted on both sides.")
