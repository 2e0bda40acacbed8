"""What forms and charts show of each input."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.schema.fields import Field, accepted, fields, humane, labels_of
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema

from tests.model_service import contracts

SCHEMA = contracts.schema()


def by_name(text: str = "", **changes: dict[str, Any]) -> dict[str, Field]:
    schema = contracts.schema(**changes)
    return {field.name: field for field in fields(schema, contracts.settings(text, schema))}


def test_without_settings_all_is_inferred() -> None:
    found = {field.name: field.widget for field in fields(SCHEMA, None)}
    assert list(found) == list(SCHEMA.names)
    assert found == {
        "age": "number",
        "small": "slider",
        "count": "slider",
        "income": "number",
        "ratio": "number",
        "share": "number",
        "rooms": "slider",
        "home owner?": "switch",
        "known": "switch",
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


def test_settings_win() -> None:
    field = by_name(
        '[features.age]\nlabel = "How old"\nunit = "years"\nhelp = "Today"\nmin = 18\nmax = 99\nstep = 0.5\n'
        'widget = "slider"\nimmutable = true\nmonotone = 1\nhidden = true'
    )["age"]
    assert (field.label, field.unit, field.help, field.widget, field.step) == (
        "How old",
        "years",
        "Today",
        "slider",
        0.5,
    )
    assert (field.minimum, field.maximum, field.immutable, field.monotone, field.hidden) == (18, 99, True, 1, True)


def test_people_may_show_what_was_hidden() -> None:
    hidden = {"hidden": True, "hidden_reason": "identifier"}
    assert by_name(age=hidden)["age"].hidden
    assert not by_name("[features.age]\nhidden = false", age=hidden)["age"].hidden


def test_limits_of_dates_are_text_in_the_form_of_the_column() -> None:
    found = by_name(
        "[features.granted]\nmin = 2020-01-01\nmax = '2030-01-01T10:00'\n"
        "['features'.'seen at']\nmin = 2020-01-01\n[features.'sent at']\nmax = 2030-01-01T00:00:00Z"
    )
    assert (found["granted"].minimum, found["granted"].maximum) == ("2020-01-01", "2030-01-01")
    assert found["seen at"].minimum == "2020-01-01T00:00:00"
    assert found["sent at"].maximum == "2030-01-01T00:00:00+00:00"


def test_groups_stand_together_in_the_order_asked_for() -> None:
    found = by_name(
        "[features.income]\ngroup='Money'\n[features.share]\ngroup='Money'\norder=1\n[features.note]\norder=2\n"
        "[features.age]\ngroup='Person'\n[features.purpose]\ngroup='Person'"
    )
    order = list(found)
    assert order[:3] == ["share", "income", "note"]
    assert order[order.index("age") + 1] == "purpose"


def test_a_pixel_is_part_of_its_image_even_where_it_never_changed() -> None:
    constant = {"hidden": True, "hidden_reason": "constant"}
    found = by_name("[[image]]\ncolumns=['income','share']\nwidth=1\nheight=2", income=constant)
    assert [(found[name].widget, found[name].hidden) for name in ("income", "share")] == [("pixel", False)] * 2


@pytest.mark.parametrize(
    ("values", "widget"),
    [
        ([12, 24, 36, 12], "segmented"),
        ([0, 1, 1, 0], "segmented"),
        ([*range(24)], "slider"),
        ([*range(100)], "number"),
        ([1, 500, 7, 3, 4, 9, 12, 15], "number"),
        (["a", "b"], "segmented"),
        (["a", "b", "c", "d"], "select"),
        (["a rather long choice", "another long choice"], "select"),
    ],
)
def test_widgets_for_few_choices(values: list[Any], widget: str) -> None:
    feature = describe_column("x", pd.Series(values), ColumnUse(other=True)).model_copy(
        update={"unseen_allowed": False}
    )
    (field,) = fields(ModelSchema(features=(feature,)), None)
    assert field.widget == widget


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("mean_radius", "Mean radius"),
        ("meanRadius", "Mean radius"),
        ("sepal length (cm)", "Sepal length (cm)"),
        ("HouseAge", "House age"),
        ("BMI", "BMI"),
        ("income.net", "Income net"),
        ("loan-term", "Loan-term"),
        ("DTI_ratio", "DTI ratio"),
        ("x1", "X1"),
        ("__", "__"),
    ],
)
def test_names_become_labels(name: str, label: str) -> None:
    assert humane(name) == label


def test_what_is_accepted_in_words() -> None:
    found = by_name("[features.age]\nmin=18\nmax=100000\n[features.income]\nmin=0.5\n[features.share]\nmax=1")
    assert accepted(found["age"]) == "18 to 100,000"
    assert accepted(found["income"]) == "a number from 0.5"
    assert accepted(found["share"]) == "a number up to 1"
    assert accepted(found["small"]) == "a whole number"
    assert accepted(found["known"]) == "yes or no (true or false)"
    assert accepted(found["grade"]) == "one of: 3, 2, 1"
    assert accepted(found["granted"]) == "a date as YYYY-MM-DD"
    assert accepted(found["sent at"]) == "a date and time with its offset, as YYYY-MM-DDTHH:MM:SSZ"
    assert accepted(found["note"]) == "text"


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("Age", "age"), ["Age", "age"]),
        (("a.b", "a_b", "c_d"), ["a.b", "a_b", "C d"]),
        (("AGE", "AGE "), ["'AGE'", "'AGE '"]),
        (
            ("WeekofPurchase", "DateofBirth", "RoofArea", "proof"),
            ["Week of purchase", "Date of birth", "Roof area", "Proof"],
        ),
        (("constructor", "__proto__", "toString"), ["Constructor", "Proto", "To string"]),
    ],
)
def test_labels_tell_columns_apart(names: tuple[str, ...], labels: list[str]) -> None:
    assert list(labels_of(names).values()) == labels
