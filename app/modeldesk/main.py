"""The ASGI application: ``create_app(settings)``.

Importing this module is light, so that a server may import it before it forks; everything that
is not is imported by the site's own thread, in the worker process.
"""

from __future__ import annotations

from collections.abc import Callable

from modeldesk.core.settings import Settings
from modeldesk.web.middleware.guard import Guard
from modeldesk.web.middleware.headers import SafeHeaders
from modeldesk.web.middleware.requests import Requests
from modeldesk.web.server.site import Inner, Site


class Application(Requests):
    """Modeldesk as an ASGI application; ``drain`` makes ``/readyz`` say that it is about to stop."""

    def __init__(self, settings: Settings, before: Callable[[], None]) -> None:
        headers = SafeHeaders(settings)

        def build() -> Inner:
            # Imports what is heavy, hence here: in the worker process, in the site's own thread.
            from modeldesk.bootstrap import build_site

            before()
            return build_site(settings, headers)

        self._site = Site(build, threads=settings.threads)
        super().__init__(Guard(self._site, settings), home=settings.url_prefix, headers=headers)

    def drain(self) -> None:
        """Say from now on that this process is not ready."""
        self._site.drain()


def create_app(settings: Settings, *, before: Callable[[], None] = lambda: None) -> Application:
    """The application for one process. It builds itself when its lifespan begins, once
    ``before`` has returned, in a thread."""
    return Application(settings, before)
