"""Going on in a fork, so that whatever ends it does not end the command."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from typing import Any

_HEAVY = "numpy"
"""Once it is imported, threads of libraries may be there, which a fork would lose."""


def goes_on_apart() -> bool:
    """Go on in a fork of this process, and end as that ends.

    True in the fork, and in this process where it cannot be forked any more. False in this process where the
    fork was ended before its time, as by an artifact: then this process is to do the work.
    """
    if _HEAVY in sys.modules or threading.active_count() > 1:
        return True
    ours, its = os.pipe()
    # Held back until somebody is there to pass them on: a command that ends here would leave its fork behind.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        os.close(ours)
        atexit.register(os.write, its, b".")
        return True
    os.close(its)
    stopped: list[int] = []

    def pass_on(number: int, _frame: Any) -> None:
        stopped.append(number)
        os.kill(child, number)

    previous = signal.signal(signal.SIGTERM, pass_on)
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the fork too
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, previous)
    with os.fdopen(ours, "rb") as pipe:
        orderly = pipe.read() == b"."
    if orderly or stopped:
        sys.exit(status if status >= 0 else 128 - status)
    return False
