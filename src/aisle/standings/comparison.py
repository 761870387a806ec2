"""What the test answers say beyond scores: pairs, power, noise, learning curves, mistakes.

Tables of answers in, plain values for reports/comparison.json and reports/comparison.csv out. All
arithmetic is in the room `statistics`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, get_args

import numpy as np
import pandas as pd

from aisle.answers import table
from aisle.answers.table import Answers
from aisle.catalogue import audit
from aisle.errors import AisleError
from aisle.settings.params import Extract, TextColumn
from aisle.settings.sections import Compare
from aisle.standings import verdicts
from aisle.standings.scores import details
from aisle.standings.verdicts import Pair
from aisle.statistics import checks, learning, mistakes, noise, paired, power
from aisle.statistics.intervals import wilson
from aisle.statistics.scores import scores

DIGITS = 4
POWER = 0.8
"""Probability of detecting a difference, in statements about the size of the test."""

PRODUCT_TEXTS = (table.PRODUCT, "sha256", "phash", *get_args(TextColumn))
"""Columns of products.csv that are texts, of those that a comparison reads."""

SUSPECT = [table.PRODUCT, table.ACTUAL, "instead", "score"]

DRAWS_PER_FIT = 20
"""Resamples of a mean that take as long as one of a learning curve, which is a fit."""

CONFUSIONS = 5
"""Pairs of categories mixed up that are listed."""


@dataclass(frozen=True)
class Material:
    """What a comparison is made from.

    `tables` are the answers of all competitors on test, `validation` those of `learners` (the
    candidates that are no controls) on val, `refits` those of refits; `products` and `split` are
    the catalogue's tables, `counts` is reports/split.json.
    """

    tables: Mapping[str, pd.DataFrame]
    learners: Sequence[str]
    validation: Mapping[str, pd.DataFrame]
    refits: Mapping[str, pd.DataFrame]
    products: pd.DataFrame
    split: pd.DataFrame
    counts: Mapping[str, Any]
    costs: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Found:
    """The verdict on each pair, the suspect labels, and everything else in comparison.json."""

    pairs: Sequence[Pair]
    suspects: pd.DataFrame
    facts: dict[str, Any]


def compare(given: Material, *, settings: Compare, extract: Extract, seed: int) -> Found:
    """Return what the answers say about the competitors beyond their scores."""
    groups = given.split.drop_duplicates(table.PRODUCT).set_index(table.PRODUCT)["group"]
    answers = table.as_arrays(given.tables, groups=groups)
    train_share = given.counts["train"] / given.counts["products"]
    found = pairs(answers, settings=settings, seed=seed, train_share=train_share)
    right = dict(zip(answers.names, answers.right, strict=True))
    again = {name: one for name, one in given.refits.items() if name in right and len(one)}
    for name, one in again.items():
        _check_refit(name, one, original=given.tables[name])
    noisy = {name: noises(right[name], one, seed=seed) for name, one in again.items()}
    trained_on = given.counts["train"]
    curves = {
        name: curve(right[name], one, trained_on=trained_on, seed=seed, settings=settings)
        for name, one in again.items()
    }
    ranked = sorted(
        given.tables,
        key=lambda name: (-given.scores[name]["correct"], given.scores[name]["log_loss"]),
    )
    won = verdicts.winner(
        ranked, verdicts=verdicts.from_pairs(found), costs=given.costs, by=settings.ties
    )
    size = size_of_the_test(given.validation, products=len(answers.products), settings=settings)
    facts = {
        "rule": settings.model_dump(mode="json"),
        "audit": audit.catalogue_counts(
            given.products,
            given.split,
            texts=extract.duplicate_texts,
            bits=extract.near_duplicate_bits,
            seed=seed,
        ),
        "test": size,
        "winner": asdict(won),
        "noise": {name: one for name, one in noisy.items() if one},
        "curves": {name: one for name, one in curves.items() if one},
        "mixed_up": mixed_up(answers, names=given.learners),
        "categories": per_category(answers, settings=settings),
        "scores": details(given.scores),
    }
    return Found(found, _suspects(answers, given), facts)


def check_probabilities(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise AisleError with everything that makes answers impossible to score, one line each."""
    found = [
        f"'{name}': {problem}"
        for name, one in tables.items()
        for problem in checks.problems(table.ids(one, table.ACTUAL), table.probabilities(one))
    ]
    if found:
        found.append("Run 'dvc repro -f' for those candidates so that they are evaluated again.")
        raise AisleError("\n".join(found))


def scored(
    tables: Mapping[str, pd.DataFrame], *, settings: Compare, seed: int
) -> dict[str, dict[str, Any]]:
    """Return the scores of each table of answers, with their intervals."""
    return {
        name: scores(
            actual=table.ids(one, table.ACTUAL),
            predicted=table.ids(one, table.PREDICTED),
            probabilities=table.normalised(one),
            confidence=settings.confidence,
            resamples=settings.resamples,
            seed=seed,
        )
        for name, one in tables.items()
    }


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
            needed=_needed(one, products=len(answers.products), confidence=settings.confidence),
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
    right = [table.right(one) for one in watched.values()]
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
    whole = again[again[table.SHARE] == 1]
    by_seed = {seed: right} | {
        int(one): table.right(rows) for one, rows in whole.groupby(table.SEED)
    }
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
    fewer = again[again[table.SHARE] < 1]
    if fewer.empty:
        return None
    by_size = {
        round(rows[table.TRAINED_ON].mean()): table.right(rows)
        for _, rows in fewer.groupby(table.SHARE)
    }
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


def mixed_up(answers: Answers, *, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the categories most often mixed up by the competitors named, over all their answers.

    `times` counts answers, `products` the different products among them.
    """
    rows = [answers.names.index(name) for name in names]
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


def suspects(answers: Answers, probabilities: np.ndarray) -> pd.DataFrame:
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
            table.PRODUCT: answers.products[found],
            table.ACTUAL: names[answers.actual[found]],
            "instead": names[mean.argmax(axis=1)],
            "score": scores.round(DIGITS),
        },
        columns=SUSPECT,
    )


def _suspects(answers: Answers, given: Material) -> pd.DataFrame:
    if not given.learners:
        return pd.DataFrame(columns=SUSPECT)
    shares = [table.probabilities(given.tables[name]) for name in given.learners]
    return suspects(answers, np.stack(shares))


def _check_refit(name: str, again: pd.DataFrame, *, original: pd.DataFrame) -> None:
    for _, rows in again.groupby([table.SEED, table.SHARE]):
        if rows[table.PRODUCT].tolist() != original[table.PRODUCT].tolist():
            raise AisleError(
                f"'{name}' was fitted again for {len(rows)} test products and evaluated on "
                f"{len(original)}, or they are not the same. Run 'dvc repro -f refit@{name}'."
            )


def _needed(found: paired.Verdict, *, products: int, confidence: float) -> int:
    if found.difference == 0:
        return 0
    return power.products_needed(
        abs(found.difference),
        (found.only_first + found.only_second) / products,
        confidence=confidence,
        power=POWER,
    )
