"""Scores of predictions, each with its interval."""

import numpy as np

from aisle.statistics.bootstrap import score_intervals
from aisle.statistics.calibration import calibration_error
from aisle.statistics.clustered import clusters
from aisle.statistics.intervals import CONFIDENCE, share_interval
from aisle.statistics.log_loss import losses
from aisle.statistics.macro_f1 import categories, confusion, linear_values

DIGITS = 4

EXACT = 9
"""Significant digits of the log loss."""


def scores(
    *,
    actual: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray | None = None,
    folds: np.ndarray | None = None,
    confidence: float = CONFIDENCE,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Return accuracy, macro-F1, log loss and calibration error with their intervals, and counts.

    `actual` and `predicted` are category ids [n], `probabilities` is [n, classes]. `groups`, int
    [n], are groups of duplicates, `folds`, int [n], the fold in which a product was tested; None
    where each product is on its own, or for one split. The interval of the calibration error knows
    no folds. Scores are rounded, so that files read well and tiny differences do not show up as
    changes; but not the log loss, which decides between candidates with equally many right answers.
    """
    together = clusters(len(actual), groups=groups, folds=folds)
    table = confusion(actual=actual, predicted=predicted, classes=probabilities.shape[1])
    linear = linear_values(table, actual=actual, predicted=predicted)
    accuracy = together.mean(actual == predicted)
    macro_f1 = together.mean(linear, fitted=categories(table) - 1)
    values = {
        "accuracy": accuracy.mean,
        "macro_f1": macro_f1.mean,
        "log_loss": float(losses(actual=actual, probabilities=probabilities).mean()),
        "calibration_error": calibration_error(
            actual=actual, predicted=predicted, probabilities=probabilities
        ),
    }
    intervals = {
        "accuracy": share_interval(accuracy, confidence=confidence),
        "macro_f1": share_interval(macro_f1, confidence=confidence),
    } | score_intervals(
        actual,
        predicted,
        probabilities,
        clusters=together,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )
    rounded: dict[str, float | int] = {}
    for name, value in values.items():
        low, high = intervals[name]
        for key, number in ((name, value), (f"{name}_low", low), (f"{name}_high", high)):
            rounded[key] = round(float(number), DIGITS)
    return rounded | {
        "log_loss": float(f"{values['log_loss']:.{EXACT}g}"),
        "correct": int((actual == predicted).sum()),
        "products": len(actual),
    }
