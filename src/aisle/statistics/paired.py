"""Paired comparison of candidates on the same products: McNemar, Holm, intervals, verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, Self

import numpy as np

from aisle.errors import AisleError
from aisle.statistics.resampling import bootstrap_interval, corrected_interval

Word = Literal["better", "worse", "tie", "undecided"]
MIRRORED: dict[Word, Word] = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Verdict:
    """The verdict on a pair of candidates scored on the same products.

    `difference`: accuracy of the first minus accuracy of the second, as a share, with its interval
    from `low` to `high`. `only_first`, `only_second`: number of products that only this one gets
    right. `p`: McNemar's exact test; `p_holm`: the same with Holm's correction for all pairs
    compared. `word` describes the first.
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


def verdicts(
    right: np.ndarray,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    margin: float,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    train_share: float | None = None,
    training: Sequence[np.ndarray | None] | None = None,
) -> list[Verdict]:
    """Return the verdict on each of `pairs` of rows; None: (0, 1), (0, 2), …, (1, 2), ….

    `right` is bool [candidates, n]: right answers by candidate and product. `margin` is the
    largest difference in accuracy that does not matter, as a share. `groups`, int [n], numbers the
    groups of duplicates: a group is resampled, and counted by McNemar's test, as one. `folds`, int
    [n], is the fold in which a product was tested; `train_share` is the share of all products that
    one fold is fitted on. `training` is not used yet.

    The interval is bootstrapped over products (`bootstrap_interval`). With more than one fold, each
    end is the wider of that and of the interval over folds (`corrected_interval`). The first covers
    the choice of products only, the second also the training, so the union is conservative.

    The word: `tie` when the whole interval lies inside (-margin, margin); else `better` or `worse`
    when the interval excludes 0 and p_holm < 1 - confidence; else `undecided`.

    Raises AisleError for other shapes, a margin below 0, or a confidence outside (0, 1).
    """
    right = np.asarray(right, dtype=bool)
    _check_arguments(right, margin=margin, confidence=confidence, folds=folds, groups=groups)
    if groups is not None:
        groups = np.unique(groups, return_inverse=True)[1]
    if folds is not None and (np.asarray(folds) == folds[0]).all():
        folds = None
    pairs = list(combinations(range(len(right)), 2)) if pairs is None else pairs
    intervals, counts, discordant = [], [], []
    for i, j in pairs:
        difference = right[i].astype(np.int8) - right[j].astype(np.int8)
        low, high = bootstrap_interval(
            difference, groups=groups, confidence=confidence, resamples=resamples, seed=seed
        )
        if folds is not None:
            low_folds, high_folds = corrected_interval(
                difference, folds=folds, confidence=confidence, train_share=train_share
            )
            low, high = max(min(low, low_folds), -1.0), min(max(high, high_folds), 1.0)
        intervals.append((low, high))
        counts.append(_disagreements(difference))
        discordant.append(
            counts[-1] if groups is None else _disagreements(np.bincount(groups, difference))
        )
    p = mcnemar(*np.array(discordant).T)
    p_holm = holm(p)
    return [
        Verdict(
            difference=(only_first - only_second) / right.shape[1],
            low=low,
            high=high,
            only_first=only_first,
            only_second=only_second,
            p=float(p[row]),
            p_holm=float(p_holm[row]),
            word=_word(low, high, margin=margin, different=p_holm[row] < 1 - confidence),
        )
        for row, ((low, high), (only_first, only_second)) in enumerate(
            zip(intervals, counts, strict=True)
        )
    ]


def verdict(
    first: np.ndarray,
    second: np.ndarray,
    *,
    margin: float,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    train_share: float | None = None,
) -> Verdict:
    """Return the verdict on one pair, bool [n] each, in the same order of products; p_holm is p."""
    if np.shape(first) != np.shape(second):
        raise AisleError(
            f"the first candidate answered for {len(first)} products and the second for "
            f"{len(second)}; a comparison needs the same products in the same order."
        )
    return verdicts(
        np.stack([first, second]),
        margin=margin,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        folds=folds,
        groups=groups,
        train_share=train_share,
    )[0]


def mcnemar(only_first: np.ndarray, only_second: np.ndarray) -> np.ndarray:
    """Return McNemar's exact two-sided p-value of each pair, float [pairs].

    `only_first`, `only_second`, int [pairs]: how often only one of the two is right. If both are
    equally good, each disagreement is a fair coin toss. A pair that never disagrees has p = 1.

    Source: Q. McNemar, Psychometrika 12 (1947), with the binomial in place of chi-square; the same
    as statsmodels' `mcnemar(exact=True)`, here for all pairs at once.
    """
    from scipy.stats import binom

    fewer = np.minimum(only_first, only_second)
    return np.asarray(np.minimum(2 * binom.cdf(fewer, only_first + only_second, 0.5), 1.0))


def holm(p: np.ndarray) -> np.ndarray:
    """Return the p-values with Holm's correction for multiple comparisons, float [pairs].

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979); computed by statsmodels.
    """
    if len(p) == 1:  # nothing to correct, and statsmodels runs a 0.1 s garbage collection per call
        return p
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method="holm")[1])


def _disagreements(difference: np.ndarray) -> tuple[int, int]:
    return int((difference > 0).sum()), int((difference < 0).sum())


def _word(low: float, high: float, *, margin: float, different: bool) -> Word:
    if -margin < low and high < margin:
        return "tie"
    if different and low > 0:
        return "better"
    if different and high < 0:
        return "worse"
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
