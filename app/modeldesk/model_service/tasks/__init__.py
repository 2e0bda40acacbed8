"""Kinds of tasks: what a model can be asked for.

Whatever differs between them is asked of the task itself. A new kind is a module here with its ``TASK``
and a line in ``MODULES``, and its words for pages in ``web/ui/common/tasks``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from modeldesk.model_service.tasks.base import Task

MODULES = {
    "regression": "modeldesk.model_service.tasks.regression",
    "binary": "modeldesk.model_service.tasks.binary",
    "multiclass": "modeldesk.model_service.tasks.multiclass",
    "anomaly": "modeldesk.model_service.tasks.anomaly",
}
"""The module of each kind by its key, the one in manifests, in the API and after ``--task``. Imported when
a task is first used."""

FOR_AMOUNTS = "regression"
"""What an artifact answers that says nothing of itself."""


def task_of(key: str) -> Task:
    """The task with this key. Raises KeyError for one that is not known."""
    task = importlib.import_module(MODULES[key]).TASK
    assert isinstance(task, Task)
    return task


def all_tasks() -> Iterator[Task]:
    """All kinds of tasks."""
    return map(task_of, MODULES)


def task_for_classes(count: int) -> Task:
    """The task of a model that chooses among ``count`` classes."""
    return next(task for task in all_tasks() if task.takes_classes(count))


__all__ = ["FOR_AMOUNTS", "MODULES", "Task", "all_tasks", "task_for_classes", "task_of"]
