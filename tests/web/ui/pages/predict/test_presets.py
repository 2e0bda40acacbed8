"""What the Predict page says of presets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from modeldesk.core.identity import Caller, Role
from modeldesk.ports.presets import NamedRecord, Preset
from modeldesk.services.predictions.presets import Misfit, OpenedPreset, OpenedRecord
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.predict.presets.dialog import opened_notice, preset_list, saved_notice

from tests.web.ui.samples import parts, text

ADA, BOB = (Caller(name, frozenset({Role.USER})) for name in ("ada", "bob"))
MIA = Caller("mia", frozenset({Role.MANAGER}))


def preset(owner: str = "ada", **changes: Any) -> Preset:
    plain: dict[str, Any] = {
        "id": f"id-{owner}",
        "model": "loan",
        "version": 1,
        "kind": "preset",
        "name": f"Of {owner}",
        "size": 1,
        "shared": True,
        "owner": owner,
        "created_at": datetime(2026, 11, 18, 12, tzinfo=UTC),
        "records": [NamedRecord("", {"age": 30})],
    }
    return Preset(**{**plain, **changes})


def opened(version: int, *misfits: Misfit, **changes: Any) -> OpenedPreset:
    made = preset(**changes)
    return OpenedPreset(made, version, [OpenedRecord("One" if made.kind == "scenarios" else "", {"age": 30}, misfits)])


def test_a_list_tells_own_from_others_and_offers_changes_to_those_who_may() -> None:
    items = [preset("ada"), preset("bob", kind="scenarios", size=3)]
    for caller, changes in ((ADA, 1), (MIA, 2)):
        shown = preset_list(items, caller, Places())
        assert text(shown).count("Save changes") == changes
        links = [part.href for part in parts(shown) if getattr(part, "href", None)]
        assert sorted(links) == ["/models/loan?preset=id-ada", "/models/loan?preset=id-bob"]
    told = text(preset_list(items, BOB, Places()))
    assert told.index("Of bob") < told.index("Shared by others") < told.index("Of ada")
    assert "3 scenarios, version 1, shared" in told and "by ada" in told.lower()
    assert "Nothing is saved" in text(preset_list([], BOB, Places()))


def test_what_is_saved_says_for_whom_and_where() -> None:
    for shared, words in ((True, "can open it"), (False, "yours alone")):
        notice = saved_notice(preset(shared=shared), Places("/desk/"))
        assert words in text(notice)
        links = [part.href for part in parts(notice) if getattr(part, "href", None)]
        assert links == ["/desk/models/loan?preset=id-ada"]


def test_what_was_left_at_its_default_is_named() -> None:
    plain = text(opened_notice(opened(1), ADA))
    assert "Opened Of ada : its inputs stand in the form" in plain.replace("Of ada:", "Of ada :")
    assert "default" not in plain and "made with" not in plain
    misfits = (Misfit("plan", "Plan", "refused", "Plan takes basic, not gold."),)
    told = text(opened_notice(opened(2, *misfits), BOB))
    for part in ("shared by ada", "made with version 1; version 2", "Left at their defaults", "not gold"):
        assert part in told
    assert "One:" in text(opened_notice(opened(2, *misfits, kind="scenarios"), ADA))
