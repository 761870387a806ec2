"""Simulations: how often a verdict is wrong, and how often it sees a difference.

`python -m benchmarks.simulations [repetitions]` prints the Markdown tables of docs/statistics.md,
by default from 1,000 simulated tests per row. The truth is known: candidates have an accuracy of
0.8, hard products are hard for all, and each training moves a candidate's accuracy by chance.

"Before" is the rule that this project used until November 2026: McNemar's exact test, and with
folds the interval of Nadeau and Bengio (2003) as well, Holm's correction over all pairs.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import bdtr, ndtri

from aisle.statistics.clustered import clusters
from aisle.statistics.paired import Verdict, by_folds, holm, verdicts
from aisle.statistics.power import design, products_needed
from aisle.statistics.resampling import corrected_error

ACCURACY, DIFFERENCE, MARGIN = 0.8, 0.05, 0.02
SHARED = 0.6
"""Share of the variance of a product's difficulty that is common to all candidates."""

STEADY = 0.5
"""Share of what is left that a candidate's trainings have in common: the rest are random flips."""

SEEDS = 3
CANDIDATES, FOLDS, PRODUCTS = (2, 12, 39), (1, 5, 10), (210, 840, 5_000)
ALPHA = 0.05
COLUMNS = ("training 0", "1", "2", "3", "3 for a quarter, 0 for the others")
"""Standard deviation of a candidate's accuracy by training, in percentage points."""


@dataclass(frozen=True)
class Case:
    """What is simulated; `training`: each candidate's standard deviation by training, in points."""

    candidates: int
    folds: int
    products: int
    training: tuple[float, ...]
    difference: float = 0.0
    duplicates: bool = False


def answers(case: Case, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return right answers, bool [seeds, candidates, n], and groups of duplicates, int [n].

    With folds there is one seed, and each fold is a training.
    """
    n, c = case.products, case.candidates
    groups = np.arange(n)
    if case.duplicates:  # groups of 1 to 4
        groups = np.repeat(groups, generator.integers(1, 5, n))[:n]
    fold = groups % case.folds
    seeds = SEEDS if case.folds == 1 else 1
    luck = generator.normal(size=(seeds, c, case.folds)) * np.array(case.training)[:, None] / 100
    accuracy = np.full((c, 1), ACCURACY)
    accuracy[0] += case.difference
    own = STEADY**0.5 * generator.normal(size=(c, n))
    own = own + (1 - STEADY) ** 0.5 * generator.normal(size=(seeds, c, n))
    hardness = SHARED**0.5 * generator.normal(size=n) + (1 - SHARED) ** 0.5 * own
    reached = ndtri(np.clip(accuracy + luck, 0.001, 0.999))[:, :, fold]
    return (hardness < reached)[:, :, groups], groups


def decisions(case: Case, generator: np.random.Generator) -> dict[str, bool]:
    """Return whether one simulated test decides, by family of tests.

    Any pair of the family where all are equal; the pair of the first two where they are not.
    """
    right, groups = answers(case, generator)
    folds = groups % case.folds
    first = [(0, other) for other in range(1, case.candidates)]
    every = list(combinations(range(case.candidates), 2))
    known = groups if case.duplicates else None

    def said(decided: np.ndarray) -> bool:
        return bool(decided[0] if case.difference else decided.any())

    if case.folds > 1:
        spread = clusters(case.products, groups=known, folds=folds).spread(right[0])
        p = by_folds(spread, products=case.products).p
        found = {
            name: said(holm(np.array([p[pair] for pair in pairs])) < ALPHA)
            for name, pairs in (("contest", [(0, 1)]), ("finalist", first), ("all", every))
        }
    else:
        training = list(np.swapaxes(right, 0, 1))
        found = {
            name: any(
                one.decided
                for one in verdicts(
                    right[0], pairs=[(0, 1)], margin=1e-9, groups=known, training=given
                )
            )
            for name, given in (("contest", training), ("without seeds", None))
        }
    return found | {"before": said(before(right[0], folds=folds))}


def before(right: np.ndarray, *, folds: np.ndarray) -> np.ndarray:
    """Return which pairs the earlier rule decides, bool [pairs]."""
    values, k = right.astype(int), len(np.unique(folds))
    first, second = np.array(list(combinations(range(len(values)), 2))).T
    won = values @ (1 - values).T
    lost, wins = won.T[first, second], won[first, second]
    p = holm(np.minimum(2 * bdtr(np.minimum(wins, lost), wins + lost, 0.5), 1))
    decided = p < ALPHA
    if k > 1 and decided.any():
        means = np.stack([values[:, folds == f].mean(axis=1) for f in range(k)], axis=1)
        for row in np.flatnonzero(decided):
            by_fold = means[first[row]] - means[second[row]]
            _, half = corrected_error(by_fold, ratio=1 / (k - 1), confidence=1 - ALPHA)
            decided[row] = abs(by_fold.mean()) > half
    return decided


def rates(case: Case, *, repetitions: int, seed: int) -> dict[str, float]:
    """Return the share of simulated tests that decide, by family."""
    generator = np.random.default_rng(seed)
    found = [decisions(case, generator) for _ in range(repetitions)]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def trainings(candidates: int) -> Iterator[tuple[float, ...]]:
    """Yield the standard deviations by training: the same for all, and for a quarter only."""
    for points in (0.0, 1.0, 2.0, 3.0):
        yield (points,) * candidates
    if candidates > 3:
        lucky = candidates // 4
        yield (3.0,) * lucky + (0.0,) * (candidates - lucky)


def tables(repetitions: int) -> Iterator[str]:
    """Yield the lines of all tables."""
    for difference, sizes in ((0.0, PRODUCTS), (DIFFERENCE, PRODUCTS[1:2])):
        yield f"True difference {difference:g}:"
        yield ""
        yield f"| candidates | folds | products | {' | '.join(COLUMNS)} |"
        yield f"|---:|---:|---:|{'---|' * len(COLUMNS)}"
        for folds in FOLDS:
            for candidates in CANDIDATES if folds > 1 else CANDIDATES[:1]:
                for products in sizes:
                    cells = [
                        _cell(
                            Case(candidates, folds, products, training, difference),
                            repetitions=repetitions,
                        )
                        for training in trainings(candidates)
                    ]
                    cells += ["–"] * (len(COLUMNS) - len(cells))
                    yield f"| {candidates} | {folds} | {products:,} | {' | '.join(cells)} |"
        yield ""
    yield "| other verdicts | products | should be | measured |"
    yield "|---|---:|---|---:|"
    for what, products, target, rate in others(repetitions):
        yield f"| {what} | {products:,} | {target} | {rate:.3f} |"


def _cell(case: Case, *, repetitions: int) -> str:
    """Return "0.041, 0.020, 0.004 (0.090)": contest, finalist, all and before."""
    found = rates(
        case,
        repetitions=repetitions,
        seed=case.products + case.candidates + round(1e6 * sum(case.training)),
    )
    said = [f"{rate:.3f}" for name, rate in found.items() if name != "before"]
    return f"{', '.join(said)} ({found['before']:.3f})"


def others(repetitions: int) -> Iterator[tuple[str, int, str, float]]:
    """Yield what is simulated besides: ties, intervals of a difference, products needed."""
    generator = np.random.default_rng(0)

    def share(case: Case, said: Callable[[Verdict], bool]) -> float:
        found = []
        for _ in range(repetitions):
            right, groups = answers(case, generator)
            folds = groups % case.folds
            found.append(
                said(
                    verdicts(right[0], pairs=[(0, 1)], margin=MARGIN, folds=folds, groups=groups)[0]
                )
            )
        return float(np.mean(found))

    for folds, candidates in ((1, 2), (5, 12)):
        for difference, target in ((0.0, "large"), (MARGIN, "≤ 0.05"), (0.03, "≤ 0.05")):
            case = Case(candidates, folds, 5_000, (0.0,) * candidates, difference)
            what = f"`tie` at a margin of {MARGIN}, true difference {difference}, {folds} fold(s)"
            yield what, 5_000, target, share(case, lambda one: one.word == "tie")
    for folds in FOLDS[:2]:
        case = Case(2, folds, 840, (0.0, 0.0), duplicates=True)
        what = f"no difference, duplicates in groups of 1 to 4, {folds} fold(s): decided"
        yield what, 840, "≤ 0.05", share(case, lambda one: one.decided)
    for folds, candidates, training in ((1, 2, 0.0), (5, 12, 0.0), (5, 12, 2.0), (10, 12, 1.0)):
        case = Case(candidates, folds, 840, (training,) * candidates, DIFFERENCE)
        what = f"interval holds the true difference 0.05, {folds} fold(s), training {training:g}"
        yield what, 840, "0.95", share(case, lambda one: one.low <= DIFFERENCE <= one.high)
    for folds, candidates, training in ((1, 2, 0.0), (5, 12, 0.0), (5, 12, 1.0), (10, 12, 1.0)):
        needed = _needed(folds, candidates=candidates, training=training, generator=generator)
        case = Case(candidates, folds, needed, (training,) * candidates, DIFFERENCE)
        what = f"decided with the products needed for 0.05, {folds} fold(s), training {training:g}"
        yield what, needed, "0.8", share(case, lambda one: one.word == "better")


def _needed(folds: int, *, candidates: int, training: float, generator: np.random.Generator) -> int:
    """Return the products needed, planned from answers of the same kind on many products."""
    case = Case(candidates, folds, 100_000, (0.0,) * candidates, DIFFERENCE)
    right, _ = answers(case, generator)
    planned = design(right[0], pair=(0, 1), folds=np.arange(case.products) % folds)
    moving = np.full(candidates, (training / 100) ** 2)
    needed = products_needed(
        type(planned)(planned.covariance, moving, planned.discordant, planned.worth, folds),
        difference=DIFFERENCE,
    )
    assert needed is not None
    return needed


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    for line in tables(int(arguments[0]) if arguments else 1_000):
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
