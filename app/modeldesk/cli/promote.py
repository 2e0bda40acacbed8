"""``modeldesk promote``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL


@click.command(epilog='\b\nExample:\n  modeldesk promote churn 3 --reason "Better recall on the March rows"')
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why; kept with the decision.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, version: int, reason: str, json_: bool) -> None:
    """Serve a version from now on. Running servers follow within two seconds."""
    from modeldesk.services.versions.manage import promote
    from modeldesk.web.api.versions import Change

    with open_context() as context:
        change = Change.of(promote(context, LOCAL, name, version, reason)).model_dump(mode="json")
    if json_:
        as_json(change)
    else:
        click.echo(f"Version {version} of {name} is served now; before it was version {change['previous'] or 'none'}.")
