"""Processes forked from one that has imported everything: they start in milliseconds, and are as fresh."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "tests.jobs.places",
        "sklearn.linear_model",
        "sklearn.pipeline",
        *(f"modeldesk.cli.{name}" for name in ("models", "promote", "publish", "rollback", "score", "show", "verify")),
    ]
)


def run_command(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``modeldesk ARGUMENTS`` in a folder, with nothing on standard input.

    A command that starts further processes needs a process of its own: these would not know its environment.
    """
    with TemporaryDirectory() as name:
        out, err = Path(name) / "out", Path(name) / "err"
        process = processes.Process(target=_run, args=(arguments, folder, dict(environment), out, err))
        process.start()
        process.join()
        assert process.exitcode is not None
        return subprocess.CompletedProcess(arguments, process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _run(arguments: list[str], folder: Path, environment: Mapping[str, str], out: Path, err: Path) -> None:
    from modeldesk.cli.main import main

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for stream, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    main(arguments)
