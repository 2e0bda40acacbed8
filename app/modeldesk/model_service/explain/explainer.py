"""Explaining records of a loaded model by the method that was recorded for its version."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.task import Question
from modeldesk.model_service.explain.additive import Additive, rebuild
from modeldesk.model_service.explain.agreement import agrees
from modeldesk.model_service.explain.answers import Answers
from modeldesk.model_service.explain.permutation import sample_shapley
from modeldesk.model_service.explain.results import Attribution, Contribution, Explanation
from modeldesk.model_service.explain.sources import transform, unwrap
from modeldesk.model_service.package.insights import ExplainerSpec
from modeldesk.model_service.schema.frames import model_input, records_of
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.whatif.row_mixer import Palette

log = logging.getLogger(__name__)


class Explainer:
    """Explains what one version answers. Safe to call from several threads.

    Each explanation by an exact method is held against the model's own answer; where they part,
    as they may for values that publication had not seen, the record is explained by sampling.
    """

    def __init__(
        self,
        spec: ExplainerSpec,
        estimator: Any,
        schema: ModelSchema,
        reference: pd.DataFrame,
        question: Question | None = None,
    ) -> None:
        self.spec = spec
        self.schema = schema
        self.answers = Answers(estimator, schema, question)
        self._steps, self._final = unwrap(estimator)
        self._background = background_of(spec, schema, reference)
        self._background_answers: np.ndarray | None = None
        self._additive: Additive | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Do now what the first explanation would otherwise wait for: imports and compilation of
        two to three seconds a process."""
        self.attribute(self._background.head(1))

    def explain(self, frame: pd.DataFrame, of_class: Any = None) -> Explanation:
        """The explanation of the one row in ``frame`` (published columns and dtypes).

        ``of_class`` is the class to explain, by its name or value; None takes the one with the
        highest answer. Raises KeyError for a class that the model does not have, and what the
        artifact raises.
        """
        return self.explain_rows(frame.iloc[:1], None if of_class is None else [of_class])[0]

    def explain_rows(self, frame: pd.DataFrame, of_class: Sequence[Any] | None = None) -> list[Explanation]:
        """The explanation of each of n rows; ``of_class`` names one class a row. Raises as ``explain``."""
        result = self.attribute(frame, of_class)
        explanations = []
        for row, values in enumerate(records_of(self.schema, frame)):
            items = tuple(
                Contribution(
                    name,
                    values[name],
                    float(result.contributions[row, index]),
                    None if result.errors is None else float(result.errors[row, index]),
                )
                for index, name in enumerate(self.schema.names)
            )
            base, output = float(result.base[row]), float(result.output[row])
            explanations.append(Explanation(result.method, result.scale, result.classes[row], base, output, items))
        return explanations

    def attribute(self, frame: pd.DataFrame, of_class: Sequence[Any] | None = None) -> Attribution:
        """Explanations of n rows as arrays; ``of_class`` names one class a row. Raises as ``explain``."""
        frame = frame[list(self.schema.names)]
        answers = self.answers.ask(frame)
        classes = [None] * len(frame) if of_class is None else list(of_class)
        columns = np.array(
            [self.answers.column(name, row) for name, row in zip(classes, answers, strict=True)], dtype=int
        )
        exact = self._exact(frame, answers, columns)
        return exact if exact is not None else self._sampled(frame, answers, columns)

    def _exact(self, frame: pd.DataFrame, answers: np.ndarray, columns: np.ndarray) -> Attribution | None:
        """By the recorded exact method; None where there is none, or its sums are not the answers."""
        additive = self._decomposition()
        if additive is None:
            return None
        spec = self.spec
        try:
            rows = transform(self._steps, model_input(frame, self.schema.fitted_on))
            terms, base = additive.decompose(rows)
        except Exception as error:  # a library may refuse what the model itself takes
            log.warning("An exact explanation failed, sampling instead: %s", error)
            return None
        margins = base + terms.sum(axis=1)
        if not bool(agrees(margins, answers, spec.link, spec.tolerance, spec.unit).all()):
            log.warning("An exact explanation did not add up to the model's answer, sampling instead.")
            return None
        picked, sign = np.zeros_like(columns), np.ones(len(columns))
        if margins.shape[1] > 1:
            picked = columns
        elif answers.shape[1] == 2:  # one margin, for the second of two classes
            sign = np.where(columns == 1, 1.0, -1.0)
        each = np.arange(len(frame))
        contributions = terms[each, :, picked] * sign[:, None]
        start = base[picked] * sign
        if spec.link == "identity":
            output = answers[each, columns]
            contributions = _settle(contributions, output - start)
        else:
            output = start + contributions.sum(axis=1)
        return Attribution(spec.method, spec.scale, self._names(columns), start, output, contributions)

    def _sampled(self, frame: pd.DataFrame, answers: np.ndarray, columns: np.ndarray) -> Attribution:
        """By permutation sampling on the inputs."""
        absent = self._absent()
        records = _Records(frame, self._background)
        result = [self._sample_row(records, row, answers[row], column) for row, column in enumerate(columns)]
        shape = (len(frame), len(self.schema.features))
        return Attribution(
            "permutation",
            self.answers.scale,
            self._names(columns),
            absent.mean(axis=0)[columns],
            answers[np.arange(len(frame)), columns],
            np.array([item[0] for item in result]).reshape(shape),
            np.array([item[1] for item in result]).reshape(shape),
        )

    def _sample_row(
        self, records: _Records, row: int, answer: np.ndarray, column: int
    ) -> tuple[np.ndarray, np.ndarray]:
        absent = self._absent()[:, column]

        def evaluate(masks: np.ndarray, start: np.ndarray) -> np.ndarray:
            return np.asarray(self.answers.ask(records.mixed(row, masks, start))[:, column])

        return sample_shapley(
            evaluate, records.differing(row), float(answer[column]), absent, self.spec.pairs, self.spec.seed
        )

    def _decomposition(self) -> Additive | None:
        if self.spec.method == "permutation":
            return None
        with self._lock:
            if self._additive is None:
                self._additive = rebuild(self.spec, self._final, len(self.schema.features))
            return self._additive

    def _absent(self) -> np.ndarray:
        """The model's answers to the background rows, (b, k)."""
        if self._background_answers is None:
            self._background_answers = self.answers.ask(self._background)
        return self._background_answers

    def _names(self, columns: np.ndarray) -> tuple[str | None, ...]:
        classes = self.answers.classes
        return tuple(classes[column] if classes else None for column in columns)


def background_of(spec: ExplainerSpec, schema: ModelSchema, reference: pd.DataFrame) -> pd.DataFrame:
    """The seeded sample of reference rows that stands for "nothing known of the record"."""
    rows = reference[list(schema.names)]
    if len(rows) > spec.background:
        rows = rows.sample(spec.background, random_state=spec.seed)
    return rows.reset_index(drop=True)


class _Records:
    """Some records and the background, ready to be compared and mixed."""

    def __init__(self, records: pd.DataFrame, background: pd.DataFrame) -> None:
        table = pd.concat([records, background], ignore_index=True)
        self._count = len(records)
        self._palette = Palette(table)
        # Missing equals missing: both have the code -1.
        self._codes = np.column_stack([pd.factorize(table[name])[0] for name in table.columns])

    def differing(self, record: int) -> np.ndarray:
        """Where each of the b background rows differs from a record, (b, m)."""
        return np.asarray(self._codes[self._count :] != self._codes[record])

    def mixed(self, record: int, masks: np.ndarray, start: np.ndarray) -> pd.DataFrame:
        """Rows with the record's values where ``masks`` (n, m) says so, and else those of the background
        rows ``start`` (n,)."""
        return self._palette.mix(np.where(masks, record, start[:, None] + self._count))


def _settle(contributions: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Spread what rounding leaves over the contributions, by their size, so that they add up to
    ``total`` (n,). The rest is within the method's tolerance, which has been checked."""
    rest = total - contributions.sum(axis=1)
    size = np.abs(contributions)
    whole = size.sum(axis=1, keepdims=True)
    share = np.divide(size, whole, out=np.full_like(size, 1.0 / max(size.shape[1], 1)), where=whole > 0)
    return np.asarray(contributions + share * rest[:, None])
