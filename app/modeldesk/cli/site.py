"""What commands share: the app context of this installation, and how answers are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from modeldesk.services.app_context import AppContext


@contextmanager
def open_context() -> Iterator[AppContext]:
    """The models and stores that the settings name, on a migrated database."""
    from modeldesk.bootstrap import build_context
    from modeldesk.core.settings import read_settings
    from modeldesk.store import migrate

    settings = read_settings()
    migrate(settings.database)
    context = build_context(settings)
    try:
        yield context
    finally:
        context.store.close()


def as_json(document: Any) -> None:
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=2, default=str))


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns for people."""
    lines = [tuple(map(str, row)) for row in (heads, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
