"""Every callback that the application has, and what a page would send for it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modeldesk.web.ui.pages import all_pages
from starlette.testclient import TestClient

from tests.access.people import Person
from tests.access.world import RECORD, World

ADDRESS = "/_dash-update-component"
_WILD = {"batch-action": "start", "batch-column": "age", "batch-option": "delimiter", "batch-suggestion": "age"}


@dataclass(frozen=True)
class Callback:
    """One callback: what it is called here, its key in Dash's map, and what it takes, as ids and properties."""

    name: str
    key: str
    outputs: Any
    inputs: tuple[tuple[str, str], ...]
    state: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[tuple[str, str], ...]:
        """All that it takes, inputs first."""
        return (*self.inputs, *self.state)


def callbacks(world: World) -> tuple[Callback, ...]:
    """All callbacks that run on the server, in the order of their registration."""
    found = []
    for key, entry in world.callback_map.items():
        if "callback" not in entry:
            continue
        function = inspect.unwrap(entry["callback"])
        called = [part for part in function.__qualname__.split(".") if part != "<locals>" and "register" not in part]
        name = ".".join([function.__module__.removeprefix("modeldesk.web.ui."), *called])
        parts = (tuple((item["id"], item["property"]) for item in entry[kind]) for kind in ("inputs", "state"))
        outputs = [] if entry.get("no_output") else entry["output"]
        found.append(Callback(name, key, outputs, *parts))
    return tuple(found)


def body_of(callback: Callback, values: Mapping[str, Any], ids: Mapping[str, Any]) -> dict[str, Any]:
    """What a page sends, with the values by ``id.property``; the first input has changed. ``ids`` names
    what patterns stand for."""

    def part(identity: str, name: str) -> Any:
        item = {"id": concrete(identity, ids), "property": name, "value": values.get(f"{identity}.{name}")}
        return [item] if '["ALL"]' in identity else item

    def output(item: Any) -> Any:
        given = {"id": concrete(item.component_id_str(), ids), "property": item.component_property}
        return [given] if '["ALL"]' in item.component_id_str() else given

    outputs = callback.outputs
    identity, name = callback.inputs[0]
    changed = concrete(identity, ids)
    text = changed if isinstance(changed, str) else json.dumps(changed, separators=(",", ":"), sort_keys=True)
    return {
        "output": callback.key,
        "outputs": [output(item) for item in outputs] if isinstance(outputs, list | tuple) else output(outputs),
        "inputs": [part(*item) for item in callback.inputs],
        "state": [part(*item) for item in callback.state],
        "changedPropIds": [f"{text}.{name}"],
    }


def concrete(identity: str, ids: Mapping[str, Any]) -> Any:
    """An id of the page that a callback's fits."""
    if not identity.startswith("{"):
        return identity
    pattern = json.loads(identity)
    return {
        key: ids.get(f"{pattern['part']}.{key}", "x") if isinstance(value, list) else value
        for key, value in pattern.items()
    }


def send(client: TestClient, body: Mapping[str, Any], person: Person) -> Any:
    """The answer to a callback's call."""
    return client.post(ADDRESS, json=body, headers=person.headers)


def plausible(world: World, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the pages of a model would send, by ``id.property``, and what patterns stand for."""
    regression = name == "rates"
    form = {"model": name, "version": 1, "seq": 1, "values": {key: str(value) for key, value in RECORD.items()}}
    prediction, batch = world.predictions[name], world.batches[name]
    ready = {"name": name, "version": 1, "segment": "", "where": "age:30..", "source": "", "asked": None}
    ready |= {"favourable": "-"}
    standing = {"of": [name, 1, None, None], "done": 1, "steps": 1, "waiting": False, "failed": None, "idle": False}
    basis = {"version": 1, "threshold": None, "revision": 0}
    kept = [{"number": "1", "model": name, "name": "one", "values": form["values"]}]
    values: dict[str, Any] = {
        "address.pathname": f"/models/{name}",
        "address.href": f"http://localhost/models/{name}",
        "_pages_location.pathname": f"/models/{name}",
        "_pages_location.search": "",
        "search.value": prediction,
        "catalogue-show.data": "all",
        "catalogue-sort.value": "name",
        "history-model.value": name,
        "history-source.value": "any",
        "history-key.value": "",
        "history-outcome.value": "any",
        "history-feedback.value": "any",
        "history-days.data": {"since": None, "until": None},
        "history-start.data": {"filters": {}, "cursor": None},
        "prediction-wanted.data": prediction,
        "predict-spec.data": {"version": 1},
        "predict-curve-feature.value": "age",
        "predict-surface-x.value": "age",
        "predict-surface-y.value": "debt",
        "known-text.value": "case-1",
        "scenario-taken.data": {**form, "name": "two"},
        "scenarios-kept.data": kept,
        "preset-taken.data": {**form, "name": "Mine", "what": "inputs", "shared": False},
        "preset-wanted.data": world.presets[name],
        "compared.data": [f"prediction:{prediction}"],
        "outcome-wanted.data": prediction,
        "outcome-kind.value": "actual",
        "outcome-choice.value": "yes",
        "outcome-value.value": "7.5" if regression else None,
        "changes-goal.value": "above" if regression else "yes",
        "changes-value.value": "8",
        "explore-asked.data": {},
        "explore-start.data": "source=holdout",
        "explore-view.data": "source=holdout",
        "explore-painted.data": {"view": "source=holdout", "exact": False},
        "explore-by-column.value": "age",
        "explore-filter-column.value": "age",
        "explore-filter-low.value": "30",
        "explore-grid.getRowsRequest": {"startRow": 0, "endRow": 50, "sortModel": []},
        "explore-view-name.value": "mine",
        "performance-segment.data": "",
        "performance-where.data": "",
        "performance-filter-column.value": "age",
        "performance-filter-low.value": "30",
        "performance-rows.value": "",
        "performance-version.value": None,
        "performance-wanted.data": {"threshold": None, "of_class": None, "groups": None, "favourable": None},
        "performance-threshold.data": 0.5,
        "performance-settled.data": 0.5,
        "performance-class.value": None if regression else "yes",
        "performance-standing.data": {"served": 1},
        "performance-residual-feature.value": ":age",
        "performance-group-feature.value": "plan",
        "performance-fail-kind.value": "wrong",
        "performance-decision.data": {"basis": basis, "threshold": 0.4, "then": 0.4},
        "performance-ready.data": ready,
        "drivers-wanted.data": {"class": None, "colour": None, "by": "contribution", "input": None},
        "drivers-ready.data": {"name": name, "version": 1},
        "drivers-class.value": None,
        "drivers-input.value": "age",
        "drivers-rank.value": "contribution",
        "drivers-colour.value": "auto",
        "versions-label-kind.value": "alias",
        "versions-label-name.value": "champion",
        "versions-label-version.value": "1",
        "pair-wanted.data": {"pair": None, "rows": None},
        "pair-first.value": "1",
        "pair-second.value": "2",
        "pair-rows.value": "newer",
        "pair-query.data": {"first": 1, "second": 2, "rows": None},
        "pair-ready.data": {"first": 1, "second": 2, "rows": None},
        "versions-wanted.data": {"action": "promote", "version": 1},
        "batch-uploaded.data": batch,
        "batch-selected.data": batch,
        "batch-finished.data": batch,
        "batch-find.value": "x",
    }
    values |= {f"{page.key}-model.data": name for page in all_pages()}
    values |= {f"predict-{store}.data": form for store in ("live", "submit", "settled")}
    values |= {f"drivers-{store}.data": standing for store in ("contributions", "shuffling", "dependence")}
    ids = {"outcome-open.name": prediction, "compare-add.name": f"prediction:{prediction}", "batch-action.batch": batch}
    ids |= {f"preset-{part}.name": world.presets[name] for part in ("apply", "delete", "new-name", "new-shared")}
    for part in ("", "-right", "-wrong", "-save", "-undo", "-comment", "-errors"):
        ids |= {f"feedback{part}.name": prediction, f"feedback{part}.view": "full"}
    ids |= {f"{part}.name": value for part, value in _WILD.items()}
    ids |= {"explore-do.name": "days:7", "performance-without.name": "age:30.."}
    return values, ids


def with_clicks(callback: Callback, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a click on every button that the callback takes."""
    clicks = {f"{identity}.{name}": 1 for identity, name in callback.takes if name in ("n_clicks", "n_intervals")}
    return {**clicks, **values}


WRONG: tuple[Any, ...] = (
    7,
    -1.5,
    True,
    10**30,
    "",
    "nope",
    "x" * 5_000,
    "\u0000",
    [],
    [[]],
    [None],
    {},
    {"name": 7},
    {"a": {"b": []}},
)
"""Values of every kind, for where they are not expected."""
