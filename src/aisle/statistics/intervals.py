"""Wilson score intervals of shares."""

import numpy as np

CONFIDENCE = 0.95


def wilson(*, successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson score interval (low, high) of a binomial share.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927); computed by scipy.stats.binomtest.
    """
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def wilson_of_share(share: float, *, size: float, confidence: float) -> tuple[float, float]:
    """Return the Wilson score interval of a share with an effective sample size of `size`.

    For scores that are not counts, such as macro-F1: `size` is share · (1 - share) / variance.
    Source of that size: E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998).
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
