"""Paired comparison of candidates on the same products: tests, Holm, intervals, verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, Self

import numpy as np

from aisle.errors import AisleError
from aisle.statistics import training_variance
from aisle.statistics.clustered import Spread, clusters
from aisle.statistics.disagreements import interval, sign_test, sums_by_group

Word = Literal["better", "worse", "tie", "undecided"]
MIRRORED: dict[Word, Word] = {"better": "worse", "worse": "better"}

ADDED = 2
"""Imagined products, one won by either side, so that a pair that never disagreed is not certain.

Source: D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a difference of
binomial proportions based on paired data", JEBS 37 (2012)."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on a pair of candidates scored on the same products.

    `difference`: accuracy of the first minus accuracy of the second, as a share, with its interval
    from `low` to `high`. `only_first`, `only_second`: number of products that only this one gets
    right. `p`: of the test; `p_holm`: the same with Holm's correction for the family of pairs
    tested together. `word` describes the first.
    """

    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p: float
    p_holm: float
    word: Word

    @property
    def decided(self) -> bool:
        """Whether one of the two is better."""
        return self.word in MIRRORED

    def mirrored(self) -> Self:
        """Return the same verdict about the second candidate."""
        return replace(
            self,
            word=MIRRORED.get(self.word, self.word),
            difference=0 - self.difference,  # not -0.0
            low=0 - self.high,
            high=0 - self.low,
            only_first=self.only_second,
            only_second=self.only_first,
        )


@dataclass(frozen=True)
class Normal:
    """Differences whose errors are normal, float [..., c, c] all: from the row to the column.

    `degrees`: degrees of freedom of `variance`, the variance of `difference`.
    """

    difference: np.ndarray
    variance: np.ndarray
    degrees: np.ndarray

    @property
    def p(self) -> np.ndarray:
        """The two-sided p-value of each difference."""
        from scipy.special import stdtr

        distance = np.abs(self.difference) / np.sqrt(self.variance)
        return np.asarray(2 * stdtr(self.degrees, -distance))

    def interval(self, pair: tuple[int, int], *, confidence: float) -> tuple[float, float]:
        """Return the interval of one pair; it excludes 0 exactly when p < 1 - confidence."""
        from scipy.special import stdtrit

        half = -stdtrit(self.degrees[pair], (1 - confidence) / 2) * self.variance[pair] ** 0.5
        low, high = self.difference[pair] - half, self.difference[pair] + half
        return max(-1.0, float(low)), min(1.0, float(high))


def verdicts(
    right: np.ndarray,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    margin: float,
    confidence: float = 0.95,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    training: Sequence[np.ndarray | None] | None = None,
) -> list[Verdict]:
    """Return the verdict on each pair of rows in `pairs`, one family of tests; by default all.

    `right` is bool [candidates, n]: right answers by candidate and product. `margin` is the
    largest difference in accuracy that does not matter, as a share. `groups`, int [n], numbers the
    groups of duplicates, which count as one. `folds`, int [n], is the fold in which a product was
    tested. `training`: for one split, each candidate's right answers after trainings with several
    seeds, bool [seeds, n], or None.

    One split: McNemar's exact test (`sign_test`). It knows the products, not the training, unless
    `training` has both candidates: then the wider of it and of a t-test with both.
    Several folds: a t-test whose variance has the products and the training, the latter from all
    candidates (`training_variance.from_folds`).

    p is corrected over the family (`holm`). The interval is at the level that the correction leaves
    to its pair, so interval, p and word agree: `tie` when the whole interval lies inside
    (-margin, margin), which is two one-sided tests (D. J. Schuirmann, 1987) at half the level each;
    else `better` or `worse` when it excludes 0, exactly when p_holm < 1 - confidence; else
    `undecided`.

    Raises AisleError for other shapes, a margin below 0, or a confidence outside (0, 1).
    """
    right = np.asarray(right, dtype=bool)
    _check_arguments(right, margin=margin, confidence=confidence, folds=folds, groups=groups)
    pairs = list(combinations(range(len(right)), 2)) if pairs is None else list(pairs)
    spread = clusters(right.shape[1], groups=groups, folds=folds).spread(right)
    n = right.shape[1]
    if spread.folds > 1:
        normal = by_folds(spread, products=n)
        every = normal.p
        p = np.array([every[pair] for pair in pairs])
        intervals = [
            normal.interval(pair, confidence=level)
            for pair, level in zip(pairs, levels(p, confidence=confidence), strict=True)
        ]
    else:
        p, intervals = _on_one_split(
            right, pairs, spread=spread, groups=groups, training=training, confidence=confidence
        )
    adjusted = holm(p)
    return [
        Verdict(
            difference=float(right[i].mean() - right[j].mean()),
            low=low,
            high=high,
            only_first=int((right[i] & ~right[j]).sum()),
            only_second=int((right[j] & ~right[i]).sum()),
            p=float(p[row]),
            p_holm=float(adjusted[row]),
            word=_word(low, high, margin=margin, different=adjusted[row] < 1 - confidence),
        )
        for row, ((i, j), (low, high)) in enumerate(zip(pairs, intervals, strict=True))
    ]


def verdict(
    first: np.ndarray,
    second: np.ndarray,
    *,
    margin: float,
    confidence: float = 0.95,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Verdict:
    """Return the verdict on one pair, bool [n] each, in the same order of products; p_holm is p."""
    if np.shape(first) != np.shape(second):
        raise AisleError(
            f"the first candidate answered for {len(first)} products and the second for "
            f"{len(second)}; a comparison needs the same products in the same order."
        )
    both = np.stack([first, second])
    return verdicts(both, margin=margin, confidence=confidence, folds=folds, groups=groups)[0]


def by_folds(spread: Spread, *, products: int) -> Normal:
    """Return the differences of all pairs over several folds, with products and trainings."""
    training = training_variance.from_folds(
        of_differences(spread.between),
        of_differences(spread.of_products),
        folds=spread.folds,
    )
    return normal(
        of_means(spread.means),
        products=of_differences(spread.within),
        n=products,
        training=training.variance * spread.weight,
        uncertainty=training.uncertainty * spread.weight**2,
    )


def normal(
    difference: np.ndarray,
    *,
    products: np.ndarray,
    n: int,
    training: np.ndarray,
    uncertainty: np.ndarray,
) -> Normal:
    """Return differences with the variance from n products and from training, float [..., c, c].

    `uncertainty` is the sampling variance of `training`; that of `products` is small beside it. The
    degrees of freedom are F. E. Satterthwaite's, Biometrics Bulletin 2 (1946).
    """
    added = n / (n + ADDED)
    variance = products * added**2 + ADDED / (n + ADDED) ** 2 + training
    degrees = 2 * variance**2 / np.maximum(uncertainty, 1e-300)
    return Normal(difference * added, variance, np.clip(degrees, 1, 1e6))


def of_means(means: np.ndarray) -> np.ndarray:
    """Return the difference of each pair of means, row minus column."""
    return np.asarray(means[..., :, np.newaxis] - means[..., np.newaxis, :])


def of_differences(covariance: np.ndarray) -> np.ndarray:
    """Return the variance of the difference of each pair, from covariances, float [..., c, c]."""
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    return np.asarray(own[..., :, np.newaxis] + own[..., np.newaxis, :] - 2 * covariance)


def holm(p: np.ndarray) -> np.ndarray:
    """Return the p-values with Holm's correction for a family of tests, float [pairs].

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def levels(p: np.ndarray, *, confidence: float) -> np.ndarray:
    """Return the confidence of each pair's interval, float [pairs], that agrees with Holm's test.

    The pair tested as number r (from 0) of m was tested at (1 - confidence) / (m - r); all pairs
    from the first that failed on were tested at the same level.
    """
    tested = len(p) - np.argsort(np.argsort(p, kind="stable"), kind="stable")
    failed = holm(p) >= 1 - confidence
    if failed.any():
        tested = np.where(failed, failed.sum(), tested)
    return np.asarray(1 - (1 - confidence) / tested)


def _on_one_split(
    right: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    *,
    spread: Spread,
    groups: np.ndarray | None,
    training: Sequence[np.ndarray | None] | None,
    confidence: float,
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return p and interval of each pair on one split."""
    totals, sizes = sums_by_group(right, groups=groups)
    differences = [totals[i] - totals[j] for i, j in pairs]
    p = np.array([sign_test(sums) for sums in differences])
    moved = _by_seeds(spread, training=training, products=right.shape[1])
    every = None if moved is None else moved.p
    known = [moved is not None and bool(np.isfinite(moved.variance[pair])) for pair in pairs]
    if every is not None:
        p = np.array(
            [
                max(one, every[pair]) if has else one
                for one, pair, has in zip(p, pairs, known, strict=True)
            ]
        )
    intervals = []
    for sums, pair, has, level in zip(
        differences, pairs, known, levels(p, confidence=confidence), strict=True
    ):
        low, high = interval(sums, sizes, confidence=level)
        if moved is not None and has:
            low_moved, high_moved = moved.interval(pair, confidence=level)
            low, high = min(low, low_moved), max(high, high_moved)
        intervals.append((low, high))
    return p, intervals


def _by_seeds(
    spread: Spread, *, training: Sequence[np.ndarray | None] | None, products: int
) -> Normal | None:
    """Return the differences with the training variance from seeds; NaN for pairs without."""
    if training is None or all(one is None for one in training):
        return None
    own = np.array(
        [(np.nan, np.nan) if one is None else training_variance.from_seeds(one) for one in training]
    )
    variance, uncertainty = own.T
    return normal(
        of_means(spread.means),
        products=of_differences(spread.within),
        n=products,
        training=variance[:, np.newaxis] + variance,
        uncertainty=uncertainty[:, np.newaxis] + uncertainty,
    )


def _word(low: float, high: float, *, margin: float, different: bool) -> Word:
    if -margin < low and high < margin:
        return "tie"
    if different:
        return "better" if low > 0 else "worse"
    return "undecided"


def _check_arguments(
    right: np.ndarray,
    *,
    margin: float,
    confidence: float,
    folds: np.ndarray | None,
    groups: np.ndarray | None,
) -> None:
    if right.ndim != 2 or right.shape[0] < 2 or right.shape[1] < 1:
        raise AisleError(
            f"right or wrong answers have the shape {right.shape}; a comparison needs at least two "
            "candidates (rows) and one product (columns). Add a candidate to competitors.yaml."
        )
    if not margin >= 0:
        raise AisleError(
            f"the margin is {margin}; expected 0 or more, the difference in accuracy that does "
            "not matter, such as 0.02."
        )
    if not 0 < confidence < 1:
        raise AisleError(f"the confidence is {confidence}; expected a share such as 0.95.")
    for name, labels in (("folds", folds), ("groups", groups)):
        if labels is not None and np.shape(labels) != right.shape[1:]:
            raise AisleError(
                f"{name} has the shape {np.shape(labels)}; expected one per product, "
                f"{right.shape[1:]}. Take both from the same predictions."
            )
