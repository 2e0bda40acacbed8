"""``modeldesk score``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modeldesk.cli.apart import goes_on_apart
from modeldesk.cli.site import as_json, open_context
from modeldesk.core.identity import LOCAL

if TYPE_CHECKING:
    from modeldesk.model_service.batch.run import Progress, Target
    from modeldesk.model_service.batch.summary import BatchSummary
    from modeldesk.model_service.package.manifest import Manifest

_OUTPUT = click.Path(dir_okay=False, path_type=Path)
_PLAIN_SECONDS = 5.0


def _pairs(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str] | None:
    """``FEATURE=COLUMN`` as often as it is given."""
    pairs = [text.partition("=") for text in value]
    if any(not feature or not mark or not column for feature, mark, column in pairs):
        raise click.BadParameter("write FEATURE=COLUMN")
    return {feature: column for feature, _, column in pairs} or None


def _delimiter(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    value = {"tab": "\t", "\\t": "\t"}.get(value or "", value)
    if value is not None and len(value) != 1:
        raise click.BadParameter("write one character, or tab")
    return value


@click.command(
    epilog="""\b
Examples:
  modeldesk score churn customers.csv -o scored.csv --errors rejected.csv
  modeldesk score churn kunden.csv -o scored.xlsx --decimal , --column income=Einkommen
  modeldesk score churn customers.parquet -o scored.parquet --version 2 --json
"""
)
@click.argument("name")
@click.argument("source", metavar="INPUT", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=_OUTPUT, required=True, help="Where to: .csv, .tsv, .xlsx or .parquet.")
@click.option("--version", type=click.IntRange(min=1), help="Another version than the one that is served.")
@click.option("--errors", type=_OUTPUT, help="Where rejected rows go, with field and reason: the same endings.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_pairs,
    metavar="FEATURE=COLUMN",
    help="Which column of the file stands for a feature; may be repeated.",
)
@click.option("--delimiter", callback=_delimiter, help="What parts cells: a character, or tab.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark.")
@click.option("--thousands", type=click.Choice(["", ",", ".", " ", "'"]), help="What stands between thousands.")
@click.option("--encoding", help="The text's encoding, such as utf-8 or cp1252.")
@click.option("--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), help="How dates such as 03/04/2025 are meant.")
@click.option("--sheet", help="The sheet of a workbook; else the first one.")
@click.option("--key-column", help="The column with your own names of the rows; it has to be there.")
@click.option(
    "--unusual/--no-unusual",
    default=True,
    help="Warn of unusual combinations of values, as batches do; without it takes less time.",
)
@click.option("--explain", is_flag=True, help="Also name each row's strongest contributions; takes longer.")
@click.option("--explain-class", help="The class whose contributions are named, as --explain does.")
@click.option("--processes", type=click.IntRange(1, 256), help="Most processes that score; else as many as cores.")
@click.option("--json", "json_", is_flag=True, help="Print the summary as JSON.")
def command(
    name: str,
    source: Path,
    output: Path,
    version: int | None,
    errors: Path | None,
    unusual: bool,
    explain: bool,
    explain_class: str | None,
    processes: int | None,
    json_: bool,
    **options: Any,
) -> None:
    """Score the rows of a file: CSV, TSV, XLSX or Parquet in, the same out.

    Good rows are scored, in their order; bad rows go to the errors file with row, field and
    reason. Whatever is not declared about the file is found out.
    """
    # Each process computes on one core, this one too: said before any library is imported.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    careful = not goes_on_apart()
    if careful:
        click.echo("The model ended the process that scored. Once more, to find the rows at which it does.", err=True)
    from modeldesk.core.settings import read_settings
    from modeldesk.model_service.batch.run import ScoreJob, ScorerEnded, score_file
    from modeldesk.model_service.batch.score import Extras
    from modeldesk.model_service.tables.options import FileOptions

    results = _target("output", output, source)
    rejected = _target("errors", errors, source) if errors else None
    if rejected and rejected.path.absolute() == results.path.absolute():
        raise click.BadParameter("the results go there already", param_hint="--errors")
    with open_context() as context:
        entry = context.entry(LOCAL, name)
        chosen = version or entry.served or entry.versions[-1]
        manifest = entry.manifests(chosen)
        settings = entry.settings
        limits = context.batch_storage.limits.with_room_for(manifest.model_schema.width)
    job = ScoreJob(
        read_settings().models,
        name,
        chosen,
        source,
        FileOptions(**options),
        limits,
        extras=Extras(unusual, explain or explain_class is not None, _known_class(manifest, explain_class)),
        saved=entry.threshold.saved,
    )
    with _Bar(source.name, quiet=json_) as bar:
        how: dict[str, Any] = {"processes": processes or _cores(), "report": bar.show}
        try:
            summary = score_file(job, manifest, settings, results, rejected, **how, careful=careful)
        except ScorerEnded:
            summary = score_file(job, manifest, settings, results, rejected, **how, careful=True)
    _tell(summary, name, chosen, results, rejected, json_)


def _known_class(manifest: Manifest, name: str | None) -> str | None:
    classes = [str(value) for value in manifest.classes]
    if name is None or name in classes:
        return name
    message = f"its classes are {', '.join(classes)}" if classes else "it gives no classes"
    raise click.BadParameter(f"the model has no class {name!r}; {message}", param_hint="--explain-class")


def _target(option: str, path: Path, source: Path) -> Target:
    from modeldesk.model_service.batch.run import Target
    from modeldesk.model_service.batch.writers import kind_of_output

    kind = kind_of_output(path)
    if kind is None:
        raise click.BadParameter(f"{path.name} has to end in .csv, .tsv, .xlsx or .parquet", param_hint=f"--{option}")
    if not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint=f"--{option}")
    if path.exists() and path.samefile(source):
        raise click.BadParameter("this is the input file", param_hint=f"--{option}")
    return Target(path, kind)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class _Bar:
    """Progress: a bar on a terminal where the number of rows is known, else now and then a line."""

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._started = self._last = time.monotonic()
        self._bar: Any = None
        self._done = 0
        self.show: Callable[[Progress], None] = self._show

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        elif self._terminal and not self._quiet and self._done:
            click.echo(err=True)

    def _show(self, progress: Progress) -> None:
        if self._quiet:
            return
        if self._terminal and progress.total is not None:
            if self._bar is None:
                bar = click.progressbar(length=progress.total, label=self._label, file=sys.stderr, show_pos=True)
                self._bar = bar.__enter__()
            self._bar.update(progress.done - self._done)
            self._done = progress.done
            return
        now = time.monotonic()
        if not self._terminal and now - self._last < _PLAIN_SECONDS:
            return
        self._last, self._done = now, progress.done
        speed = progress.done / max(now - self._started, 1e-9)
        line = f"{progress.done:,} rows, {progress.rejected:,} rejected, {speed:,.0f} rows/s"
        click.echo(f"\r{line}\033[K" if self._terminal else line, err=True, nl=not self._terminal)


def _tell(summary: BatchSummary, name: str, version: int, results: Target, errors: Target | None, json_: bool) -> None:
    if json_:
        where: dict[str, Any] = {"output": str(results.path), "errors": str(errors.path) if errors else None}
        as_json({"model": name, "version": version, **where, **summary.model_dump()})
        return
    click.echo(f"{summary.scored:,} rows scored by {name} version {version} into {results.path}.")
    warned = sum(count for codes in summary.warnings.values() for count in codes.values())
    if warned:
        click.echo(f"{warned:,} warnings; they stand beside their rows.")
    if not summary.rejected:
        return
    advice = f"see {errors.path}" if errors else "name a file by --errors to see them"
    click.echo(f"{summary.rejected:,} rows rejected; {advice}.")
    most = sorted(
        ((count, field, code) for field, codes in summary.problems.items() for code, count in codes.items()),
        reverse=True,
    )
    for count, field, code in most[:5]:
        click.echo(f"  {count:,} × {field or 'the row'}: {code.replace('_', ' ')}")
