"""An analysis job through real workers, on both databases: one of them dies midway."""

from __future__ import annotations

import pytest
from modeldesk.core.cache import LruCache
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.importance.analysis import analysis_of
from modeldesk.model_service.importance.question import AnalysisRequest, request_key
from modeldesk.services.importance import importance as service
from modeldesk.services.importance.importance import dependence, feature_importance

from tests.jobs.places import PATIENCE, Place
from tests.jobs.traps import IN_AN_ANALYSIS
from tests.live import wait_for

PETAL = "petal length (cm)"


def test_an_analysis_whose_worker_dies_is_gone_on_with(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_answers", LruCache(8))
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", -1.0)
    seen = feature_importance(place.context, LOCAL, "iris", of_class="virginica")
    question = AnalysisRequest(kind="dependence", of_class="virginica", feature=PETAL)
    undisturbed = analysis_of(seen.model, question)
    trapped = place.add_worker(trap=IN_AN_ANALYSIS)
    assert dependence(place.context, seen, PETAL).waiting
    trapped.join(PATIENCE)
    assert place.buried() == 1
    told = dependence(place.context, seen, PETAL)
    assert told.waiting and (told.done, told.steps) == (3, undisturbed.steps) and undisturbed.steps > 3
    place.add_worker()
    wait_for(lambda: not dependence(place.context, seen, PETAL).waiting, PATIENCE)
    kept = place.context.analysis_storage.answer("iris", 1, request_key(seen.model, question))
    assert kept == undisturbed.join([undisturbed.step(index) for index in range(undisturbed.steps)])
    assert not place.context.analysis_storage.waiting()
