"""Columns, groups, matrices, maps and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Feature
from modeldesk.model_service.settings.model_settings import ImageSettings
from modeldesk.web.ui.pages.predict.form import Group, ImageInput, MapInput, Matrix, matrix, plan_form


def field(
    name: str, *, group: str | None = None, label: str = "", widget: str = "number", hidden: bool = False
) -> Field:
    feature = Feature(name=name, type="number", dtype="float64", default=0.5, minimum=0.0, maximum=1.0)
    return Field(
        name=name,
        feature=feature,
        label=label or name,
        unit=None,
        help=None,
        group=group,
        order=None,
        widget=widget,  # type: ignore[arg-type]
        minimum=None,
        maximum=None,
        step=None,
        hidden=hidden,
        immutable=False,
        monotone=0,
    )


def many(count: int, group: str | None = None, prefix: str = "input") -> list[Field]:
    return [field(f"{prefix}{n}", group=group) for n in range(count)]


@pytest.mark.parametrize(("inputs", "columns"), [(1, 1), (8, 1), (9, 2), (24, 2), (25, 3), (64, 3)])
def test_columns_by_the_number_of_inputs(inputs: int, columns: int) -> None:
    plan = plan_form(many(inputs))
    assert (plan.columns, plan.inputs) == (columns, inputs)
    assert plan.searchable == (columns == 3)


def test_hidden_columns_are_no_questions() -> None:
    plan = plan_form([*many(3), field("constant", hidden=True)])
    assert [item.name for item in plan.fields] == ["input0", "input1", "input2"]


def test_groups_stand_under_their_titles() -> None:
    plan = plan_form([*many(2, "Applicant", "a"), *many(2, "Loan", "b"), *many(1, None, "c")])
    assert [group.title for group in plan.groups] == ["Applicant", "Loan", None]


def test_long_forms_fold_all_groups_but_the_first() -> None:
    groups = [part for name in ("A", "B", "C") for part in many(20, name, name)]
    assert [group.folded for group in plan_form(groups).groups] == [False, True, True]
    assert not any(group.folded for group in plan_form(groups[:40]).groups)


def test_a_pair_of_coordinates_is_one_input() -> None:
    place = [field("lat", widget="latitude"), field("lon", widget="longitude"), field("hour")]
    plan = plan_form(place)
    assert plan.inputs == 2
    first, second = plan.groups[0].items
    assert isinstance(first, MapInput)
    assert [item.name for item in first.fields] == ["lat", "lon"]
    assert isinstance(second, Field)


def test_two_places_are_two_maps() -> None:
    place = [field(f"{end}_{axis}", widget=axis) for end in ("from", "to") for axis in ("latitude", "longitude")]
    maps = [item for item in plan_form(place).groups[0].items if isinstance(item, MapInput)]
    assert [(m.latitude.name, m.longitude.name) for m in maps] == [
        ("from_latitude", "from_longitude"),
        ("to_latitude", "to_longitude"),
    ]


def test_a_coordinate_without_a_partner_stays_a_number() -> None:
    plan = plan_form([field("lat", widget="latitude"), field("hour")])
    assert all(isinstance(item, Field) for item in plan.groups[0].items)


def test_an_image_is_one_input_with_its_pixels_in_their_order() -> None:
    pixels = [field(f"p{n}", widget="pixel") for n in range(64)]
    columns = tuple(reversed([item.name for item in pixels]))
    plan = plan_form([*pixels, field("age")], [ImageSettings(columns=columns, width=8, height=8)])
    picture, age = plan.groups[0].items
    assert isinstance(picture, ImageInput)
    assert tuple(item.name for item in picture.fields) == columns
    assert isinstance(age, Field)
    assert (plan.inputs, plan.columns) == (2, 1)


MEASURES = ["radius", "texture", "area", "concave points", "symmetry", "smoothness", "perimeter", "concavity", "dim"]


def test_names_that_differ_in_one_word_are_a_matrix() -> None:
    names = [f"mean {m}" for m in MEASURES] + [f"{m} error" for m in MEASURES] + [f"worst {m}" for m in MEASURES]
    plan = plan_form([field(name) for name in names])
    (table,) = plan.groups[0].items
    assert isinstance(table, Matrix)
    assert table.columns == ("Mean", "Error", "Worst")
    assert [row.label for row in table.rows][:2] == ["Radius", "Texture"]
    assert [item.name for item in table.rows[0].fields] == ["mean radius", "radius error", "worst radius"]
    assert {item.name for item in plan.fields} == set(names)


def test_groups_that_repeat_their_labels_are_a_matrix() -> None:
    variants: Mapping[str, str] = {"Mean": "mean", "Spread": "spread", "Largest three": "largest three"}
    inputs = [
        field(f"{n}{m}", group=group, label=f"{m.capitalize()}, {word}")
        for n, (group, word) in enumerate(variants.items())
        for m in MEASURES
    ]
    (table,) = plan_form(inputs).groups[0].items
    assert isinstance(table, Matrix)
    assert table.columns == tuple(variants)
    assert [row.label for row in table.rows] == [m.capitalize() for m in MEASURES]


@pytest.mark.parametrize(
    "names",
    [
        [f"x{n}" for n in range(30)],
        [f"mean {m}" for m in MEASURES],
        [f"mean {m}" for m in MEASURES] + [f"worst {m}" for m in MEASURES[:-1]],
        [f"{v} {m}" for m in MEASURES for v in "abcde"],
    ],
)
def test_what_is_no_matrix_is_none(names: Sequence[str]) -> None:
    assert matrix([field(name) for name in names]) is None


def test_other_controls_make_no_matrix() -> None:
    inputs = [field(f"{v} {m}") for m in MEASURES for v in ("mean", "worst")]
    assert matrix(inputs) is not None
    assert matrix([*inputs[:-1], field(inputs[-1].name, widget="select")]) is None


def test_short_forms_are_never_a_matrix() -> None:
    inputs = [field(f"{v} {m}") for m in MEASURES[:4] for v in ("mean", "worst")]
    assert all(isinstance(item, Field) for item in plan_form(inputs).groups[0].items)


def test_every_field_is_in_the_plan_once() -> None:
    inputs = [
        *many(10, "A", "a"),
        field("lat", group="B", widget="latitude"),
        field("lon", group="C", widget="longitude"),
    ]
    plan = plan_form(inputs)
    names = [item.name for item in plan.fields]
    assert sorted(names) == sorted(item.name for item in inputs)
    assert all(isinstance(group, Group) and group.items for group in plan.groups)
