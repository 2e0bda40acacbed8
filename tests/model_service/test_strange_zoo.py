"""Strange artifacts answer as themselves: a few in every run, all of them with ``--soak``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.foreign import adapted
from modeldesk.model_service.package.file_formats import file_format
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import model_input, records_of
from modeldesk.model_service.validation.records import check_records
from modeldesk.notebook.facade import NotebookModel

from tests.zoo_strange import FROZEN, STRANGE

ROWS = 6


@pytest.mark.soak
@pytest.mark.parametrize("name", STRANGE)
def test_a_record_alone_a_notebooks_table_and_the_artifact_agree(
    tmp_path: Path, request: pytest.FixtureRequest, name: str
) -> None:
    if name not in FROZEN and not request.config.getoption("--soak"):
        return
    made = STRANGE[name]()
    publish(made.estimator, made.data, target=made.target, models=tmp_path, name=name, prove=lambda folder: None)
    model = Registry(tmp_path).get(name)
    raw = made.inputs(model.schema.names).head(ROWS).reset_index(drop=True)
    own = np.asarray(adapted(made.estimator).predict(model_input(raw, model.schema.fitted_on))).ravel()
    records = [json.loads(json.dumps(record)) for record in records_of(model.schema, raw)]
    alone = [model.score(check_records(model.schema, model.settings, [one]).frame).row(0).prediction for one in records]
    table = NotebookModel(model).predict(raw)["prediction"].tolist()
    tolerance = model.manifest.engine.tolerance
    if model.manifest.task == "regression":
        assert np.allclose(alone, own.astype(float), rtol=tolerance, atol=tolerance)
        assert np.allclose(table, own.astype(float), rtol=tolerance, atol=tolerance)
    elif model.manifest.task == "anomaly":
        assert alone == table == ["anomaly" if flag == -1 else "normal" for flag in own]
    else:
        assert alone == table == own.tolist()
    model.explainer.explain(raw.head(1))


@pytest.mark.parametrize(
    ("content", "ending", "named"),
    [
        (b'{"learner": {}, "version": [3, 2, 0]}', ".json", "XGBoost"),
        (b"tree\nversion=v4\n", ".txt", "LightGBM"),
        (b"CBM1\x00", ".cbm", "CatBoost"),
        (b"\x89HDF\r\n\x1a\n", ".h5", "Keras"),
        (b"\x08\x09onnx", ".onnx", "ONNX"),
        (b"PAR1", ".joblib", "table"),
        (b"PK\x03\x04", ".joblib", "ZIP"),
    ],
)
def test_other_formats_are_named(content: bytes, ending: str, named: str) -> None:
    known = file_format(content, ending)
    assert known is not None and named in known.name and known.hint


def test_a_scaler_outside_the_artifact_is_said_loudly(tmp_path: Path) -> None:
    from sklearn.linear_model import Ridge

    generator = np.random.default_rng(0)
    data = pd.DataFrame({"a": generator.normal(5_000, 100, 60)})
    data["y"] = data["a"] / 100 + generator.normal(0, 0.1, 60)
    model = Ridge().fit((data[["a"]] - 5_000) / 100, data["y"])
    published = publish(model, data, target="y", models=tmp_path, name="m", prove=lambda folder: None)
    assert published.warnings[0].startswith("The answers look wrong: on the published data R² is")
    assert "Put that step into the pipeline" in (published.folder / "card.md").read_text()
