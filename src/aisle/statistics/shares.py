"""Two shares compared: are they from different products further apart than by chance?"""


def fisher(*, successes: tuple[int, int], trials: tuple[int, int]) -> float:
    """Return the two-sided p of Fisher's exact test that two independent shares are equal.

    Source: R. A. Fisher, "Statistical Methods for Research Workers" (1925); scipy.
    """
    from scipy.stats import fisher_exact

    rows = [[right, n - right] for right, n in zip(successes, trials, strict=True)]
    return float(fisher_exact(rows).pvalue)
