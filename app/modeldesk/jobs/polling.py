"""How often workers look for work: seldom while there is none, often while a batch is in work.

Looking is what an idle worker costs. Chunks are short and follow each other, so while there is a
batch each worker looks for the next one several times a second; that is said in the queue's row, which
all workers read each time they look.
"""

from __future__ import annotations

import logging

from dbos import DBOS

from modeldesk.jobs import names

BATCHES_SECONDS = 0.6
ANALYSES_SECONDS = 0.8
IDLE_CHUNKS_SECONDS, BUSY_CHUNKS_SECONDS = 0.7, 0.15
"""A batch waits for both queues in turn: its start is never later than about a second."""

log = logging.getLogger("modeldesk.jobs")


def look_for_chunks(*, often: bool) -> None:
    """Have all workers look for chunks often, or seldom. A failure is logged: either way is right, only
    one of them slow or costly."""
    seconds = BUSY_CHUNKS_SECONDS if often else IDLE_CHUNKS_SECONDS
    try:
        queue = DBOS.retrieve_queue(names.CHUNKS)
        if queue is not None and queue.polling_interval_sec != seconds:
            queue.set_polling_interval_sec(seconds)
    except Exception as error:
        log.warning("How often workers look for chunks could not be changed: %s", error)
