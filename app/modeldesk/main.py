"""The ASGI application, ``create_app(settings)``, and the server process that runs it.

``python -m modeldesk.main --listen FD --migrated FD`` is started by ``modeldesk serve``. Importing
this module is light, so that a server may import it before it forks; everything that is not is
imported by the site's own thread, in the worker process.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from modeldesk.core.settings import Settings, read_settings
from modeldesk.web.middleware.guard import Guard
from modeldesk.web.middleware.headers import SafeHeaders
from modeldesk.web.middleware.requests import Requests
from modeldesk.web.server.logs import configure_logging
from modeldesk.web.server.processes import end_with_parent, open_more_files
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


def main() -> None:
    """Run gunicorn's master process until told to stop."""
    # Imported here: a process that only needs the application does not need gunicorn.
    from modeldesk.web.server.worker import Server

    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--migrated", type=int, required=True)
    arguments = parser.parse_args()
    end_with_parent()
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    open_more_files()
    Server(settings, create_app, listen=arguments.listen, migrated=arguments.migrated).run()


if __name__ == "__main__":
    main()
