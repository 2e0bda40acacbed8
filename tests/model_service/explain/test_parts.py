"""Words of a text, areas of an image, and the sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.explain import Contribution, Explainer, Explanation
from modeldesk.model_service.explain.answers import Answers
from modeldesk.model_service.explain.image import explain_image
from modeldesk.model_service.explain.sentence import sentence
from modeldesk.model_service.explain.text import MAX_PLAYERS, explain_words
from modeldesk.model_service.schema.fields import Field, fields
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.settings.tables import FeatureSettings, ModelSettings
from sklearn import compose, datasets, linear_model, pipeline, svm
from sklearn.feature_extraction.text import CountVectorizer

from tests.model_service.explain.test_explainer import prepared

TEXTS = ["great fine day", "awful day", "fine", "great great", "awful poor", "poor day", "fine great poor", "day"] * 6


@pytest.fixture(scope="module")
def counted() -> tuple[Any, ModelSchema, pd.DataFrame]:
    """A regression on word counts: each word is worth its coefficient at each of its places."""
    table = pd.DataFrame({"review": TEXTS, "stars": np.arange(len(TEXTS)) % 5})
    table["kept"] = [3 * text.count("great") - 2 * text.count("awful") + 0.1 for text in TEXTS]
    prepare = compose.make_column_transformer((CountVectorizer(), "review"), remainder="passthrough")
    model = pipeline.make_pipeline(prepare, linear_model.LinearRegression())
    model.fit(table[["review", "stars"]], table["kept"])
    return model, infer_schema(model, table, target="kept"), table


def test_words_add_up_and_name_their_places(counted: tuple[Any, ModelSchema, pd.DataFrame]) -> None:
    model, schema, table = counted
    text = "Great day, awful end: great!"
    row = table[["review", "stars"]].head(1).assign(review=text)
    found = explain_words(Answers(model, schema), row, "review")
    worth = {word.text.lower(): word.contribution for word in found.words}
    assert found.scale == "value" and found.of_class is None
    assert found.base_value + sum(worth.values()) == pytest.approx(found.output)
    assert found.output == pytest.approx(model.predict(row)[0])
    assert worth["great"] == pytest.approx(6, abs=1e-6)
    assert worth["awful"] == pytest.approx(-2, abs=1e-6)
    assert worth["end"] == pytest.approx(0, abs=1e-6)
    great = next(word for word in found.words if word.text == "Great")
    assert [text[start:end] for start, end in great.spans] == ["Great", "great"]


@pytest.mark.parametrize("text", ["", "...", None])
def test_a_text_without_words_has_none(counted: tuple[Any, ModelSchema, pd.DataFrame], text: str | None) -> None:
    model, schema, table = counted
    row = table[["review", "stars"]].head(1).assign(review=text or "")
    found = explain_words(Answers(model, schema), row, "review")
    assert found.words == () and found.base_value == found.output


def test_long_texts_are_taken_in_runs_of_words(counted: tuple[Any, ModelSchema, pd.DataFrame]) -> None:
    model, schema, table = counted
    text = " ".join(f"word{place}" for place in range(400)) + " great"
    found = explain_words(Answers(model, schema), table[["review", "stars"]].head(1).assign(review=text), "review")
    assert len(found.words) <= MAX_PLAYERS
    best = max(found.words, key=lambda word: word.contribution)
    assert best.text.endswith("great") and best.contribution == pytest.approx(3, abs=1e-6)


def test_areas_of_an_image_add_up_to_its_pixels() -> None:
    frame = datasets.load_digits(as_frame=True).frame.head(400)
    pixels = [name for name in frame.columns if name != "target"]
    model = svm.SVC(gamma=0.001).fit(frame[pixels], frame["target"])
    schema, reference, spec = prepared(model, frame, "target")
    explanation = Explainer(spec, model, schema, reference).explain(reference.head(1))
    image = explain_image(explanation, pixels, width=8, height=8)
    assert image.pixels.shape == (8, 8)
    assert len(image.areas) == 16
    total = explanation.output - explanation.base_value
    assert image.pixels.sum() == pytest.approx(total)
    assert sum(area.contribution for area in image.areas) == pytest.approx(total)
    first = image.areas[0]
    block = image.pixels[first.top : first.top + first.height, first.left : first.left + first.width]
    assert first.contribution == pytest.approx(block.sum()) and (first.error or 0) > 0
    with pytest.raises(ValueError, match="do not make an image"):
        explain_image(explanation, pixels, width=7, height=8)


def _fields() -> tuple[Field, ...]:
    table = pd.DataFrame({"card_use": [0.1, 0.7], "age": [20, 61], "owner": [True, False], "y": [0.0, 1.0]})
    model = linear_model.LinearRegression().fit(table[["card_use", "age", "owner"]], table["y"])
    schema = infer_schema(model, table, target="y")
    return fields(schema, ModelSettings(features={"age": FeatureSettings(unit="years")}))


def _explanation(scale: Any, values: list[float]) -> Explanation:
    names, inputs = ("card_use", "age", "owner"), (0.72, 61, True)
    items = tuple(Contribution(*item) for item in zip(names, inputs, values, strict=True))
    return Explanation("linear", scale, None, 0.2, 0.2 + sum(values), items)


def test_the_sentence_says_what_drives_and_what_holds_back() -> None:
    told = sentence(_explanation("probability", [0.124, -0.03, 0.041]), _fields())
    assert told == (
        "Mostly because card use is 0.72 (+12.4 points) and owner is yes (+4.1 points); "
        "against it, age is 61 years (−3.0 points)."
    )
    assert "odds × 2" in sentence(_explanation("log_odds", [0.6931, 0.0, 0.0]), _fields())
    assert "(−1,234 kWh)" in sentence(_explanation("value", [-1234.0, 0.0, 0.0]), _fields(), "kWh")
    assert sentence(_explanation("value", [0.0, 0.0, 0.0]), _fields()).startswith("No input moves")
