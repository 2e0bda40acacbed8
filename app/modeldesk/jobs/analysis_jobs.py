"""An analysis job as DBOS runs it: step after step. Its id goes in, nothing comes out.

What has been found is in the storage of analyses; these functions only see to it that each step is taken,
by somebody, after whatever crash. A step may be taken twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dbos import DBOS, SetWorkflowID, WorkflowStatus

from modeldesk.jobs import names
from modeldesk.jobs.steps import PATIENCE, Given, at_work, or_failed
from modeldesk.ports.analysis_jobs import AnalysisWork

_given: list[AnalysisWork] = []


def give_analyses(work: AnalysisWork) -> None:
    """Say what this process does for analyses, before DBOS is launched."""
    _given[:] = [work]


@DBOS.workflow(name=names.ANALYSIS_WORKFLOW)
def run_analysis(analysis_id: str) -> None:
    """One analysis from its question to its answer."""
    with at_work():
        for index in range(_steps(analysis_id)):
            if not _take(analysis_id, index):
                return
        _finish(analysis_id)


@DBOS.workflow(name=names.ANALYSIS_SWEEP_WORKFLOW)
def sweep_analyses(_scheduled: Any, _context: Any) -> None:
    """Remove what is kept of versions that are gone."""
    _sweep()


@DBOS.step(name="inquiry steps", **PATIENCE)
def _steps(analysis_id: str) -> int:
    return _or_failed(analysis_id, lambda work: work.steps(analysis_id)) or 0


@DBOS.step(name="inquiry step", **PATIENCE)
def _take(analysis_id: str, index: int) -> bool:
    return bool(_or_failed(analysis_id, lambda work: work.take(analysis_id, index)))


@DBOS.step(name="inquiry finish", **PATIENCE)
def _finish(analysis_id: str) -> None:
    _or_failed(analysis_id, lambda work: work.finish(analysis_id))


@DBOS.step(name="inquiry sweep", **PATIENCE)
def _sweep() -> None:
    _given[0].sweep()


def look_after_analyses() -> None:
    """Start the analyses that nobody submitted, begin those anew whose answer is lost, and end those whose
    workflow has ended before them."""
    waiting: Sequence[str] = _given[0].unfinished()
    if not waiting:
        return
    result = {status.workflow_id: status for status in DBOS.list_workflows(workflow_ids=list(waiting))}
    for analysis_id in waiting:
        _see_to(analysis_id, result.get(analysis_id))


def _see_to(analysis_id: str, status: WorkflowStatus | None) -> None:
    if status is None:
        with SetWorkflowID(analysis_id):
            DBOS.enqueue_workflow(names.ANALYSES, run_analysis, analysis_id)
    elif status.status == "SUCCESS":
        _given[0].again(analysis_id)
    elif status.status not in names.WAITING:
        _given[0].fail(analysis_id, f"Its job ended early ({status.status}). The workers' log says more.")


def _or_failed(analysis_id: str, step: Callable[[AnalysisWork], Given]) -> Given | None:
    work = _given[0]
    return or_failed(f"The analysis {analysis_id}", lambda: step(work), lambda reason: work.fail(analysis_id, reason))
