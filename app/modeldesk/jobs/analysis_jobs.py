"""An inquiry as DBOS runs it: step after step. Its id goes in, nothing comes out.

What has been found is in the storage of analyses; these functions only see to it that each step is taken,
by somebody, after whatever crash. A step may be taken twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dbos import DBOS, SetWorkflowID, WorkflowStatus

from modeldesk.jobs import names
from modeldesk.jobs.steps import PATIENCE, Given, at_work, or_failed
from modeldesk.ports.analysis_jobs import InquiryWork

_given: list[InquiryWork] = []


def give_inquiries(work: InquiryWork) -> None:
    """Say what this process does for inquiries, before DBOS is launched."""
    _given[:] = [work]


@DBOS.workflow(name=names.INQUIRY_WORKFLOW)
def run_inquiry(inquiry_id: str) -> None:
    """One inquiry from its question to its answer."""
    with at_work():
        for index in range(_steps(inquiry_id)):
            if not _take(inquiry_id, index):
                return
        _finish(inquiry_id)


@DBOS.workflow(name=names.INQUIRY_SWEEP_WORKFLOW)
def sweep_inquiries(_scheduled: Any, _context: Any) -> None:
    """Remove what is kept of versions that are gone."""
    _sweep()


@DBOS.step(name="inquiry steps", **PATIENCE)
def _steps(inquiry_id: str) -> int:
    return _or_failed(inquiry_id, lambda work: work.steps(inquiry_id)) or 0


@DBOS.step(name="inquiry step", **PATIENCE)
def _take(inquiry_id: str, index: int) -> bool:
    return bool(_or_failed(inquiry_id, lambda work: work.take(inquiry_id, index)))


@DBOS.step(name="inquiry finish", **PATIENCE)
def _finish(inquiry_id: str) -> None:
    _or_failed(inquiry_id, lambda work: work.finish(inquiry_id))


@DBOS.step(name="inquiry sweep", **PATIENCE)
def _sweep() -> None:
    _given[0].sweep()


def look_after_inquiries() -> None:
    """Start the inquiries that nobody submitted, begin those anew whose answer is lost, and end those whose
    workflow has ended before them."""
    waiting: Sequence[str] = _given[0].unfinished()
    if not waiting:
        return
    found = {status.workflow_id: status for status in DBOS.list_workflows(workflow_ids=list(waiting))}
    for inquiry_id in waiting:
        _see_to(inquiry_id, found.get(inquiry_id))


def _see_to(inquiry_id: str, status: WorkflowStatus | None) -> None:
    if status is None:
        with SetWorkflowID(inquiry_id):
            DBOS.enqueue_workflow(names.INQUIRIES, run_inquiry, inquiry_id)
    elif status.status == "SUCCESS":
        _given[0].again(inquiry_id)
    elif status.status not in names.WAITING:
        _given[0].fail(inquiry_id, f"Its job ended early ({status.status}). The workers' log says more.")


def _or_failed(inquiry_id: str, step: Callable[[InquiryWork], Given]) -> Given | None:
    work = _given[0]
    return or_failed(f"The inquiry {inquiry_id}", lambda: step(work), lambda reason: work.fail(inquiry_id, reason))
