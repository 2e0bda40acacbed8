"""Why the model says what it says, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from modeldesk.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.explain import Explained, explain, explain_many, explain_prediction, explain_text
from modeldesk.services.predictions.predict import MAX_EXPLAINED, PredictRequest, predict

from tests.services.conftest import logged
from tests.services.lending import RECORD

ADA, BOB = Caller("ada", frozenset({Role.USER})), Caller("bob", frozenset({Role.USER}))
REFUSED = {**RECORD, "income": 100.0}


def adds_up(found: Explained) -> bool:
    explanation = found.explanation
    assert explanation is not None
    total = explanation.base_value + sum(item.contribution for item in explanation.contributions)
    return bool(np.isclose(total, explanation.output, rtol=1e-9))


def test_a_record_is_explained_by_its_inputs(lending: AppContext) -> None:
    found = explain(lending, ADA, "rates", RECORD)
    assert found.explanation is not None and adds_up(found)
    assert [item.feature for item in found.explanation.contributions] == list(RECORD)
    assert [item.value for item in found.explanation.contributions] == list(RECORD.values())
    assert found.explanation.output == found.prediction.output.prediction
    assert found.prediction.id is None
    assert found.sentence is not None and "%" in found.sentence and found.method.startswith("Exact (linear)")
    assert logged(lending) == []


def test_the_class_explained_is_the_one_that_the_threshold_gives(lending: AppContext) -> None:
    for record in ({**RECORD, "debt": float(debt)} for debt in range(0, 40_000, 2_000)):
        found = explain(lending, ADA, "loans", record)
        assert found.explanation is not None and adds_up(found)
        assert found.explanation.of_class == found.prediction.output.prediction
    other = explain(lending, ADA, "loans", RECORD, of_class="yes")
    mirrored = explain(lending, ADA, "loans", RECORD, of_class="no")
    assert other.explanation is not None and mirrored.explanation is not None
    assert other.explanation.output == pytest.approx(-mirrored.explanation.output)


def test_how_sure_it_is_comes_from_the_hold_out(lending: AppContext) -> None:
    value = explain(lending, ADA, "rates", RECORD)
    low, high = value.confidence.interval or (0, 0)
    assert value.confidence.level == 0.8 and value.confidence.reason is None
    assert (low + high) / 2 == pytest.approx(value.prediction.output.prediction)
    assert value.prediction.output.interval == (low, high) and value.prediction.output.level == 0.8
    chance = explain(lending, ADA, "loans", RECORD)
    assert chance.confidence.note is not None and "hold-out case" in chance.confidence.note.text
    assert chance.confidence.interval is None and chance.confidence.classes is None


def test_without_a_hold_out_it_says_that_it_cannot_say(context: AppContext) -> None:
    flower = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}
    found = explain(context, ADA, "iris", flower)
    assert found.confidence.classes is None and found.confidence.note is None
    assert "without hold-out" in (found.confidence.reason or "")
    assert found.explanation is not None and found.explanation.of_class == "setosa"


def test_what_a_rule_refuses_is_not_explained(lending: AppContext) -> None:
    found = explain(lending, ADA, "rates", REFUSED)
    assert found.explanation is None and found.sentence is None
    assert "rule" in (found.confidence.reason or "")
    first, second = explain_many(lending, ADA, "rates", [REFUSED, RECORD])
    assert first.explanation is None and adds_up(second)


def test_a_recorded_prediction_is_explained_by_the_version_that_made_it(context: AppContext) -> None:
    flower = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}
    made = {}
    for version in (1, 2):
        answer = predict(context, ADA, PredictRequest("iris", [flower], version=version)).predictions[0]
        found = explain_prediction(context, ADA, answer.id or "")
        assert (found.model.version, found.prediction.id) == (version, answer.id)
        assert found.explanation is not None
        made[version] = found.explanation.contributions
        with pytest.raises(NotFound):
            explain_prediction(context, BOB, answer.id or "")
    assert made[1] != made[2]


def test_a_version_that_was_replaced_explains_nothing(lending: AppContext) -> None:
    predict(lending, ADA, PredictRequest("rates", [RECORD]))
    by_another = replace(logged(lending)[0], id=lending.new_id(), version_digest="0" * 64)
    lending.store.log.append([by_another])
    with pytest.raises(Conflict, match="not the one that made"):
        explain_prediction(lending, ADA, by_another.id)


def test_predict_explains_where_it_is_asked_to(lending: AppContext) -> None:
    request = PredictRequest("loans", [RECORD, REFUSED], explain=True, claim_key="k", body_digest="d")
    first, second = predict(lending, ADA, request).predictions
    assert first.explanation is not None and second.explanation is None
    again = predict(lending, ADA, request).predictions
    assert [item.id for item in again] == [first.id, second.id]
    assert again[0].explanation == first.explanation
    assert predict(lending, ADA, PredictRequest("loans", [RECORD])).predictions[0].explanation is None


def test_what_cannot_be_explained_is_named(lending: AppContext) -> None:
    with pytest.raises(InvalidInput, match="no class 'maybe'"):
        explain(lending, ADA, "loans", RECORD, of_class="maybe")
    with pytest.raises(InvalidInput, match="no class"):
        explain(lending, ADA, "rates", RECORD, of_class="yes")
    with pytest.raises(InvalidInput):
        explain(lending, ADA, "loans", {**RECORD, "age": "old"})
    with pytest.raises(InvalidInput, match="no record"):
        explain_many(lending, ADA, "loans", [])
    with pytest.raises(TooLarge):
        explain_many(lending, ADA, "loans", [RECORD] * (MAX_EXPLAINED + 1))
    many = replace(lending, max_records=1_000)
    with pytest.raises(TooLarge, match="to explain"):
        predict(many, ADA, PredictRequest("loans", [RECORD] * (MAX_EXPLAINED + 1), explain=True))
    with pytest.raises(InvalidInput, match="no text"):
        explain_text(lending, LOCAL, "loans", RECORD, "plan")


def test_an_unusual_combination_is_warned_of_by_its_labels(lending: AppContext) -> None:
    usual, odd = predict(
        lending, ADA, PredictRequest("rates", [RECORD, {**RECORD, "age": 18, "income": 400_000.0, "debt": 60_000.0}])
    ).predictions
    assert [warning["code"] for warning in usual.warnings] == []
    assert "unusual_combination" in [warning["code"] for warning in odd.warnings]
