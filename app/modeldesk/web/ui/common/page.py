"""What a page is: one object, which the page's own package makes and ``ui/pages`` lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modeldesk.core.identity import Permission
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common.addresses import Places, Tab
from modeldesk.web.ui.common.registration import Callbacks


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the dashboard.

    ``path`` is its address under the site's prefix, with ``<name>`` for a part that is given to
    ``layout(places, **parts_and_query)`` by name. ``register(callbacks, context, places)`` puts its
    callbacks onto the app. A page with a ``tab`` is one of a model's pages: its path ends the
    model's own address, and the tab's label stands in the model's head.
    """

    key: str
    title: str
    path: str
    layout: Callable[..., Any]
    register: Callable[[Callbacks, AppContext, Places], None]
    tab: Tab | None = None


def model_page(
    key: str,
    label: str,
    layout: Callable[..., Any],
    register: Callable[[Callbacks, AppContext, Places], None],
    *,
    ending: str | None = None,
    permission: Permission = Permission.PREDICT,
) -> Page:
    """One of a model's pages, at ``/models/NAME/KEY`` unless ``ending`` says otherwise, for those who
    have the permission."""
    tab = Tab(key, label, f"/{key}" if ending is None else ending, permission)
    return Page(key, label, f"/models/<name>{tab.path}", layout, register, tab)
