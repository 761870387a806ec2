"""What the test answers say beyond scores: pairs, power, noise, learning curves, mistakes.

Tables of answers in, plain values for reports/comparison.json and reports/comparison.csv out. All
arithmetic is in the room `statistics`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from aisle.settings.sections import Compare
from aisle.standings.verdicts import Pair
from aisle.statistics import checks, learning, mistakes, noise, paired, power
from aisle.statistics.intervals import wilson

DIGITS = 4
POWER = 0.8
"""Probability of seeing a difference, in what is said about the size of the test."""

SUSPECT = ["product_id", "actual", "instead", "score"]

DRAWS_PER_FIT = 20
"""Resamples of a mean that take as long as one of a learning curve, which is a fit."""

CONFUSIONS = 5
"""Pairs of categories mixed up that are listed."""


@dataclass(frozen=True)
class Answers:
    """What all competitors answered on the same test products.

    `actual`, `fold`, `group` int [n]; `predicted` int [competitors, n], in the order of `names`.
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    actual: np.ndarray
    predicted: np.ndarray
    fold: np.ndarray
    group: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Bool [competitors, n]."""
        return np.asarray(self.predicted == self.actual)

    @property
    def products(self) -> int:
        """How many products were tested."""
        return len(self.actual)


def pairs(answers: Answers, *, settings: Compare, seed: int, train_share: float) -> list[Pair]:
    """Return the verdict on each pair of competitors; none where there is but one."""
    if len(answers.names) < 2:
        return []
    found = paired.verdicts(
        answers.right,
        margin=settings.margin,
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=seed,
        folds=answers.fold,
        groups=answers.group,
        train_share=train_share,
    )
    in_common, ceiling = mistakes.overlap(answers.right), mistakes.oracle(answers.right)
    return [
        Pair(
            first=answers.names[i],
            second=answers.names[j],
            word=one.word,
            difference=round(one.difference, DIGITS),
            low=round(one.low, DIGITS),
            high=round(one.high, DIGITS),
            only_first=one.only_first,
            only_second=one.only_second,
            p=float(f"{one.p:.3g}"),
            p_holm=float(f"{one.p_holm:.3g}"),
            needed=_needed(one, products=answers.products, confidence=settings.confidence),
            mistakes_in_common=round(float(in_common[i, j]), DIGITS),
            ceiling=round(float(ceiling[i, j]), DIGITS),
        )
        for (i, j), one in zip(combinations(range(len(answers.names)), 2), found, strict=True)
    ]


def size_of_the_test(
    watched: Mapping[str, pd.DataFrame], *, products: int, settings: Compare
) -> dict[str, Any]:
    """Return what so many test products can show, from the answers on val alone.

    `watched` are the candidates' tables of answers on val, of the same products. `discordant` is
    the share of products on which only one of two candidates is right, the median over pairs; the
    smallest difference is None where even that share on one side would not be seen.
    """
    right = [(table["actual"] == table["predicted"]).to_numpy() for table in watched.values()]
    shares = [float((one != two).mean()) for one, two in combinations(right, 2)]
    discordant = float(np.median(shares)) if shares else 0.0
    smallest = (
        power.smallest_difference(products, discordant, confidence=settings.confidence, power=POWER)
        if discordant
        else None
    )
    return {
        "products": products,
        "few": checks.too_few(products),
        "power": POWER,
        "discordant": round(discordant, DIGITS),
        "smallest_difference": None if smallest is None else round(smallest, DIGITS),
    }


def per_category(answers: Answers, *, settings: Compare) -> dict[str, dict[str, Any]]:
    """Return right answers per competitor and category: right, products, recall and its interval.

    Categories without a test product are left out.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, right in zip(answers.names, answers.right, strict=True):
        found[name] = {}
        for number, category in enumerate(answers.categories):
            of_it = right[answers.actual == number]
            if len(of_it):
                found[name][category] = share(of_it, settings=settings)
    return found


def share(right: np.ndarray, *, settings: Compare) -> dict[str, Any]:
    """Return how often it is right: counts, the share, and its Wilson interval."""
    correct, products = int(right.sum()), len(right)
    low, high = wilson(successes=correct, trials=products, confidence=settings.confidence)
    return {
        "right": correct,
        "products": products,
        "share": round(correct / products, DIGITS),
        "low": round(low, DIGITS),
        "high": round(high, DIGITS),
    }


def noises(right: np.ndarray, again: pd.DataFrame, *, seed: int) -> dict[str, Any] | None:
    """Return how a candidate's accuracy moves with the seed of its training, and with the products.

    `right` bool [n] is from `seed`, `again` holds its refits. None without refits from other seeds.
    """
    whole = again[again["share"] == 1]
    by_seed = {seed: right} | {int(one): _right(rows) for one, rows in whole.groupby("seed")}
    if len(by_seed) == 1:
        return None
    found = noise.two_noises(np.stack(list(by_seed.values())))
    return {
        "accuracies": {str(one): round(float(r.mean()), DIGITS) for one, r in by_seed.items()},
        "products_deviation": round(found.products, DIGITS),
        "training_deviation": round(float(found.seeds or 0.0), DIGITS),
    }


def curve(
    right: np.ndarray, again: pd.DataFrame, *, trained_on: int, seed: int, settings: Compare
) -> dict[str, Any] | None:
    """Return a candidate's accuracy by the number of products it was fitted on, and where it leads.

    `right` bool [n] is from all `trained_on` products, `again` holds its refits. None without
    refits on fewer; `gain` is None where no curve fits.
    """
    fewer = again[again["share"] < 1]
    if fewer.empty:
        return None
    by_size = {round(rows["trained_on"].mean()): _right(rows) for _, rows in fewer.groupby("share")}
    by_size[trained_on] = right
    gain = learning.gain(
        sizes=np.array(list(by_size)),
        right=np.stack(list(by_size.values())),
        more=settings.more_products,
        confidence=settings.confidence,
        resamples=max(1, settings.resamples // DRAWS_PER_FIT),
        seed=seed,
    )
    points = [{"trained_on": n} | share(r, settings=settings) for n, r in by_size.items()]
    keys = ("gain", "low", "high")
    return {
        "points": points,
        "more": settings.more_products,
        "gain": None
        if gain is None
        else {key: round(value, DIGITS) for key, value in zip(keys, gain, strict=True)},
    }


def mixed_up(answers: Answers, *, of: Sequence[str]) -> list[dict[str, Any]]:
    """Return the categories most often mixed up by the competitors named, over all their answers.

    `times` counts answers, `products` the different products among them.
    """
    rows = [answers.names.index(name) for name in of]
    if not rows:
        return []
    predicted = answers.predicted[rows]
    actual = np.broadcast_to(answers.actual, predicted.shape)
    found = mistakes.confused(actual.ravel(), predicted.ravel(), len(answers.categories))
    return [
        {
            "actual": answers.categories[true],
            "predicted": answers.categories[said],
            "times": times,
            "products": int(((actual == true) & (predicted == said)).any(axis=0).sum()),
        }
        for true, said, times in found[:CONFUSIONS]
    ]


def suspects(answers: Answers, probabilities: np.ndarray, *, ids: Sequence[str]) -> pd.DataFrame:
    """Return the products whose label all these competitors contradict, the most suspect first.

    `probabilities` float [competitors, n, classes]. Columns as in SUSPECT: `instead` is the
    likeliest other category, by the mean probability, `score` how far the label's probability falls
    short of what is usual for it.
    """
    found, scores = mistakes.suspects(answers.actual, probabilities)
    mean = probabilities.mean(axis=0)[found]
    mean[np.arange(len(found)), answers.actual[found]] = -1.0
    names = np.asarray(answers.categories, dtype=object)
    return pd.DataFrame(
        {
            "product_id": np.asarray(ids, dtype=object)[found],
            "actual": names[answers.actual[found]],
            "instead": names[mean.argmax(axis=1)],
            "score": scores.round(DIGITS),
        },
        columns=SUSPECT,
    )


def _right(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(rows["actual"] == rows["predicted"])


def _needed(found: paired.Verdict, *, products: int, confidence: float) -> int:
    if found.difference == 0:
        return 0
    return power.products_needed(
        abs(found.difference),
        (found.only_first + found.only_second) / products,
        confidence=confidence,
        power=POWER,
    )
