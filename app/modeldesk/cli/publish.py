"""``modeldesk publish``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modeldesk.cli.progress import Steps
from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.tasks import MODULES

if TYPE_CHECKING:
    from modeldesk.model_service.package.model_folder import ModelEntry
    from modeldesk.model_service.publishing.publish import Published

_ANSWERS_WITHIN = 2.0
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ARTIFACT = click.Path(exists=True, path_type=Path)  # a folder, too, is refused by its kind
_TASKS = click.Choice(tuple(MODULES))


@click.command(
    epilog="""\b
Examples:
  modeldesk publish churn.joblib --data churn.csv --target churned
  modeldesk publish churn.joblib --data train.parquet --holdout test.parquet --target churned --promote
"""
)
@click.argument("model", type=_ARTIFACT)
@click.option("--data", type=_FILE, required=True, help="The rows it was trained on: CSV, Parquet or XLSX.")
@click.option("--target", help="The column it predicts; none for anomaly models.")
@click.option("--name", help="The model's name (a-z, 0-9, -); otherwise the file's.")
@click.option("--holdout", type=_FILE, help="Rows it was not trained on, for its figures.")
@click.option("--expect", metavar="COLUMN", help="A column of the data with the predictions made where it was trained.")
@click.option(
    "--categories",
    multiple=True,
    metavar="COLUMN",
    help="A column that was a pandas category where it was trained, which files do not say; may be repeated.",
)
@click.option("--title", help="What people see; kept in model.toml.")
@click.option("--task", type=_TASKS, help="What it answers, where the artifact does not tell by itself.")
@click.option("--promote", is_flag=True, help="Serve it at once, also if an earlier version is served.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    model: Path,
    data: Path,
    target: str | None,
    name: str | None,
    holdout: Path | None,
    expect: str | None,
    categories: tuple[str, ...],
    title: str | None,
    task: Any,
    promote: bool,
    json_: bool,
) -> None:
    """Make a trained artifact (.joblib, .pkl) the next version of a model.

    Loading an artifact runs code: publish only what comes from people you trust. The first
    version of a model is served at once; a later one waits for a promotion.
    """
    # As when serving, and before any library is imported: sums are then taken in the same order.
    os.environ["OMP_NUM_THREADS"] = "1"
    from modeldesk.model_service.publishing.publish import STEPS
    from modeldesk.model_service.publishing.selftest_runner import SelftestRunner
    from modeldesk.services.versions.publish import publish_model

    # Forked first, while this process has imported libraries and done nothing else.
    with SelftestRunner(fork=True) as runner, open_context() as context, Steps(len(STEPS), quiet=json_) as steps:
        published = publish_model(
            context,
            LOCAL,
            model.resolve(),
            data,
            target=target,
            name=name,
            holdout=holdout,
            expect=expect,
            categories=categories,
            title=title,
            task=task,
            promote=promote,
            prove=runner.prove,
            report=steps.show,
        )
        entry = context.registry.entry(published.name)
    _show(published, entry, _address(published.name), json_)


def _show(published: Published, entry: ModelEntry, address: str | None, json_: bool) -> None:
    """Print what came of it, and what is to be done next."""
    if json_:
        as_json(
            {
                "name": published.name,
                "version": published.version,
                "served": entry.served,
                "folder": str(published.folder),
                "address": address,
                "warnings": list(published.warnings),
            }
        )
        return
    for warning in published.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(f"{published.name} version {published.version} is published in {published.folder}.")
    if entry.served == published.version:
        click.echo(f"It is served at {address}" if address else "It is served wherever `modeldesk serve` runs.")
    else:
        if entry.served is None:
            click.echo(f"Version {entry.decided} is to be served and cannot be: {entry.reason} To serve this one:")
        else:
            click.echo(f"Version {entry.served} is served still. To serve this one:")
        click.echo(f"  modeldesk promote {published.name} {published.version} --reason ...")


def _address(name: str) -> str | None:
    """The model's page, where a server of the same settings answers on this machine; else nobody here knows
    it: the server may be in a container, behind a proxy, or not started."""
    import json
    from urllib.request import ProxyHandler, build_opener

    from modeldesk.core.settings import read_settings

    settings = read_settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    site = f"http://{host}:{settings.port}{settings.url_prefix}"
    try:
        with build_opener(ProxyHandler({})).open(f"{site}api/v1/models/{name}", timeout=_ANSWERS_WITHIN) as answer:
            known = json.load(answer).get("name") == name
    except (OSError, ValueError, AttributeError):
        return None
    return f"{site}models/{name}" if known else None
