"""The dashboard on a server: pages, callbacks, and the files that pages need, all local."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import dash
from dash import Dash
from dash._callback_context import context_value
from fastapi import FastAPI
from starlette.responses import FileResponse, Response

from modeldesk.core.branding import Brand, read_brand
from modeldesk.core.bundled import bundled
from modeldesk.core.errors import ModeldeskError
from modeldesk.core.identity import LOCAL, acting_as, current_caller
from modeldesk.core.settings import Settings
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common import icons, ids, shell, shell_callbacks
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.addresses_callbacks import serve_pages
from modeldesk.web.ui.common.errors_view import error_alert
from modeldesk.web.ui.common.explanation import outcome_callbacks
from modeldesk.web.ui.common.feedback import callbacks as feedback_callbacks
from modeldesk.web.ui.common.model_state import not_open, page_not_found
from modeldesk.web.ui.common.page import Page
from modeldesk.web.ui.common.registration import Callbacks, report
from modeldesk.web.ui.pages import all_pages

logger = logging.getLogger("modeldesk.dashboard")

_BOOTSTRAP_CSS = "bootstrap.min.css"
_ICONS_CSS = "icons.css"
_BRAND_CSS, _BRAND_LOGO = "brand.css", "brand-logo"

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="color-scheme" content="light dark">
        <title>{%title%}</title>
        <link rel="icon" href="@assets/favicon.svg" type="image/svg+xml">
        <script src="@assets/common/theme.js"></script>
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
        <noscript>@noscript</noscript>
    </body>
</html>"""


def mount(server: FastAPI, context: AppContext, settings: Settings) -> Dash:
    """Put the dashboard onto the server, ready for its first request.

    Not to be called on a running event loop: what Dash leaves to the first request is done here.
    """
    # Dash sets this once, in the thread that imports it first, and misses it in any other.
    context_value.set({})
    complete_encoder()
    pages = all_pages()
    tabs = tuple(page.tab for page in pages if page.tab is not None)
    places = Places(settings.url_prefix, tabs, settings.map_style)
    brand = read_brand(settings)
    _serve_static(server)
    _serve_brand(server, brand, places)
    dash_app = Dash(
        __name__,
        server=server,
        use_async=True,
        use_pages=True,
        pages_folder="",
        assets_folder=str(bundled("assets")),
        assets_ignore=r"theme\.js",
        requests_pathname_prefix=places.prefix,
        routes_pathname_prefix="/",
        external_stylesheets=[
            places.static(_BOOTSTRAP_CSS),
            places.static(_ICONS_CSS),
            *([] if brand.plain else [places.static(_BRAND_CSS)]),
        ],
        index_string=_document(brand, places),
        suppress_callback_exceptions=False,
        serve_locally=True,
        title=brand.name,
        update_title=None,
        on_error=_on_error,
    )
    dash_app.backend.websocket_capability = False
    # Dash would answer a failure of its own routes with 500 and tell nobody.
    dash_app.backend.error_handling_mode = "raise"
    dash_app.backend._get_traceback = _raise_again
    dash_app.layout = shell.document(places, brand.name)
    _list_pages(context, places, pages, brand.name)
    callbacks = Callbacks(dash_app)
    shell_callbacks.register(callbacks, context, places)
    outcome_callbacks.register(callbacks, context)
    feedback_callbacks.register(callbacks, context)
    for page in pages:
        page.register(callbacks, context, places)
    with acting_as(LOCAL):  # who may open every page: Dash reads the ids of all layouts
        asyncio.run(_warm_up(dash_app))
    serve_pages(server, dash_app, context)
    return dash_app


def complete_encoder() -> None:
    """Import what plotly's JSON encoder makes use of as soon as *somebody* began to import it: while
    a thread is still at it, as one that loads a model may be, every answer of ours would fail."""
    for module in ("numpy", "pandas", "PIL.Image"):
        with suppress(ImportError):
            importlib.import_module(module)


def _raise_again(_secret: object, error: Exception) -> NoReturn:
    raise error


def _list_pages(context: AppContext, places: Places, pages: tuple[Page, ...], site: str) -> None:
    """List the pages, in the order in which an address is held against them. What an address holds
    is given to a page's layout by name."""
    # Dash takes anything for a name in an address, slashes too: what ends sooner comes later.
    for order, page in enumerate(sorted(pages, key=lambda page: -page.path.count("/"))):
        address = {"path_template": page.path} if "<" in page.path else {"path": page.path}
        title = (
            words.TITLE.format(page=page.title, site=site)
            if page.tab is None
            else partial(_model_title, context, site, page.tab.label)
        )
        dash.register_page(page.key, layout=partial(_page, page, places), title=title, order=order, **address)
    dash.register_page(
        "not_found_404",
        layout=lambda **_: dash.html.Div(page_not_found(places), className="md-page"),
        title=words.TITLE.format(page=words.PAGE_NOT_FOUND, site=site),
        path="/not-found",
        order=len(pages),
    )


def _page(page: Page, places: Places, /, **address: Any) -> Any:
    """A page's layout, or what stands for it where the person's role does not include it."""
    if page.tab is None or current_caller().may(page.tab.permission):
        return page.layout(places, **address)
    return not_open(page.tab.label, page.tab.permission, places, unquote(str(address.get("name") or "")))


def _model_title(context: AppContext, site: str, tab: str, name: str = "", **_: Any) -> str:
    """A browser tab's title: the model's own only for those who may see it."""
    try:
        return words.MODEL_TITLE.format(
            model=shell.title_of(context.entry(current_caller(), unquote(name))), page=tab, site=site
        )
    except ModeldeskError:
        return words.TITLE.format(page=tab, site=site)


def _document(brand: Brand, places: Places) -> str:
    """The HTML around every page."""
    document = _DOCUMENT.replace("@noscript", words.NO_SCRIPT.format(api="@api/docs")).replace("@", places.prefix)
    if brand.logo is None:
        return document
    return document.replace(f"{places.prefix}assets/favicon.svg", places.static(_BRAND_LOGO)).replace(
        'type="image/svg+xml"', f'type="{brand.logo.media_type}"'
    )


def _serve_brand(server: FastAPI, brand: Brand, places: Places) -> None:
    """The installation's own logo and colours, where it has such."""
    sheet, cached = brand.stylesheet(places.static(_BRAND_LOGO)), {"cache-control": "public, max-age=3600"}

    async def brand_css() -> Response:
        return Response(sheet, media_type="text/css", headers=cached)

    async def brand_logo() -> Response:
        assert brand.logo is not None
        return Response(brand.logo.content, media_type=brand.logo.media_type, headers=cached)

    if not brand.plain:
        server.add_api_route(f"/static/{_BRAND_CSS}", brand_css, include_in_schema=False)
    if brand.logo is not None:
        server.add_api_route(f"/static/{_BRAND_LOGO}", brand_logo, include_in_schema=False)


def _serve_static(server: FastAPI) -> None:
    """Bootstrap as Bootstrap-Flask ships it, and our icons out of its sprite."""
    found = importlib.util.find_spec("flask_bootstrap")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("Bootstrap-Flask, which holds the style sheets, is not installed.")
    files = Path(found.submodule_search_locations[0]) / "static" / "bootstrap5"
    sheet = icons.stylesheet((files / "icons" / "bootstrap-icons.svg").read_text("utf-8"))
    cached = {"cache-control": "public, max-age=86400"}

    async def bootstrap_css() -> Response:
        return FileResponse(files / "css" / _BOOTSTRAP_CSS, media_type="text/css", headers=cached)

    async def icons_css() -> Response:
        return Response(sheet, media_type="text/css", headers=cached)

    server.add_api_route(f"/static/{_BOOTSTRAP_CSS}", bootstrap_css, include_in_schema=False)
    server.add_api_route(f"/static/{_ICONS_CSS}", icons_css, include_in_schema=False)


def _on_error(error: Exception) -> None:
    """For what fails outside our own callbacks, such as a page's layout."""
    known, reference = report(error, "A page")
    dash.set_props(ids.NOTICES, {"children": error_alert(known, reference)})


async def _warm_up(dash_app: Dash) -> None:
    """Do what Dash puts off until the first request: without it a deep link that comes first
    lacks its scripts, and the page router's inline script is missing from ``csp_hashes``."""
    for prepare in dash_app.backend._before_request_funcs:
        done = prepare()
        if asyncio.iscoroutine(done):
            await done
