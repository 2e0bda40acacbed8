"""The bundled models explain themselves, know what is unusual, and say what would change them."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from modeldesk.model_service.engine.engine import reference_engine
from modeldesk.model_service.engine.task import classes_of, question_of
from modeldesk.model_service.explain import Explainer
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.uncertainty.outliers import UnusualCheck
from modeldesk.model_service.whatif.counterfactual import Goal, Surroundings, suggest_changes

from tests.model_service.explain.test_explainer import adds_up, prepared

BUNDLED = sorted(path.parent.name for path in (Path(__file__).parents[3] / "models").glob("*/train.py"))
METHODS = {
    "breast-cancer": {"linear", "tree"},
    "handwritten-digits": {"linear", "tree", "permutation"},
    "loan-default": {"tree"},
    "ride-demand": {"linear", "tree", "permutation"},
}


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_model_explains_itself(name: str) -> None:
    recipe: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[3] / "models" / name / "train.py"))
    training, holdout = recipe["split"](recipe["data"]())
    model = recipe["train"](training)
    data = training.sample(min(len(training), 3000), random_state=0)
    schema, reference, spec = prepared(model, data, recipe["TARGET"])
    assert spec.method in METHODS[name], spec.reason
    explainer = Explainer(spec, model, schema, reference)
    engine = reference_engine(model, question_of(model).task, classes_of(model), schema)
    unusual = UnusualCheck(schema, data)
    around = Surroundings(schema, fields(schema, None), data, engine.predict(reference), unusual)
    rows = holdout[list(schema.names)].astype(reference.dtypes).head(3)
    for place, record in enumerate(records_of(schema, rows)):
        explanation = explainer.explain(rows.iloc[[place]])
        assert explanation.method == spec.method
        assert adds_up(explanation)
        now = engine.predict(rows.iloc[[place]]).prediction[0]
        goal = Goal() if explanation.of_class is not None else Goal(at_least=float(now) * 1.02)
        assert suggest_changes(engine.predict, around, record, goal, seconds=60).items
    assert sum(warning is not None for warning in unusual.check(reference.head(500))) < 25
