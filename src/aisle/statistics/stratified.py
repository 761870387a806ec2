"""Stratified bootstrap: resample the test set, keeping the number of products per category."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# Above this many products, resampled means are drawn from their normal limit. Drawing one by one
# takes 10,000 · 5,000 random numbers, and at that size the two agree (a test checks it).
DRAWN_ONE_BY_ONE = 5_000
# Numbers held in memory at a time while drawing: 16 MB as float32.
BATCH = 4_000_000


@dataclass(frozen=True)
class Means:
    """Means of k values per product, over the test set and over each resample.

    `mean` [k] and its standard error `error` [k]; `drawn` [resamples, k] and `drawn_error`
    [resamples, k]: the same two for each resample.
    """

    mean: np.ndarray
    error: np.ndarray
    drawn: np.ndarray
    drawn_error: np.ndarray


def resampled_means(
    values: np.ndarray,
    *,
    strata: np.ndarray,
    resamples: int,
    generator: np.random.Generator,
) -> Means:
    """Return the means of `values`, float [n, k], over n products and over `resamples` test sets.

    `strata`, int [n]: the categories. Each resample draws, with replacement, as many products of a
    category as the test set has, because the split is stratified.

    Above `DRAWN_ONE_BY_ONE` products, the resampled means are drawn from their normal limit, with
    the covariance of the resampling: exact in mean and spread, but without the small remaining
    skew. `drawn_error` is then `error`.
    """
    n, k = values.shape
    order = np.argsort(strata, kind="stable")
    parts = np.split(values[order], np.flatnonzero(np.diff(strata[order])) + 1)
    mean = values.mean(axis=0)
    if n > DRAWN_ONE_BY_ONE:
        covariance = sum(np.cov(part.T, bias=True).reshape(k, k) * len(part) for part in parts)
        covariance = np.asarray(covariance) / n**2
        drawn = generator.multivariate_normal(mean, covariance, size=resamples, method="eigh")
        error = np.sqrt(np.diag(covariance))
        return Means(mean, error, drawn, np.broadcast_to(error, drawn.shape))
    variance = np.zeros(k)
    drawn, drawn_variance = np.zeros((resamples, k)), np.zeros((resamples, k))
    for part in parts:
        # Centre the values, so that single precision is enough for the squares.
        centre = part.mean(axis=0)
        around = (part - centre).astype(np.float32)
        size, both = len(part), np.hstack([around, around**2])
        variance += size * part.var(axis=0) / n**2
        for rows, counts in _counts(size, resamples=resamples, generator=generator):
            first, second = np.split((counts @ both).astype(float) / size, 2, axis=1)
            drawn[rows] += size * (centre + first) / n
            drawn_variance[rows] += size * np.maximum(second - first**2, 0) / n**2
    return Means(mean, np.sqrt(variance), drawn, np.sqrt(drawn_variance))


def _counts(
    size: int, *, resamples: int, generator: np.random.Generator
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield how often each of `size` products is drawn, float32 [resamples of a batch, size]."""
    step = max(1, BATCH // size)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        picked = generator.integers(0, size, (rows, size)) + np.arange(rows)[:, None] * size
        counts = np.bincount(picked.ravel(), minlength=rows * size).reshape(rows, size)
        yield slice(start, start + rows), counts.astype(np.float32)
