"""The error of a mean over trainings that share products."""

import numpy as np


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
