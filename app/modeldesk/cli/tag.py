"""``modeldesk tag``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL


@click.command(epilog="\b\nExamples:\n  modeldesk tag churn 3 audited\n  modeldesk tag churn 3 audited --remove")
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@click.argument("tag")
@click.option("--remove", is_flag=True, help="Take the tag off.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, version: int, tag: str, remove: bool, json_: bool) -> None:
    """Put a tag on a version of a model."""
    from modeldesk.services.versions.labels import add_tag, remove_tag
    from modeldesk.web.api.versions import VersionLabel

    with open_context() as context:
        change = (remove_tag if remove else add_tag)(context, LOCAL, name, version, tag)
    if json_:
        as_json(VersionLabel.of(change).model_dump(mode="json"))
    else:
        click.echo(f"Version {version} of {name} has the tag {tag} {'no longer' if remove else 'now'}.")
