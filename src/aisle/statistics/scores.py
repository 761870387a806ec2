"""Scores of predictions, each with its interval."""

from typing import Any

import numpy as np

from aisle.statistics.bootstrap import score_intervals
from aisle.statistics.calibration import calibration_error
from aisle.statistics.intervals import CONFIDENCE, wilson
from aisle.statistics.log_loss import losses

DIGITS = 4

EXACT = 9
"""Significant digits of the log loss."""


def scores(
    *,
    actual: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    confidence: float = CONFIDENCE,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Return accuracy, macro-F1, log loss and calibration error with their intervals, and counts.

    `actual` and `predicted` are category ids [n], `probabilities` is [n, classes]. Scores are
    rounded, so that files read well and tiny differences do not show up as changes; but not the log
    loss, which decides between candidates with equally many right answers.
    """
    from sklearn.metrics import f1_score

    correct, products = int((actual == predicted).sum()), len(actual)
    low, high = wilson(successes=correct, trials=products, confidence=confidence)
    answers: dict[str, Any] = {
        "actual": actual,
        "predicted": predicted,
        "probabilities": probabilities,
    }
    intervals = score_intervals(**answers, confidence=confidence, resamples=resamples, seed=seed)
    labels = np.arange(probabilities.shape[1])
    rounded = {"accuracy": correct / products, "accuracy_low": low, "accuracy_high": high}
    others = {
        "macro_f1": f1_score(actual, predicted, labels=labels, average="macro", zero_division=0.0),
        "log_loss": float(losses(actual=actual, probabilities=probabilities).mean()),
        "calibration_error": calibration_error(
            actual=actual, predicted=predicted, probabilities=probabilities
        ),
    }
    for name, value in others.items():
        low, high = intervals[name]
        rounded |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return {name: round(float(value), DIGITS) for name, value in rounded.items()} | {
        "log_loss": float(f"{others['log_loss']:.{EXACT}g}"),
        "correct": correct,
        "products": products,
    }
