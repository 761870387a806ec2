"""Bootstrap intervals of log loss and calibration error, which have no closed form."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aisle.statistics.calibration import BINS, gaps
from aisle.statistics.clustered import Clusters, Mean
from aisle.statistics.intervals import CONFIDENCE
from aisle.statistics.log_loss import FLOOR, losses

# Above this many units, resampled means are drawn from their normal limit. Drawing one by one
# takes 10,000 · 5,000 random numbers, and at that size the two agree (a test checks it).
DRAWN_ONE_BY_ONE = 5_000
# Numbers held in memory at a time while drawing: 16 MB as float32.
BATCH = 4_000_000


@dataclass(frozen=True)
class Drawn:
    """Means of k values per product over each resample, [resamples, k], and their standard errors.

    `errors` [resamples, k]: the standard error that each resample would state for its own mean.
    """

    means: np.ndarray
    errors: np.ndarray


def score_intervals(
    actual: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    *,
    clusters: Clusters,
    confidence: float = CONFIDENCE,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Return the intervals (low, high) of "log_loss" and "calibration_error".

    `actual`, `predicted`: category ids [n]; `probabilities` [n, classes]. The units of `clusters`
    are resampled, groups of duplicates whole. Plain percentiles of the resamples are too narrow or
    biased, so each score has its own method: see `log_loss_interval` and `calibration_interval`.
    docs/statistics.md has the measured coverage.
    """
    bin_of, gap = gaps(actual=actual, predicted=predicted, probabilities=probabilities)
    values = np.zeros((1 + BINS, len(actual)))
    values[0] = losses(actual=actual, probabilities=probabilities)
    values[1 + bin_of, np.arange(len(actual))] = gap
    drawn = resampled_means(
        values, clusters=clusters, resamples=resamples, generator=np.random.default_rng(seed)
    )
    return {
        "log_loss": log_loss_interval(
            clusters.mean(values[0]),
            drawn=Drawn(drawn.means[:, 0], drawn.errors[:, 0]),
            confidence=confidence,
            largest=-np.log(FLOOR),
        ),
        "calibration_error": calibration_interval(
            values[1:].mean(axis=1), drawn=drawn.means[:, 1:], confidence=confidence
        ),
    }


def log_loss_interval(
    loss: Mean, *, drawn: Drawn, confidence: float, largest: float
) -> tuple[float, float]:
    """Return the studentised bootstrap interval of the mean log loss; `drawn` is one-dimensional.

    A few confident mistakes make up most of a log loss. A resample without them has both a low loss
    and a low spread. Dividing each resample's distance by its own standard error corrects for that;
    plain percentiles end too low. An excess between folds widens the interval like one of a mean,
    by the larger standard error and the larger quantile. The interval is capped at `largest`.

    Source: B. Efron and R. Tibshirani, "An introduction to the bootstrap" (1993), section 12.5.
    """
    from scipy.special import ndtri

    mean, error = loss.mean, float(np.sqrt(loss.variance))
    if not error > 1e-9 * max(mean, 1e-9):  # all products have the same loss, or there is but one
        return mean, mean
    # A resample of identical products has no spread; a thousandth keeps the division finite.
    distance = (drawn.means - mean) / np.maximum(drawn.errors, np.sqrt(loss.within) / 1000)
    outside = (1 - confidence) / 2
    error *= loss.quantile(confidence) / float(ndtri(1 - outside))
    low, high = mean - error * np.quantile(distance, [1 - outside, outside])
    return max(0.0, float(low)), min(float(largest), float(high))


def calibration_interval(
    gap: np.ndarray, *, drawn: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return a conservative interval of the calibration error from the mean gap of each bin, [k].

    `drawn` [resamples, k]: the mean gaps of each resample.

    The calibration error sums absolute gaps, so chance inflates it: once in the test set, and again
    in each resample. Percentiles of resamples therefore lie above the true value (always, for a
    perfectly calibrated candidate). Instead:

    - low end: the error minus what chance may add, the upper percentile of the sum over bins of
      |resampled gap - gap|. By the triangle inequality, chance cannot add more than that sum.
    - high end: the upper percentile of the resampled errors, minus their average inflation.

    The interval contains the error and covers the true value more often than `confidence`. It knows
    nothing of folds.
    """
    outside = (1 - confidence) / 2
    error = float(np.abs(gap).sum())
    chance = float(np.quantile(np.abs(drawn - gap).sum(axis=1), 1 - outside))
    errors = np.abs(drawn).sum(axis=1)
    high = error + float(np.quantile(errors, 1 - outside) - errors.mean())
    return max(0.0, error - chance), min(1.0, high)


def resampled_means(
    values: np.ndarray, *, clusters: Clusters, resamples: int, generator: np.random.Generator
) -> Drawn:
    """Return the means of `values`, float [k, n], over `resamples` draws of as many units.

    Above `DRAWN_ONE_BY_ONE` units, the means are drawn from their normal limit, with the covariance
    of the resampling: exact in mean and spread, but without the small remaining skew. The standard
    errors are then all the same.
    """
    n, sizes, mean = values.shape[1], clusters.sizes, values.mean(axis=1)
    units = len(sizes)
    # Around the mean, so that single precision is enough for the squares.
    around = np.empty((len(values), units))
    for number, row in enumerate(values):
        around[number] = clusters.sums(row) - mean[number] * sizes
    if units > DRAWN_ONE_BY_ONE:
        covariance = around @ around.T / n**2
        means = generator.multivariate_normal(mean, covariance, size=resamples, method="eigh")
        return Drawn(means, np.broadcast_to(np.sqrt(np.diag(covariance)), means.shape))
    columns = np.vstack([sizes, around, around**2]).T.astype(np.float32)
    drawn = np.vstack(
        [counts @ columns for counts in _counts(units, resamples=resamples, generator=generator)]
    ).astype(float)
    products = drawn[:, :1]
    sums, squares = np.split(drawn[:, 1:], 2, axis=1)
    spread = np.maximum(squares - sums**2 / units, 0) * units / max(units - 1, 1)
    return Drawn(mean + sums / products, np.sqrt(spread) / products)


def _counts(size: int, *, resamples: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield how often each of `size` units is drawn, float32 [resamples of a batch, size]."""
    step = max(1, BATCH // size)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        picked = generator.integers(0, size, (rows, size)) + np.arange(rows)[:, None] * size
        counts = np.bincount(picked.ravel(), minlength=rows * size).reshape(rows, size)
        yield counts.astype(np.float32)
