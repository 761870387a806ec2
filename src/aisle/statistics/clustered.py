"""The variance of a mean over products that come in groups of duplicates and in folds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mean:
    """A mean over products, and the two things that move it.

    `mean`; `within`: the variance of the mean from the choice of products; `excess`: the variance
    of a fold's own mean beyond that, from its training, unbiased and so below 0 by chance; `units`:
    groups of duplicates; `folds`; `weight`: the sum of the squared shares of products per fold, 1 /
    folds where these are of one size.
    """

    mean: float
    within: float
    excess: float
    units: int
    folds: int
    weight: float

    @property
    def training(self) -> float:
        """The variance of the mean from the trainings: 0 where there is one, or no excess."""
        return max(0.0, self.excess) * self.weight

    @property
    def variance(self) -> float:
        """The variance of the mean."""
        return self.within + self.training

    @property
    def degrees(self) -> float:
        """The degrees of freedom of `variance`: units - folds, and folds - 1 for the trainings.

        Source: F. E. Satterthwaite, Biometrics Bulletin 2 (1946).
        """
        products = float(max(self.units - self.folds, 1))
        if self.training == 0:
            return products
        parts = self.within**2 / products + self.training**2 / (self.folds - 1)
        return self.variance**2 / parts


def clustered_mean(
    values: np.ndarray, *, groups: np.ndarray | None = None, folds: np.ndarray | None = None
) -> Mean:
    """Return the mean of `values`, float [n], and its variance with groups of products as units.

    `groups` int [n]: duplicates, which answer alike; None where each product is its own. `folds`
    int [n]: the fold in which a product was tested, a training of its own; None for one training.
    A group in several folds counts as one unit in each.

    The variance from products is that of a ratio, sum over size, around each fold's mean. What the
    folds' means vary beyond it is the excess. With no more groups than folds, folds are ignored,
    as nothing within them is left to compare with; the variance of a single unit is NaN.

    Source: W. G. Cochran, "Sampling techniques" (1977), section 6.3, for the ratio; analysis of
    variance with random effects, S. R. Searle et al., "Variance components" (1992), for the excess.
    """
    n = len(values)
    fold = _numbered(folds, n=n)
    group, of_group = _units(groups, fold=fold)
    units = len(of_group)
    if units <= fold.max() + 1:
        fold, of_group = np.zeros_like(fold), np.zeros_like(of_group)
    sizes = np.bincount(fold)
    k = len(sizes)
    means = np.bincount(fold, weights=values) / sizes
    sums, members = np.bincount(group, weights=values), np.bincount(group)
    around = sums - means[of_group] * members
    spread = float(around @ around) / n * units / (units - k) if units > k else np.nan
    excess = float(means.var(ddof=1) - spread * (1 / sizes).mean()) if k > 1 else 0.0
    return Mean(
        mean=float(np.mean(values)),
        within=spread / n,
        excess=excess,
        units=units,
        folds=k,
        weight=float(((sizes / n) ** 2).sum()),
    )


def _numbered(labels: np.ndarray | None, *, n: int) -> np.ndarray:
    if labels is None:
        return np.zeros(n, dtype=int)
    return np.unique(labels, return_inverse=True)[1]


def _units(groups: np.ndarray | None, *, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit of each product, int [n], and the fold of each unit, int [units]."""
    if groups is None:
        return np.arange(len(fold)), fold
    k = int(fold.max()) + 1
    keys, unit = np.unique(
        np.unique(groups, return_inverse=True)[1] * k + fold, return_inverse=True
    )
    return unit, keys % k
