"""Having versions proven in a process of their own: the publishing side of ``proof.py``."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from types import ModuleType, TracebackType
from typing import NoReturn

import modeldesk
from modeldesk.core.errors import PublishRefused
from modeldesk.core.settings import plans_allowed
from modeldesk.model_service.package.manifest import PlanProof

# Not ``-m``: then every name of that module would be one of __main__, and found there.
_PROGRAM = "import sys; from modeldesk.model_service.publishing import selftest; sys.exit(selftest.main())"

_ROOT = str(Path(modeldesk.__file__).resolve().parent.parent)

TIME_LIMIT = 900.0
"""Seconds after which one proof is given up."""


def selftest_in_fresh_process(folder: Path) -> PlanProof | None:
    """How its plan stood the proof. Raises PublishRefused unless the version proves itself in a new
    interpreter, in an unrelated working folder."""
    with SelftestRunner() as runner:
        return runner.prove(folder)


class SelftestRunner:
    """A fresh interpreter that proves versions, each apart from the others. A context manager;
    safe to share between threads, which wait for each other.

    ``fork`` makes it a fork of this process instead, which saves the seconds that imports take. It
    is as fresh where this process has only imported libraries: the caller promises that it has
    loaded no artifact, started no thread, and had ``OMP_NUM_THREADS=1`` from before its imports.
    """

    def __init__(self, time_limit: float = TIME_LIMIT, *, fork: bool = False) -> None:
        self._time_limit = time_limit
        self._fork = fork
        self._lock = threading.Lock()

    def __enter__(self) -> SelftestRunner:
        self._elsewhere = tempfile.TemporaryDirectory(prefix="modeldesk-proof-")
        self._process = (_Fork if self._fork else _Interpreter)(self._elsewhere.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.end()
        self._elsewhere.cleanup()

    def prove(self, folder: Path) -> PlanProof | None:
        """How its plan stood the proof. Raises PublishRefused, with the reason and the ways out, unless the
        version's answers are the recorded ones: twice the same, singly, together and reversed."""
        with self._lock, tempfile.TemporaryDirectory(dir=self._elsewhere.name) as name:
            verdict, log = Path(name) / "verdict.json", Path(name) / "log"
            request = {"folder": str(folder.resolve()), "verdict": str(verdict), "log": str(log)}
            # The fresh process runs in another folder, where no .env says so.
            status = self._ask({**request, "plans": "auto" if plans_allowed() else "artifact"})
            if status != 0:
                lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
                raise PublishRefused(
                    "crashed",
                    f"The process that checked the artifact ended with status {status}"
                    + (f": {lines[-1]}." if lines else "."),
                    hint="The artifact cannot be used in a fresh process. Save it again with the libraries "
                    "installed here.",
                )
            told = json.loads(verdict.read_text())
        if told["fault"] is not None:
            raise PublishRefused(**told["fault"])
        return None if told["plan"] is None else PlanProof.model_validate(told["plan"])

    def _ask(self, request: dict[str, str]) -> int:
        """The exit status of the fork that looked at the version; -1 where there is no answer."""
        try:
            self._process.requests.write(json.dumps(request) + "\n")
            self._process.requests.flush()
        except BrokenPipeError:
            return -1
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.answers, selectors.EVENT_READ)
            if not selector.select(self._time_limit):
                os.killpg(self._process.pid, signal.SIGKILL)
                raise PublishRefused(
                    "too_slow",
                    f"The artifact was not proven within {self._time_limit:.0f} s.",
                    hint="A few hundred rows must be answered in that time. Publish a smaller model.",
                )
        answer = self._process.answers.readline()
        return int(answer) if answer else -1


class _Interpreter:
    """A new interpreter that runs ``proof.main`` in a folder of its own."""

    def __init__(self, folder: str) -> None:
        path = os.pathsep.join(part for part in (_ROOT, os.environ.get("PYTHONPATH")) if part)
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _PROGRAM],
            cwd=folder,
            # Threads as when serving, so that sums are taken in the same order.
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None
        self.pid, self.requests, self.answers = process.pid, process.stdin, process.stdout
        self._process = process

    def end(self) -> None:
        """Let it end, and wait for that."""
        self.requests.close()
        self._process.wait()
        self.answers.close()


class _Fork:
    """A fork of this process that does the same. It keeps what was imported, and nothing else."""

    def __init__(self, folder: str) -> None:
        import modeldesk.model_service.publishing.selftest
        from modeldesk.model_service.package.artifacts import warm_up

        assert modeldesk.model_service.publishing.selftest
        warm_up()
        read_requests, write_requests = os.pipe()
        read_answers, write_answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(write_requests)
            os.close(read_answers)
            _live_as_prover(folder, read_requests, write_answers)
        os.close(read_requests)
        os.close(write_answers)
        self.requests, self.answers = os.fdopen(write_requests, "w"), os.fdopen(read_answers)

    def end(self) -> None:
        """Let it end, and wait for that."""
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        os.waitpid(self.pid, 0)
        self.answers.close()


def _live_as_prover(folder: str, requests: int, answers: int) -> NoReturn:
    """The fork's life: only what an interpreter started afresh in ``folder`` could import is importable."""
    from modeldesk.model_service.publishing import selftest as proof

    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for own, stream in ((requests, 0), (answers, 1), (nothing, 2)):
            os.dup2(own, stream)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
        here = {os.path.abspath(part) for part in given if not os.path.isabs(part)}
        # First comes the folder of the script that was run, or the working folder.
        others = [part for part in sys.path[1:] if part not in here]
        sys.path[:] = [folder, *dict.fromkeys([_ROOT, *given, *others])]
        sys.modules["__main__"] = ModuleType("__main__")
        os.chdir(folder)
        warnings.simplefilter("ignore")
        status = proof.main()
    finally:
        os._exit(status)
