"""Combine several members' answers: a log-linear pool, two votes, how often members disagree.

`probabilities` is float [members, products, categories], rows summing to 1; `answers` is int
[members, products], the category each member gave. No file is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aisle.answers import table
from aisle.errors import AisleError
from aisle.statistics.log_loss import logs

SHARPEST = 3.0
"""Largest share a member may have in the pool. Where every product of val is right, certainty has
no best value: the loss falls for ever. On scikit-learn's digits (forest and logistic regression on
half the photo each, mean of 20 draws) the log loss on unseen digits was, with 20 in val, 0.28 under
this bound, 0.39 under 5, 0.59 under 10; with 130 in val 0.17, 0.18 and 0.18 (floor 1e-6)."""

PARTS = 5
"""Parts of val: each is answered by a pool fitted on the others."""

HOTTEST = 100.0
"""Highest temperature: the answer is then as good as even."""


def combine(
    test: Mapping[str, pd.DataFrame], *, validation: Mapping[str, pd.DataFrame], method: str
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return an ensemble's answers on test and on val, and its facts, from its members' answers.

    Each fold's pool is fitted on the val rows of that fold only. Val itself is answered in PARTS
    parts, each by a pool fitted on the others, so that these answers are as good as on new
    products. Votes fit nothing.
    """
    probabilities, answers = _arrays(test)
    facts: dict[str, Any] = {"disagree": round(disagreement(answers), table.DIGITS)}
    if method == "late_fusion":
        combined, fitted = _fused(probabilities, test=test, validation=validation)
        facts = fitted | facts
        watched = _cross_fitted(validation)
    else:
        combined, watched = (_voted(*_arrays(part), method=method) for part in (test, validation))
    return _as_table(combined, of=test), _as_table(watched, of=validation), facts


@dataclass(frozen=True)
class Pool:
    """Parts of a log-linear pool: `weights` float [members], summing to 1, and a temperature."""

    weights: np.ndarray
    temperature: float


def fit_pool(probabilities: np.ndarray, *, labels: np.ndarray) -> Pool:
    """Return the weights and temperature with the lowest log loss on these products.

    `labels` is int [products]. Both are found together, as shares a = weights / temperature: the
    loss is convex in a, so there is one lowest value, found with L-BFGS-B from equal weights at
    temperature 1 within 0 <= a <= SHARPEST. A member that does not help gets weight 0. Where none
    does (a sums to less than 1 / HOTTEST), weights are equal and the temperature is HOTTEST.
    """
    from scipy.optimize import minimize

    given = logs(probabilities)
    members, products, _ = given.shape
    of_truth = given[:, np.arange(products), labels]

    def loss(shares: np.ndarray) -> tuple[float, np.ndarray]:
        answer = _pooled(shares, given=given)
        expected = (np.exp(answer) * given).sum(axis=2)
        value = -answer[np.arange(products), labels].mean()
        return float(value), (expected - of_truth).mean(axis=1)

    shares = minimize(
        loss,
        x0=np.full(members, 1 / members),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, SHARPEST)] * members,
        options={"ftol": 1e-12, "gtol": 1e-8},
    ).x
    total = float(shares.sum())
    if total < 1 / HOTTEST:
        return Pool(np.full(members, 1 / members), HOTTEST)
    return Pool(shares / total, 1 / total)


def late_fusion(probabilities: np.ndarray, *, pool: Pool) -> np.ndarray:
    """Return float [products, categories]: the log-linear pool, sharpened by the temperature.

    p is proportional to exp(sum_i w_i log p_i / T). The pool: Genest and Zidek, "Combining
    probability distributions", Statistical Science 1 (1986); the temperature: Guo et al., "On
    calibration of modern neural networks", ICML 2017.
    """
    shares = pool.weights / pool.temperature
    return np.asarray(np.exp(_pooled(shares, given=logs(probabilities))))


def hard_vote(probabilities: np.ndarray, *, answers: np.ndarray) -> np.ndarray:
    """Return float [products, categories]: (votes + mean probability) / (members + 1).

    Votes decide, the mean probability only breaks ties: two means are less than a vote apart, or
    every member is certain of the same category and votes for it too. Rows sum to 1.
    """
    members, _, categories = probabilities.shape
    votes = (answers[:, :, None] == np.arange(categories)).sum(axis=0)
    return np.asarray((votes + probabilities.mean(axis=0)) / (members + 1))


def soft_vote(probabilities: np.ndarray) -> np.ndarray:
    """Return float [products, categories]: the mean of the members' probabilities."""
    return np.asarray(probabilities.mean(axis=0))


def disagreement(answers: np.ndarray) -> float:
    """Return the share of products to which not all members give the same category."""
    return float((answers != answers[0]).any(axis=0).mean())


def _voted(probabilities: np.ndarray, answers: np.ndarray, *, method: str) -> np.ndarray:
    if method == "soft_vote":
        return soft_vote(probabilities)
    return hard_vote(probabilities, answers=answers)


def _fused(
    probabilities: np.ndarray,
    *,
    test: Mapping[str, pd.DataFrame],
    validation: Mapping[str, pd.DataFrame],
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the late fusion of each fold, and what was fitted."""
    val_probabilities, _ = _arrays(validation)
    labels, val_folds = _labels_and_folds(validation)
    _, folds = _labels_and_folds(test)
    combined = np.empty(probabilities.shape[1:])
    pools = []
    for fold in np.unique(folds):
        here, val = folds == fold, val_folds == fold
        if not val.any():
            raise AisleError(f"members have no answers on val in fold {fold}. Run 'dvc repro'.")
        pools.append(fit_pool(val_probabilities[:, val], labels=labels[val]))
        combined[here] = late_fusion(probabilities[:, here], pool=pools[-1])
    return combined, {
        "weights": [pool.weights.round(table.DIGITS).tolist() for pool in pools],
        "temperature": [round(pool.temperature, table.DIGITS) for pool in pools],
    }


def _cross_fitted(validation: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the late fusion on val, float [rows, categories]: no row is in its pool's fit.

    The parts of each fold are stratified by category. A product alone in its fold gets the pool
    with equal weights at temperature 1.
    """
    probabilities, _ = _arrays(validation)
    labels, folds = _labels_and_folds(validation)
    combined = np.empty(probabilities.shape[1:])
    for fold in np.unique(folds):
        here = np.flatnonzero(folds == fold)
        by_category = here[np.argsort(labels[here], kind="stable")]
        for part in range(min(PARTS, len(here))):
            answered = by_category[part::PARTS]
            rest = np.setdiff1d(by_category, answered)
            pool = (
                fit_pool(probabilities[:, rest], labels=labels[rest])
                if len(rest)
                else Pool(np.full(len(probabilities), 1 / len(probabilities)), 1.0)
            )
            combined[answered] = late_fusion(probabilities[:, answered], pool=pool)
    return combined


def _as_table(combined: np.ndarray, *, of: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return combined probabilities as answers to the rows of the members' tables."""
    first = next(iter(of.values()))
    return table.make(
        combined,
        products=first[table.PRODUCT],
        fold=first[table.FOLD].to_numpy(),
        actual=table.ids(first, table.ACTUAL),
        categories=table.categories(first),
    )


def _labels_and_folds(tables: Mapping[str, pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Return the actual categories and the folds of the tables' rows, int [rows] each."""
    first = next(iter(tables.values()))
    return table.ids(first, table.ACTUAL), first[table.FOLD].to_numpy()


def _arrays(tables: Mapping[str, pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities [members, rows, categories] and answers [members, rows]."""
    return (
        np.stack([table.normalised(one) for one in tables.values()]),
        np.stack([table.ids(one, table.PREDICTED) for one in tables.values()]),
    )


def _pooled(shares: np.ndarray, *, given: np.ndarray) -> np.ndarray:
    """Return float [products, categories]: logarithms of the pool of the members' logarithms."""
    from scipy.special import log_softmax

    return np.asarray(log_softmax(np.tensordot(shares, given, axes=1), axis=1))
