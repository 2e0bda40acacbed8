"""Every kind of artifact answers as itself, one record at a time, through the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.package.golden_rows import crossed_rows
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of, model_input, records_of
from modeldesk.model_service.validation.records import check_records

from tests.zoo import ZOO
from tests.zoo_fixtures import PublishedZoo

TIED = ("neighbours", "mixed-forest")
ROWS = 6


def _answer(model: LoadedModel, record: Mapping[str, Any]) -> Output:
    """One record as an API request carries it: through JSON, the check and the scorer."""
    checked = check_records(model.schema, model.settings, [json.loads(json.dumps(record))])
    return model.score(checked.frame).row(0)


def _assert_own(zoo: PublishedZoo, name: str, raw: pd.DataFrame, answers: list[Output]) -> None:
    """The answers are what the artifact itself says of the raw rows, asked all together."""
    model, estimator = zoo.model(name), zoo.specimen(name).estimator
    rows = model_input(raw, model.schema.fitted_on)
    own = np.asarray(estimator.predict(rows)).ravel()
    given = [answer.prediction for answer in answers]
    if model.manifest.task.has_scores:
        assert given == ["anomaly" if flag == -1 else "normal" for flag in own]
        assert np.allclose([answer.score for answer in answers], estimator.score_samples(rows), rtol=1e-9, atol=1e-9)
    elif model.manifest.task.numeric:
        assert np.allclose(given, own.astype(float), rtol=1e-9, atol=1e-9)
    else:
        assert given == own.tolist()
        assert {type(value) for value in given} <= {bool, int, str}
    if model.manifest.task.has_classes and hasattr(estimator, "predict_proba"):
        keys = [str(value) for value in np.asarray(estimator.classes_).tolist()]
        assert all(answer.probability is not None and list(answer.probability) == keys for answer in answers)
        probability = [list((answer.probability or {}).values()) for answer in answers]
        assert np.allclose(probability, estimator.predict_proba(rows), rtol=1e-9, atol=1e-9)


def test_the_zoo_is_large() -> None:
    assert len(ZOO) >= 30


@pytest.mark.parametrize("name", ZOO)
def test_one_record_a_request(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    raw = zoo.specimen(name).inputs(model.schema.names).tail(ROWS).reset_index(drop=True)
    answers = [_answer(model, record) for record in _present(records_of(model.schema, raw))]
    _assert_own(zoo, name, raw, answers)


def _present(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A missing value left out altogether means the same as null."""
    return [{key: value for key, value in record.items() if value is not None} for record in records]


@pytest.mark.parametrize("name", ZOO)
def test_each_optional_field_null(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    base = zoo.specimen(name).inputs(model.schema.names).head(1).reset_index(drop=True)
    record = records_of(model.schema, base)[0]
    for feature in model.schema.features:
        if not feature.missing_allowed:
            continue
        emptied = {**record, feature.name: None}
        raw = base.copy()
        raw[feature.name] = _emptied(base[feature.name])
        _assert_own(zoo, name, raw, [_answer(model, emptied)])


def _emptied(column: pd.Series) -> pd.Series:
    """One missing value in a column of the same dtype, by pandas' own means."""
    return column.where(pd.Series([False]))


@pytest.mark.parametrize("name", ZOO)
def test_defaults_are_answered_at_full_precision(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    defaults = model.schema.defaults()
    assert json.loads(json.dumps(defaults)) == defaults
    data = zoo.specimen(name).data
    for feature in model.schema.features:
        if feature.type == "number" and feature.default is not None:
            assert feature.default == float(data[feature.name].median()), feature.name
    _assert_own(zoo, name, frame_of(model.schema, [defaults]), [_answer(model, defaults)])


@pytest.mark.parametrize("name", TIED)
def test_at_a_tie_the_class_is_the_artifacts_own(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    published = zoo.specimen(name).inputs(model.schema.names)
    crossed = crossed_rows(published, 600, np.random.default_rng(1))
    rows = pd.concat([published, crossed], ignore_index=True)
    probability = zoo.specimen(name).estimator.predict_proba(model_input(rows, model.schema.fitted_on))
    ties = np.flatnonzero(probability[:, 0] == 0.5)[:10]
    assert len(ties), "the specimen was chosen because it ties"
    tied = rows.take(ties).reset_index(drop=True)
    _assert_own(zoo, name, tied, [_answer(model, record) for record in records_of(model.schema, tied)])


@pytest.mark.parametrize("name", TIED)
def test_golden_rows_hold_ties(zoo: PublishedZoo, name: str) -> None:
    golden = zoo.model(name).manifest.golden
    assert any(row.probability and row.probability[0] == row.probability[1] for row in golden)


@pytest.mark.parametrize("name", ZOO)
def test_what_is_recorded(zoo: PublishedZoo, name: str) -> None:
    model = zoo.model(name)
    manifest = model.manifest
    assert 5 <= len(manifest.golden) <= 30
    assert len(model.reference) == len(model.reference_outputs) == min(manifest.rows, 10_000)
    assert {"numpy", "pandas", "joblib"} <= set(manifest.libraries)
    library = type(zoo.specimen(name).estimator).__module__.partition(".")[0]
    assert {"sklearn": "scikit-learn"}.get(library, library) in manifest.libraries
    assert manifest.evaluation.source == "training"
    assert manifest.evaluation.metrics or manifest.target is None
    own = zoo.registry.entry(name)
    assert (own.state, own.reason, own.served, own.versions) == ("serving", None, 1, (1,))


def test_one_call_where_it_suffices(zoo: PublishedZoo) -> None:
    found = {name: zoo.model(name).manifest.engine.output for name in ZOO}
    assert {name for name, output in found.items() if output == "both"} == {"fixed-threshold", "tuned-threshold"}
    without = ("support-vectors", "support-vectors-binary", "hard-voting", "ridge")
    assert {found[name] for name in without} == {"predict"}
