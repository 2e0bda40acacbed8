"""Addresses of pages, under the prefix that the site is offered at."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode

from modeldesk.core.identity import Caller, Permission


@dataclass(frozen=True, slots=True)
class Tab:
    """One of a model's pages: its key, what it is called, what its address ends in, and the permission
    that the services behind it ask for."""

    key: str
    label: str
    path: str
    permission: Permission = Permission.PREDICT


@dataclass(frozen=True, slots=True)
class Places:
    """Makes and reads addresses.

    ``prefix`` begins and ends with a slash, ``tabs`` are a model's pages in their order, and
    ``map_style`` is where the style of maps is, or the name of a style that needs none.
    """

    prefix: str = "/"
    tabs: tuple[Tab, ...] = ()
    map_style: str = "white-bg"

    def catalogue(self) -> str:
        """All models."""
        return self.prefix

    def history(self, **query: str | None) -> str:
        """A person's own predictions, filtered."""
        given = {name: value for name, value in query.items() if value}
        return f"{self.prefix}history{'?' + urlencode(given) if given else ''}"

    def model(self, name: str, tab: str = "predict", fragment: str = "") -> str:
        """One of a model's pages, with a form's inputs behind ``#``."""
        path = next((page.path for page in self.tabs if page.key == tab), "" if tab == "predict" else f"/{tab}")
        return f"{self.prefix}models/{quote(name, safe='')}{path}{'#' + fragment if fragment else ''}"

    def preset(self, name: str, preset_id: str) -> str:
        """A model's form, filled with a preset."""
        return f"{self.model(name)}?{urlencode({'preset': preset_id})}"

    def prediction(self, prediction_id: str) -> str:
        """One prediction."""
        return f"{self.prefix}predictions/{quote(prediction_id, safe='')}"

    def api(self, path: str = "") -> str:
        """An address of the REST API; without a path, its documentation."""
        return f"{self.prefix}api/{path or 'docs'}"

    def tabs_of(self, caller: Caller) -> tuple[Tab, ...]:
        """A model's pages that a person may open."""
        return tuple(tab for tab in self.tabs if caller.may(tab.permission))

    def static(self, path: str) -> str:
        """A style sheet or script of ours."""
        return f"{self.prefix}static/{path}"

    def model_of(self, pathname: str | None) -> tuple[str, str] | None:
        """The model and the tab that an address shows, or None where it shows no model."""
        parts = (pathname or "").removeprefix(self.prefix).strip("/").split("/")
        if len(parts) < 2 or parts[0] != "models" or not parts[1]:
            return None
        ending = "".join(f"/{part}" for part in parts[2:])
        for page in self.tabs:
            if page.path == ending:
                return unquote(parts[1]), page.key
        return None

    def below_models(self, pathname: str | None) -> bool:
        """Whether an address looks like a model's page."""
        return (pathname or "").startswith(f"{self.prefix}models/")
