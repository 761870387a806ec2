"""Calibration error: is a candidate that says 80 % right in 80 of 100 such cases?"""

import numpy as np

BINS = 15


def calibration_error(
    *, actual: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> float:
    """Return the expected calibration error of the predictions, a share from 0 (good) to 1.

    `actual`, `predicted`: category ids [n]; `probabilities` [n, classes]. Predictions are sorted
    into `bins` bins of equal width by their probability. In each bin the mean probability is
    compared with the share of right answers; the gaps are averaged, weighted by products.

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.
    """
    bin_of, gap = gaps(actual=actual, predicted=predicted, probabilities=probabilities, bins=bins)
    return float(np.abs(np.bincount(bin_of, weights=gap)).sum() / len(actual))


def gaps(
    *, actual: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> tuple[np.ndarray, np.ndarray]:
    """Return each answer's bin, int [n] from 0, and its gap, float [n].

    The gap is 1 (right) or 0 (wrong) minus the stated probability. Bin m holds probabilities
    above m / bins and up to (m + 1) / bins.
    """
    stated = probabilities[np.arange(len(actual)), predicted]
    bin_of = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    return bin_of, (actual == predicted) - stated.astype(float)
