"""One split: an exact test of the products on which two candidates disagree, and its interval."""

import numpy as np

from aisle.statistics.clustered import Clusters
from aisle.statistics.intervals import share_interval

EXACT = 20_000
"""Largest support of the exact distribution of groups; beyond, the normal distribution is used."""


def sums_by_group(right: np.ndarray, *, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the right answers in each group, int [candidates, groups], and its products.

    `right` bool [candidates, n]; `groups` int [n], or None where each product is its own.
    """
    if groups is None:
        return right.astype(int), np.ones(right.shape[1], dtype=int)
    group = np.unique(groups, return_inverse=True)[1]
    sums = np.stack([np.bincount(group, weights=row) for row in right])
    return np.rint(sums).astype(int), np.bincount(group)


def sign_test(sums: np.ndarray) -> float:
    """Return the exact two-sided p-value of a difference, from its sum in each group, int [groups].

    If both candidates were equally good, each group that tells them apart would favour either with
    probability 1/2. p is the probability of a total at least as far from 0. With groups of one
    product this is McNemar's exact test; 1 where nothing tells the two apart.

    Source: Q. McNemar, Psychometrika 12 (1947), with the binomial in place of chi-square; for
    groups, R. A. Fisher's randomisation of signs ("The design of experiments", 1935, section 21).
    """
    return min(1.0, 2 * _tail(abs(int(sums.sum())), counts=_counts(sums), share=0.5))


def interval(sums: np.ndarray, sizes: np.ndarray, *, confidence: float) -> tuple[float, float]:
    """Return the interval (low, high) of the mean difference over products.

    `sums`, `sizes`: int [groups], as in `sign_test`, and the number of products of each group.

    The difference is the share of products that tell the two apart, times how lopsided they are,
    from -1 to 1. How lopsided: the exact limits that invert `sign_test` (C. J. Clopper and E. S.
    Pearson, Biometrika 26, 1934), so the interval excludes 0 exactly when p < 1 - confidence. The
    share: Wilson's limits. The two are combined by MOVER (G. Y. Zou and A. Donner, Statistics in
    Medicine 27, 2008).
    """
    n, counts, units = int(sizes.sum()), _counts(sums), len(sums)
    together = Clusters(np.arange(units), np.zeros(units, dtype=int), sizes, np.array([n]))
    share = together.mean(np.abs(sums))
    apart, (fewest, most) = share.mean, share_interval(share, confidence=confidence)
    lopsided = _lopsided(int(sums.sum()), counts=counts, confidence=confidence)
    mirrored = _lopsided(-int(sums.sum()), counts=counts, confidence=confidence)
    mean = float(sums.sum()) / n
    distances = [
        np.hypot(
            sign * mean - limit * apart,
            limit * (apart - fewest) if limit > 0 else limit * (most - apart),
        )
        for sign, limit in ((1, lopsided), (-1, mirrored))
    ]
    return max(-1.0, float(mean - distances[0])), min(1.0, float(mean + distances[1]))


def _lopsided(total: int, *, counts: dict[int, int], confidence: float) -> float:
    """Return the lower limit, from -1 to 1, of how much the groups favour the first candidate."""
    from scipy.optimize import brentq
    from scipy.special import betaincinv

    outside = (1 - confidence) / 2
    largest = sum(size * count for size, count in counts.items())
    if total == -largest:
        return -1.0
    if counts.keys() == {1}:
        won = (total + largest) // 2
        return 2 * float(betaincinv(won, largest - won + 1, outside)) - 1

    def excess(share: float) -> float:
        return _tail(total, counts=counts, share=share) - outside

    return 2 * float(brentq(excess, 0.0, 1.0, xtol=1e-10)) - 1


def _tail(total: int, *, counts: dict[int, int], share: float) -> float:
    """Return the probability of a sum of at least `total`.

    `counts`: how many groups have a sum of ±size, by size; each is positive with probability
    `share`.
    """
    from scipy.special import bdtrc, ndtr

    larger = {size: count for size, count in counts.items() if size > 1}
    span = sum(size * count for size, count in larger.items())
    ones = counts.get(1, 0)
    if span > EXACT:
        mean = (2 * share - 1) * (span + ones)
        squares = sum(size**2 * count for size, count in counts.items())
        deviation = np.sqrt(4 * share * (1 - share) * squares)
        # half a step, since sums move by 2 at least
        return float(ndtr((mean - total + 1) / max(deviation, 1e-12)))
    chances = np.ones(1)  # of the larger groups: index = sum over positive groups of their size
    for size, count in larger.items():
        spread = np.zeros(size * count + 1)
        spread[::size] = _binomial(count, share=share)
        chances = np.convolve(chances, spread)
    rest = total - (2 * np.arange(span + 1) - span)
    # at least `rest` from the ones: more than `fewer` of them positive
    fewer = np.ceil((rest + ones) / 2) - 1
    of_ones = np.where(
        fewer < 0, 1.0, np.where(fewer >= ones, 0.0, bdtrc(np.clip(fewer, 0, ones), ones, share))
    )
    return float(chances @ of_ones)


def _binomial(count: int, *, share: float) -> np.ndarray:
    """Return the binomial probabilities of 0 to `count`; scipy.stats takes ten times as long."""
    from scipy.special import gammaln, xlog1py, xlogy

    some = np.arange(count + 1)
    ways = gammaln(count + 1) - gammaln(some + 1) - gammaln(count - some + 1)
    return np.asarray(np.exp(ways + xlogy(some, share) + xlog1py(count - some, -share)))


def _counts(sums: np.ndarray) -> dict[int, int]:
    sizes, counts = np.unique(np.abs(sums[sums != 0]), return_counts=True)
    return dict(zip(sizes.tolist(), counts.tolist(), strict=True))
