"""Plans answer what their artifacts answer, and a wrong one is caught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from modeldesk.model_service.engine.engine import engine_of
from modeldesk.model_service.engine.plan import proof
from modeldesk.model_service.engine.plan.compiler import compile_plan
from modeldesk.model_service.engine.plan.engine import PlanEngine
from modeldesk.model_service.package.artifacts import load_verified
from modeldesk.model_service.package.folder import read_manifest
from modeldesk.model_service.package.manifest import Manifest, PlanProof
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.publishing.selftest import judge
from modeldesk.model_service.schema.frames import frame_of

from tests.zoo import ZOO


def _published(name: str, models: Path) -> tuple[Manifest, Path]:
    made = ZOO[name]()
    folder = publish(
        made.estimator,
        made.data,
        target=made.target,
        models=models,
        name=name,
        prove=lambda draft: judge(draft, plans=True).plan,
    ).folder
    return read_manifest(folder), folder


@pytest.mark.parametrize("name", ["ridge", "mixed-logistic", "forest-on-array", "native-categories", "calibrated"])
def test_a_plan_is_proven_bit_for_bit_and_answers(name: str, tmp_path: Path) -> None:
    manifest, folder = _published(name, tmp_path)
    plan = manifest.engine.plan
    assert plan is not None and (plan.engine, plan.equality) == ("plan", "exact"), plan
    estimator = load_verified(folder / manifest.artifact, manifest.digests[manifest.artifact])
    engine = PlanEngine(manifest, estimator)
    engine.activate()
    golden = frame_of(manifest.model_schema, [row.inputs for row in manifest.golden])
    outputs, own = engine.planned(golden), engine_of(manifest, estimator).predict(golden)
    assert outputs is not None
    assert np.array_equal(outputs.prediction, own.prediction)
    assert own.probability is None or np.array_equal(outputs.probability, own.probability)


def test_what_no_plan_is_made_for_is_declined_with_the_reason(tmp_path: Path) -> None:
    plan = _published("hard-voting", tmp_path)[0].engine.plan
    assert plan == PlanProof(engine="artifact", declined="its members vote by majority")


def test_a_threshold_moved_by_one_value_of_its_input_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*given: object) -> object:
        node = compile_plan(*given)
        (head,) = proof._ensembles(node)
        inner = np.flatnonzero(head.trees.feature >= 0)[-1]
        moved = np.nextafter(np.float32(head.trees.threshold[inner]), np.float32(-np.inf))
        head.trees.threshold[inner] = np.nextafter(moved, np.float32(-np.inf))
        return node

    monkeypatch.setattr(proof, "compile_plan", wrong)
    plan = _published("forest-on-array", tmp_path)[0].engine.plan
    assert plan is not None and plan.declined is not None and "1 of 20 trees differ" in plan.declined
