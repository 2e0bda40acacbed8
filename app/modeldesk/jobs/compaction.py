"""The log as DBOS sees to it: now and then, by one of the workers. Nothing goes in and nothing comes out.

What is settled is in the list of files; these functions only see to it that somebody looks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS

from modeldesk.jobs import names
from modeldesk.ports.analytics import LogWork

_REMEMBERED = timedelta(hours=1)
_FORGOTTEN_AT_ONCE = 500

_given: list[LogWork] = []


def give_log_work(work: LogWork) -> None:
    """Say what this process does for the log, before DBOS is launched."""
    _given[:] = [work]


@DBOS.workflow(name=names.SETTLE_WORKFLOW)
def settle_log(_scheduled: Any, _context: Any) -> None:
    """Put into files what is due. What fails is due again the next time."""
    _settle()


@DBOS.workflow(name=names.SETTLE_SWEEP_WORKFLOW)
def sweep_log(_scheduled: Any, _context: Any) -> None:
    """Remove files that nobody needs any more, and the record of having looked."""
    _sweep()


@DBOS.step(name="settle")
def _settle() -> None:
    _given[0].settle()


@DBOS.step(name="settle sweep")
def _sweep() -> None:
    _given[0].sweep()
    ended = DBOS.list_workflows(
        name=names.SETTLE_WORKFLOW,
        status=["SUCCESS", "ERROR"],
        end_time=(datetime.now(UTC) - _REMEMBERED).isoformat(),
        limit=_FORGOTTEN_AT_ONCE,
        load_input=False,
        load_output=False,
    )
    if ended:
        DBOS.delete_workflows([result.workflow_id for result in ended])
