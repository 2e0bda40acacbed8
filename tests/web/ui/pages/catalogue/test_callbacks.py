"""The catalogue without a browser: the cards that pass, and the latest predictions."""

from __future__ import annotations

from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.catalogue.callbacks import register

from tests.services.lending import RECORD
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text


def test_cards_are_chosen_and_the_latest_predictions_listed(recording: AppContext) -> None:
    recorded = Recorded()
    register(recorded, recording, Places())  # type: ignore[arg-type]
    show, latest = recorded.functions["show_cards"], recorded.functions["show_latest"]
    with acting_as(LOCAL):
        assert "No predictions" in text(latest(0))
        predict(recording, LOCAL, PredictRequest("loans", [RECORD], keys=["case-1"]))
        assert "Loans" in text(latest(0)) and "Rates" not in text(latest(0))
        every, some, none = (
            show(*chosen, 0)["grid"] for chosen in ((None, "", None), ("regression", "", "name"), (None, "zebra", None))
        )
        assert "Loans" in text(every) and "Rates" in text(every)
        assert "Rates" in text(some) and "Loans" not in text(some)
        assert "Rates" not in text(none) and "Loans" not in text(none)
