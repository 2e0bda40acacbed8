"""``modeldesk show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldesk.cli.site import as_json, open_context, table
from modeldesk.core.identity import LOCAL

if TYPE_CHECKING:
    from modeldesk.model_service.package.manifest import PlanProof


@click.command(epilog="\b\nExamples:\n  modeldesk show breast-cancer\n  modeldesk show breast-cancer --json")
@click.argument("name")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str, json_: bool) -> None:
    """Show one model's card, its versions, and who decided which is served."""
    from modeldesk.services.versions.catalogue import card
    from modeldesk.services.versions.manage import versions
    from modeldesk.web.api.models import ModelDetail
    from modeldesk.web.api.versions import VersionList

    with open_context() as context:
        context.registry.refresh()
        detail = ModelDetail.of_card(card(context, LOCAL, name)).model_dump(mode="json")
        known = versions(context, LOCAL, name)
        listed = VersionList.of_versions(known).model_dump(mode="json")
    if json_:
        as_json({**detail, **{key: listed[key] for key in ("versions", "history", "thresholds")}})
        return
    click.echo(f"{detail['title']} ({name}): {detail['task'] or 'no version can be read'}")
    if detail["description"]:
        click.echo(detail["description"])
    if detail["reason"]:
        click.echo(f"{detail['state'].capitalize()}: {detail['reason']} {detail['hint'] or ''}")
    click.echo(f"Reads {len(detail['features'])} inputs: {', '.join(detail['features'])}")
    if detail["threshold"] is not None or detail["threshold_saved"] is not None:
        click.echo(_threshold(detail))
    click.echo()
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
    for manifest in known.manifests:
        if manifest.engine.plan is not None:
            click.echo(f"Version {manifest.version}: {_plan(manifest.engine.plan)}")
    for item in listed["unreadable"]:
        click.echo(f"Version {item['version']} cannot be read: {item['reason']} {item['hint'] or ''}".rstrip())
    for change in listed["history"]:
        click.echo(f"{change['at']} {change['who']}: {change['action']} version {change['version']}. {change['why']}")
    for change in listed["thresholds"]:
        value = "as in model.toml" if change["threshold"] is None else f"{change['threshold']:.6g}"
        click.echo(f"{change['at']} {change['who']}: threshold {value}. {change['why']}")


def _threshold(detail: dict[str, Any]) -> str:
    """The threshold in force, and who set it over what."""
    saved, own = detail["threshold_saved"], detail["threshold_own"]
    says = f"model.toml says {'none' if own is None else f'{own:.6g}'}"
    text = "No threshold is in force" if detail["threshold"] is None else f"Decides from {detail['threshold']:.6g} on"
    if saved is None:
        return f"{text}, as model.toml says."
    by = f"{saved['who']} set {saved['threshold']:.6g} for {saved['positive']} at {saved['at']}: {saved['why']}"
    unused = f" Not in force: {detail['threshold_unused']}" if detail["threshold_unused"] else ""
    return f"{text}; {says}. {by}{unused}"


def _plan(proof: PlanProof) -> str:
    """Return which engine was proven at publication, and on what, or why the artifact answers."""
    if proof.engine == "artifact":
        return f"the artifact answers, not a plan: {proof.declined}."
    equal = "bit for bit" if proof.equality == "exact" else f"to {proof.difference:.1g} of a number's size"
    return f"a plan answers with MODELDESK_ENGINE=auto; it equals the artifact {equal} on {proof.rows:,} rows."


def _figures(evaluation: dict[str, object]) -> str:
    metrics = evaluation["metrics"]
    assert isinstance(metrics, dict)
    shown = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    known = "the model may have been trained on these rows" if evaluation["source"] == "training" else "hold-out"
    return f"{shown} ({known})" if shown else "-"
