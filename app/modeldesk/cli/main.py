"""The command line. Each command is a module of ``modeldesk.cli``, imported when it is called."""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import Any

import click

from modeldesk import __version__
from modeldesk.core.errors import ModeldeskError

COMMANDS = {
    "serve": "Serve the dashboard and the API.",
    "worker": "Score batches, beside or far from the server.",
    "publish": "Make a trained artifact the next version of a model.",
    "score": "Score the rows of a file.",
    "models": "List the models.",
    "show": "Show one model's card and versions.",
    "verify": "Check published versions: files, libraries, golden rows.",
    "promote": "Serve a version from now on.",
    "rollback": "Serve the version that was served before.",
    "alias": "Let an alias stand for a version.",
    "tag": "Put a tag on a version.",
    "copy-log": "Move what is recorded to another database.",
}
"""Every command with the line that stands in the list; the module has the same name, with _ for -."""


class LazyGroup(click.Group):
    """A group that lists commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"modeldesk.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from ``COMMANDS`` alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  modeldesk serve
  modeldesk publish churn.joblib --data churn.csv --target churned
  modeldesk COMMAND --help
""",
)
@click.version_option(__version__, prog_name="Modeldesk")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def group() -> None:
    """From a trained model to the dashboard and API an organisation works with."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command. Exit status: 0 done, 1 could not, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    # `--debug` is taken anywhere: it is remembered when the command has failed already.
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    try:
        result: Any = group.main(given, prog_name="modeldesk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except ModeldeskError as error:
        _show(error, debug)
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        click.echo(f"Error: {type(error).__name__}: {error} (--debug shows where it came from)", err=True)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def _show(error: ModeldeskError, debug: bool) -> None:
    if debug:
        traceback.print_exception(error)
        return
    click.echo(f"Error: {error.detail}", err=True)
    for problem in error.problems:
        if problem.message not in error.detail:
            click.echo(f"  {problem.message}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)
