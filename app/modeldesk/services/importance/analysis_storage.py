"""Where analyses lie on disk.

``open/ID`` holds an analysis job that waits for an answer, with the parts there are; ``kept`` the answers and
``failed`` the reasons why there is none, by model and version. A file is there whole or not at all, and
where an answer is kept nothing else counts.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modeldesk.core.atomic_files import written_whole
from modeldesk.model_service.importance.question import AnalysisRequest
from modeldesk.model_service.schema.schema import Frozen
from modeldesk.ports.analysis_jobs import AnalysisQueue

_ID = re.compile(r"[0-9a-f]{32}-[0-9]{1,4}")
_JOB = "asked.json"
_LEFTOVER_SECONDS = 24 * 60 * 60


class AnalysisJob(Frozen):
    """An analysis of a version that was requested. ``attempt`` counts from 1: a failed one may be restarted."""

    key: str
    model: str
    version: int
    question: AnalysisRequest
    steps: int
    attempt: int = 1

    @property
    def id(self) -> str:
        """The id under which the workers run it."""
        return f"{self.key}-{self.attempt}"


class Failure(Frozen):
    """The reason why an analysis failed."""

    asked: AnalysisJob
    reason: str


@dataclass(frozen=True, slots=True)
class AnalysisStorage:
    """The files of all analyses, and the workers' queue."""

    folder: Path
    queue: AnalysisQueue

    def answer(self, model: str, version: int, key: str) -> Mapping[str, Any] | None:
        """Return the stored answer, or None."""
        result: Mapping[str, Any] | None = _read(self._kept(model, version, key))
        return result

    def failure(self, model: str, version: int, key: str) -> Failure | None:
        """Return the reason of the failure, or None."""
        result = _read(self._failed(model, version, key))
        return None if result is None else Failure.model_validate(result)

    def opened(self, key: str) -> AnalysisJob | None:
        """Return the unfinished analysis, or None."""
        folders = sorted((self.folder / "open").glob(f"{key}-*"))
        return next((job for folder in folders if (job := self.asked(folder.name)) is not None), None)

    def asked(self, analysis_id: str) -> AnalysisJob | None:
        """Read an unfinished job; return None if it is over."""
        result = _read(self._open(analysis_id) / _JOB)
        return None if result is None else AnalysisJob.model_validate(result)

    def waiting(self) -> Sequence[str]:
        """Return the ids of all unfinished analyses."""
        folder = self.folder / "open"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [name for name in sorted(names) if _ID.fullmatch(name) and self.asked(name) is not None]

    def open(self, job: AnalysisJob) -> None:
        """Submit a job to the workers; a job that is open already stays as it is."""
        folder = self._open(job.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / _JOB, job.model_dump(mode="json"))
        self._failed(job.model, job.version, job.key).unlink(missing_ok=True)
        self.queue.submit_analysis(job.id)

    def parts(self, job: AnalysisJob) -> int:
        """Count the stored parts of a job."""
        return sum(1 for _ in self._open(job.id).glob("part-*.json"))

    def part(self, job: AnalysisJob, index: int) -> Mapping[str, Any] | None:
        """Return one part, or None if it is not stored yet."""
        result: Mapping[str, Any] | None = _read(self._part(job, index))
        return result

    def keep_part(self, job: AnalysisJob, index: int, part: Mapping[str, Any]) -> None:
        """Store the result of a step; do nothing if the analysis is over meanwhile."""
        with suppress(FileNotFoundError):
            _write(self._part(job, index), part)

    def keep(self, job: AnalysisJob, answer: Mapping[str, Any]) -> None:
        """Store an answer and remove its parts."""
        path = self._kept(job.model, job.version, job.key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, answer)
        self.close(job.id)

    def keep_failure(self, job: AnalysisJob, reason: str) -> None:
        """Store the reason of a failure, unless there is an answer."""
        if not self._kept(job.model, job.version, job.key).exists():
            path = self._failed(job.model, job.version, job.key)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, Failure(asked=job, reason=reason).model_dump(mode="json"))
        self.close(job.id)

    def close(self, analysis_id: str) -> None:
        """Remove the files of a job that is over."""
        shutil.rmtree(self._open(analysis_id), ignore_errors=True)

    def remove_leftovers(self) -> None:
        """Remove folders without a job file once they are a day old."""
        for path in (self.folder / "open").glob("*"):
            if self.asked(path.name) is None and time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def versions(self) -> Sequence[tuple[str, int, Path]]:
        """Return the versions with stored files, each with its folder."""
        result = [
            path
            for state in ("kept", "failed")
            for path in (self.folder / state).glob("*/*")
            if path.is_dir() and path.name.isdigit()
        ]
        return [(path.parent.name, int(path.name), path) for path in result]

    def _open(self, analysis_id: str) -> Path:
        return self.folder / "open" / analysis_id

    def _part(self, job: AnalysisJob, index: int) -> Path:
        return self._open(job.id) / f"part-{index:05}.json"

    def _kept(self, model: str, version: int, key: str) -> Path:
        return self.folder / "kept" / model / str(version) / f"{key}.json"

    def _failed(self, model: str, version: int, key: str) -> Path:
        return self.folder / "failed" / model / str(version) / f"{key}.json"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def _write(path: Path, value: Mapping[str, Any]) -> None:
    with written_whole(path) as part:
        part.write_text(json.dumps(value), "utf-8")
