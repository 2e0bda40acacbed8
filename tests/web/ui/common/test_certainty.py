"""Doubts in words and counts."""

from __future__ import annotations

from typing import Any

from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common.explanation.certainty import calibration_words, doubts, set_words


def words(part: Any) -> str:
    """All text of a component."""
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(words(item) for item in part)
    return words(part.children)


def bin_(share: float, mean: float, miscalibrated: bool) -> CalibrationBin:
    return CalibrationBin(
        low=0.4, high=0.5, rows=149, positive=78, mean=mean, share=share, share_low=0.44, share_high=0.6,
        miscalibrated=miscalibrated,
    )  # fmt: skip


def test_a_chance_is_held_against_counts() -> None:
    told = words(calibration_words(bin_(0.52, 0.45, False), "default"))
    assert told == "Of 149 hold-out cases scored 40–50% for default, 52% were default (44–60%)."


def test_a_bad_calibration_says_which_way_it_errs() -> None:
    assert "scores too low" in words(calibration_words(bin_(0.52, 0.45, True), "default"))
    assert "scores too high" in words(calibration_words(bin_(0.31, 0.45, True), "default"))


def test_a_set_of_classes_is_read_out() -> None:
    assert words(set_words(("3",), 0.9)) == "In 90% of such cases the answer is 3."
    assert words(set_words(("3", "9", "5"), 0.9)).endswith("is one of 3, 9 or 5.")
    assert words(set_words(tuple("abcdefgh"), 0.9)).endswith("and 2 more.")


def test_nothing_to_say_is_nothing_shown() -> None:
    assert doubts(None, None) is None
