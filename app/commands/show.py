"""``modeldesk show``."""

from __future__ import annotations

import click

from app.commands.site import as_json, open_desk, table
from app.identity import LOCAL


@click.command(epilog="\b\nExamples:\n  modeldesk show breast-cancer\n  modeldesk show breast-cancer --json")
@click.argument("name")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, json_: bool) -> None:
    """Show one model's card, its versions, and who decided which is served."""
    from app.api.answers import model_detail, version_list
    from app.services.catalogue import card
    from app.services.versions import versions

    with open_desk() as desk:
        desk.registry.refresh()
        detail = model_detail(card(desk, LOCAL, name))
        listed = version_list(versions(desk, LOCAL, name))
    if json_:
        as_json({**detail, "versions": listed["versions"], "history": listed["history"]})
        return
    click.echo(f"{detail['title']} ({name}): {detail['task'] or 'no version can be read'}")
    if detail["description"]:
        click.echo(detail["description"])
    if detail["reason"]:
        click.echo(f"{detail['state'].capitalize()}: {detail['reason']} {detail['hint'] or ''}")
    click.echo(f"Reads {len(detail['features'])} inputs: {', '.join(detail['features'])}\n")
    rows = [
        (
            f"{item['version']}{' (served)' if item['served'] else ''}",
            item["created_at"],
            item["created_by"],
            item["estimator"],
            _figures(item["evaluation"]),
        )
        for item in listed["versions"]
    ]
    table(("VERSION", "PUBLISHED", "BY", "ESTIMATOR", "FIGURES"), rows)
    for change in listed["history"]:
        click.echo(f"{change['at']} {change['who']}: {change['action']} version {change['version']}. {change['why']}")


def _figures(evaluation: dict[str, object]) -> str:
    metrics = evaluation["metrics"]
    assert isinstance(metrics, dict)
    shown = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    known = "the model may have been trained on these rows" if evaluation["source"] == "training" else "hold-out"
    return f"{shown} ({known})" if shown else "-"
