"""Whatever a browser sends to a callback: an answer or a refusal, never a fault of ours."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.calls import ADDRESS, WRONG, Callback, body_of, callbacks, plausible, send, with_clicks
from tests.access.people import MANAGER
from tests.access.world import World
from tests.conftest import Effort


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The faults of ours that came up: what is logged with a traceback."""
    found: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[0] is not None:
                found.append(f"{record.getMessage()}: {record.exc_info[0].__name__}: {record.exc_info[1]}")

    handler = Listening()
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


def calls(callback: Callback, values: dict[str, Any], most: int, chance: random.Random) -> list[dict[str, Any]]:
    """The call as a page makes it, and calls with one value of another kind."""
    wrong = [
        {**values, f"{identity}.{name}": value}
        for identity, name in callback.takes
        if not (identity.endswith("-errors") or "chart-errors" in identity)
        for value in WRONG
    ]
    return [values, *chance.sample(wrong, min(most, len(wrong)))]


@pytest.mark.soak
def test_no_value_makes_a_fault(world: World, faults: list[str], effort: Effort) -> None:
    chance, told, count = random.Random(effort.seed), [], 0
    for name in ("loans", "rates"):
        plain, ids = plausible(world, name)
        for callback in callbacks(world):
            for values in calls(callback, with_clicks(callback, plain), effort.calls, chance):
                answer = send(world.client, body_of(callback, values, ids), MANAGER)
                count += 1
                if answer.status_code >= 500 or faults:
                    changed = {key: value for key, value in values.items() if plain.get(key) != value}
                    told.append(f"{callback.name} {answer.status_code} {str(changed)[:200]} {faults[:1]}")
                    faults.clear()
    assert not told, f"{len(told)} of {count} calls:\n" + "\n".join(told)


def test_no_button_makes_a_fault(world: World, faults: list[str]) -> None:
    """A button of many is told by its id, which a page may have made up."""
    plain, ids = plausible(world, "loans")
    for callback in callbacks(world):
        if '["ALL"]' not in callback.inputs[0][0] and '["MATCH"]' not in callback.inputs[0][0]:
            continue
        for made_up in (7, True, "", "nope", "a:b:c", "days:x", "version:-1", "without:x", "source:x", "pick:a:b"):
            body = body_of(callback, with_clicks(callback, plain), dict.fromkeys(ids, made_up))
            answer = send(world.client, body, MANAGER)
            assert answer.status_code < 500 and not faults, (callback.name, made_up, faults)


@pytest.mark.parametrize("number", ["9" * 5_000, "1" + "0" * 400, "-" + "9" * 30, "1e999"])
def test_numbers_of_any_length_are_read_or_refused(world: World, faults: list[str], number: str) -> None:
    plain, ids = plausible(world, "loans")
    for callback in callbacks(world)[:10]:
        key = ".".join(callback.takes[0])
        body = json.dumps(body_of(callback, {**with_clicks(callback, plain), key: "NUMBER"}, ids))
        answer = world.client.post(
            ADDRESS,
            content=body.replace('"NUMBER"', number),
            headers={**MANAGER.headers, "content-type": "application/json"},
        )
        assert answer.status_code < 500 and not faults, (callback.name, faults)
