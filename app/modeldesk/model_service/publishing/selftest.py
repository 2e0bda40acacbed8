"""Proof that a finished version answers as the artifact itself did, in a process of its own.

``main`` loads versions as a server would; ``prover.py`` starts it in a new interpreter and asks.
What passes in the publishing process proves little: a function of its ``__main__`` is there, and
in no server.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from modeldesk.core.errors import ArtifactDamaged, InvalidInput
from modeldesk.model_service.engine.engine import ModelEngine, engine_of
from modeldesk.model_service.engine.plan.proof import prove_plan
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.artifacts import ArtifactUnreadable, HeldFile, load_held, warm_up
from modeldesk.model_service.package.folder import (
    HOLDOUT,
    PREDICTIONS,
    REFERENCE,
    differing_rows,
    outputs_of,
    read_manifest,
)
from modeldesk.model_service.package.golden_rows import golden_outputs
from modeldesk.model_service.package.manifest import PlanProof
from modeldesk.model_service.schema.frames import frame_of, records_of

TOGETHER_ROWS = 300
SINGLE_ROWS = 40
PROVEN_ROWS = 100_000
"""Rows of the reference and of the hold-out, of each at most, that a plan is held against the artifact on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a version must not be published; ``reason`` as in PublishRefused."""

    reason: str
    detail: str
    hint: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a version: why it must not be published, else whether a plan answers."""

    fault: Fault | None = None
    plan: PlanProof | None = None


def judge(folder: Path, *, plans: bool = False) -> Verdict:
    """Load a version as a server would and compare its answers with the recorded ones; with ``plans`` then
    those of its plan with its own."""
    manifest = read_manifest(folder)
    held = HeldFile(folder / manifest.artifact)
    if held.digest != manifest.digests[manifest.artifact]:
        raise ArtifactDamaged(f"{manifest.artifact} changed while it was being published.")
    try:
        estimator = load_held(held).estimator
    except ArtifactUnreadable as error:
        return Verdict(unimportable(error))
    engine = engine_of(manifest, estimator)
    schema = manifest.model_schema
    reference = pd.read_parquet(folder / REFERENCE).head(TOGETHER_ROWS)
    expected = outputs_of(pd.read_parquet(folder / PREDICTIONS).head(TOGETHER_ROWS), manifest.classes)
    frame = frame_of(schema, records_of(schema, reference))
    golden = golden_outputs(manifest)
    golden_frame = frame_of(schema, [row.inputs for row in manifest.golden])
    try:
        tolerance = manifest.engine.tolerance
        fault = _compare(engine, frame, expected, "reference", tolerance) or _compare(
            engine, golden_frame, golden, "golden", tolerance
        )
    except InvalidInput as error:
        fault = Fault(
            "not_reproduced",
            f"From the published columns and types alone the artifact does not answer. {error.detail}",
            "Give the data with the very types that the artifact was trained on (Parquet keeps them).",
        )
    if fault is not None or not plans:
        return Verdict(fault)
    names = list(schema.names)
    tables = [
        pd.read_parquet(folder / name, columns=names) for name in (REFERENCE, HOLDOUT) if (folder / name).exists()
    ]
    return Verdict(plan=prove_plan(manifest, estimator, [table.head(PROVEN_ROWS) for table in tables]))


def _compare(engine: ModelEngine, frame: pd.DataFrame, expected: Outputs, rows: str, tolerance: float) -> Fault | None:
    together = engine.predict(frame)
    if differing_rows(together, engine.predict(frame), tolerance):
        return Fault(
            "nondeterministic",
            "Asked twice for the same rows, the artifact gives different answers.",
            "Remove what is random when predicting, or fix its random_state, and save it again.",
        )
    dependent = _row_dependent(engine, frame, together, tolerance)
    if dependent is not None:
        return Fault(
            "row_dependent",
            f"The answer for a row depends on the other rows of the call: {dependent}.",
            "A transformer that learns from the rows it is given (a rank, a group mean, a scaling by the batch) "
            "must learn in fit and only apply in transform.",
        )
    differing = differing_rows(expected, together, tolerance)
    if differing:
        return Fault(
            "not_reproduced",
            f"In a fresh process {len(differing)} of {len(frame)} {rows} rows are answered differently.",
            "The artifact depends on something that is not saved with it: a global variable, a file, the "
            "environment, or column types that the data file does not carry (Parquet does).",
        )
    return None


def _row_dependent(engine: ModelEngine, frame: pd.DataFrame, together: Outputs, tolerance: float) -> str | None:
    backwards = engine.predict(frame.iloc[::-1].reset_index(drop=True))
    order = np.arange(len(frame))[::-1]
    if differing_rows(_rows(together, order), backwards, tolerance):
        return "in reversed order the rows are answered differently"
    for index in range(min(SINGLE_ROWS, len(frame))):
        try:
            alone = engine.predict(frame.iloc[[index]].reset_index(drop=True))
        except InvalidInput as error:
            return f"a row that is answered among others fails alone ({error.detail})"
        if differing_rows(together.slice(index, index + 1), alone, tolerance):
            return "a row is answered differently alone and among others"
    return None


def _rows(outputs: Outputs, order: np.ndarray) -> Outputs:
    return Outputs(
        outputs.prediction[order],
        outputs.classes,
        None if outputs.probability is None else outputs.probability[order],
        None if outputs.score is None else outputs.score[order],
        outputs.keys,
    )


_OWN_NAMES = frozenset({"sklearn", "numpy", "scipy", "pandas", "xgboost", "lightgbm", "catboost"})


def unimportable(error: ArtifactUnreadable) -> Fault:
    """Why an artifact could not be unpickled, and the ways out."""
    missing = error.missing
    if error.version_warnings or (missing and missing.partition(".")[0] in _OWN_NAMES and "." in missing):
        message = "; ".join(error.version_warnings) or f"it refers to {missing}, which the library here has not"
        return Fault(
            "version_mismatch",
            f"The artifact was saved with other versions of its libraries ({message}) and does not load: {error}.",
            "Install the versions it was trained with, or train and save it again with those installed here.",
        )
    if missing and missing.startswith("__main__."):
        return Fault(
            "unimportable",
            f"The artifact uses {missing.removeprefix('__main__.')}, which was defined in a script or notebook "
            "(__main__) and is not in the file.",
            "Move it into a module that is installed where the server runs, import it from there, fit and save again.",
        )
    if missing:
        return Fault(
            "unimportable",
            f"The artifact needs {missing}, which cannot be imported here.",
            "Install the package that provides it where the server runs, then publish again.",
        )
    return Fault(
        "unreadable",
        f"The artifact cannot be loaded: {error}.",
        "Save the fitted estimator with joblib.dump(estimator, 'model.joblib') or pickle, and publish that file.",
    )


def main() -> int:
    """Answer requests from standard input, one JSON object a line, until it ends.

    Each version is proven in a fork of this process, which has imported the libraries and
    nothing else: as fresh as a new interpreter, without the seconds that imports take. Nothing
    has computed yet, so no library holds threads that a fork would lose. A request names the
    ``folder``, the file for the ``verdict`` and one for what is printed meanwhile (``log``);
    its answer is the fork's exit status on a line.
    """
    warm_up()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _answer(request)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0


def _answer(request: dict[str, str]) -> NoReturn:
    status = 1
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(log, stream)
        verdict = judge(Path(request["folder"]), plans=request["plans"] == "auto")
        told = {
            "fault": asdict(verdict.fault) if verdict.fault else None,
            "plan": verdict.plan.model_dump() if verdict.plan else None,
        }
        Path(request["verdict"]).write_text(json.dumps(told))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
