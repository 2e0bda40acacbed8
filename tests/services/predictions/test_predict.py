"""From records to predictions: checked, answered by the artifact, recorded before the answer."""

from __future__ import annotations

from dataclasses import replace

import joblib
import pandas as pd
import pytest
from modeldesk.core.errors import BadRequest, Conflict, InvalidInput, NotFound, StoreUnavailable, TooLarge
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.predict import PredictRequest, VersionChanged, predict, preview

from tests.services.conftest import RECORD, logged
from tests.services.fakes import LostLog

USER = Caller("ada", frozenset({Role.USER}))


def request(**changes: object) -> PredictRequest:
    return replace(PredictRequest("iris", [RECORD]), **changes)  # type: ignore[arg-type]


def test_the_answer_is_the_artifacts_own(context: AppContext) -> None:
    answer = predict(context, USER, request())
    artifact = joblib.load(context.registry.folder / "iris/versions/1" / context.registry.get("iris").manifest.artifact)
    frame = pd.DataFrame([RECORD])
    output = answer.predictions[0].output
    assert output.prediction == artifact.predict(frame)[0]
    assert output.probability is not None
    assert list(output.probability.values()) == pytest.approx(artifact.predict_proba(frame)[0].tolist(), abs=1e-12)
    assert list(output.probability) == [str(name) for name in artifact.classes_]


def test_what_is_answered_is_recorded(context: AppContext) -> None:
    answer = predict(context, USER, request(keys=["flower 7"], request_id="r1", source="form"))
    record = context.store.log.get(answer.predictions[0].id or "")
    assert record is not None
    assert (record.owner, record.key, record.source, record.request_id) == ("ada", "flower 7", "form", "r1")
    assert (record.model, record.version, record.inputs) == ("iris", 1, RECORD)
    assert record.output == answer.predictions[0].output.as_dict()
    assert record.latency_ms > 0 and record.created_at.utcoffset() is not None


def test_nothing_is_answered_that_cannot_be_recorded(context: AppContext) -> None:
    lost = replace(context, store=replace(context.store, log=LostLog()))
    with pytest.raises(StoreUnavailable):
        predict(lost, USER, request())


def test_one_bad_row_and_nothing_is_recorded(context: AppContext) -> None:
    with pytest.raises(InvalidInput) as error:
        predict(context, USER, request(records=[RECORD, {**RECORD, "petal width (cm)": "wide", "colour": 1}]))
    assert {(problem.row, problem.field) for problem in error.value.problems} == {
        (1, "petal width (cm)"),
        (1, "colour"),
    }
    assert logged(context) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"records": []}, InvalidInput),
        ({"records": [RECORD] * 6}, TooLarge),
        ({"keys": ["a", "b"]}, BadRequest),
        ({"keys": ["a" * 201]}, InvalidInput),
        ({"claim_key": ""}, BadRequest),
        ({"claim_key": "k" * 201}, BadRequest),
        ({"model": "no-such"}, NotFound),
        ({"version": 9}, NotFound),
    ],
)
def test_requests_that_cannot_be_met(context: AppContext, changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        predict(context, USER, request(**changes))


def test_a_version_may_be_asked_for(context: AppContext) -> None:
    first, second = (predict(context, USER, request(version=number)) for number in (1, 2))
    assert (first.version, second.version) == (1, 2)
    assert first.predictions[0].output != second.predictions[0].output


def test_a_form_drawn_for_another_version_is_not_answered(context: AppContext) -> None:
    with pytest.raises(VersionChanged) as error:
        predict(context, USER, request(drawn_for=2))
    assert "version 1 is served now" in error.value.detail
    assert logged(context) == []


def test_the_same_request_again_gives_the_same_answer(context: AppContext) -> None:
    asked = request(claim_key="once", body_digest="a")
    first, again = predict(context, USER, asked), predict(context, USER, asked)
    assert again == first
    assert len(logged(context)) == 1
    with pytest.raises(Conflict):
        predict(context, USER, replace(asked, body_digest="b"))
    # Another caller's key is another key.
    assert predict(context, LOCAL, asked).predictions[0].id != first.predictions[0].id


def test_a_preview_is_not_kept(context: AppContext) -> None:
    shown = preview(context, USER, "iris", RECORD)
    assert shown.id is None
    assert shown.output == predict(context, USER, request()).predictions[0].output
    assert len(logged(context)) == 1
