"""Generated bodies at a real server: none makes it fail, and what it answers it has logged once.

How many, and from which seed, is the ``effort`` fixture's to say; the seed is printed.
"""

from __future__ import annotations

import random
import sqlite3
import string
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.conftest import Effort
from tests.live import LiveServer
from tests.web.api.conftest import RECORD

_LITERALS = [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e-999", b"1" * 400, b'"\\ud800"', b'"\\udfff\\ud800"']
_LITERALS += [b"tru", b"'a'", b"0x10", b"\xff\xfe", b"", b"\x00", b'"\\u0000"', b'"' + b"a" * 70_000 + b'"', b"-0"]


@pytest.fixture(scope="module")
def server(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A real server with two workers on the small models."""
    with LiveServer(tmp_path_factory.mktemp("fuzz"), models=published, workers=2, log_level="warning") as running:
        yield running


class Bodies:
    """Bodies from a seed: a good document, its values swapped for nonsense, its bytes damaged."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        """Any JSON value, now and then a nested one."""
        kinds: list[Callable[[], Any]] = [
            lambda: None,
            lambda: self.random.choice([True, False]),
            lambda: self.random.choice([0, -1, 2**31, 2**63 - 1, 2**64 - 1, self.random.randint(-9, 99)]),
            lambda: self.random.choice([0.5, -1e308, 5e-324, 1e16, self.random.gauss(0, 1e6)]),
            self.text,
        ]
        if depth < 4:
            kinds.append(lambda: [self.value(depth + 1) for _ in range(self.random.randrange(4))])
            kinds.append(lambda: {self.text(): self.value(depth + 1) for _ in range(self.random.randrange(4))})
        return self.random.choice(kinds)()

    def text(self) -> str:
        """A text: a known word, printable noise, or characters from anywhere in Unicode."""
        kind = self.random.randrange(4)
        if kind == 0:
            return self.random.choice(["age", "records", "north", "yes", "output", "id", "", "NaN", "2020-01-01"])
        if kind == 1:
            return "".join(self.random.choices(string.printable, k=self.random.randrange(30)))
        points = [self.random.choice([0, 7, 0x202E, 0xFEFF, 0x1F600, 0x10FFFF, self.random.randrange(0xD7FF)])]
        return "".join(map(chr, points * self.random.randrange(1, 5)))

    def spoilt(self, document: Any) -> bytes:
        """A document in which some value is another, some bytes are others, or nothing is wrong."""
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 5])):
            document = self.swapped(document)
        body = orjson.dumps(document)
        return self.damaged(body) if self.random.random() < 0.4 else body

    def swapped(self, node: Any) -> Any:
        """A copy in which one value is another, is gone, or has a neighbour."""
        if self.random.random() < 0.25 or not isinstance(node, list | dict) or not node:
            return self.value()
        if isinstance(node, list):
            index = self.random.randrange(len(node))
            repeated = [node[index]] * self.random.choice([1, 1, 1, 3, 1200])
            return [*node[:index], self.swapped(node[index]), *repeated[1:], *node[index + 1 :]]
        key = self.random.choice(list(node))
        changed = {**node, key: self.swapped(node[key])}
        if self.random.random() < 0.2:
            del changed[key]
        if self.random.random() < 0.2:
            changed[self.text()] = self.value()
        return changed

    def damaged(self, body: bytes) -> bytes:
        """Bytes put in, cut off, swapped, or nested a great many times."""
        place = self.random.randrange(len(body) + 1)
        kind = self.random.randrange(5)
        if kind == 0:
            return body[:place] + self.random.choice(_LITERALS) + body[place:]
        if kind == 1:
            return body[:place]
        if kind == 2:
            colon = body.find(b":", place)
            return body[: colon + 1] + self.random.choice(_LITERALS) + body[colon + 1 :]
        if kind == 3:
            deep = self.random.choice([10, 500, 1023, 1025, 100_000])
            opening, closing = self.random.choice([(b"[", b"]"), (b'{"a":', b"}")])
            return body[:place] + opening * deep + b"1" + closing * deep + body[place:]
        return bytes(byte ^ (self.random.random() < 0.02) for byte in body)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_body_at_predict_makes_the_server_fail(server: LiveServer, effort: Effort) -> None:
    bodies = Bodies(effort.seed)
    good = {"records": [RECORD, {**RECORD, "age": 50}], "keys": ["a", None], "version": 1}
    answered: list[str] = []
    statuses: Counter[int] = Counter()
    with server.client() as client:
        for number in range(effort.bodies):
            body = bodies.spoilt({key: good[key] for key in good if key == "records" or bodies.random.random() < 0.3})
            response = _post(client, "/api/v1/models/shop/predict", body, number)
            statuses[response.status_code] += 1
            document = response.json()
            if response.status_code == 200:
                answered += [item["id"] for item in document["predictions"]]
            else:
                assert response.headers["content-type"] == "application/problem+json"
                assert document["detail"] and document["status"] == response.status_code
    print(f"seed {effort.seed}: {dict(statuses)}, {len(answered)} predictions")
    with sqlite3.connect(server.folder / "var" / "modeldesk.db") as database:
        logged = [row[0] for row in database.execute("SELECT id FROM predictions WHERE source = 'api'")]
    assert sorted(answered) == sorted(logged)
    assert statuses[200] and statuses[400] and statuses[422]


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_body_at_the_callbacks_makes_the_server_fail(server: LiveServer, effort: Effort) -> None:
    bodies = Bodies(effort.seed + 1)
    with server.client() as client:
        callbacks = [
            _call(item) for item in client.get("/_dash-dependencies").json() if not item["clientside_function"]
        ]
        assert callbacks
        statuses: Counter[int] = Counter()
        for number in range(effort.bodies):
            document = bodies.random.choice(callbacks)
            for part in document["inputs"] + document["state"]:
                for item in part if isinstance(part, list) else [part]:
                    item["value"] = bodies.value()
            response = _post(client, "/_dash-update-component", bodies.spoilt(document), number)
            statuses[response.status_code] += 1
            if response.status_code not in (200, 204):
                assert response.headers["content-type"] == "application/problem+json"
        print(f"seed {effort.seed}: {dict(statuses)}")
        assert statuses[400]
        assert client.get("/").status_code == 200


def _post(client: httpx.Client, path: str, body: bytes, number: int) -> httpx.Response:
    response = client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code < 500, f"body {number}: {body[:2000]!r} gave {response.status_code}: {response.text}"
    return response


def _call(callback: dict[str, Any]) -> dict[str, Any]:
    """What a page would send for a callback, without values."""
    inputs = [_part(part) for part in callback["inputs"]]
    output: str = callback["output"]
    several = output.startswith("..") and output.endswith("..")
    names = output[2:-2].split("...") if several else [output]
    outputs = [_part(dict(zip(("id", "property"), name.split("@")[0].rsplit(".", 1), strict=True))) for name in names]
    return {
        "output": output,
        "outputs": outputs if several else outputs[0],
        "inputs": inputs,
        "state": [_part(part) for part in callback["state"]],
        "changedPropIds": [f"{part['id']}.{part['property']}" for part in inputs[:1] if isinstance(part, dict)],
    }


def _part(part: dict[str, Any]) -> Any:
    if not part["id"].startswith("{"):
        return {"id": part["id"], "property": part["property"]}
    pattern = orjson.loads(part["id"])
    identity = {key: "age" if isinstance(value, list) else value for key, value in pattern.items()}
    one = {"id": identity, "property": part["property"]}
    return [one, dict(one)] if "ALL" in part["id"] else one
