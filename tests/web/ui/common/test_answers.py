"""A model's answer in words."""

from __future__ import annotations

from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.web.ui.common.answers import answer, class_name


def test_a_chance_stands_first_where_people_said_which_class_matters() -> None:
    output = Output("default", {"default": 0.408, "paid back": 0.592})
    said = answer(output, ModelSettings(positive="default", threshold=0.25))
    assert (said.headline, said.label, said.predicted) == ("40.8%", "Probability of default", "Default")
    assert said.note == "15.8 points above the 25% threshold"


def test_without_a_threshold_nothing_is_said_of_one() -> None:
    said = answer(Output.of({"prediction": 1, "probability": {"0": 0.3, "1": 0.7}}), ModelSettings(positive=1))
    assert (said.headline, said.note) == ("70%", "")


def test_a_class_is_told_with_how_sure_the_model_is() -> None:
    said = answer(Output.of({"prediction": 7, "probability": {"1": 0.018, "7": 0.912, "9": 0.07}}), None)
    assert (said.headline, said.note) == ("7", "91.2% sure")


def test_a_number_has_its_unit_and_its_interval() -> None:
    said = answer(
        Output.of({"prediction": 253.4, "interval": [214.2, 291.9], "level": 0.9}), ModelSettings(unit="car-hours")
    )
    assert said.short == "253 car-hours"
    assert said.note == "90% between 214 and 292 car-hours"


def test_an_unusual_case_has_its_score() -> None:
    said = answer(Output.of({"prediction": "anomaly", "score": -0.7213}), None)
    assert (said.headline, said.note) == ("Unusual", "Score −0.721")


def test_a_refusal_is_no_answer_and_says_why() -> None:
    said = answer(Output.of({"prediction": None, "refused": {"rule": "age < 18", "text": "Minors get no loan."}}), None)
    assert (said.headline, said.note, said.refused) == ("No answer", "Minors get no loan.", True)


def test_a_class_without_chances_is_told_alone() -> None:
    assert answer(Output.of({"prediction": "benign"}), None).headline == "Benign"


def test_classes_in_words() -> None:
    assert [class_name(value) for value in (True, False, "True", 3.0, 0, "paid_back", None)] == [
        "True",
        "False",
        "True",
        "3",
        "0",
        "Paid back",
        "Not known",
    ]
