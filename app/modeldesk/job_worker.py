"""A process that scores batches, as ``modeldesk serve`` starts it and as ``modeldesk worker`` is one."""

from __future__ import annotations

import logging
import os
import signal
import threading
from types import FrameType

from modeldesk.core.settings import Settings
from modeldesk.web.server.logs import configure_logging


def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then end this process at once: what it was at is resumed by
    another, and the threads that are at it cannot be interrupted."""
    from modeldesk.bootstrap import run_batches

    configure_logging(settings.log_level, settings.log_format)
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    run_batches(settings, stop)
    logging.shutdown()
    os._exit(0)
