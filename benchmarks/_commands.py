"""What a command takes: wall time, CPU and memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks._memory import memory

ROOT = Path(__file__).resolve().parent.parent
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall seconds, seconds of CPU of all processes, and the peak of their memory in bytes."""

    seconds: float
    cpu: float
    peak: int

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s {self.cpu:7.1f} s of CPU {self.peak / 2**20:8,.0f} MiB"


def environment(folder: Path) -> Mapping[str, str]:
    """That of an installation in a folder of its own."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MODELDESK_MODELS": str(folder / "models"),
        "MODELDESK_DATA": str(folder / "var"),
    }


def start(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    """Start ``modeldesk ARGUMENTS`` there."""
    (folder / "models").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "modeldesk", *map(str, arguments)]
    return subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL)


def measure(folder: Path, *arguments: object) -> Cost:
    """Run ``modeldesk ARGUMENTS`` to its end. Raises CalledProcessError where it fails."""
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    process = start(folder, *arguments)
    while process.poll() is None:
        peak = max(peak, memory([process.pid])[0])
        time.sleep(_LOOK_SECONDS)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)
