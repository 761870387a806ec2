"""Which of two candidates is better on the same products, and how sure that is."""

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
    """What is known about a pair of candidates that answered for the same products.

    `difference`: accuracy of the first minus that of the second, as a share, with its interval from
    `low` to `high`. `only_first`, `only_second`: how many products only one of the two has right.
    `p`: McNemar's exact test; `p_holm`: the same after Holm's correction for all pairs that were
    compared. `word` is about the first.
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
    margin: float,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    train_share: float | None = None,
) -> list[Verdict]:
    """Return the verdict on every pair of rows (0, 1), (0, 2), …, (1, 2), ….

    `right` is bool [candidates, n]: who is right on which product. `margin` is the difference in
    accuracy that does not matter, as a share. `groups`, int [n], names the duplicates: a group is
    drawn, and counted by McNemar's test, as one. `folds`, int [n], says in which fold a product
    was tested; `train_share` is the share of all products that one fold is fitted on.

    The interval is the bootstrap's over products (`bootstrap_interval`). With more than one fold,
    each side is the farther one of that and of the interval over folds (`corrected_interval`): one
    knows of the products alone, the other of the training too, so the pair of them is cautious.

    The word: `tie` when the whole interval lies inside (-margin, margin); else `better` or `worse`
    when the interval leaves out 0 and p_holm < 1 - confidence; else `undecided`.

    Raises AisleError on arrays of other shapes, a margin below 0, a confidence outside (0, 1).
    """
    right = np.asarray(right, dtype=bool)
    _require(right, margin=margin, confidence=confidence, folds=folds, groups=groups)
    if groups is not None:
        groups = np.unique(groups, return_inverse=True)[1]
    if folds is not None and (np.asarray(folds) == folds[0]).all():
        folds = None
    pairs = list(combinations(range(len(right)), 2))
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
        counts.append(_won(difference))
        discordant.append(counts[-1] if groups is None else _won(np.bincount(groups, difference)))
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
    """Return the verdict on two aligned arrays, bool [n] each: one pair, so p_holm is p."""
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
    """Return McNemar's exact two-sided p of each pair, float [pairs].

    `only_first`, `only_second`, int [pairs]: how often only one of the two is right. Were both
    equally good, each disagreement would be a fair coin; a pair that never disagrees has p = 1.

    Source: Q. McNemar, Psychometrika 12 (1947), with the binomial in place of chi-square; the same
    as statsmodels' `mcnemar(exact=True)`, here for all pairs at once.
    """
    from scipy.stats import binom

    fewer = np.minimum(only_first, only_second)
    return np.asarray(np.minimum(2 * binom.cdf(fewer, only_first + only_second, 0.5), 1.0))


def holm(p: np.ndarray) -> np.ndarray:
    """Return each p corrected for being one of several, float [pairs].

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979); computed by statsmodels.
    """
    if len(p) == 1:  # nothing to correct; statsmodels collects garbage at each call, 0.1 s
        return p
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method="holm")[1])


def _won(difference: np.ndarray) -> tuple[int, int]:
    return int((difference > 0).sum()), int((difference < 0).sum())


def _word(low: float, high: float, *, margin: float, different: bool) -> Word:
    if -margin < low and high < margin:
        return "tie"
    if different and low > 0:
        return "better"
    if different and high < 0:
        return "worse"
    return "undecided"


def _require(
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
            "candidates (rows) and one product (columns). Add a candidate to params.yaml."
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
