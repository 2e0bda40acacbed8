"""Publishes and kills itself with SIGKILL at a point named on the command line.

``python -m tests.model_service.publishing.killed_publisher MODELS POINT…``: one forked child a point.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modeldesk.model_service.package import drafts
from modeldesk.model_service.publishing import publish as publishing
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

PROOF = "prove"

POINTS: dict[str, tuple[Any, str, bool]] = {
    # what is called when the kill comes, and whether it has been done by then
    "before the artifact": (publishing, "write_file", False),
    "after the artifact": (publishing, "write_file", True),
    "before the training rows": (publishing, "write_parquet", False),
    "after the training rows": (publishing, "write_parquet", True),
    "before the manifest": (publishing, "_write_manifest", False),
    "before the proof": (publishing, PROOF, False),
    "after the proof": (publishing, PROOF, True),
    "before the rename": (drafts, "sync_to_disk", False),
}
"""Points at which nothing may be visible yet."""


def _killing(function: Callable[..., Any], done: bool) -> Callable[..., Any]:
    def kill(*args: Any, **kwargs: Any) -> None:
        if done:
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return kill


def publish_and_die(models: Path, point: str) -> None:
    """Start a publication that does not survive the point."""
    module, name, done = POINTS[point]
    prove = _unproven
    if name == PROOF:
        prove = _killing(_unproven, done)
    else:
        setattr(module, name, _killing(getattr(module, name), done))
    data = load_diabetes(as_frame=True).frame.head(40)
    estimator = Ridge().fit(data.drop(columns="target"), data["target"])
    publishing.publish(estimator, data, target="target", models=models, name="killed", prove=prove)


def _unproven(folder: Path) -> None:
    """In place of the proof, which takes seconds and is not what is looked at here."""


def main(models: Path, points: list[str]) -> None:
    """Print the signal that ended each child."""
    for point in points:
        child = os.fork()
        if child == 0:
            publish_and_die(models, point)
            os._exit(0)
        print(-os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
