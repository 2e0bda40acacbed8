"""Which method explains a version: decided once, at publication, on what can be shown to hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.steps import kind_of
from modeldesk.model_service.engine.task import Question
from modeldesk.model_service.explain.additive import Additive, Linear, linear_of, tree_of
from modeldesk.model_service.explain.agreement import find_link, scale_of
from modeldesk.model_service.explain.answers import Answers
from modeldesk.model_service.explain.sources import single_sources, transform, unwrap
from modeldesk.model_service.package.insights import ExplainerSpec, Method
from modeldesk.model_service.schema.frames import frame_of, model_input, records_of
from modeldesk.model_service.schema.schema import ModelSchema
from modeldesk.model_service.whatif.row_mixer import Palette

PROBE_ROWS = 100
GAP_ROWS = 200
PROOF_STEP = 20
PROOF_SECONDS = 5.0
CENTRE_ROWS = 1000
SHUFFLED_ROWS = 50
SECONDS_A_RECORD = 0.2
"""What sampling may take for one record, as measured at publication."""
FEWEST_ROWS, MOST_ROWS = 1024, 16_384
FEWEST_PAIRS, MOST_PAIRS = 4, 256
EXACT, FLOAT32 = 1e-6, 1e-4


def choose_method(
    estimator: Any,
    schema: ModelSchema,
    golden: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    question: Question | None = None,
    seed: int = 0,
) -> ExplainerSpec:
    """Decide how a version is explained.

    A tree or linear method is taken only where every column that the final estimator reads has
    one input feature for its source, and base plus contributions gives the model's own answers
    on the golden rows, on rows of the reference, and on such rows with values missing.
    Anything else is explained by sampling. ``golden`` and ``reference`` have the published
    columns and dtypes. Raises what the artifact raises for these rows.
    """
    names = list(schema.names)
    golden, reference = golden[names], reference[names]
    answers = Answers(estimator, schema, question)
    sampling = _sampling(answers, schema, reference, seed)
    probes = _probes(schema, golden, reference, seed)
    steps, final = unwrap(estimator)
    sources, obstacle = _sources(steps, schema, reference, seed)
    if obstacle:
        return sampling.model_copy(update={"reason": f"Sampled, because {obstacle}."})
    try:
        truth = answers.ask(probes)
    except Exception as error:  # rows with gaps are ours, and the artifact need not take them
        return sampling.model_copy(update={"reason": f"Sampled, because no proof was possible ({_first_line(error)})."})
    tried = []
    for method, make in (("tree", tree_of), ("linear", linear_of)):
        try:
            additive = make(final, sources, len(names))
            if additive is None:
                continue
            spec = _proven(sampling, method, additive, sources, answers, steps, schema, probes, reference, truth)
        except Exception as error:  # whatever a library raises, sampling still explains the model
            tried.append(f"the {method} method does not support it ({_first_line(error)})")
            continue
        if spec is not None:
            return spec
        tried.append(f"the {method} method does not add up to its answers")
    why = "; ".join(tried) or "no exact method is known for it"
    return sampling.model_copy(update={"reason": f"Sampled: {kind_of(final)}, {why}."})


def _proven(
    sampling: ExplainerSpec,
    method: str,
    additive: Additive,
    sources: list[int],
    answers: Answers,
    steps: list[Any],
    schema: ModelSchema,
    probes: pd.DataFrame,
    reference: pd.DataFrame,
    truth: np.ndarray,
) -> ExplainerSpec | None:
    """The specification of an exact method where its sums are the model's answers to the probes."""
    if isinstance(additive, Linear):
        rows = reference.sample(min(len(reference), CENTRE_ROWS), random_state=sampling.seed)
        terms = additive.terms(transform(steps, model_input(rows, schema.fitted_on)))
        additive.centre = terms.mean(axis=0).T
    terms, base, shown = _decompose(additive, transform(steps, model_input(probes, schema.fitted_on)))
    truth = truth[:shown]
    tolerance = FLOAT32 if additive.float32 else EXACT
    unit = 1.0 if answers.kind == "probability" else sampling.unit
    link = find_link(base + terms.sum(axis=1), truth, answers.kind, tolerance, unit)
    if link is None:
        return None
    known: Method = "tree" if method == "tree" else "linear"
    return sampling.model_copy(
        update={
            "method": known,
            "scale": scale_of(link, answers.kind),
            "link": link,
            "columns": _runs(sources),
            "centre": tuple(map(tuple, additive.centre.tolist())) if isinstance(additive, Linear) else (),
            "tolerance": tolerance,
            "unit": unit,
            "reason": f"Exact ({known}): each column has one source, and {shown} rows add up.",
        }
    )


def _decompose(additive: Additive, rows: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """Terms and base of as many rows, a few at a time, as there is time for; and how many."""
    deadline = time.monotonic() + PROOF_SECONDS
    parts: list[np.ndarray] = []
    base, shown, count = np.zeros(0), 0, rows.shape[0]
    while shown < count and (not parts or time.monotonic() < deadline):
        part = rows.iloc[shown : shown + PROOF_STEP] if hasattr(rows, "iloc") else rows[shown : shown + PROOF_STEP]
        terms, base = additive.decompose(part)
        parts.append(terms)
        shown = min(shown + PROOF_STEP, count)
    return np.concatenate(parts), base, shown


def _sampling(answers: Answers, schema: ModelSchema, reference: pd.DataFrame, seed: int) -> ExplainerSpec:
    """The permutation method, sized to what this model can answer in the time allowed."""
    rows = reference.sample(min(len(reference), 256), random_state=seed)
    answers.ask(rows.head(1))  # first calls build caches that later ones find
    started = time.perf_counter()
    answered = answers.ask(rows)
    a_row = max((time.perf_counter() - started) / len(rows), 1e-7)
    asked = float(np.clip(SECONDS_A_RECORD / a_row, FEWEST_ROWS, MOST_ROWS))
    pairs = int(np.clip(asked / (2 * max(len(schema.features), 1)), FEWEST_PAIRS, MOST_PAIRS))
    spread = float(answered.std(axis=0).max())
    return ExplainerSpec(
        method="permutation",
        scale=answers.scale,
        reason="Sampled.",
        unit=spread if spread > 0 else 1.0,
        pairs=pairs,
        background=min(pairs, len(reference)),
        seed=seed,
    )


def _probes(schema: ModelSchema, golden: pd.DataFrame, reference: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows to prove a method on: golden, some of the reference, and some with values missing: each
    optional feature once, by itself up to GAP_ROWS of them, else a few to a row."""
    some = reference.sample(min(len(reference), PROBE_ROWS), random_state=seed)
    optional = [feature.name for feature in schema.features if feature.missing_allowed]
    gaps = records_of(schema, some)[: len(optional)]
    gaps = [dict(gaps[row % len(gaps)]) for row in range(min(len(optional), GAP_ROWS))]
    for index, name in enumerate(optional):
        gaps[index % len(gaps)][name] = None
    parts = [golden, *([frame_of(schema, gaps)] if gaps else []), some]
    return pd.concat(parts, ignore_index=True)


def _sources(steps: list[Any], schema: ModelSchema, reference: pd.DataFrame, seed: int) -> tuple[list[int], str]:
    rows = reference.sample(min(len(reference), SHUFFLED_ROWS), random_state=seed).reset_index(drop=True)
    shuffled = ((moved, model_input(table, schema.fitted_on)) for moved, table in _shuffled(rows))
    try:
        return single_sources(steps, model_input(rows, schema.fitted_on), shuffled, len(schema.features))
    except Exception as error:  # a step of somebody's own may not even be a transformer as ours
        return [], f"its preprocessing cannot be followed ({_first_line(error)})"


def _shuffled(rows: pd.DataFrame) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
    """The rows with the values of many columns moved about, and which columns those are (m,).

    The columns are moved by the digits of their places in base two: of any two columns one is moved
    without the other in one of the tables, of which there are twice the logarithm of their number.
    Neighbours move by different steps, so that what depends on several does not come out the same.
    """
    count = len(rows.columns)
    step = 1 + np.arange(count) % max(len(rows) - 1, 1)
    palette = Palette(rows)
    for bit in range(max((count - 1).bit_length(), 1)):
        for digit in (0, 1):
            moved = (np.arange(count) >> bit) % 2 == digit
            index = (np.arange(len(rows))[:, None] - np.where(moved, step, 0)) % len(rows)
            yield moved, palette.mix(index)


def _runs(sources: list[int]) -> tuple[tuple[int, int], ...]:
    """Run-length form of the sources."""
    result: list[tuple[int, int]] = []
    for index in sources:
        if result and result[-1][0] == index:
            result[-1] = (index, result[-1][1] + 1)
        else:
            result.append((index, 1))
    return tuple(result)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0][:160] if text else type(error).__name__).rstrip(".")
