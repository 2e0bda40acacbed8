"""Like whom, and from which record to start: only what may be shown is."""

from __future__ import annotations

import pytest
from modeldesk.core.errors import InvalidInput, NotFound, TooLarge
from modeldesk.core.identity import Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.known_records import MAX_COMPARED, Filter, compare_known, find, known, past, refs_in
from modeldesk.services.predictions.predict import PredictRequest, predict, preview
from modeldesk.services.predictions.similar import similar

from tests.services.lending import RECORD

ADA, BOB = Caller("ada", frozenset({Role.USER})), Caller("bob", frozenset({Role.USER}))


def test_a_published_record_is_its_own_nearest(lending: AppContext) -> None:
    start = known(lending, ADA, "loans", "row:17")
    found = similar(lending, ADA, "loans", start.record)
    nearest = found.records[0]
    assert (nearest.place, nearest.distance) == (17, pytest.approx(0, abs=1e-3))
    assert nearest.outcome == start.outcome and nearest.outcome in ("yes", "no")
    assert nearest.output.prediction == start.output.prediction
    assert [item.distance for item in found.records] == sorted(item.distance for item in found.records)
    assert list(found.percentiles) == list(found.shown) == list(RECORD)
    assert found.percentiles["plan"].below is None and 0 < found.percentiles["plan"].share < 1


def test_nothing_is_shown_that_may_not_be(private_lending: AppContext, lending: AppContext) -> None:
    found = similar(private_lending, ADA, "loans", RECORD)
    assert found.records == () and found.reason is not None and "not shown" in found.reason
    assert "income" not in found.percentiles and "age" in found.percentiles
    looked = find(private_lending, ADA, "loans", "Person")
    assert (looked.published, looked.rows) == ((), 0) and looked.reason
    with pytest.raises(NotFound):
        known(private_lending, ADA, "loans", "row:17")
    shown = known(lending, ADA, "loans", "row:17")
    assert shown.record["income"] != lending.registry.get("loans").schema.feature("income").default


def test_masked_columns_stay_hidden_where_records_are_shown(private_lending: AppContext) -> None:
    for settings in private_lending.registry.folder.glob("*/model.toml"):
        settings.write_text(settings.read_text().replace("show_records = false", "show_records = true"))
    private_lending.registry.refresh()
    assert "income" not in similar(private_lending, ADA, "loans", RECORD).records[0].record
    start = known(private_lending, ADA, "loans", "row:17")
    assert start.record["income"] == private_lending.registry.get("loans").schema.feature("income").default
    compared = compare_known(private_lending, ADA, "loans", ["row:1", "row:2"], record=RECORD)
    told = [item.explanation is not None for item in compared.records]
    assert told == [True, False, False], "what a masked input adds is told of what the caller gave alone"
    with pytest.raises(InvalidInput, match="filter by"):
        find(private_lending, ADA, "loans", filters=[Filter("income", at_least=10)])


def test_published_records_are_found_by_words_and_filters(lending: AppContext) -> None:
    # Words may stand in any column, a phrase stands in one.
    assert find(lending, ADA, "loans", "person 12").rows > 11
    found = find(lending, ADA, "loans", '"person 12"')
    assert found.rows == 11 and len(found.published) == 10  # 12 and 120 to 129
    assert all("Person 12" in item.title for item in found.published)
    old = find(lending, ADA, "loans", filters=[Filter("age", at_least=70), Filter("plan", values=("plus",))], limit=50)
    assert old.rows >= len(old.published) > 0
    assert all(item.record["age"] >= 70 and item.record["plan"] == "plus" for item in old.published)
    assert find(lending, ADA, "loans", "nobody of that name").published == ()
    for bad in (Filter("who", values=("x",)), Filter("plan", at_least=1), Filter("age", at_least="old")):
        with pytest.raises(InvalidInput):
            find(lending, ADA, "loans", filters=[bad])


def test_predictions_are_found_by_key_or_id_and_only_ones_own(lending: AppContext) -> None:
    made = predict(lending, ADA, PredictRequest("loans", [RECORD], keys=["Person 3"])).predictions[0]
    for text in ("Person 3", made.id or ""):
        (found,) = find(lending, ADA, "loans", text).predictions
        assert found.record == RECORD and found.output.prediction == made.output.prediction
        assert known(lending, ADA, "loans", found.ref) == found
        assert find(lending, BOB, "loans", text).predictions == ()
    with pytest.raises(NotFound):
        known(lending, BOB, "loans", f"prediction:{made.id}")
    with pytest.raises(NotFound):
        known(lending, ADA, "rates", f"prediction:{made.id}")
    published = known(lending, ADA, "loans", "row:0")
    assert published.key is not None and published.key.startswith("Person ")
    assert [record.id for record in past(lending, ADA, "loans", "Person 3").records] == [made.id]


@pytest.mark.parametrize("ref", ["row:600", "row:-1", "row:x", "row:", "prediction:", "nobody", "row:99999999999999"])
def test_what_is_not_there_is_not_found(lending: AppContext, ref: str) -> None:
    with pytest.raises(NotFound):
        known(lending, ADA, "loans", ref)


def test_records_stand_side_by_side(lending: AppContext) -> None:
    predict(lending, ADA, PredictRequest("loans", [RECORD], keys=["mine"]))
    found = compare_known(lending, ADA, "loans", ["mine", "row:1", "row:2"])
    assert found.features == tuple(RECORD) and "age" in found.differing
    assert next(item.title for item in found.records) == "mine"
    assert found.records[0].record == RECORD and found.records[0].outcome is None
    assert all(0 <= (item.percentiles["income"].below or 0) <= 1 for item in found.records)
    with pytest.raises(InvalidInput):
        compare_known(lending, ADA, "loans", ["mine"])
    with pytest.raises(TooLarge):
        compare_known(lending, ADA, "loans", ["mine"] * (MAX_COMPARED + 1))


def test_a_record_at_hand_stands_first(lending: AppContext) -> None:
    found = compare_known(lending, ADA, "loans", ["row:1"], record={**RECORD, "age": 79})
    mine, other = found.records
    assert (mine.title, mine.ref, mine.outcome) == ("This record", None, None)
    assert other.ref == "row:1" and other.outcome in ("yes", "no")
    assert mine.percentiles["age"].below > 0.95
    assert mine.output.prediction == preview(lending, ADA, "loans", {**RECORD, "age": 79}).output.prediction
    assert len(compare_known(lending, ADA, "loans", [], record=RECORD).records) == 1
    with pytest.raises(InvalidInput):
        compare_known(lending, ADA, "loans", [], record={**RECORD, "age": "old"})


def test_reasons_stand_side_by_side_on_one_scale(lending: AppContext) -> None:
    predict(lending, ADA, PredictRequest("loans", [RECORD], keys=["mine"]))
    found = compare_known(lending, ADA, "loans", ["mine", "row:1"], record={**RECORD, "age": 79})
    reasons = [item.explanation for item in found.records]
    assert len({(reason.scale, reason.of_class) for reason in reasons if reason is not None}) == 1
    for item, reason in zip(found.records, reasons, strict=True):
        assert reason is not None, item.title
        parts = {part.feature: part.value for part in reason.contributions}
        assert {name: parts[name] for name in found.features} == dict(item.record)
        assert sum(part.contribution for part in reason.contributions) + reason.base_value == pytest.approx(
            reason.output
        )


def test_an_address_names_records_and_nothing_else() -> None:
    uuid = "0192f0c1-0000-7000-8000-000000000001"
    assert refs_in(f"row:3,prediction:{uuid},prediction:{uuid}-12,row:3") == [
        "row:3",
        f"prediction:{uuid}",
        f"prediction:{uuid}-12",
    ]
    assert refs_in("mine,row:x,row:-1,age=34,") == refs_in(None) == refs_in(["row:1"]) == []
    assert len(refs_in(",".join(f"row:{place}" for place in range(50)))) == MAX_COMPARED


def test_models_of_other_groups_are_not_there(lending: AppContext) -> None:
    class Nobody(Caller):
        def may_see_model(self, allowed_groups: frozenset[str]) -> bool:
            return False

    stranger = Nobody("eve", frozenset({Role.USER}))
    for attempt in (
        lambda: similar(lending, stranger, "loans", RECORD),
        lambda: find(lending, stranger, "loans"),
        lambda: known(lending, stranger, "loans", "row:1"),
        lambda: past(lending, stranger, "loans", "k"),
        lambda: compare_known(lending, stranger, "loans", ["row:1", "row:2"]),
    ):
        with pytest.raises(NotFound):
            attempt()
