"""A recorded prediction as code."""

from __future__ import annotations

import ast
import json
import shlex
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from modeldesk.ports.predictions import PredictionRecord
from modeldesk.web.ui.pages.prediction.snippets import as_curl, as_python, request_body

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
inputs = st.dictionaries(st.text(min_size=1), scalars, min_size=1, max_size=5)


def record(values: dict[str, Any], key: str | None = None) -> PredictionRecord:
    return PredictionRecord(
        id="id",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        model="m",
        version=3,
        version_digest="",
        settings_digest="",
        owner="local",
        source="form",
        inputs=values,
        output={},
        key=key,
    )


@given(inputs, st.none() | st.text())
def test_curl_sends_the_same_body_whatever_the_inputs_hold(values: dict[str, Any], key: str | None) -> None:
    one = record(values, key)
    words = shlex.split(as_curl("http://host/api", one).replace("\\\n", " "))
    assert words[1] == "http://host/api"
    assert json.loads(words[words.index("-d") + 1]) == request_body(one)


@given(inputs, st.none() | st.text())
def test_python_holds_the_same_body_whatever_the_inputs_hold(values: dict[str, Any], key: str | None) -> None:
    one = record(values, key)
    tree = ast.parse(as_python("http://host/api", one))
    body = next(node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "body")  # type: ignore[attr-defined]
    assert ast.literal_eval(body.value) == request_body(one)
