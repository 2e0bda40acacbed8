"""The ASGI application, ``create_app(settings)``, and ``serve``, the server process that runs it.

Importing this module is light: what is heavy is imported by the site's own thread, in the worker process, unless the
process was forked from one that had imported it already.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from multiprocessing.connection import Connection

from modeldesk.core.settings import Settings
from modeldesk.web.middleware.guard import Guard
from modeldesk.web.middleware.headers import SafeHeaders
from modeldesk.web.middleware.requests import Requests
from modeldesk.web.server.logs import configure_logging
from modeldesk.web.server.processes import open_more_files
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


def serve(settings: Settings, listener: socket.socket, migrated: Connection) -> None:
    """Run gunicorn's master process on a listening socket until told to stop. Its workers begin when ``migrated`` is
    closed at the other end."""
    # Imported here: a process that only needs the application does not need gunicorn.
    from modeldesk.web.server.worker import Server

    configure_logging(settings.log_level, settings.log_format)
    open_more_files()
    Server(settings, create_app, listen=listener.fileno(), migrated=migrated.fileno()).run()
