"""Having versions proven in a process of their own: the publishing side of ``proof.py``."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import app
from app.errors import PublishRefused

# Not ``-m``: then every name of that module would be one of __main__, and found there.
_PROGRAM = "import sys; from app.model_service import proof; sys.exit(proof.main())"

TIME_LIMIT = 900.0
"""Seconds after which one proof is given up."""


def prove_in_fresh_process(folder: Path) -> None:
    """Raise PublishRefused unless the version proves itself in a new interpreter, in an
    unrelated working folder."""
    with Prover() as prover:
        prover.prove(folder)


class Prover:
    """A fresh interpreter that proves versions, each apart from the others. A context manager;
    safe to share between threads, which wait for each other."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._lock = threading.Lock()

    def __enter__(self) -> Prover:
        self._elsewhere = tempfile.TemporaryDirectory(prefix="modeldesk-proof-")
        root = str(Path(app.__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _PROGRAM],
            cwd=self._elsewhere.name,
            # Threads as when serving, so that sums are taken in the same order.
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._elsewhere.cleanup()

    def prove(self, folder: Path) -> None:
        """Raise PublishRefused, with the reason and the ways out, unless the version's answers
        are the recorded ones: twice the same, singly, together and reversed."""
        with self._lock, tempfile.TemporaryDirectory(dir=self._elsewhere.name) as name:
            verdict, log = Path(name) / "verdict.json", Path(name) / "log"
            status = self._ask({"folder": str(folder.resolve()), "verdict": str(verdict), "log": str(log)})
            if status != 0:
                lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
                raise PublishRefused(
                    "crashed",
                    f"The process that checked the artifact ended with status {status}"
                    + (f": {lines[-1]}." if lines else "."),
                    hint="The artifact cannot be used in a fresh process. Save it again with the libraries "
                    "installed here.",
                )
            fault = json.loads(verdict.read_text())["fault"]
        if fault is not None:
            raise PublishRefused(**fault)

    def _ask(self, request: dict[str, str]) -> int:
        """The exit status of the fork that looked at the version; -1 where there is no answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return -1
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(self._time_limit):
                os.killpg(self._process.pid, signal.SIGKILL)
                raise PublishRefused(
                    "too_slow",
                    f"The artifact was not proven within {self._time_limit:.0f} s.",
                    hint="A few hundred rows must be answered in that time. Publish a smaller model.",
                )
        answer = self._process.stdout.readline()
        return int(answer) if answer else -1
