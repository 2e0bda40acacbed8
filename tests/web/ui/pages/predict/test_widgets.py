"""Which control a field gets, and what the browser is told about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modeldesk.model_service.schema.fields import Field, accepted, fields
from modeldesk.model_service.schema.schema import Option
from modeldesk.web.ui.common.explanation.typed_values import form_text
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.pages.predict import text
from modeldesk.web.ui.pages.predict.form import plan_form
from modeldesk.web.ui.pages.predict.form_spec import image_range
from modeldesk.web.ui.pages.predict.layout import form_body, form_head
from modeldesk.web.ui.pages.predict.widgets import block, control, kind_of, shown_default

from tests.model_service import contracts


def by_name(text: str = "", **changes: Any) -> dict[str, Field]:
    schema = contracts.schema(**changes)
    return {field.name: field for field in fields(schema, contracts.settings(text, schema))}


FIELDS = by_name()


def drawn(field: Field, n: int) -> dict[str, Any]:
    """The control of a field that opens with its own default."""
    return control(field, n, field.feature.default)


def test_every_kind_of_column_gets_a_control_that_can_hold_it() -> None:
    kinds = {name: kind_of(field) for name, field in FIELDS.items()}
    assert kinds == {
        "age": "number",
        "small": "slider",
        "count": "slider",
        "income": "number",
        "ratio": "number",
        "share": "number",
        "rooms": "slider",
        "home owner?": "switch",
        "known": "segmented",
        "purpose": "segmented",
        "word": "segmented",
        "plain": "select",
        "region": "segmented",
        "grade": "select",
        "granted": "date",
        "seen at": "datetime",
        "sent at": "datetime",
        "born": "date",
        "note": "text",
    }


@pytest.mark.parametrize(
    ("name", "widget", "changes", "kind"),
    [
        ("home owner?", "select", {}, "select"),
        ("home owner?", "segmented", {}, "segmented"),
        ("income", "segmented", {}, "number"),
        ("income", "slider", {}, "slider"),
        ("income", "slider", {"minimum": None, "maximum": None}, "number"),
        ("income", "latitude", {}, "number"),
        ("plain", "select", {"options": ()}, "text"),
        ("plain", "text", {}, "text"),
    ],
)
def test_a_widget_without_what_it_needs_gives_way(name: str, widget: str, changes: Any, kind: str) -> None:
    field = by_name(f'[features."{name}"]\nwidget = "{widget}"\n', **{name: changes})[name]
    assert kind_of(field) == kind


def test_many_options_are_searched() -> None:
    options = tuple(Option(value=f"place {n}", share=0.05) for n in range(20))
    field = by_name(plain={"options": options})["plain"]
    told = drawn(field, 3)
    assert told["kind"] == "combobox"
    assert len(told["options"]) == 20
    assert told["free"] is True


def test_numbers_tell_what_was_seen_and_what_is_accepted() -> None:
    told = drawn(by_name('[features.income]\nlabel = "Yearly income"\nunit = "€"\nmin = 0\n')["income"], 0)
    assert told["min"] == 0
    assert told["max"] is None
    assert told["low"] < told["high"]
    assert told["above"].startswith("Yearly income is above anything seen in training (€")
    assert told["above"].endswith(").")
    assert float(told["value"]) == FIELDS["income"].feature.default


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (33200.0, "33,200"),
        (2024, "2,024"),
        (-3, "−3"),
        (0.095865123, "0.0958651"),
        (12345, "12,345"),
        (None, ""),
        (6900.0, "6,900"),
    ],
)
def test_a_default_is_shown_rounded(value: Any, shown: str) -> None:
    assert shown_default(value) == shown


def test_a_calendar_year_is_written_as_one_everywhere() -> None:
    field = by_name()["age"]
    feature = field.feature.model_copy(update={"minimum": 1998, "maximum": 2011})
    year = replace(field, name="model_year", label="Model year", feature=feature)
    assert shown_default(2005, year=year.year) == year.text(2005) == "2005" and year.text(2005.0) == "2005"
    assert year.span(1998, 2011) == accepted(replace(year, minimum=1998, maximum=2011)) == "1998 to 2011"
    axis = quantity(year).axis(1998, 2011)
    assert axis["ticktext"] == [str(tick) for tick in range(2000, 2011, 5)]
    assert not replace(year, name="mileage", label="Mileage").year
    assert (field.text(24800.0), form_text(24800.0)) == ("24,800", "24800")


def test_the_range_is_told_while_the_field_has_the_focus() -> None:
    assert text.hint(FIELDS["age"]).startswith("Most are ")
    assert "seen " in text.hint(FIELDS["age"])
    assert text.hint(FIELDS["granted"]).startswith("Seen 1 Jan 2024 to ")
    assert text.hint(FIELDS["note"]) == ""


def test_not_known_is_a_choice_where_missing_is_allowed() -> None:
    assert drawn(FIELDS["plain"], 0)["missing"] is True
    assert drawn(FIELDS["age"], 0)["missing"] is False


def test_free_text_is_not_for_sharing() -> None:
    assert drawn(FIELDS["note"], 0)["share"] is False
    assert drawn(FIELDS["age"], 0)["share"] is True


def test_an_input_is_one_component_of_the_page() -> None:
    place = block(FIELDS["note"], 4)
    assert place.id == "field-4"
    assert "md-wide" in place.className
    assert place.to_plotly_json()["props"].get("children") is None


def test_the_middle_half_lies_within_what_was_seen() -> None:
    middle = drawn(FIELDS["income"], 0)["middle"]
    assert middle is not None
    assert 0 < middle[0] < middle[1] < 1
    assert drawn(by_name(income={"minimum": 5.0, "maximum": 5.0})["income"], 0)["middle"] is None
    assert drawn(FIELDS["count"], 0)["middle"] is None


def test_paper_is_what_the_border_usually_is() -> None:
    def pixel(default: float) -> Field:
        schema = contracts.schema(ratio={"default": default, "minimum": 0.0, "maximum": 16.0})
        return next(field for field in fields(schema, None) if field.name == "ratio")

    dark_on_light = [pixel(0.0)] * 4 + [pixel(12.0)] + [pixel(0.0)] * 4
    light_on_dark = [pixel(16.0)] * 4 + [pixel(2.0)] + [pixel(16.0)] * 4
    assert image_range(dark_on_light, 3, 3) == (0.0, 16.0)
    assert image_range(light_on_dark, 3, 3) == (16.0, 0.0)


def test_a_whole_form_is_drawn_with_each_field_once() -> None:
    plan = plan_form(list(FIELDS.values()))
    text = str([part.to_plotly_json() for part in form_body(plan, [])])
    assert all(text.count(f"id='field-{n}'") == 1 for n in range(len(FIELDS)))
    assert len(form_head(plan)) == 2
