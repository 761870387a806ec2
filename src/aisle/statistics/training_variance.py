"""Training variance: how much an accuracy moves from one training to the next.

Estimated from the folds of a cross-test, or from several seeds on one split. "Variance" here is of
an accuracy as a share; "own" means of one candidate alone, not shared with the others.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TrainingVariance:
    """Training variance of the difference of each pair, float [..., candidates, candidates].

    `variance` is the sum over the two of what one training adds; `uncertainty` the sampling
    variance of that estimate. Both are symmetric; their diagonals have no meaning.
    """

    variance: np.ndarray
    uncertainty: np.ndarray


def from_folds(between: np.ndarray, products: np.ndarray, *, folds: int) -> TrainingVariance:
    """Return the training variance from the differences by fold, float [..., c, c] both.

    `between`: variance over the folds of the difference of each pair. `products`: the part of it
    that comes from the fold's test products alone.

    With own training variances v, the excess of `between` over `products` is v_i + v_j for the pair
    (i, j). Least squares over all pairs gives each v, and 0 where that is negative: candidates
    differ in training variance, so one common value would be wrong, and a pair's own few folds say
    less than all pairs with either of the two. `uncertainty` is that of normal fold means.

    Source of the model: Y. Nadeau and Y. Bengio, "Inference for the generalization error", Machine
    Learning 52 (2003); of least squares for variance components: C. R. Rao, "MINQUE", JASA 67
    (1972).
    """
    candidates = between.shape[-1]
    if candidates == 2:  # one pair: the two cannot be told apart, and need not be
        excess = np.maximum(between - products, 0)
        total = excess + products
        return TrainingVariance(excess, 2 * total**2 / (folds - 1))
    excess = np.maximum(_own(between - products), 0)
    total = excess + np.maximum(_own(products), 0)
    # Own values come from fold means less the mean candidate's: covariance `centred` of those,
    # `squares` of their sums of squares, `weights` of the least squares.
    centre = np.eye(candidates) - 1 / candidates
    centred = (centre * total[..., np.newaxis, :]) @ centre
    squares = 2 * centred**2 / (folds - 1)
    weights = (candidates * np.eye(candidates) - 1 / (candidates - 1)) / (candidates - 2)
    covariance = weights @ squares @ weights.T
    alone = np.diagonal(covariance, axis1=-2, axis2=-1)
    return TrainingVariance(_of_pairs(excess), _of_pairs(alone) + 2 * covariance)


def from_seeds(right: np.ndarray) -> tuple[float, float]:
    """Return one candidate's own training variance and the uncertainty of it.

    `right`: bool [seeds, n], the same products answered after trainings with different seeds. The
    variance over seeds of the accuracy contains noise: products whose answer flips at random, which
    the test products' own noise already counts. It is subtracted, as in `from_folds`.
    """
    seeds, n = right.shape
    flips = float(right.var(axis=0, ddof=1).mean()) / n
    excess = max(float(right.mean(axis=1).var(ddof=1)) - flips, 0.0)
    return excess, 2 * (excess + flips) ** 2 / (seeds - 1)


def own(excess: np.ndarray) -> np.ndarray:
    """Return the training variance of each candidate, float [c], from the excess of each pair."""
    if len(excess) == 2:
        return np.asarray(np.maximum(excess.sum(axis=1) / 2, 0))
    return np.asarray(np.maximum(_own(excess), 0))


def _own(of_pairs: np.ndarray) -> np.ndarray:
    """Return the least-squares v, float [..., c], of v_i + v_j given for each pair, [..., c, c]."""
    candidates = of_pairs.shape[-1]
    sums = of_pairs.sum(axis=-1) - np.diagonal(of_pairs, axis1=-2, axis2=-1)
    total = sums.sum(axis=-1, keepdims=True) / (2 * (candidates - 1))
    return np.asarray((sums - total) / (candidates - 2))


def _of_pairs(each: np.ndarray) -> np.ndarray:
    return np.asarray(each[..., :, np.newaxis] + each[..., np.newaxis, :])
