"""What pages say of each kind of task.

A new kind is a module here with its ``VIEW`` and its place in ``VIEWS``, beside its task in
``model_service/tasks``. Whatever pages do differently follows from what the task can, which they ask it.
"""

from __future__ import annotations

from modeldesk.model_service.tasks import Task
from modeldesk.web.ui.common.tasks import anomaly, binary, multiclass, regression
from modeldesk.web.ui.common.tasks.base import SummaryNames, TaskView

VIEWS: dict[str, TaskView] = {
    "binary": binary.VIEW,
    "multiclass": multiclass.VIEW,
    "regression": regression.VIEW,
    "anomaly": anomaly.VIEW,
}
"""By the task's key, in the order in which people are offered them."""


def view_of(task: Task) -> TaskView:
    """What pages say of a task."""
    return VIEWS[task.key]


__all__ = ["VIEWS", "SummaryNames", "TaskView", "view_of"]
