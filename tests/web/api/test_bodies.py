"""Request bodies: every fault is named by its field, in a sentence of ours where there is one."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from modeldesk.core.errors import BadRequest, InvalidInput, Problem
from modeldesk.web.api.bodies import RequestBody, documented_bodies
from modeldesk.web.api.explanations import WhatIfBody
from modeldesk.web.api.predictions import PredictBody


class Item(RequestBody):
    """A part without sentences of its own."""

    size: int


class Order(RequestBody):
    """A body without sentences of its own."""

    name: str
    items: list[Item]


def faults(model: type[RequestBody], document: Any) -> set[Problem]:
    """What is wrong with a document."""
    with pytest.raises(InvalidInput) as caught:
        model.read(orjson.dumps(document))
    return set(caught.value.problems)


def test_faults_are_told_in_our_words() -> None:
    found = faults(PredictBody, {"records": [1, {}], "keys": ["a", 2], "version": 0, "explain": "yes"})
    assert found == {
        Problem(None, "wrong_type", "The record is a number; send an object with a value for each input.", 0),
        Problem("keys", "wrong_type", "The key is a number; send text or null.", 1),
        Problem(
            "version",
            "wrong_type",
            "`version` has to be a whole number from 1 to 2147483647, or an alias, such as `champion`.",
        ),
        Problem("explain", "wrong_type", "`explain` is text; send true or false."),
    }


def test_faults_in_a_part_name_the_part() -> None:
    found = faults(WhatIfBody, {"records": [{}], "goal": {"at_least": True, "top": 1}, "features": ["a", "a"]})
    assert found == {
        Problem("features", "wrong_type", "`features` is a list with one or two different inputs' names."),
        Problem("goal.at_least", "wrong_type", "`goal.at_least` is true or false; send a number."),
        Problem("goal", "unknown_field", "A goal has `of_class`, `at_least`, `at_most` and `best`, not `top`."),
    }


def test_fields_without_sentences_are_told_in_pydantics() -> None:
    assert faults(Order, {"items": [{"size": "x"}, {}, 3]}) == {
        Problem("name", "missing", "`name`: Field required."),
        Problem("items.size", "unacceptable", "`items.size`: Input should be a valid integer.", 0),
        Problem("items.size", "missing", "`items.size`: Field required.", 1),
        Problem("items", "wrong_type", "One of `items` is a number; send an object.", 2),
    }


def test_only_an_optional_body_may_be_empty() -> None:
    with pytest.raises(BadRequest, match="empty"):
        Order.read(b" ")
    with pytest.raises(InvalidInput):
        Order.read(b" ", optional=True)


def test_the_documents_have_every_body(shared: Any) -> None:
    schemas = shared.get("/api/openapi.json").json()["components"]["schemas"]
    assert {model.__name__ for model in documented_bodies()} <= set(schemas)
    assert schemas["shop.PredictBody"]["properties"].keys() == schemas["PredictBody"]["properties"].keys()
