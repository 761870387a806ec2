"""Macro-F1: F1 of each category, averaged; and what each answer adds to it."""

import numpy as np


def macro_f1(table: np.ndarray) -> np.ndarray:
    """Return the macro-F1, [...], of confusion tables, int [..., true, predicted].

    A category that is neither present nor predicted scores 0, like scikit-learn's zero_division=0.
    """
    return np.asarray(_f1(table).mean(axis=-1))


def linear_values(table: np.ndarray, *, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return a value per answer, float [n], whose mean is macro-F1 and varies like macro-F1.

    `table` is the confusion table of `actual` and `predicted`, category ids [n]. Values are the
    first-order change of macro-F1 by one more such answer. Those of equal categories are 0 to 1 for
    wrong and right answers, like those of a share.

    Source: linearisation, C.-E. Särndal et al., "Model assisted survey sampling" (1992), 5.5.
    """
    f1, both = _f1(table), np.maximum(_both(table), 1)
    change = np.diag(2 / both) - (f1 / both)[:, None] - f1 / both
    classes, n = len(table), len(actual)
    return np.asarray(f1.mean() + n / classes * change[actual, predicted])


def confusion(*, actual: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return the confusion table, int [classes, classes]: true categories down, answers across."""
    return np.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)


def categories(table: np.ndarray) -> int:
    """Return how many categories are present or predicted: as many F1 go into linear values."""
    return int((_both(table) > 0).sum())


def _both(table: np.ndarray) -> np.ndarray:
    return np.asarray(table.sum(axis=-1) + table.sum(axis=-2))


def _f1(table: np.ndarray) -> np.ndarray:
    right = np.diagonal(table, axis1=-2, axis2=-1)
    return np.asarray(2 * right / np.maximum(_both(table), 1))
