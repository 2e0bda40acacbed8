"""Recorded predictions as rows and as a page of their own."""

from __future__ import annotations

from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.settings.model_settings import FeatureSettings, ImageSettings
from modeldesk.ports.outcomes import Outcome
from modeldesk.ports.predictions import LogPage
from modeldesk.services.predictions.outcomes import OutcomesOf
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.records import inputs_line, known_fields, predictions_table
from modeldesk.web.ui.pages.history import layout as history
from modeldesk.web.ui.pages.prediction import layout as prediction

from tests.web.ui.samples import NOON, SCHEMA, classed, entry, parts, record, text

LOAN = entry(
    title="Loan default",
    positive="default",
    threshold=0.25,
    features={"income": FeatureSettings(label="Yearly income", unit="€", group="Applicant")},
)
FIELDS = fields(SCHEMA, LOAN.settings)


def test_a_line_tells_what_differs_from_a_fresh_form() -> None:
    own = record(inputs={"age": 58, "income": 33_200.0, "home": "Rents", "code": "x"})
    assert inputs_line(own, LOAN) == "Age 58"
    assert inputs_line(record(), LOAN) == "Age 42, Home Rents, Yearly income €33,200"


def test_a_picture_is_called_one() -> None:
    pixels = entry(image=(ImageSettings(columns=("age", "income"), width=2, height=1),))
    assert inputs_line(record(), pixels) == "Image"


def test_a_model_that_is_gone_still_has_its_rows() -> None:
    told = text(predictions_table([record()], {}, Places(), caption="All"))
    assert "loan" in told and "42, 33,200, Rents" in told
    assert known_fields(record(inputs={"other": 1}), LOAN) == ()


def test_notes_tell_warnings_and_refusals_before_anything_else() -> None:
    warned = record(warnings=[{"field": "age", "code": "above_range", "message": "Above."}])
    refused = record({"prediction": None, "refused": {"rule": "r", "text": "No."}})
    told = text(predictions_table([warned, refused, record()], {"loan": LOAN}, Places(), caption="All"))
    assert "1 warning" in told and "Refused by a rule" in told and "40.8%" in told


def test_what_happened_afterwards_stands_in_the_row() -> None:
    made = record()
    known = {made.id: OutcomesOf((Outcome(made.id, "actual", "paid back", "default", "loan", 1, None, "kim", NOON),))}
    told = text(predictions_table([made], {"loan": LOAN}, Places(), caption="All", outcomes=known))
    assert "Outcome" in told and "Paid back" in told
    assert "Outcome" not in text(predictions_table([made], {"loan": LOAN}, Places(), caption="All"))


def test_pages_lead_to_each_other() -> None:
    filters = {"model": "loan", "key": None}
    page = LogPage([record()], "next")
    shown = history.rows(page, {}, {}, {"loan": LOAN}, Places(), filters, first=False)
    ways = [part.href for part in parts(shown) if "btn" in str(getattr(part, "className", ""))]
    assert ways == ["/history?model=loan", "/history?model=loan&cursor=next"]
    assert "No predictions yet" in text(history.rows(LogPage([]), {}, {}, {}, Places(), {"model": None}, first=True))
    assert "match these filters" in text(history.rows(LogPage([]), {}, {}, {}, Places(), filters, first=True))


def test_filters_that_make_no_sense_are_dropped() -> None:
    shown = history.layout(
        Places(), since="2026-99-99", until="2026-11-18", source="pigeon", model=["a", "b"], feedback="x"
    )
    (stored,) = [part.data for part in parts(shown) if getattr(part, "id", None) == history.FILTERS]
    assert {name for name in stored if stored[name] is not None} == {"until"} and stored["until"] == "2026-11-18"
    assert set(stored) == set(history.CONTROLS)


def test_a_prediction_tells_everything_about_itself() -> None:
    body = prediction.body(record(key="A-1", latency_ms=9.2), LOAN, FIELDS, Places())
    told = text(body)
    for part in ("Probability of default", "40.8%", "Predicted: default", "15.8 points above", "€33,200", "Applicant"):
        assert part in told
    for part in ("9 ms", "A-1", "ada", "Form", "bbbbbbbbbbbb…"):
        assert part in told
    assert "Code" not in told, "hidden inputs are no question"
    assert "http://" not in told, "the call comes last, after the reasons and what is known of the outcome"
    call = text(prediction.again(record(), "http://desk.example", Places()))
    assert "http://desk.example/api/v1/models/loan/predict" in call
    links = [part.href for part in parts(body) if "Open in form" in text(part) and hasattr(part, "href")]
    assert links[0].startswith("/models/loan#v1&age=42")


def test_a_prediction_of_a_model_that_is_gone_is_shown_as_far_as_it_is_known() -> None:
    body = prediction.body(record(), None, (), Places())
    told = text(body)
    assert "no longer here" in told and "33,200" in told and "Open in form" not in told


def test_doubts_stand_with_the_result() -> None:
    warned = record(warnings=[{"field": "age", "code": "above_range", "message": "Age is above anything seen."}])
    (check,) = classed(prediction.body(warned, LOAN, FIELDS, Places()), "md-record-check")
    assert "Age is above anything seen." in text(check)
