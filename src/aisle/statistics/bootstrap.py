"""Bootstrap intervals of macro-F1, log loss and calibration error, which have no closed form."""

import numpy as np

from aisle.statistics.calibration import BINS, gaps
from aisle.statistics.intervals import CONFIDENCE, wilson_of_share
from aisle.statistics.log_loss import FLOOR, losses
from aisle.statistics.stratified import Means, resampled_means

# Entries of resampled confusion tables held in memory at a time: 32 MB.
BATCH = 4_000_000


def score_intervals(
    actual: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Return the intervals (low, high) of "macro_f1", "log_loss" and "calibration_error".

    `actual`, `predicted`: category ids [n]; `probabilities` [n, classes]. Test products are
    resampled within each category, because the split is stratified. Plain percentiles of the
    resamples are too narrow or biased, so each score has its own method: see `macro_f1_interval`,
    `log_loss_interval` and `calibration_interval`. docs/statistics.md has the measured coverage.
    """
    generator = np.random.default_rng(seed)
    bin_of, gap = gaps(actual=actual, predicted=predicted, probabilities=probabilities)
    values = np.zeros((len(actual), 1 + BINS))
    values[:, 0] = losses(actual=actual, probabilities=probabilities)
    values[np.arange(len(actual)), 1 + bin_of] = gap
    means = resampled_means(values, strata=actual, resamples=resamples, generator=generator)
    loss, calibration = _columns(means, slice(0, 1)), _columns(means, slice(1, None))
    table = confusion(actual=actual, predicted=predicted, classes=probabilities.shape[1])
    return {
        "macro_f1": macro_f1_interval(
            table, confidence=confidence, resamples=resamples, generator=generator
        ),
        "log_loss": log_loss_interval(loss, confidence=confidence, largest=-np.log(FLOOR)),
        "calibration_error": calibration_interval(calibration, confidence=confidence),
    }


def macro_f1_interval(
    table: np.ndarray, *, confidence: float, resamples: int, generator: np.random.Generator
) -> tuple[float, float]:
    """Return the interval of macro-F1 from a confusion table, int [true, predicted].

    Resampling within a category is one multinomial draw over its row. The variance of the resamples
    gives an effective sample size, at most the number of products; the interval is Wilson's for
    that size. Unlike percentiles, it has a width even when every answer is right.
    """
    classes, n = len(table), int(table.sum())
    drawn = []
    step = max(1, BATCH // classes**2)
    for start in range(0, resamples, step):
        tables = np.zeros((min(step, resamples - start), classes, classes), dtype=int)
        for row in np.flatnonzero(table.sum(axis=1)):
            products = int(table[row].sum())
            shares = table[row] / products
            tables[:, row] = generator.multinomial(products, shares, size=len(tables))
        drawn.append(macro_f1(tables))
    score = float(macro_f1(table))
    variance = float(np.concatenate(drawn).var())
    size = min(float(n), score * (1 - score) / variance) if variance > 0 else float(n)
    return wilson_of_share(score, size=size, confidence=confidence)


def log_loss_interval(loss: Means, *, confidence: float, largest: float) -> tuple[float, float]:
    """Return the studentised bootstrap interval of the mean log loss, one column of `Means`.

    A few confident mistakes make up most of a log loss. A resample without them has both a low loss
    and a low spread. Dividing each resample's distance by its own standard error corrects for that;
    plain percentiles end too low. The interval is capped at `largest`.

    Source: B. Efron and R. Tibshirani, "An introduction to the bootstrap" (1993), section 12.5.
    """
    mean, error = float(loss.mean[0]), float(loss.error[0])
    if error <= 1e-9 * max(mean, 1e-9):  # within each category, all products have the same loss
        return mean, mean
    drawn, errors = loss.drawn[:, 0], loss.drawn_error[:, 0]
    # A resample of identical products has no spread; a thousandth keeps the division finite.
    distance = (drawn - mean) / np.maximum(errors, error / 1000)
    outside = (1 - confidence) / 2
    low, high = mean - error * np.quantile(distance, [1 - outside, outside])
    return max(0.0, float(low)), min(float(largest), float(high))


def calibration_interval(gap: Means, *, confidence: float) -> tuple[float, float]:
    """Return a conservative interval of the calibration error from the mean gap of each bin.

    The calibration error sums absolute gaps, so chance inflates it: once in the test set, and again
    in each resample. Percentiles of resamples therefore lie above the true value (always, for a
    perfectly calibrated candidate). Instead:

    - low end: the error minus what chance may add, the upper percentile of the sum over bins of
      |resampled gap - gap|. By the triangle inequality, chance cannot add more than that sum.
    - high end: the upper percentile of the resampled errors, minus their average inflation.

    The interval contains the error and covers the true value more often than `confidence`.
    """
    outside = (1 - confidence) / 2
    error = float(np.abs(gap.mean).sum())
    chance = float(np.quantile(np.abs(gap.drawn - gap.mean).sum(axis=1), 1 - outside))
    drawn = np.abs(gap.drawn).sum(axis=1)
    high = error + float(np.quantile(drawn, 1 - outside) - drawn.mean())
    return max(0.0, error - chance), min(1.0, high)


def macro_f1(table: np.ndarray) -> np.ndarray:
    """Return the macro-F1, [...], of confusion tables, int [..., true, predicted].

    A category that is neither present nor predicted scores 0, like scikit-learn's zero_division=0.
    """
    right = np.diagonal(table, axis1=-2, axis2=-1)
    both = table.sum(axis=-1) + table.sum(axis=-2)
    return np.asarray((2 * right / np.maximum(both, 1)).mean(axis=-1))


def confusion(*, actual: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return the confusion table, int [classes, classes]: true categories down, answers across."""
    return np.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _columns(means: Means, columns: slice) -> Means:
    return Means(
        means.mean[columns],
        means.error[columns],
        means.drawn[:, columns],
        means.drawn_error[:, columns],
    )
