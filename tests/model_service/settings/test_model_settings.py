"""``model.toml``: what it may hold, and errors that name table, key and line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modeldesk.core.errors import ModelSettingsError
from modeldesk.model_service.engine.introspect import ColumnUse
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.settings.inferred import choices_of, groups_of, inferred_text
from modeldesk.model_service.settings.model_settings import parse_settings, read_settings, settings_digest
from sklearn.datasets import load_breast_cancer

from tests.model_service import contracts

MANIFEST = contracts.manifest()

FULL = """
title = "Loan default"
description = "Chance that a loan is not paid back"
owner = "Credit"
unit = "€"
positive = "yes"
threshold = 0.25
level = 0.8

[features.age]
label = "Age"
unit = "years"
help = "At the time of application"
group = "Applicant"
order = 1
widget = "slider"
min = 18
max = 100
step = 1
immutable = true
monotone = -1

[features."home owner?"]
label = "Owns a home"
hidden = true

[features.granted]
min = 2020-01-01
max = "2030-12-31"

[[image]]
columns = ["income", "ratio"]
width = 2
height = 1

[[rules]]
when = "`home owner?` and income < 100"
action = "refuse"
text = "A person decides"

[access]
groups = ["credit"]

[privacy]
show_records = false
masked = ["note", "customer", "target"]
retention_days = 365
"""


def faults(text: str, **changes: object) -> list[tuple[str | None, int | None, str]]:
    """The problems of a file: key, line and message."""
    with pytest.raises(ModelSettingsError) as caught:
        contracts.settings(text, **changes)
    assert "model.toml" in caught.value.detail
    return [(problem.field, problem.row, problem.message) for problem in caught.value.problems]


def test_everything_that_may_be_set() -> None:
    settings = parse_settings(FULL.encode(), MANIFEST)
    assert (settings.title, settings.threshold, settings.level) == ("Loan default", 0.25, 0.8)
    assert settings.features["age"].monotone == -1
    assert settings.image[0].columns == ("income", "ratio")
    assert settings.access.groups == ("credit",)
    assert settings.privacy.retention_days == 365
    ((rule, expression),) = settings.compiled_rules
    assert rule.action == "refuse"
    assert expression.features == ("home owner?", "income")


def test_no_file_and_an_empty_one_are_plain_settings(tmp_path: Path) -> None:
    plain = read_settings(tmp_path / "model.toml", MANIFEST)
    assert plain == parse_settings(b"", MANIFEST)
    assert (plain.title, plain.level, plain.features) == ("", 0.9, {})


@pytest.mark.parametrize(
    ("text", "key", "line", "says"),
    [
        ("titel = 'x'", "titel", 1, "There is no key 'titel' here. Did you mean 'title'?"),
        ("\n[features.age]\nlabl = 'x'", "features.age.labl", 3, "Did you mean 'label'?"),
        ("[features.agee]\nlabel = 'x'", "features.agee", 1, "The model has no input 'agee'. Did you mean 'age'?"),
        ("[features.customer]\nlabel = 'x'", "features.customer", 1, "The model does not read 'customer'"),
        ('[features."home owner?"]\nmin = 1', 'features."home owner?".min', 2, "A boolean input has no limits"),
        ("[features.purpose]\nmax = 1", "features.purpose.max", 2, "A category input has no limits"),
        ("[features.age]\nmin = 5\nmax = 4", "features.age.min", 2, "The least allowed, 5, is above"),
        ("[features.age]\nmin = '5'", "features.age.min", 2, "A limit of an integer input is a number."),
        ("[features.age]\nmin = inf", "features.age.min", 2, "finite"),
        ("[features.age]\nmin = true", "features.age.min", 2, "must be"),
        ("[features.granted]\nmin = 3", "features.granted.min", 2, "is a date, such as 2024-01-31"),
        ("[features.granted]\nmin = 'soon'", "features.granted.min", 2, "'soon' is not a date"),
        ("[features.'seen at']\nmin = 2024-01-01T00:00:00Z", 'features."seen at".min', 2, "no time zone"),
        ("[features.age]\nwidget = 'switch'", "features.age.widget", 2, "An integer input cannot be a switch. Use"),
        ("[features.age]\nwidget = 'knob'", "features.age.widget", 2, "This must be one of: 'number', 'slider'"),
        ("[features.purpose]\nstep = 1", "features.purpose.step", 2, "has no step"),
        ("[features.purpose]\nmonotone = 1", "features.purpose.monotone", 2, "no order"),
        ("[features.age]\nmonotone = 2", "features.age.monotone", 2, "must be one of: -1, 0 or 1"),
        ("[features.age]\nhidden = 'yes'", "features.age.hidden", 2, "true or false"),
        ("[features.age]\norder = 1.5", "features.age.order", 2, "a whole number"),
        ("features = 3", "features", 1, "a table"),
        ("features.age = 3", "features.age", 1, "a table"),
        ("title = 3", "title", 1, "text in quotes"),
        ("positive = 'maybe'", "positive", 1, '"maybe" is not a class of this model. Use one of: "no", "yes".'),
        ("threshold = 1.5", "threshold", 1, "less than or equal to 1"),
        ("level = 0.3", "level", 1, "greater than or equal to 0.5"),
        ("level = 'high'", "level", 1, "a number"),
        ("[[image]]\ncolumns = ['age']\nwidth = 2\nheight = 2", "image[0].width", 3, "2 by 2 are 4 pixels"),
        ("[[image]]\ncolumns = ['agee']\nwidth = 1\nheight = 1", "image[0].columns", 2, "Did you mean 'age'?"),
        ("[[image]]\ncolumns = ['purpose']\nwidth = 1\nheight = 1", "image[0].columns", 2, "a pixel is a number"),
        ("[[image]]\ncolumns = ['age', 'age']\nwidth = 2\nheight = 1", "image[0].columns", 2, "stands twice"),
        ("[[image]]\ncolumns = ['age']\nwidth = 1", "image[0].height", 1, "cannot be left out"),
        ("[[one_hot]]\nlabel = 'A'\ncolumns = ['age', 'agee']", "one_hot[0].columns", 3, "Did you mean 'age'?"),
        ("[[one_hot]]\nlabel = 'A'\ncolumns = ['age', 'purpose']", "one_hot[0].columns", 3, "holds 0 and 1"),
        ("[[one_hot]]\nlabel = 'A'\ncolumns = ['age', 'age']", "one_hot[0].columns", 3, "stands twice"),
        ("[[one_hot]]\nlabel = 'A'\ncolumns = ['age', 'income']\nany = 1", "one_hot[0].any", 4, "label, columns, none"),
        ("[[one_hot]]\ncolumns = ['age', 'income']", "one_hot[0].label", 1, "cannot be left out"),
        ("[[rules]]\nwhen = 'age>1'\ntext = 'a'\n\n[[rules]]\nwhen = 'agee > 1'\ntext='b'", "rules[1].when", 6, "age"),
        ("[[rules]]\nwhen = 'age > 1'", "rules[0].text", 1, "cannot be left out"),
        ("[[rules]]\nwhen = 'age > 1'\ntext = 'x'\naction = 'stop'", "rules[0].action", 4, "'warn' or 'refuse'"),
        ("[access]\ngroup = ['x']", "access.group", 2, "Did you mean 'groups'? Known are: groups."),
        ("[privacy]\nmasked = ['nme']", "privacy.masked", 2, "The data has no column 'nme'."),
        ("[privacy]\nretention_days = 0", "privacy.retention_days", 2, "greater than 0"),
    ],
)  # fmt: skip
def test_faults_name_key_and_line_and_what_would_be_right(text: str, key: str, line: int, says: str) -> None:
    ((field, row, message),) = faults(text)
    assert (field, row) == (key, line)
    assert says in message


def test_all_faults_are_listed_at_once() -> None:
    found = faults("threshold = 0.5\npositive = 'x'\n[features.agee]\nlabel='y'", task="regression", output="predict")
    assert [(key, line) for key, line, _ in found] == [("positive", 2), ("threshold", 1), ("features.agee", 3)]


def test_a_threshold_needs_probabilities() -> None:
    ((key, _, message),) = faults("threshold = 0.5", output="predict")
    assert (key, message) == (
        "threshold",
        "This model gives no probabilities, so no threshold can apply to them; take this key out.",
    )


def test_classes_are_told_apart_by_kind() -> None:
    assert contracts.settings("positive = 1", classes=(0, 1)).positive == 1
    assert faults("positive = true", classes=(0, 1))
    assert faults("positive = '1'", classes=(0, 1))


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'title = "a"\nowner = "unfinished\n', 2),
        (b"[features.age\n", 1),
        (b"a = 1\na = 2\n", 2),
        (b'title = "a"\n\nx', 3),
        (b'title = "a"\nowner = "\xff"\n', 2),
        (b"\x00", 1),
    ],
)
def test_malformed_files_name_the_line(raw: bytes, line: int) -> None:
    with pytest.raises(ModelSettingsError) as caught:
        parse_settings(raw, MANIFEST)
    assert f"line {line}" in caught.value.detail
    assert caught.value.problems[0].row == line


def test_a_huge_or_deep_file_is_refused() -> None:
    for raw in (b"#" * 1_000_001, b"a = " + b"[" * 5_000):
        with pytest.raises(ModelSettingsError):
            parse_settings(raw, MANIFEST)


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_settings_or_an_error(raw: bytes) -> None:
    try:
        parse_settings(raw, MANIFEST)
    except ModelSettingsError as error:
        assert error.problems or error.detail


toml_values = st.sampled_from(
    ["1", "-0.5", "true", "'x'", "[]", "['age']", "{}", "{a = 1}", "nan", "2024-01-01", "[[1]]"]
)
keys = st.sampled_from(
    [
        *("title", "positive", "threshold", "level", "features", "features.age", "features.age.min"),
        *("features.note.widget", "image", "rules", "rules.when", "access", "access.groups"),
        *("privacy", "privacy.masked", "nonsense.deep.key"),
    ]
)


@given(st.dictionaries(keys, toml_values, max_size=3))
def test_any_value_for_any_key_is_taken_or_named(entries: dict[str, str]) -> None:
    text = "\n".join(f"{key} = {value}" for key, value in entries.items())
    try:
        parse_settings(text.encode(), MANIFEST)
    except ModelSettingsError as error:
        assert all(problem.row is not None and problem.row <= len(entries) for problem in error.problems)


def test_the_digest_is_of_what_is_meant() -> None:
    first = contracts.settings("title = 'a'\nlevel = 0.9\n[features.age]\nmin = 1\nmax = 9")
    same = contracts.settings("# a note\ntitle='a'\n[features.age]\nmax = 9\nmin = 1\n[access]\n[privacy]\n")
    assert settings_digest(first) == settings_digest(same)
    assert settings_digest(first) != settings_digest(contracts.settings("title='a'\n[features.age]\nmin = 1"))


# ---- the file that is written once -------------------------------------------------------------


def _schema(data: pd.DataFrame) -> ModelSchema:
    names = [str(name) for name in data.columns]
    return ModelSchema(features=tuple(describe_column(n, data[n], ColumnUse(other=True)) for n in names))


def test_what_is_inferred_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(inferred_text(name="loan-default", title=None, manifest=MANIFEST, reference=contracts.table()))
    settings = read_settings(path, MANIFEST)
    assert (settings.title, settings.positive) == ("Loan default", "yes")
    assert settings.features["home owner?"].label == "Home owner?"
    assert settings.features["seen at"].label == "Seen at"


@pytest.mark.parametrize("reason", ["constant", "identifier", "unread"])
def test_a_hidden_feature_says_why(reason: str) -> None:
    features = [
        feature.model_copy(update={"hidden": True, "hidden_reason": reason})
        for feature in MANIFEST.model_schema.features
    ]
    schema = MANIFEST.model_schema.model_copy(update={"features": tuple(features)})
    manifest = MANIFEST.model_copy(update={"model_schema": schema})
    text = inferred_text(name="x", title=None, manifest=manifest, reference=contracts.table())
    assert text.count(f"hidden = true # {reason}: its default is sent") == len(features)
    assert all(table.hidden for table in parse_settings(text.encode(), manifest).features.values())


@pytest.mark.parametrize(
    ("task", "classes"), [("regression", ()), ("binary", (False, True)), ("multiclass", (0, 1, 2))]
)
def test_what_is_inferred_suits_every_task(task: str, classes: tuple[int, ...]) -> None:
    manifest = contracts.manifest(task=task, classes=classes)
    text = inferred_text(name="x", title="A \"title\" with 'quotes'", manifest=manifest, reference=contracts.table())
    settings = parse_settings(text.encode(), manifest)
    assert settings.title == "A \"title\" with 'quotes'"
    assert settings.positive == (True if task == "binary" else None)


def test_names_that_share_a_word_are_grouped() -> None:
    frame = load_breast_cancer(as_frame=True).data
    groups = groups_of(list(frame.columns))
    assert {name: list(groups.values()).count(name) for name in set(groups.values())} == {
        "Mean": 10,
        "Error": 10,
        "Worst": 10,
    }
    assert groups["radius error"] == "Error"
    assert groups_of(["a", "b"]) == {}
    assert groups_of([f"column{number}" for number in range(20)]) == {}


def test_coordinates_are_found_in_pairs_by_name_and_range() -> None:
    generator = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "centroid_lat": generator.uniform(45, 46, 30),
            "centroid_lon": generator.uniform(-74, -73, 30),
            "start latitude": generator.uniform(0, 1, 30),
            "lat": generator.uniform(0, 5_000, 30),
            "lon": generator.uniform(0, 5_000, 30),
            "hour": [*range(24), 0, 1, 2, 3, 4, 5],
        }
    )
    manifest = contracts.manifest(_schema(data), task="regression", classes=())
    text = inferred_text(name="rides", title=None, manifest=manifest, reference=data)
    widgets = {name: table.get("widget") for name, table in tomllib.loads(text)["features"].items()}
    assert widgets == {
        "centroid_lat": "latitude",
        "centroid_lon": "longitude",
        "start latitude": None,
        "lat": None,
        "lon": None,
        "hour": "slider",
    }


def test_a_full_grid_of_pixels_is_an_image() -> None:
    names = [f"pixel_{row}_{column}" for row in range(4) for column in range(5)]
    data = pd.DataFrame(np.arange(60.0).reshape(3, 20) / 7, columns=names)[sorted(names, reverse=True)]
    manifest = contracts.manifest(_schema(data), task="multiclass", classes=(0, 1, 2))
    settings = parse_settings(
        inferred_text(name="digits", title=None, manifest=manifest, reference=data).encode(), manifest
    )
    assert (settings.image[0].width, settings.image[0].height) == (5, 4)
    assert list(settings.image[0].columns) == names
    assert settings.features == {}
    holed = data.drop(columns="pixel_1_1")
    manifest = contracts.manifest(_schema(holed), task="multiclass", classes=(0, 1, 2))
    assert "[[image]]\ncolumns" not in inferred_text(name="d", title=None, manifest=manifest, reference=holed)


# ---- columns that are one choice ---------------------------------------------------------------


def _encoded(columns: dict[str, np.ndarray]) -> list[tuple[str, tuple[str, ...], bool]]:
    data = pd.DataFrame(columns)
    return [(item.label, item.columns, item.none) for item in choices_of(_schema(data), data)]


def _dummies(prefix: str, words: list[str], rows: int, separator: str = "_") -> dict[str, np.ndarray]:
    chosen = np.random.default_rng(len(prefix)).choice(words, rows)
    return {f"{prefix}{separator}{word}": (chosen == word).astype(int) for word in words}


@pytest.mark.parametrize("separator", ["_", "=", ".", ": ", "-"])
def test_columns_of_which_each_row_sets_one_are_a_choice(separator: str) -> None:
    found = _encoded(_dummies("region", ["north", "south", "far_west"], 200, separator))
    columns = tuple(f"region{separator}{word}" for word in ("north", "south", "far_west"))
    assert found == [("Region", columns, False)]


def test_columns_of_which_a_row_may_set_none_say_so() -> None:
    columns = _dummies("job", ["clerk", "nurse", "other"], 200)
    del columns["job_other"]
    assert _encoded(columns) == [("Job", ("job_clerk", "job_nurse"), True)]


def test_the_choices_of_one_prefix_are_told_apart() -> None:
    columns = _dummies("home_kind", ["flat", "house"], 200) | _dummies("home_city", ["bonn", "kiel"], 200)
    assert [columns for _, columns, _ in _encoded(columns)] == [
        ("home_kind_flat", "home_kind_house"),
        ("home_city_bonn", "home_city_kiel"),
    ]


@pytest.mark.parametrize("kind", ["together", "few", "rare", "counts", "apart"])
def test_other_columns_are_no_choice(kind: str) -> None:
    columns = _dummies("has", ["dog", "cat"], 12 if kind == "few" else 300)
    if kind == "together":
        columns["has_dog"][:1] = columns["has_cat"][:1] = 1
    if kind == "rare":
        # Never together, as could be by chance.
        columns = {name: np.arange(300) == place for place, name in enumerate(columns)}
    if kind == "counts":
        columns["has_dog"][0] = 2 * (1 - columns["has_cat"][0])
        columns["has_dog"][1:3] = [2, 0]
        columns["has_cat"][1:3] = [0, 1]
    if kind == "apart":
        columns = dict(zip(("dog", "cat"), columns.values(), strict=True))
    assert _encoded(columns) == []
