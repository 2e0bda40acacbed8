"""Presets and sets of scenarios: whose they are, who opens them, and what becomes of them in another version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modeldesk.core.errors import Conflict, InvalidInput, ModeldeskError, NotAllowed, NotFound, TooLarge
from modeldesk.core.identity import Caller, Role
from modeldesk.ports.presets import NamedRecord, Preset
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import presets as service

from tests.services.lending import RECORD

ADA = Caller("ada", frozenset({Role.USER}))
BOB = Caller("bob", frozenset({Role.USER}))
MIA = Caller("mia", frozenset({Role.MANAGER}))


def saved(context: AppContext, caller: Caller = ADA, name: str = "Young", **given: Any) -> Preset:
    record = given.pop("record", RECORD)
    return service.save_preset(context, caller, "loans", name, [NamedRecord("", record)], **given)


def test_a_preset_is_its_owners_until_it_is_shared(lending: AppContext) -> None:
    preset = saved(lending, name="  Young   people ")
    assert (preset.name, preset.version, preset.kind, preset.owner) == ("Young people", 1, "preset", "ada")
    assert service.get_preset(lending, ADA, "loans", preset.id) == preset
    for other in (BOB, MIA):
        with pytest.raises(NotFound):
            service.get_preset(lending, other, "loans", preset.id)
        assert service.list_presets(lending, other, "loans") == []
    service.change_preset(lending, ADA, "loans", preset.id, shared=True)
    assert service.get_preset(lending, BOB, "loans", preset.id).records == preset.records
    assert [item.id for item in service.list_presets(lending, BOB, "loans")] == [preset.id]
    with pytest.raises(NotFound):
        service.get_preset(lending, ADA, "rates", preset.id)


def test_owners_and_managers_change_and_delete(lending: AppContext) -> None:
    preset, private = saved(lending, shared=True), saved(lending, name="Private")
    for change in (
        lambda who, which: service.change_preset(lending, who, "loans", which.id, name="Mine"),
        lambda who, which: service.delete_preset(lending, who, "loans", which.id),
    ):
        with pytest.raises(NotAllowed):
            change(BOB, preset)
        for other in (BOB, MIA):
            with pytest.raises(NotFound):
                change(other, private)
    assert service.change_preset(lending, MIA, "loans", preset.id, name="All").name == "All"
    assert service.change_preset(lending, ADA, "loans", preset.id).name == "All"
    with pytest.raises(Conflict, match="'All'"):
        service.change_preset(lending, ADA, "loans", private.id, name="All")
    service.delete_preset(lending, MIA, "loans", preset.id)
    with pytest.raises(NotFound):
        service.delete_preset(lending, ADA, "loans", preset.id)


@pytest.mark.parametrize(
    ("name", "records", "scenarios", "error", "field"),
    [
        ("", [NamedRecord("", RECORD)], False, InvalidInput, "name"),
        ("x" * 81, [NamedRecord("", RECORD)], False, InvalidInput, "name"),
        ("a\0b", [NamedRecord("", RECORD)], False, InvalidInput, "name"),
        ("a\ud800b", [NamedRecord("", RECORD)], False, InvalidInput, "name"),
        ("Fine", [], False, InvalidInput, "records"),
        ("Fine", [NamedRecord("", RECORD)] * 2, False, InvalidInput, "records"),
        ("Fine", [NamedRecord("One", RECORD)] * 2, True, InvalidInput, "name"),
        ("Fine", [NamedRecord("", RECORD)], True, InvalidInput, "name"),
        ("Fine", [NamedRecord(str(n), RECORD) for n in range(13)], True, TooLarge, None),
        ("Fine", [NamedRecord("", {"age": "old"})], False, InvalidInput, "age"),
        ("Fine", [NamedRecord("", {"income": -1.0})], False, InvalidInput, "income"),
        ("Fine", [NamedRecord("", {"wage": 1.0})], False, InvalidInput, "wage"),
        ("Fine", [NamedRecord("", {"who": "Person 1"})], False, InvalidInput, "who"),
    ],
)
def test_what_cannot_be_saved_is_told(
    lending: AppContext, name: str, records: Any, scenarios: bool, error: type[ModeldeskError], field: str | None
) -> None:
    with pytest.raises(error) as told:
        service.save_preset(lending, ADA, "loans", name, records, scenarios=scenarios)
    assert [problem.field for problem in told.value.problems] == ([field] if field else [])
    assert service.list_presets(lending, ADA, "loans") == []


def test_there_are_at_most_so_many_of_a_person(lending: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_PRESETS", 2)
    saved(lending, name="One")
    saved(lending, name="Two")
    with pytest.raises(Conflict, match="2 presets of this model"):
        saved(lending, name="Three")
    saved(lending, BOB, name="Three")
    monkeypatch.setattr(service, "MAX_BYTES", 20)
    with pytest.raises(TooLarge):
        saved(lending, BOB, name="Four")


def test_a_part_of_a_record_is_opened_over_the_defaults(lending: AppContext) -> None:
    preset = saved(lending, record={"age": 61.0})
    assert dict(preset.records[0].inputs) == {"age": 61}
    opened = service.open_preset(lending, ADA, "loans", preset.id)
    default = lending.model(ADA, "loans").default_record
    assert opened.records[0].inputs == {**default, "age": 61} and opened.records[0].misfits == []


def test_masked_inputs_are_for_their_owner_only(private_lending: AppContext, tmp_path: Path) -> None:
    context = private_lending
    preset = saved(context, shared=True)
    assert service.get_preset(context, ADA, "loans", preset.id).records[0].inputs["income"] == RECORD["income"]
    assert "income" not in service.get_preset(context, MIA, "loans", preset.id).records[0].inputs
    opened = service.open_preset(context, BOB, "loans", preset.id).records[0]
    assert opened.inputs["income"] == context.model(BOB, "loans").default_record["income"] != RECORD["income"]
    assert [(misfit.field, misfit.code) for misfit in opened.misfits] == [("income", "masked")]
    assert service.open_preset(context, ADA, "loans", preset.id).records[0].misfits == []


def test_what_no_longer_fits_is_told_and_left_at_its_default(pair: AppContext, tmp_path: Path) -> None:
    context = pair
    named = [NamedRecord("Gold", {**RECORD, "region": "north", "age": 44}), NamedRecord("Plain", RECORD)]
    newer = service.save_preset(context, ADA, "loans", "Both", named, scenarios=True, version=2)
    assert (newer.kind, newer.size, newer.version) == ("scenarios", 2, 2)
    gold, plain = service.open_preset(context, ADA, "loans", newer.id, version=1).records
    assert [(item.field, item.code) for item in gold.misfits] == [("region", "gone")]
    assert gold.inputs["age"] == 44 and plain.inputs == RECORD and plain.misfits == []
    older = service.save_preset(context, ADA, "loans", "Old", [NamedRecord("", RECORD)], version=1)
    (opened,) = service.open_preset(context, ADA, "loans", older.id, version=2).records
    assert [(item.label, item.code) for item in opened.misfits] == [("Region", "absent")]
    part = service.save_preset(context, ADA, "loans", "Part", [NamedRecord("", {"age": 44})], version=1)
    (filled,) = service.open_preset(context, ADA, "loans", part.id, version=2).records
    assert [item.field for item in filled.misfits] == ["region"], "what a preset leaves out is not new"
    assert opened.inputs == {**RECORD, "region": context.model(ADA, "loans", 2).default_record["region"]}


def test_a_value_that_is_no_longer_taken_is_told(own_lending: AppContext, tmp_path: Path) -> None:
    context = own_lending
    preset = saved(context, record={**RECORD, "income": 9_000.0})
    settings = tmp_path / "lending" / "loans" / "model.toml"
    settings.write_text(settings.read_text().replace("min = 0", "min = 10000"))
    context.registry.refresh()
    (opened,) = service.open_preset(context, ADA, "loans", preset.id).records
    (misfit,) = opened.misfits
    assert (misfit.field, misfit.code) == ("income", "refused") and "10,000" in misfit.message
    assert (
        opened.inputs["income"] == context.model(ADA, "loans").default_record["income"] and opened.inputs["age"] == 30
    )
