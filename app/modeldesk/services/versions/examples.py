"""The bundled example models: trained and published here at the first start.

They are trained where they will be served, so they always fit the libraries installed, and each
in a process of its own (``python -m modeldesk.services.versions.examples NAME MODELS``): the server that asks for them
must not load an estimator before it has forked its workers.

A bundled ``train.py`` gives ``TARGET``, ``data()``, ``split(data)`` (training and hold-out) and
``train(training)``, and may give ``outline()``, the GeoJSON to draw behind a map.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from filelock import FileLock, Timeout

from modeldesk.core.bundled import bundled

AT_ONCE = 2
PENDING = ".examples-pending"
"""Marks, in the folder of models, that not all examples are published yet."""
LOCK = ".examples.lock"
_BEGUN_WITHIN = 60.0
"""Seconds from the mark until the process that publishes is at work."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """One bundled model after the attempt to publish it; ``error`` says why it is not there."""

    name: str
    error: str | None = None


def example_names() -> tuple[str, ...]:
    """The bundled models, by name."""
    return tuple(sorted(path.parent.name for path in bundled("models").glob("*/train.py")))


def wanted(models: Path) -> tuple[str, ...]:
    """The examples still to publish: all into a folder without any version, and what an earlier,
    interrupted start left over; none into a folder that people already publish to."""
    if any(models.glob("*/versions/*/manifest.json")) and not (models / PENDING).exists():
        return ()
    return tuple(name for name in example_names() if not _is_published(models / name))


@dataclass(frozen=True, slots=True)
class Arriving:
    """Examples that are being published: those that are there, and those still to come."""

    there: tuple[str, ...]
    to_come: tuple[str, ...]


def announce(models: Path) -> None:
    """Mark that the examples wanted are about to be published, for pages to say so from the start."""
    if wanted(models):
        models.mkdir(parents=True, exist_ok=True)
        (models / PENDING).touch()


def arriving(models: Path) -> Arriving | None:
    """The examples that are being published now; None where none is, or nobody is at it any more."""
    marker = models / PENDING
    try:
        age = time.time() - marker.stat().st_mtime
    except OSError:
        return None
    to_come = wanted(models)
    if not to_come or (age > _BEGUN_WITHIN and not _is_held(models / LOCK)):
        return None
    return Arriving(tuple(name for name in example_names() if name not in to_come), to_come)


def _is_held(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def publish_examples(models: Path, report: Callable[[str], None] = log.info) -> list[Example]:
    """Publish the examples that are wanted, two at a time, and tell how each went.

    Safe when several processes start at once: the later ones wait and find the work done.
    An example that fails is reported and tried again at the next start.
    """
    if not wanted(models):
        return []
    models.mkdir(parents=True, exist_ok=True)
    with FileLock(models / LOCK):
        names = wanted(models)
        (models / PENDING).touch()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            examples = list(pool.map(lambda name: _publish_apart(name, models, report), names))
        if all(example.error is None for example in examples):
            (models / PENDING).unlink()
    return examples


def _is_published(folder: Path) -> bool:
    return any(folder.glob("versions/[1-9]*/manifest.json"))


def _publish_apart(name: str, models: Path, report: Callable[[str], None]) -> Example:
    report(f"Publishing the example {name} ...")
    package = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "modeldesk.services.versions.examples", name, str(models)],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return Example(name)
    log.error("The example %s could not be published:\n%s", name, done.stderr)
    lines = done.stderr.strip().splitlines() or [f"Its process ended with status {done.returncode}."]
    report(f"The example {name} could not be published. {lines[-1]}")
    return Example(name, lines[-1])


def publish_example(name: str, models: Path) -> None:
    """Train one example and publish it, in this process, unless it is published by now.

    Files that people edit are copied first and never over theirs. Raises PublishRefused.
    """
    from modeldesk.model_service.publishing.publish import publish

    source, folder = bundled("models") / name, models / name
    # A process whose server was killed goes on; the next server's must not publish beside it.
    with FileLock(models / f".{name}.lock"):
        if _is_published(folder):
            return
        _copy_files(source, folder)
        recipe = _recipe(source / "train.py")
        if hasattr(recipe, "outline"):
            _write(folder / "outline.geojson", json.dumps(recipe.outline()).encode())
        training, holdout = recipe.split(recipe.data())
        estimator = recipe.train(training)
        publish(estimator, training, target=recipe.TARGET, models=models, name=name, holdout=holdout, by="modeldesk")


def _copy_files(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and not (folder / path.name).exists():
            _write(folder / path.name, path.read_bytes())


def _write(path: Path, content: bytes) -> None:
    """The whole file or none, also where this process is killed."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _recipe(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"train_{path.parent.name.replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    publish_example(sys.argv[1], Path(sys.argv[2]))
