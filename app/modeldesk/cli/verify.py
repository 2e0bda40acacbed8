"""``modeldesk verify``."""

from __future__ import annotations

import sys

import click

from modeldesk.cli.site import as_json


@click.command(epilog="\b\nExamples:\n  modeldesk verify\n  modeldesk verify breast-cancer --json")
@click.argument("name", required=False)
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(name: str | None, json_: bool) -> None:
    """Check published versions of one model, or of all: that files are as published, that their
    libraries are installed, and that golden rows come out as published. Exit status 1 if not."""
    from modeldesk.core.settings import read_settings
    from modeldesk.model_service.package.verification import verify

    findings = verify(read_settings().models, name)
    if json_:
        as_json(
            {
                "findings": [
                    {
                        "name": item.name,
                        "version": item.version,
                        "sound": item.sound,
                        "detail": item.detail,
                        "hint": item.hint,
                    }
                    for item in findings
                ]
            }
        )
    for item in findings if not json_ else ():
        mark = "ok    " if item.sound else "FAULTY"
        click.echo(f"{mark} {item.name} version {item.version}: {item.detail} {item.hint or ''}".rstrip())
    sys.exit(0 if all(item.sound for item in findings) else 1)
