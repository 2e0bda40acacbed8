"""``modeldesk rollback``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL


@click.command(epilog='\b\nExample:\n  modeldesk rollback churn --reason "Scores shifted after Tuesday"')
@click.argument("name")
@click.option("--reason", required=True, help="Why; kept with the decision.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, reason: str, json_: bool) -> None:
    """Serve the version that was served before the current one."""
    from modeldesk.services.versions.manage import rollback
    from modeldesk.web.api.versions import Change

    with open_context() as context:
        change = Change.of(rollback(context, LOCAL, name, reason)).model_dump(mode="json")
    if json_:
        as_json(change)
    else:
        click.echo(f"Version {change['version']} of {name} is served again instead of version {change['previous']}.")
