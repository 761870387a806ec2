"""Scores of answers against the truth: arrays in, numbers out."""

import numpy as np

from aisle.statistics.intervals import wilson

DIGITS = 4


def scores(
    *, actual: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray
) -> dict[str, float | int]:
    """Return accuracy with its Wilson interval, macro-F1, log loss, and the counts behind them.

    `actual` and `predicted` are category ids [n], `probabilities` is [n, classes]. Rounded, so
    that a metrics file reads well and differences below rounding do not look like changes.
    """
    from sklearn.metrics import f1_score, log_loss

    correct, products = int((actual == predicted).sum()), len(actual)
    low, high = wilson(successes=correct, trials=products)
    labels = np.arange(probabilities.shape[1])
    rounded = {
        "accuracy": correct / products,
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": f1_score(actual, predicted, labels=labels, average="macro", zero_division=0.0),
        "log_loss": log_loss(actual, probabilities, labels=labels),
    }
    return {name: round(float(value), DIGITS) for name, value in rounded.items()} | {
        "correct": correct,
        "products": products,
    }
