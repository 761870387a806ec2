"""Noise of an accuracy: from the choice of test products, and from the training seed."""

from dataclasses import dataclass

import numpy as np

from aisle.errors import AisleError


@dataclass(frozen=True)
class TwoNoises:
    """Standard deviations of an accuracy, as shares.

    `products`: other test products, same training. `seeds`: another training seed, same test
    products; None if there was only one seed.
    """

    products: float
    seeds: float | None


def two_noises(right: np.ndarray) -> TwoNoises:
    """Return product noise and seed noise of one candidate trained with several seeds.

    `right`: bool [seeds, n].

    Seeds: the standard deviation of the accuracies of the rows. All rows are scored on the same
    products, so the choice of products does not contribute.

    Products: √(variance over products of the share of seeds that answer it right, / n). With few
    seeds that share is itself noisy: a product right in 1 of 2 trainings may be right in 30 or 70
    of 100. This adds the mean of share · (1 - share) / (seeds - 1) to the variance, which is
    subtracted. With one seed nothing can be subtracted; the result is √(p (1 - p) / (n - 1)).

    Source: analysis of variance with random effects, one way: S. R. Searle, G. Casella and
    C. E. McCulloch, "Variance components" (1992), chapter 3, per product.
    Raises AisleError on fewer than two products.
    """
    right = np.asarray(right, dtype=bool)
    if right.ndim != 2 or right.shape[0] < 1 or right.shape[1] < 2:
        raise AisleError(
            f"right or wrong answers have the shape {right.shape}; expected at least one seed "
            "(rows) and two products (columns)."
        )
    seeds, n = right.shape
    share = right.mean(axis=0)
    between = share.var(ddof=1)
    if seeds == 1:
        return TwoNoises(products=float(np.sqrt(between / n)), seeds=None)
    within = (share * (1 - share)).mean() / (seeds - 1)
    return TwoNoises(
        products=float(np.sqrt(max(0.0, between - within) / n)),
        seeds=float(right.mean(axis=1).std(ddof=1)),
    )
