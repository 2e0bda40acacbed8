"""``modeldesk models``."""

from __future__ import annotations

import click

from modeldesk.cli.site import as_json, open_context, table
from modeldesk.core.identity import LOCAL


@click.command(epilog="\b\nExamples:\n  modeldesk models\n  modeldesk models --json | jq '.models[].name'")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(json_: bool) -> None:
    """List the models: name, version served, state, what is predicted."""
    from modeldesk.services.versions.catalogue import cards
    from modeldesk.web.api.models import ModelSummary

    with open_context() as context:
        context.registry.load_all()
        result = [ModelSummary.of_card(card).model_dump(mode="json") for card in cards(context, LOCAL)]
    if json_:
        as_json({"models": result})
    elif not result:
        click.echo(f"There is no model in {context.registry.folder} yet. Publish one with: modeldesk publish --help")
    else:
        rows = [(m["name"], m["version"] or "-", m["state"], m["target"] or "-", m["title"]) for m in result]
        table(("NAME", "SERVED", "STATE", "PREDICTS", "TITLE"), rows)
