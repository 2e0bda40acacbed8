"""What pages have to know of every kind of task."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SummaryNames:
    """What the measures of many answers are called (``Task.measures``): of the ``answer`` and of what
    happened, as a ``share`` or else a number in the model's unit. ``{positive}`` stands for the positive class."""

    answer: str
    outcome: str
    share: bool = True


@dataclass(frozen=True, slots=True)
class TaskView:
    """The words of one kind of task.

    ``label`` says what is answered, where models are listed. ``key_figures`` are the metrics that the
    Performance page begins with, unless a threshold decides. ``compared`` names what two versions say of a
    row, where their answers are plotted against each other, and ``moved`` what of an answer moves, in points;
    empty where that is the number itself. ``{positive}`` stands for the positive class.
    """

    label: str
    summary: SummaryNames
    key_figures: tuple[str, ...] = ()
    compared: str = "predictions"
    moved: str = ""
