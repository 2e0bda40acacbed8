"""The threshold in use in words: whose it is, over what, and what another would change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modeldesk.model_service.performance.binary import Costs, Decision
from modeldesk.model_service.settings.decision_threshold import ThresholdStanding
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.web.ui.common import metric_text
from modeldesk.web.ui.pages.performance import text as words
from modeldesk.web.ui.pages.performance import threshold as page

from tests.web.ui.samples import NOON, text

SAVED = ThresholdChange("loan", 1, 0.18, "default", 1, 0.25, "Ada", "Cheaper.", NOON)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (ThresholdStanding(), "No threshold is set: answers name the model's own choice."),
        (ThresholdStanding(own=0.25), "In use: 25% , from model.toml."),
        (ThresholdStanding(0.5, SAVED), "In use: 18% , set by Ada (18 Nov 2026) over model.toml's 50% . “Cheaper.”"),
        (ThresholdStanding(None, SAVED), "set by Ada (18 Nov 2026) over model.toml, which sets none"),
        (ThresholdStanding(0.5, SAVED, "It was set for the class a; the positive class is b now."),
         "is not in force; model.toml's 50% decides. It was set for the class a"),
        (ThresholdStanding(0.5, replace(SAVED, version=7)), "Chosen on version 7."),
    ],
)  # fmt: skip
def test_whose_threshold_is_in_use(standing: ThresholdStanding, words: str) -> None:
    told = text(page.in_use_view(standing, 1, 1))
    assert words.replace(" ", "") in told.replace(" ", "")
    assert "Reload" not in told and "Version 2 is served;" in text(page.in_use_view(standing, 1, 2))


def test_what_would_change_stands_beside_what_is() -> None:
    now, then = Decision(float("nan"), 50, 50, 80, 820), Decision(0.18, 60, 40, 110, 790)
    told = text(page.what_changes(now, then, Costs(7, 1), "default", "Hold-out"))
    assert "Now, the model's own choice" in told and "Then, 18%" in told
    assert "Default found 50 (50%) 60 (60%)" in told
    assert "False alarms 80 110" in told and "Cost per 1,000 rows 430 390" in told


def test_decisions_in_words() -> None:
    assert metric_text.change_words(SAVED) == "Set the threshold to 18% for default, was 25%"
    back = replace(SAVED, threshold=None, previous=0.18)
    assert metric_text.change_words(back) == "Returned to model.toml's threshold, was 18%"
    assert metric_text.change_words(replace(SAVED, previous=None)).endswith("was the model's own choice")
    assert "predicts “default” from 18% on" in text(page.saved_view(SAVED))
    assert "model.toml says decides again" in text(page.saved_view(back))
    assert words.take_back(0.25) == "Return to model.toml's 25%"
    assert words.take_back(None) == "Return to the model's own choice"
