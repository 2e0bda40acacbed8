"""Which tabs a model's pages have. A page is added here when it exists."""

from __future__ import annotations

from dataclasses import dataclass

PREDICT = "predict"
BATCH = "batch"
EXPLORE = "explore"
PERFORMANCE = "performance"
DRIVERS = "drivers"
VERSIONS = "versions"


@dataclass(frozen=True, slots=True)
class Tab:
    """One of a model's pages: its key, what it is called, and what its address ends in."""

    key: str
    label: str
    path: str


TABS: tuple[Tab, ...] = (
    Tab(PREDICT, "Predict", ""),
    Tab(BATCH, "Batch", "/batch"),
    Tab(EXPLORE, "Explore", "/explore"),
    Tab(PERFORMANCE, "Performance", "/performance"),
    Tab(DRIVERS, "Drivers", "/drivers"),
    Tab(VERSIONS, "Versions", "/versions"),
)
