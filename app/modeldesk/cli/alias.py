"""``modeldesk alias``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL


@click.command(epilog="\b\nExamples:\n  modeldesk alias churn champion 3\n  modeldesk alias churn champion --remove")
@click.argument("name")
@click.argument("alias")
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--remove", is_flag=True, help="Let the alias stand for no version.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, alias: str, version: int | None, remove: bool, json_: bool) -> None:
    """Let an alias stand for a version of a model."""
    from modeldesk.services.versions.labels import remove_alias, set_alias
    from modeldesk.web.api.versions import VersionLabel

    if remove == (version is not None):
        raise click.UsageError("Name a version, or --remove.")
    with open_context() as context:
        if version is None:
            change = remove_alias(context, LOCAL, name, alias)
        else:
            change = set_alias(context, LOCAL, name, alias, version)
    if json_:
        as_json(VersionLabel.of(change).model_dump(mode="json"))
    elif remove:
        click.echo(f"{alias} stands for no version of {name} now.")
    else:
        click.echo(f"{alias} stands for version {change.version} of {name} now.")
