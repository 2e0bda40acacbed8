"""The note on probabilities: it speaks up for an over-confident model, and not for a calibrated one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.uncertainty.calibration import CalibrationSummary, measure_calibration, note
from scipy.special import expit, logit

SEEDS = 20


def cases(seed: int, rows: int = 1500, sharpen: float = 1.0) -> tuple[Outputs, pd.Series]:
    """Answers of a model whose log-odds are ``sharpen`` times the true ones, and outcomes."""
    generator = np.random.default_rng(seed)
    true = np.clip(generator.beta(1.2, 1.2, rows), 1e-6, 1 - 1e-6)
    told = expit(sharpen * logit(true))
    probability = np.column_stack([1 - told, told])
    outcome = pd.Series(np.where(generator.random(rows) < true, "yes", "no"))
    return Outputs(np.where(told > 0.5, "yes", "no"), ("no", "yes"), probability), outcome


def test_an_over_confident_model_is_found_out() -> None:
    for seed in range(SEEDS):
        summary = measure_calibration(*cases(seed, sharpen=3.0))
        assert summary is not None and summary.miscalibrated
        sure = note(summary, "yes", 0.97)
        assert sure is not None and sure.bin.miscalibrated and sure.bin.share < sure.bin.mean - 0.05


def test_a_calibrated_model_is_left_alone() -> None:
    flagged = [measure_calibration(*cases(seed)).miscalibrated for seed in range(10 * SEEDS)]
    assert np.mean(flagged) <= 0.02


def test_many_classes_are_tested_as_one_family() -> None:
    flagged = []
    for seed in range(SEEDS):
        generator = np.random.default_rng(seed)
        probability = generator.dirichlet(np.full(12, 0.5), 1500)
        outcome = np.array([generator.choice(12, p=row) for row in probability])
        summary = measure_calibration(
            Outputs(probability.argmax(axis=1), tuple(range(12)), probability), pd.Series(outcome)
        )
        assert len(summary.classes) == 12
        flagged.append(summary.miscalibrated)
    assert sum(flagged) <= 1


def test_the_note_tells_of_cases_scored_alike() -> None:
    told = np.array([0.44] * 100 + [0.9] * 10)
    outcome = pd.Series([True] * 52 + [False] * 48 + [True] * 10)
    outputs = Outputs(told > 0.5, (False, True), np.column_stack([1 - told, told]))
    summary = measure_calibration(outputs, outcome)
    assert CalibrationSummary.model_validate_json(summary.model_dump_json()) == summary
    found = note(summary, "True", 0.41)
    assert found.text == "Of 100 hold-out cases scored 40–50 % for True, 52 % were True (42–62 %)."
    assert not found.bin.miscalibrated
    mirrored = note(summary, "False", 0.59)
    assert mirrored.text == "Of 100 hold-out cases scored 50–60 % for False, 48 % were False (38–58 %)."
    assert mirrored.bin.mean == pytest.approx(0.56)
    assert note(summary, "True", 0.2) is None
    assert note(summary, "True", 1.0).bin.rows == 10
    assert note(None, "True", 0.5) is None


def test_nothing_is_said_without_outcomes_or_probabilities() -> None:
    outputs, outcome = cases(0, rows=10)
    assert measure_calibration(outputs, pd.Series([None] * 10, dtype=object)) is None
    assert measure_calibration(Outputs(outputs.prediction, outputs.classes), outcome) is None
