"""Places among the published records, in words."""

from __future__ import annotations

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.model_service.neighbours.similar import Percentile
from modeldesk.services.predictions.known_records import MAX_COMPARED
from modeldesk.web.ui.pages.predict.compare_callbacks import changed, refs_of
from modeldesk.web.ui.pages.predict.text import standing


@pytest.mark.parametrize(
    ("below", "share", "told"),
    [
        (0.832, 0.0, "Higher than 83%"),
        (0.5, 0.1, "About the middle"),
        (0.551, 0.0, "Higher than 55%"),
        (0.121, 0.0, "Lower than 87%"),
        (0.9996, 0.0, "Higher than 99%"),
        (1.0, 0.0, "Higher than all"),
        (0.0, 0.0, "Lower than all"),
        (None, 0.34, "As 34% of them"),
        (None, 0.0, "None is like it"),
    ],
)
def test_a_place_is_told_in_words(below: float | None, share: float, told: str) -> None:
    assert standing(Percentile(below, share)) == told


def test_records_are_put_beside_and_taken_away() -> None:
    refs = changed(changed([], "row:1", add=True), "row:2", add=True)
    assert changed(refs, "row:1", add=True) == ["row:2", "row:1"], "never twice"
    assert changed(refs, "row:1", add=False) == ["row:2"]
    assert refs_of(["row:1", 3, None]) == ["row:1"] and refs_of("row:1") == []
    with pytest.raises(BadRequest, match="are compared"):
        changed([f"row:{n}" for n in range(MAX_COMPARED)], "row:99", add=True)
