"""What every kind of task says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from modeldesk.ports.analytics import ACTUAL, ERROR, PREDICTION, Column, ColumnKind, Measure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modeldesk.model_service.engine.results import Outputs
    from modeldesk.model_service.schema.schema import Scalar


class Task(ABC):
    """A kind of task. There is one object of each kind, also of those that were pickled or read from JSON."""

    key: ClassVar[str]
    """Its name in manifests, in the API and on the command line."""
    card: ClassVar[str]
    """What such a model does, after "which"."""
    headline: ClassVar[tuple[str, ...]]
    """The metrics that stand for a version in a table."""

    numeric: ClassVar[bool] = False
    """Whether answers and outcomes are numbers, and intervals of them may be known."""
    has_classes: ClassVar[bool] = False
    """Whether answers are classes of the artifact, which may come with probabilities."""
    has_positive: ClassVar[bool] = False
    """Whether one of two classes is looked for, so that a threshold can decide."""
    has_scores: ClassVar[bool] = False
    """Whether an answer comes with a score of the artifact's own; lower is more unusual."""
    has_errors: ClassVar[bool] = True
    """Whether answers are held against outcomes, so that there are errors."""

    @property
    def one_of_many(self) -> bool:
        """Whether answers are classes of which none is the positive one."""
        return self.has_classes and not self.has_positive

    # ---- which artifacts ---------------------------------------------------------------------------

    @abstractmethod
    def claims(self, estimator: Any, kind: str | None, classes: tuple[Scalar, ...]) -> bool:
        """Whether an artifact tells by itself that this is its task. ``kind`` is scikit-learn's word for it,
        ``classes`` are those that it lists. Raises PublishRefused where something is missing for it."""

    def takes_classes(self, count: int) -> bool:
        """Whether this is the task of choosing among ``count`` classes."""
        return False

    def check_estimator(self, estimator: Any, answers: Callable[[], np.ndarray], *, has_target: bool) -> None:  # noqa: B027
        """Raise PublishRefused where an artifact that was said to have this task cannot have it."""

    def check_answers(self, estimator: Any, answers: np.ndarray) -> None:  # noqa: B027
        """Raise PublishRefused where what ``predict`` gives is no answer of this kind."""

    @abstractmethod
    def check_target(self, values: pd.Series, classes: tuple[Scalar, ...], what: str) -> None:
        """Raise PublishRefused ``target`` unless the column holds what the model answers; missing values
        may be among them."""

    # ---- answers -----------------------------------------------------------------------------------

    def answers(self, values: Any) -> np.ndarray:
        """What the artifact's ``predict`` gives, as answers (n,)."""
        import numpy as np

        array = np.asarray(values)
        return array.ravel() if array.ndim > 1 else array

    def answer_classes(self, classes: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
        """The words that an answer may be, given the classes of the artifact; none for numbers."""
        return classes

    def result_columns(self, *, probabilities: bool, intervals: bool) -> tuple[Column, ...]:
        """The columns of answers, by whether the artifact gives probabilities and intervals are known."""
        return (Column(PREDICTION, self._column_kind),)

    def outcome_columns(self) -> tuple[Column, ...]:
        """The columns of what really happened, and of the error."""
        return Column(ACTUAL, self._column_kind), Column(ERROR, "number" if self.numeric else "boolean")

    @property
    def _column_kind(self) -> ColumnKind:
        return "number" if self.numeric else "category"

    def main_column(self, *, probabilities: bool) -> str:
        """The column that charts show of an answer."""
        return PREDICTION

    @abstractmethod
    def measures(self, positive: str | None) -> tuple[Measure, Measure | None]:
        """What is told of many answers (``answer``) and the same of their outcomes (``actual``)."""

    # ---- performance -------------------------------------------------------------------------------

    def shares(self, outputs: Outputs) -> dict[str, float]:
        """Metrics of answers alone, where no outcome is known."""
        return {}

    @abstractmethod
    def metrics(self, outputs: Outputs, truth: np.ndarray, positive: Scalar) -> dict[str, float]:
        """Metrics of answers against outcomes (n,), n > 0; one that is undefined on them is left out or NaN."""

    @abstractmethod
    def doubt(self, figures: Mapping[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
        """What shows that the answers are worse than those of no model, on the rows that ``known`` (n,)
        marks; None where nothing does."""

    # ---- the object --------------------------------------------------------------------------------

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __reduce__(self) -> tuple[Callable[[str], Task], tuple[str]]:
        return read_task, (self.key,)


def read_task(value: Any) -> Task:
    """A task, or the one with this key. Raises ValueError for what is neither."""
    from modeldesk.model_service.tasks import MODULES, task_of

    if isinstance(value, Task):
        return value
    if value not in MODULES:
        raise ValueError(f"{value!r} is no task; it is one of {', '.join(MODULES)}")
    return task_of(value)
