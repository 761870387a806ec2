"""Wilson score intervals of shares."""

import numpy as np

from aisle.statistics.clustered import Mean

CONFIDENCE = 0.95


def wilson(*, successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson score interval (low, high) of a binomial share.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927); computed by scipy.stats.binomtest.
    """
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def share_interval(found: Mean, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson score interval of a share that knows of duplicates and folds.

    `found` is the mean of values that average to a share: right answers, or the linear values of
    macro-F1. Its variance, over that of as many products on their own, says for how many of those
    they count, at most all. With an excess between folds, t takes the place of the normal quantile.
    Right answers without groups and folds have exactly Wilson's interval.

    Few mistakes tell little about how alike groups answer. So one more mistake is imagined, made by
    a whole group of the usual size: with no mistake at all, each group counts once.

    Source of the size: E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998).
    """
    share, n = found.mean, found.products
    alone = share * (1 - share) / max(n - 1, 1)
    whole = n / found.alike
    mistakes = n * min(share, 1 - share)
    growth = found.within / alone if alone > 0 and np.isfinite(found.within) else whole
    growth = (mistakes * growth + whole * whole) / (mistakes + whole)
    if found.training > 0:
        growth += found.training / alone
    size = n / max(growth, 1.0)
    z = found.quantile(confidence)
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
