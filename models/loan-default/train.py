"""Loan default: openly made-up applications, and gradient boosting on them.

There is no such bank and there are no such people. Each column is drawn from a seeded
generator whose rules stand below, so the data is the same on every machine.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

TARGET = "defaulted"
TIME = "application_date"

ROWS = 20_000
SEED = 20_240_607

WORDS = ["employment", "home", "purpose"]
COMPLETE = [
    "age",
    "yearly_income",
    "years_in_job",
    "amount",
    "interest_rate",
    "term_months",
    "existing_debt",
    "open_credit_lines",
    "card_use",
    "missed_payments",
    "guarantor",
    "earlier_default",
]
WITH_GAPS = ["dependants", "months_since_missed"]


def data() -> pd.DataFrame:
    """20,000 applications of 2019 to 2024 in euros, oldest first."""
    rng = np.random.default_rng(SEED)
    table = _applicants(rng)
    # What the form does not ask: how a person handles money. It shows in several columns.
    care = rng.normal(size=ROWS)
    _add_history(table, care, rng)
    _add_loan(table, care, rng)
    table[TARGET] = np.where(rng.random(ROWS) < _chance(table, care), "default", "paid back")
    columns = [
        *("age", "employment", "yearly_income", "years_in_job", "home", "dependants"),
        *("amount", "interest_rate", "term_months", "purpose", "application_date"),
        *("existing_debt", "open_credit_lines", "card_use", "missed_payments", "months_since_missed"),
        *("guarantor", "earlier_default"),
        TARGET,
    ]
    return table[columns].sort_values(TIME, kind="stable").reset_index(drop=True)


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training: the older 80% of the applications. Hold-out: the newer 20%."""
    ordered = data.sort_values(TIME, kind="stable")
    border = ordered[TIME].iloc[int(len(ordered) * 0.8)]
    return ordered[ordered[TIME] < border], ordered[ordered[TIME] >= border]


def train(training: pd.DataFrame) -> Pipeline:
    """Histogram gradient boosting; only the two columns that have gaps may be missing."""
    columns = ColumnTransformer(
        [
            ("complete", FunctionTransformer(validate=True), COMPLETE),
            ("with_gaps", "passthrough", WITH_GAPS),
            ("date", _days(), [TIME]),
            ("words", OneHotEncoder(sparse_output=False), WORDS),
        ]
    )
    boosting = HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=160, max_leaf_nodes=15, min_samples_leaf=60, l2_regularization=5.0, random_state=0
    )
    features = training.drop(columns=TARGET)
    return Pipeline([("columns", columns), ("boosting", boosting)]).fit(features, training[TARGET])


def _days() -> Pipeline:
    """Dates as days since the first of 2019; none may be missing."""
    # pandas' own functions, so that the artifact loads without this file.
    return make_pipeline(
        FunctionTransformer(pd.DataFrame.sub, kw_args={"other": pd.Timestamp("2019-01-01")}),
        FunctionTransformer(pd.DataFrame.div, kw_args={"other": pd.Timedelta(days=1)}),
        FunctionTransformer(validate=True),
    )


def _applicants(rng: np.random.Generator) -> pd.DataFrame:
    age = np.clip(np.round(rng.normal(42, 14, ROWS)), 18, 79).astype(int)
    working = rng.choice(["Permanent", "Temporary", "Self-employed", "Unemployed"], ROWS, p=[0.68, 0.14, 0.13, 0.05])
    employment = np.where((age >= 66) | ((age >= 60) & (rng.random(ROWS) < 0.4)), "Retired", working)
    level = pd.Series(employment).map(
        {"Permanent": 1.08, "Temporary": 0.78, "Self-employed": 1.15, "Unemployed": 0.42, "Retired": 0.72}
    )
    career = 0.72 + 0.4 * np.clip((age - 18) / 27, 0, 1)
    income = np.clip(33_500 * level.to_numpy() * career * rng.lognormal(0, 0.42, ROWS), 6_000, 180_000)
    in_job = np.where(
        np.isin(employment, ["Retired", "Unemployed"]), 0.0, np.minimum(rng.exponential(7.0, ROWS), age - 17.0)
    )
    young, settled = age < 27, age > 45
    home = np.where(
        young,
        rng.choice(["Rents", "With family", "Mortgage", "Owns"], ROWS, p=[0.55, 0.33, 0.09, 0.03]),
        np.where(
            settled,
            rng.choice(["Rents", "With family", "Mortgage", "Owns"], ROWS, p=[0.31, 0.03, 0.33, 0.33]),
            rng.choice(["Rents", "With family", "Mortgage", "Owns"], ROWS, p=[0.43, 0.06, 0.42, 0.09]),
        ),
    )
    dependants = np.clip(rng.poisson(np.where((age > 27) & (age < 58), 1.2, 0.3)), 0, 6).astype(float)
    dependants[rng.random(ROWS) < 0.11] = np.nan
    return pd.DataFrame(
        {
            "age": age,
            "employment": employment,
            "yearly_income": np.round(income, -2),
            "years_in_job": np.round(in_job * 2) / 2,
            "home": home,
            "dependants": dependants,
        }
    )


def _add_history(table: pd.DataFrame, care: np.ndarray, rng: np.random.Generator) -> None:
    income = table["yearly_income"].to_numpy()
    debt = np.clip(income * rng.lognormal(-1.55 - 0.3 * care, 0.85, ROWS), 200, 82_000)
    use = 100 / (1 + np.exp(0.55 + 0.75 * care - 0.9 * np.log1p(debt / income) + rng.normal(0, 0.9, ROWS)))
    missed = np.clip(rng.poisson(np.exp(-1.75 - 0.75 * care + 0.008 * use)), 0, 12)
    table["existing_debt"] = np.round(debt, -2)
    table["open_credit_lines"] = np.clip(rng.poisson(1.6 + 2.4 * np.log1p(debt / 8_000)), 0, 18)
    table["card_use"] = np.round(use).astype(int)
    table["missed_payments"] = missed
    table["months_since_missed"] = np.where(missed > 0, rng.integers(0, 24, ROWS), np.nan)
    table["earlier_default"] = rng.random(ROWS) < 1 / (1 + np.exp(3.6 + 0.9 * care))


def _add_loan(table: pd.DataFrame, care: np.ndarray, rng: np.random.Generator) -> None:
    income = table["yearly_income"].to_numpy()
    amount = np.clip(11_500 * (income / 33_500) ** 0.45 * rng.lognormal(0, 0.62, ROWS), 1_000, 75_000)
    wanted = 18 + 22 * np.log1p(amount / 9_000) + rng.normal(0, 11, ROWS)
    table["amount"] = np.round(amount / 500) * 500
    table["term_months"] = (np.clip(np.round(wanted / 12), 1, 6) * 12).astype(int)
    table["purpose"] = rng.choice(
        ["Car", "Home improvement", "Debt consolidation", "Education", "Business", "Other"],
        ROWS,
        p=[0.34, 0.22, 0.19, 0.08, 0.07, 0.10],
    )
    table["guarantor"] = rng.random(ROWS) < np.where(table["age"] < 27, 0.24, 0.09)
    day = rng.integers(0, 6 * 365 + 1, ROWS)
    table[TIME] = pd.Timestamp("2019-01-01") + pd.to_timedelta(day, unit="D")
    # Money was cheap until 2022; then lenders' own cost rose by about three points.
    base = 3.9 + 3.0 / (1 + np.exp(-(day - 1_300) / 110))
    rate = base + 0.022 * table["card_use"] + 0.5 * table["missed_payments"] - 0.3 * care + rng.normal(0, 1.1, ROWS)
    table["interest_rate"] = np.round(np.clip(rate, 1.9, 18.9), 1)


def _chance(table: pd.DataFrame, care: np.ndarray) -> np.ndarray:
    """The made-up truth: the chance that a loan is not paid back within 24 months."""
    income = table["yearly_income"]
    yearly_payment = table["amount"] * (12 / table["term_months"] + table["interest_rate"] / 200)
    burden = yearly_payment / income
    debt = table["existing_debt"] / income
    recent = np.where(table["missed_payments"] > 0, 1 - table["months_since_missed"].fillna(0) / 24, 0)
    at_work = {"Permanent": -0.5, "Temporary": 0.35, "Self-employed": 0.2, "Unemployed": 1.05, "Retired": -0.1}
    at_home = {"Owns": -0.4, "Mortgage": -0.2, "Rents": 0.2, "With family": 0.1}
    for_what = {
        "Car": -0.1,
        "Home improvement": -0.15,
        "Debt consolidation": 0.3,
        "Education": 0.0,
        "Business": 0.45,
        "Other": 0.1,
    }
    score = (
        -4.25
        + 2.4 * np.minimum(burden, 1.2)
        + 0.9 * np.log1p(2 * debt)
        + 0.021 * table["card_use"]
        + 0.42 * np.minimum(table["missed_payments"], 4)
        + 0.7 * recent
        + 1.0 * table["earlier_default"]
        - 0.75 * table["guarantor"]
        - 0.035 * np.minimum(table["years_in_job"], 12)
        + 0.10 * table["dependants"].fillna(0.8)
        - 0.012 * (np.minimum(table["age"], 60) - 42)
        + 0.05 * (table["interest_rate"] - 6)
        + table["employment"].map(at_work)
        + table["home"].map(at_home)
        + table["purpose"].map(for_what)
        - 0.45 * care
    )
    return (1 / (1 + np.exp(-score))).to_numpy()
