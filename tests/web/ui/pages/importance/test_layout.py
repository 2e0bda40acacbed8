"""What the Feature importance page says is what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
from modeldesk.model_service.importance.contributions import Contributions
from modeldesk.model_service.importance.interactions import Bin
from modeldesk.model_service.importance.permutation import Shuffling
from modeldesk.services.importance.importance import ByValue, JobStatus
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.effects import Effect
from modeldesk.web.ui.pages.importance import charts, ids
from modeldesk.web.ui.pages.importance import layout as drivers
from modeldesk.web.ui.pages.importance import text as drivers_words

from tests.web.ui.pages.performance.test_layout import _text

ODDS = Effect("log_odds")
VALUES = np.array([[1.0, -0.2], [-2.0, 0.4], [1.5, 0.0]])


def _contributions(**given: Any) -> Contributions:
    known: dict[str, Any] = {
        "scale": "log_odds", "of_class": "yes", "places": np.arange(3), "values": VALUES, "errors": None,
        "by_column": np.abs(VALUES).mean(axis=0), "left_out": 0,
    }  # fmt: skip
    return Contributions(**{**known, **given})


def _shuffling(**given: Any) -> Shuffling:
    known: dict[str, Any] = {
        "loss": "log_loss", "baseline": 0.35, "increases": np.array([[0.1, 0.3], [0.0, -0.02]]), "source": "holdout",
        "rows": 200, "rows_in_all": 200,
    }  # fmt: skip
    return Shuffling(**{**known, **given})


def test_the_strongest_input_is_named() -> None:
    found = _contributions()
    told = _text(drivers_words.contribution_finding(["Income", "Age"], found.sizes, found.ends, ODDS))
    assert told == "Income moves the answer most: by 1.5 log-odds on average (95% CI 1 to 2), then Age by 0.2 log-odds."
    none = drivers_words.contribution_finding(["Income"], np.zeros(1), np.zeros((1, 2)), ODDS)
    assert none == "No input moves the answer."
    lost = _shuffling()
    told = _text(drivers_words.shuffling_finding(["Income", "Age"], lost.sizes, lost.ends, lost, ""))
    assert told == "Without Income the log loss rises most: by 0.2 (0.1 to 0.3 over 10 permutations), from 0.35."
    vain = _shuffling(loss="accuracy", increases=-np.ones((1, 2)))
    told = drivers_words.shuffling_finding(["Income"], vain.sizes, vain.ends, vain, "")
    assert told == "Shuffling no input makes the accuracy worse."


def test_sources_are_told_as_they_are() -> None:
    say = drivers_words.contribution_source
    assert say(_contributions(), 3) == "Contributions to the answers for all rows of the reference data (exact)."
    sampled = _contributions(errors=np.ones((3, 2)), left_out=2)
    assert say(sampled, 100) == (
        "Contributions to the answers for 3 of 100 rows of the reference data, chosen at random (estimated by "
        "sampling); 2 could not be explained on this scale."
    )
    assert "may have been trained on" in drivers_words.shuffling_source(_shuffling(source="training"))
    assert "200 of 900 rows of the hold-out" in drivers_words.shuffling_source(_shuffling(rows_in_all=900))


def test_how_far_an_answer_is() -> None:
    assert _text(drivers.progress("Shuffling", JobStatus(done=3, steps=18))) == "Shuffling: 3 of 18 parts done"
    assert "No worker is running" in _text(drivers.progress("Shuffling", JobStatus(steps=18, idle=True)))
    assert _text(drivers.progress("Shuffling", JobStatus())) == "Shuffling"
    assert drivers.failures([None, None, None]) is None
    told = _text(drivers.failures([None, "It broke.", None]))
    assert told.startswith("Permutation importance could not be found out. It broke.")


def test_the_table_has_both_measures() -> None:
    found, lost = _contributions(errors=np.full((3, 2), 0.25)), _shuffling()
    order = [1, 0]
    told = _text(charts._importance_table([None, None], ["Income", "Age"], ODDS, found, lost, [0, 1], order, ""))
    assert told.index("Age") < told.index("Income")
    assert "1.5 log-odds" in told and "Standard error, a row" in told and "0.25" in told and "0.1 to 0.3" in told


def test_what_points_are_drawn() -> None:
    drawn = ByValue("age", VALUES[:, 0], (30, None, 50), "plan", ("a", "b", "a"), ())
    told = drivers_words.by_value_finding(drawn, "Age", "Plan", ODDS, chosen=False)
    assert told.endswith("3 rows are drawn (1 without a value). Plan tells most of the rest.")
    hidden = ByValue("age", VALUES[:, 0], (), None, (), (Bin(30.0, 12, 0.1, 0.0, 0.2),))
    assert drivers_words.by_value_finding(hidden, "Age", None, ODDS, chosen=False).startswith("Means of 12 rows")


def test_the_address_has_its_say() -> None:
    page = drivers.layout(Places(), name="loan%20x", by="shuffling", input="age", colour=":plan", of="yes", other="x")
    stores = {item.id: item.data for item in page.children if hasattr(item, "data")}
    assert stores[ids.MODEL] == "loan x"
    assert stores[ids.WANTED] == {"by": "shuffling", "input": "age", "colour": ":plan", "class": "yes"}
    wrong = drivers.layout(Places(), by="nonsense").children[1].data
    assert (wrong["by"], wrong["colour"]) == (ids.BY_CONTRIBUTION, ids.AUTOMATIC)
