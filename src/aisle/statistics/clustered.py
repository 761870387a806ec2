"""The variance of a mean over products that come in groups of duplicates and in folds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mean:
    """A mean over products, and the two things that move it.

    `mean`; `within`: the variance of the mean from the choice of products, NaN where there are too
    few units; `excess`: the variance of a fold's own mean beyond that, from its training, unbiased
    and so below 0 by chance; `folds`; `weight`: the sum of the squared shares of products per fold,
    1 / folds where these are of one size; `products`; `units`: groups of duplicates; `alike`: as
    many products tell as much if a group always answers as one, n² / Σ size² (L. Kish, "Survey
    sampling", 1965).
    """

    mean: float
    within: float
    excess: float
    folds: int
    weight: float
    products: int
    units: int
    alike: float

    @property
    def training(self) -> float:
        """The variance of the mean from the trainings: 0 where there is one, or no excess."""
        return max(0.0, self.excess) * self.weight

    @property
    def variance(self) -> float:
        """The variance of the mean."""
        return self.within + self.training

    @property
    def degrees(self) -> int:
        """The degrees of freedom of `variance`.

        With an excess, `variance` is that between the folds, so folds - 1; else units - folds.
        """
        return self.folds - 1 if self.training > 0 else max(self.units - self.folds, 1)

    def quantile(self, confidence: float) -> float:
        """Return half the width of an interval of the mean, in standard errors.

        From the t distribution where folds vary beyond chance, else from the normal one.
        """
        from scipy.special import ndtri, stdtrit

        upper = (1 + confidence) / 2
        return float(stdtrit(self.degrees, upper) if self.training > 0 else ndtri(upper))


@dataclass(frozen=True)
class Spread:
    """Several means over the same products, float [c], and their covariances, float [c, c].

    `within`: of the means, from the choice of products. `between`: of the means of single folds,
    over the folds, 0 for one; `of_products`: the part of it that comes from the choice of products.
    `folds`, `weight` as in `Mean`.
    """

    means: np.ndarray
    within: np.ndarray
    between: np.ndarray
    of_products: np.ndarray
    folds: int
    weight: float


@dataclass(frozen=True)
class Clusters:
    """Which products go together: the unit of each, int [n], and the fold of each unit, int.

    A unit is a group of duplicates within a fold; `sizes` and `in_fold` are the products of each
    unit and each fold. Made by `clusters`.
    """

    unit: np.ndarray
    fold: np.ndarray
    sizes: np.ndarray
    in_fold: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of `values`, [n], over each unit."""
        return np.bincount(self.unit, weights=values, minlength=len(self.sizes))

    def mean(self, values: np.ndarray, *, fitted: int = 0) -> Mean:
        """Return the mean of `values`, [n], and its variance with the units drawn whole.

        The variance from products is that of a ratio, sum over size, around each fold's mean. What
        the folds' means vary beyond it is the excess. `fitted` is how many numbers besides the
        means the values were made with: each makes them vary less than they should.

        Source: W. G. Cochran, "Sampling techniques" (1977), section 6.3, for the ratio; analysis of
        variance with random effects, S. R. Searle et al., "Variance components" (1992), for the
        excess.
        """
        n, units = int(self.sizes.sum()), len(self.sizes)
        found = self.spread(np.asarray(values)[np.newaxis], fitted=fitted)
        return Mean(
            mean=float(found.means[0]),
            within=float(found.within[0, 0]),
            excess=float(found.between[0, 0] - found.of_products[0, 0]),
            folds=found.folds,
            weight=found.weight,
            products=n,
            units=units,
            alike=float(n**2 / (self.sizes**2).sum()),
        )

    def spread(self, values: np.ndarray, *, fitted: int = 0) -> Spread:
        """Return the means of the rows of `values`, [c, n], and how they vary together: `mean`."""
        n, k, units = int(self.sizes.sum()), len(self.in_fold), len(self.sizes)
        free = units - k - fitted
        sums = np.stack([self.sums(row) for row in values])
        by_fold = [np.bincount(self.fold, weights=row) for row in sums]
        means = np.stack(by_fold) / self.in_fold
        around = sums - means[:, self.fold] * self.sizes
        spread = around @ around.T / n * (units / free if free > 0 else np.nan)
        none = np.zeros_like(spread)
        return Spread(
            means=sums.sum(axis=1) / n,
            within=spread / n,
            between=np.atleast_2d(np.cov(means)) if k > 1 else none,
            of_products=spread * (1 / self.in_fold).mean() if k > 1 else none,
            folds=k,
            weight=float(((self.in_fold / n) ** 2).sum()),
        )


def clusters(
    n: int, *, groups: np.ndarray | None = None, folds: np.ndarray | None = None
) -> Clusters:
    """Return how `n` products go together.

    `groups` [n]: duplicates, which answer alike; None where each product is its own. `folds` [n]:
    the fold in which a product was tested, a training of its own; None for one training.
    With no more units than folds, folds are ignored: nothing is left within them to compare with.
    """
    fold = np.zeros(n, dtype=int) if folds is None else _numbered(np.asarray(folds))
    k = int(fold.max()) + 1
    if groups is None:
        unit, of_unit = np.arange(n), fold
    else:
        both = _numbered(np.asarray(groups)) * k + fold
        unit = _numbered(both)
        of_unit = np.zeros(int(unit.max()) + 1, dtype=int)
        of_unit[unit] = fold
    if len(of_unit) <= k:
        of_unit = np.zeros_like(of_unit)
    sizes = np.bincount(unit)
    in_fold = np.bincount(of_unit, weights=sizes).astype(int)
    return Clusters(unit, of_unit, sizes, in_fold)


def clustered_mean(
    values: np.ndarray, *, groups: np.ndarray | None = None, folds: np.ndarray | None = None
) -> Mean:
    """Return the mean of `values`, [n], and its variance: see `clusters` and `Clusters.mean`."""
    return clusters(len(values), groups=groups, folds=folds).mean(np.asarray(values))


def _numbered(labels: np.ndarray) -> np.ndarray:
    """Return the labels as numbers from 0 without gaps, in their order."""
    if labels.dtype.kind not in "iu" or np.ptp(labels) > 10 * len(labels):
        return np.unique(labels, return_inverse=True)[1]
    # A table of what occurs is many times faster than sorting.
    from_0 = labels - labels.min()
    return np.asarray((np.cumsum(np.bincount(from_0) > 0) - 1)[from_0])
