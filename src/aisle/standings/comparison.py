"""What the test answers say beyond scores: pairs, power, noise, learning curves, mistakes.

Tables of answers in, plain values for reports/comparison.json and reports/comparison.csv out. All
arithmetic is in the room `statistics`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from typing import Any, get_args

import numpy as np
import pandas as pd

from aisle.answers import table
from aisle.answers.table import Answers
from aisle.catalogue import audit, partitions
from aisle.errors import AisleError
from aisle.settings.params import Extract, TextColumn
from aisle.settings.sections import Compare
from aisle.standings import verdicts
from aisle.standings.finalists import Finalists
from aisle.standings.scores import details
from aisle.standings.verdicts import FAMILIES, Family, Pair
from aisle.statistics import checks, learning, mistakes, noise, paired
from aisle.statistics.clustered import Clusters, clusters
from aisle.statistics.intervals import share_interval
from aisle.statistics.scores import scores

DIGITS = 4
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

    `tables` are the answers of all competitors on test, `refits` those of refits, by candidate;
    `learners` are the candidates that are no controls, `controls` the others; `finalists` and the
    `size` of the test were found on val; `products` and `split` are the catalogue's tables,
    `counts` is reports/split.json.
    """

    tables: Mapping[str, pd.DataFrame]
    learners: Sequence[str]
    controls: Sequence[str]
    finalists: Finalists
    size: Mapping[str, Any]
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
    groups = partitions.groups_of(given.split)
    answers = table.as_arrays(given.tables, groups=groups)
    right = dict(zip(answers.names, answers.right, strict=True))
    again = {name: one for name, one in given.refits.items() if name in right and len(one)}
    for name, one in again.items():
        _check_refit(name, one, original=given.tables[name])
    tested = families(given.finalists, names=list(given.tables), controls=given.controls)
    found = pairs(answers, families=tested, refits=again, settings=settings)
    noisy = {name: noises(right[name], one, seed=seed) for name, one in again.items()}
    trained_on = given.counts["train"]
    together = clusters(len(answers.products), groups=answers.group, folds=answers.fold)
    curves = {
        name: curve(
            right[name],
            one,
            together=together,
            trained_on=trained_on,
            seed=seed,
            settings=settings,
        )
        for name, one in again.items()
    }
    ranked = [name for name in given.finalists.ranking if name not in given.controls]
    won = verdicts.winner(
        ranked or given.finalists.ranking,
        verdicts=verdicts.from_pairs(found),
        costs=given.costs,
        by=settings.ties,
    )
    facts = {
        "rule": settings.model_dump(mode="json"),
        "audit": audit.catalogue_counts(
            given.products,
            given.split,
            texts=extract.duplicate_texts,
            bits=extract.near_duplicate_bits,
            seed=seed,
        ),
        "test": dict(given.size),
        "families": confirmed(found),
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
    tables: Mapping[str, pd.DataFrame], *, split: pd.DataFrame, settings: Compare, seed: int
) -> dict[str, dict[str, Any]]:
    """Return the scores of each table of answers, with their intervals.

    `split` is data/split.csv, whose groups of products that stay together the intervals know.
    """
    groups = partitions.groups_of(split)
    return {
        name: scores(
            actual=table.ids(one, table.ACTUAL),
            predicted=table.ids(one, table.PREDICTED),
            probabilities=table.normalised(one),
            groups=groups.loc[one[table.PRODUCT]].to_numpy(),
            folds=one[table.FOLD].to_numpy(),
            confidence=settings.confidence,
            resamples=settings.resamples,
            seed=seed,
        )
        for name, one in tables.items()
    }


def families(
    finalists: Finalists, *, names: Sequence[str], controls: Sequence[str]
) -> dict[Family, list[tuple[str, str]]]:
    """Return what is tested, by family in the order of the tests; those without a pair are absent.

    `names` are all competitors, `controls` those of them that are controls.
    `contest`: the one pair. `inputs`: the finalists on text and on both, against that on photos.
    `controls`: each competitor that is none, against the best control on val. `finalist`: the one
    on photos against every other competitor. A pair is in the first family that asks for it, and
    once more in `all`, which has every pair.
    """
    contest, photo = finalists.contest, finalists.photo
    control = next((name for name in finalists.ranking if name in controls), None)
    wanted: dict[Family, list[tuple[str | None, str | None]]] = {
        "contest": list(pairwise(contest)),
        "inputs": [(finalists.text, photo), (finalists.both, photo)],
        "controls": [(name, control) for name in names if name not in controls],
        "finalist": [(photo, name) for name in names],
    }
    found: dict[Family, list[tuple[str, str]]] = {}
    seen: set[frozenset[str]] = set()
    for family, asked in wanted.items():
        for first, second in asked:
            if first and second and first != second and {first, second} not in seen:
                seen.add(frozenset((first, second)))
                found.setdefault(family, []).append((first, second))
    if len(names) > 1:
        found["all"] = list(combinations(names, 2))
    return found


def pairs(
    answers: Answers,
    *,
    families: Mapping[Family, Sequence[tuple[str, str]]],
    refits: Mapping[str, pd.DataFrame],
    settings: Compare,
) -> list[Pair]:
    """Return the verdict on each pair of each family, corrected for the pairs of that family.

    `refits` are the answers of refits by candidate. On a single split, those from other seeds tell
    how much luck there is in training; several folds tell that by themselves.
    """
    at = {name: number for number, name in enumerate(answers.names)}
    single = len(np.unique(answers.fold)) == 1
    training = [
        _by_seed(right, refits.get(name)) if single else None
        for name, right in zip(answers.names, answers.right, strict=True)
    ]
    made = []
    for family, tested in families.items():
        found = paired.verdicts(
            answers.right,
            pairs=[(at[first], at[second]) for first, second in tested],
            margin=settings.margin,
            confidence=settings.confidence,
            folds=answers.fold,
            groups=answers.group,
            training=training,
        )
        made += [
            Pair(
                family=family,
                first=first,
                second=second,
                word=one.word,
                difference=round(one.difference, DIGITS),
                low=_beside_0(one.low),
                high=_beside_0(one.high),
                only_first=one.only_first,
                only_second=one.only_second,
                both_wrong=int((~(answers.right[at[first]] | answers.right[at[second]])).sum()),
                p=float(f"{one.p:.3g}"),
                p_holm=float(f"{one.p_holm:.3g}"),
            )
            for (first, second), one in zip(tested, found, strict=True)
        ]
    return made


def _beside_0(end: float) -> float:
    """Return the end of an interval, rounded, but not onto 0: that would contradict the word."""
    return round(end, DIGITS) or float(np.copysign(10.0**-DIGITS, end) if end else 0.0)


def confirmed(found: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return name, confirmatory, pairs and decided (better or worse) of each family.

    In a fixed sequence, each family is tested at the full level, and confirms something only while
    all pairs of the families before it were decided. A tie does not count as decided: it is found
    by another test, whose errors would come on top. `all` confirms nothing.

    Source: P. H. Westfall and A. Krishen, "Optimally weighted, fixed sequence and gatekeeper
    multiple testing procedures", Journal of Statistical Planning and Inference 99 (2001).
    """
    facts, going = [], True
    for family in FAMILIES:
        pairs = [pair for pair in found if pair.family == family]
        if pairs:
            decided = sum(pair.decided for pair in pairs)
            facts.append(
                {
                    "name": family,
                    "confirmatory": going and family != "all",
                    "pairs": len(pairs),
                    "decided": decided,
                }
            )
            going = going and decided == len(pairs)
    return facts


def per_category(answers: Answers, *, settings: Compare) -> dict[str, dict[str, Any]]:
    """Return right answers per competitor and category: right, products, recall and its interval.

    Categories without a test product are left out.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in answers.names}
    for number, category in enumerate(answers.categories):
        rows = np.flatnonzero(answers.actual == number)
        if not len(rows):
            continue
        together = clusters(len(rows), groups=answers.group[rows], folds=answers.fold[rows])
        for name, right in zip(answers.names, answers.right[:, rows], strict=True):
            found[name][category] = share(right, together=together, settings=settings)
    return found


def share(right: np.ndarray, *, together: Clusters, settings: Compare) -> dict[str, Any]:
    """Return how often it is right: counts, the share, and its interval."""
    correct, products = int(right.sum()), len(right)
    low, high = share_interval(together.mean(right), confidence=settings.confidence)
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
    right: np.ndarray,
    again: pd.DataFrame,
    *,
    together: Clusters,
    trained_on: int,
    seed: int,
    settings: Compare,
) -> dict[str, Any] | None:
    """Return a candidate's accuracy by the number of products it was fitted on, and where it leads.

    `right` bool [n] is from all `trained_on` products, `again` holds its refits; `together` says
    which products are duplicates or of one fold. None without refits on fewer products, as where a
    share of a few is all of them; `gain` is None where no curve fits.
    """
    fewer = again[again[table.SHARE] < 1]
    if fewer.empty:
        return None
    by_size = {
        round(rows[table.TRAINED_ON].mean()): table.right(rows)
        for _, rows in fewer.groupby(table.SHARE)
    }
    by_size[trained_on] = right
    if len(by_size) == 1:
        return None
    gain = learning.gain(
        sizes=np.array(list(by_size)),
        right=np.stack(list(by_size.values())),
        more=settings.more_products,
        confidence=settings.confidence,
        resamples=max(1, settings.resamples // DRAWS_PER_FIT),
        seed=seed,
    )
    points = [
        {"trained_on": n} | share(r, together=together, settings=settings)
        for n, r in by_size.items()
    ]
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
    """Return the products whose label most of these competitors contradict, the most suspect first.

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
                f"{len(original)}, or they are not the same. Run 'dvc repro -f refit'."
            )


def _by_seed(right: np.ndarray, again: pd.DataFrame | None) -> np.ndarray | None:
    """Return the right answers from each seed, bool [seeds, n], `right` first; None from one."""
    whole = None if again is None else again[again[table.SHARE] == 1]
    if whole is None or whole.empty:
        return None
    return np.stack([right, *(table.right(rows) for _, rows in whole.groupby(table.SEED))])
