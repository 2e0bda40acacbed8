"""Where batches lie on disk, and what bounds them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from modeldesk.model_service.tables import CHUNK_ROWS, Limits, ParsingPool
from modeldesk.ports.batches import PREPARED_AT_A_TIME
from modeldesk.ports.jobs import Jobs


@dataclass(frozen=True, slots=True)
class BatchFiles:
    """The files of one batch. Which of its chunks' files count is for the record to say."""

    folder: Path

    @property
    def upload(self) -> Path:
        """The file as it came."""
        return self.folder / "upload"

    @property
    def work(self) -> Path:
        """The folder of what was made of the upload to read it by."""
        return self.folder / "work"

    @property
    def plan(self) -> Path:
        """How the file is read and cut."""
        return self.folder / "plan.json"

    def chunk(self, index: int, attempt: int) -> Path:
        """The results that one attempt wrote for a chunk."""
        return self.folder / "chunks" / f"{index:06}-{attempt}.parquet"

    def rejects(self, index: int, attempt: int) -> Path:
        """The rejected rows that one attempt wrote for a chunk."""
        return self.folder / "rejects" / f"{index:06}-{attempt}.parquet"

    def made(self, name: str) -> Path:
        """A file made for downloads, and kept."""
        return self.folder / name

    def make_folders(self) -> None:
        """Make the folders that are missing, for this user alone: they hold what people asked."""
        for folder in (self.folder, self.work, self.folder / "chunks", self.folder / "rejects"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove everything. What a worker still writes meanwhile is left to the next sweep."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class BatchStorage:
    """What batches need beside models and stores: a folder, the workers' queue, limits, and
    confined processes to read files in."""

    folder: Path
    jobs: Jobs
    limits: Limits = field(default_factory=Limits)
    chunk_rows: int = CHUNK_ROWS
    retention_days: int = 30
    # One place is left while as many files as may be are read from end to end: the rest goes on.
    parsing: ParsingPool = field(default_factory=lambda: ParsingPool(processes=PREPARED_AT_A_TIME + 1))

    def files(self, batch_id: str) -> BatchFiles:
        """The files of a batch."""
        return BatchFiles(self.folder / batch_id)

    def close(self) -> None:
        """Let go of the queue and of the confined processes."""
        self.jobs.close()
        self.parsing.close()
