"""Intervals of a paired difference in accuracy: bootstrap over products, t over folds."""

import numpy as np


def bootstrap_interval(
    difference: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    confidence: float,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval (low, high) of a mean difference over products.

    `difference` is int [n]: 1 where only the first is right, -1 where only the second, else 0.
    With `groups` (int [n], from 0 without gaps) whole groups are drawn, because duplicates are
    right or wrong together.

    Products with the same difference are interchangeable, so drawing n of them is one multinomial
    draw over the few distinct values: exact, and as fast for a million products as for a hundred.

    Two pseudo-products, one in favour of each side, are added. Without them, a pair that never
    disagreed would get an interval of width zero.

    Sources: B. Efron, "Bootstrap methods", Annals of Statistics 7 (1979), percentile method; the
    two added products: D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data", JEBS 37 (2012).
    """
    # Computed for the leading side, then mirrored, so that a swapped pair gets the same interval.
    sign = -1 if difference.sum() < 0 else 1
    sums, sizes, counts = _cells(sign * difference, groups=groups)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(counts.sum(), counts / counts.sum(), size=resamples)
    outside = (1 - confidence) / 2
    low, high = sign * np.quantile((drawn @ sums) / (drawn @ sizes), [outside, 1 - outside])
    return float(min(low, high)), float(max(low, high))


def corrected_interval(
    difference: np.ndarray, *, folds: np.ndarray, confidence: float, train_share: float | None
) -> tuple[float, float]:
    """Return the corrected resampled t interval (low, high) of a mean difference over k folds.

    `difference` is int [n] as above, `folds` int [n]; see `corrected_error`.

    `train_share` is the share of all products that one fold is fitted on. By default, everything
    that is not tested counts as train, including val: test/train is then 1 / (k - 1).
    """
    _, fold = np.unique(folds, return_inverse=True)
    sizes = np.bincount(fold)
    k = len(sizes)
    by_fold = np.bincount(fold, weights=difference) / sizes
    ratio = (1 / k) / (1 - 1 / k if train_share is None else train_share)
    _, half = corrected_error(by_fold, ratio=ratio, confidence=confidence)
    mean = difference.mean()
    return float(mean - half), float(mean + half)


def corrected_error(values: np.ndarray, *, ratio: float, confidence: float) -> tuple[float, float]:
    """Return the standard error of a mean over k trainings, and half the width of its interval.

    `values` float [k]; `ratio` is test products / train products. The squared error is the variance
    s² of the values times (1/k + test/train), with k - 1 degrees of freedom: the trainings share
    products, so they vary less than independent ones would, and s²/k would be too small.

    Source: C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52
    (2003), section 3, for random splits; for cross-testing it is an approximation.
    """
    from scipy.stats import t

    k = len(values)
    error = float(np.sqrt((1 / k + ratio) * values.var(ddof=1)))
    return error, float(t.ppf((1 + confidence) / 2, k - 1)) * error


def _cells(
    difference: np.ndarray, *, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct (sum of difference, size) of groups, and the number of groups with each.

    The pseudo-products are added as two groups of size 1, one for each side.
    """
    if groups is None:
        first, second = int((difference > 0).sum()), int((difference < 0).sum())
        same = len(difference) - first - second
        return np.array([1, 0, -1]), np.ones(3, dtype=int), np.array([first + 1, same, second + 1])
    sizes = np.bincount(groups)
    sums = np.rint(np.bincount(groups, weights=difference)).astype(int)
    # Encode (sum, size) as one number: sorting numbers is many times faster than sorting rows.
    base = 2 * int(sizes.max()) + 1
    keys, counts = np.unique(
        np.concatenate([sizes * base + sums, [base + 1, base - 1]]) + base // 2, return_counts=True
    )
    return keys % base - base // 2, keys // base, counts
