"""The pages, a folder each. A page imports no other page; taking a folder and its line away takes the page away."""

from __future__ import annotations

from importlib import import_module

from modeldesk.web.ui.common.page import Page

FOLDERS = (
    "predict",
    "batch",
    "explore",
    "performance",
    "importance",
    "versions",
    "catalogue",
    "history",
    "prediction",
)
"""The folders of the pages; a model's tabs stand in this order."""


def all_pages() -> tuple[Page, ...]:
    """Every page, from its folder's ``page.PAGE``."""
    return tuple(import_module(f"{__name__}.{folder}.page").PAGE for folder in FOLDERS)
