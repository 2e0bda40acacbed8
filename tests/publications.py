"""Models that are published once a test run, and shared by all its processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from modeldesk.model_service.publishing import selftest_runner
from modeldesk.model_service.publishing.selftest_runner import SelftestRunner

_DONE = "complete"


def published_once(
    factory: pytest.TempPathFactory, name: str, publish: Callable[[Path], None], kept: Path | None = None
) -> Path:
    """The folder that ``publish`` filled, called by the first process that asks for ``name``. Read only: copy
    before changing. ``kept`` names a folder that outlives the run instead."""
    base = factory.getbasetemp()
    folder = kept or (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"published-{name}"
    with FileLock(f"{folder}.lock"):
        if not (folder / _DONE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            publish(folder)
            (folder / _DONE).touch()
    return folder


def publish_examples(folder: Path) -> None:
    """Publish the bundled models as the first start does it."""
    from modeldesk.services.versions import examples

    reports: list[str] = []
    names = examples.example_names()
    assert examples.publish_examples(folder, reports.append) == [examples.Example(name) for name in names]
    assert reports == [f"Publishing the example {name} ..." for name in names]


@contextmanager
def one_selftest_runner() -> Iterator[None]:
    """Within the block publications share one selftest process, which checks each version in a fork of its own
    all the same. It starts with the first of them."""
    started: list[SelftestRunner] = []

    class Shared:
        def __init__(self, **_: object) -> None: ...

        def __enter__(self) -> SelftestRunner:
            if not started:
                started.append(SelftestRunner().__enter__())
            return started[0]

        def __exit__(self, *_: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selftest_runner, "SelftestRunner", Shared)
        yield
    for prover in started:
        prover.__exit__(None, None, None)
