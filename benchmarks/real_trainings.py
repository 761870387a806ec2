"""False verdicts on real trainings, whose folds share training products.

`python -m benchmarks.real_trainings [DRAWS] [FILE.npz]` draws 840 products again and again from
scikit-learn's digits, or from the features `x` and labels `y` of a file (which
`benchmarks.cheap_features` writes), trains candidates that are equally good
(`benchmarks.equal_candidates`), and prints how often a verdict calls any of them better or worse,
as Markdown tables (docs/statistics.md has them). Monte Carlo standard error of a rate:
√(rate · (1 - rate) / draws).
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import ttest_1samp
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split

from aisle.statistics.clustered import clusters
from aisle.statistics.disagreements import sign_test
from aisle.statistics.paired import by_folds, holm, of_means, verdicts
from benchmarks.equal_candidates import KINDS, LUCK, PAIRS, Candidate, Kind, Splits, trained

PRODUCTS, FOLDS, TEST, SEEDS, ALPHA = 840, 5, 0.28, 3, 0.05
Pairs = Sequence[tuple[int, int]]
Rates = dict[str, float]
"""Way to test → share of draws with a false verdict."""


def labelled(file: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Return x, float [n, features], and y, int [n]: of the file, or scikit-learn's digits."""
    if file is not None:
        held = np.load(file)
        return held["x"].astype(float), held["y"]
    x, y = load_digits(return_X_y=True)
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1), y


def in_folds(y: np.ndarray, seed: int) -> Splits:
    """Return five folds, each tested after training with the other four."""
    return list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(y, y))


def once(y: np.ndarray, seed: int) -> Splits:
    """Return one split with 28 % tested."""
    train, test = train_test_split(np.arange(len(y)), test_size=TEST, stratify=y, random_state=seed)
    return [(train, test)]


def answers(
    candidates: Sequence[Candidate],
    x: np.ndarray,
    y: np.ndarray,
    *,
    draws: int,
    split: Callable[[np.ndarray, int], Splits],
) -> tuple[np.ndarray, np.ndarray]:
    """Return right answers, bool [draws, c, n], and folds, int [draws, n], of tested products."""
    luck = np.random.default_rng(0)
    right, folds = [], []
    for draw in range(draws):
        drawn = luck.choice(len(y), min(PRODUCTS, len(y)), replace=False)
        splits = split(y[drawn], draw)
        predicted = np.stack([each(x[drawn], y[drawn], splits, luck) for each in candidates])
        tested = np.concatenate([test for _, test in splits])
        right.append((predicted == y[drawn])[:, tested])
        folds.append(np.repeat(np.arange(len(splits)), [len(test) for _, test in splits]))
    return np.array(right), np.array(folds)


def p_values(
    right: np.ndarray, folds: np.ndarray, pairs: Pairs, *, off: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Return p of each pair by way to test; `off`, float [c, c], is taken off each difference.

    "rule": the verdict's; "t": a t-test of the five folds' differences; "exact": of all products,
    without the folds, NaN where something is taken off.
    """
    fold = [np.stack([row[folds == each].mean() for each in range(FOLDS)]) for row in right]
    moved = [fold[i] - fold[j] - (0 if off is None else off[i, j]) for i, j in pairs]
    plain = [ttest_1samp(each, 0).pvalue if each.std() else 1.0 for each in moved]
    if off is None:
        rule = [each.p for each in verdicts(right, pairs=pairs, margin=0, folds=folds)]
        exact = [sign_test(right[i].astype(int) - right[j]) for i, j in pairs]
    else:
        found = by_folds(clusters(len(folds), folds=folds).spread(right), products=len(folds))
        p = replace(found, difference=found.difference - off).p
        rule, exact = [float(p[pair]) for pair in pairs], [np.nan] * len(pairs)
    return {way: np.array(each) for way, each in (("rule", rule), ("t", plain), ("exact", exact))}


def false_rates(kind: Kind, right: np.ndarray, folds: np.ndarray) -> dict[str, Rates]:
    """Return the rates by family, from right answers bool [draws, c, n] and folds [draws, n]."""
    count = right.shape[1]
    pairs = list(combinations(range(count), 2))
    same = kind.alike or [0] * count
    equal = np.array([same[i] == same[j] for i, j in pairs])
    off = None if kind.alike else of_means(right.mean(axis=(0, 2)))
    families = {"the contest": pairs[:1], "first against each": pairs[: count - 1], "all": pairs}
    if len(set(same)) > 1:
        families["a contest without luck"] = pairs[-1:]
    found = [p_values(*each, pairs, off=off) for each in zip(right, folds, strict=True)]
    rates = {}
    for family, members in families.items():
        rows = np.array([pairs.index(pair) for pair in members])
        rates[family] = _rates(
            [{way: p[rows] for way, p in one.items()} for one in found], equal[rows]
        )
    worst: list[Rates] = []
    for pair in pairs[:1] if kind.alike else pairs:
        two, less = right[:, list(pair)], None if off is None else off[np.ix_(pair, pair)]
        alone = [p_values(*each, [(0, 1)], off=less) for each in zip(two, folds, strict=True)]
        worst.append(_rates(alone, np.array([True])))
    name = "the contest, no others" if kind.alike else "the worst pair, no others"
    rates[name] = max(worst, key=lambda each: each["rule"])
    return rates


def on_one_split(fit: Candidate, x: np.ndarray, y: np.ndarray, *, draws: int) -> Rates:
    """Return the rate of false verdicts on two trainings of `fit`, without and with more seeds."""
    right, _ = answers([fit] * 2 * SEEDS, x, y, draws=draws, split=once)
    seeds = [
        verdicts(each[:2], margin=0, training=[each[0::2], each[1::2]])[0].decided for each in right
    ]
    plain = [verdicts(each[:2], margin=0)[0].decided for each in right]
    return {"with": float(np.mean(seeds)), "without": float(np.mean(plain))}


def decided(right: np.ndarray, folds: np.ndarray, pair: tuple[int, int]) -> Rates:
    """Return how often the difference of a pair is decided."""
    found = [p_values(*each, [pair]) for each in zip(right, folds, strict=True)]
    return _rates(found, np.array([True]))


def tables(x: np.ndarray, y: np.ndarray, *, draws: int) -> Iterator[str]:
    """Yield the lines of three tables: false verdicts over folds, on one split; power."""
    yield _line(
        "candidates", "family", "draws", "rule", "±", "t-test of 5 folds", "exact, no folds"
    )
    for kind in KINDS:
        right, folds = answers(kind.candidates, x, y, draws=draws, split=in_folds)
        for family, rates in false_rates(kind, right, folds).items():
            yield _row(kind.name, family, rates, draws=draws)
        if kind.alike is None:
            unlike = right, folds
    yield "\n" + _line(
        "two trainings on one split", "tested", "draws", "with 3 seeds", "±", "one seed"
    )
    for name, fit in LUCK.items():
        rates = on_one_split(partial(trained, fit), x, y, draws=draws)
        yield _row(name, f"{TEST:.0%}", rates, draws=draws)
    yield "\n" + _line("unlike methods", "true", "draws", "rule", "±", "t-test of 5 folds", "exact")
    for name, pair in PAIRS.items():
        difference = np.subtract(*unlike[0].mean(axis=(0, 2))[list(pair)])
        yield _row(name, f"{difference:+.3f}", decided(*unlike, pair), draws=draws)


def _rates(found: Sequence[dict[str, np.ndarray]], counted: np.ndarray) -> Rates:
    """Return how often any counted pair of a family is decided, by way to test."""
    return {
        way: float(np.mean([(holm(p[way])[counted] < ALPHA).any() for p in found]))
        if np.isfinite(found[0][way]).all()
        else np.nan
        for way in found[0]
    }


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}"


def _row(name: str, case: str, rates: Rates, *, draws: int) -> str:
    first, *others = rates.values()
    error = (first * (1 - first) / draws) ** 0.5
    shown = ["–" if np.isnan(each) else f"{each:.1%}" for each in (first, error, *others)]
    return f"| {' | '.join([name, case, f'{draws:,}', *shown])} |"


if __name__ == "__main__":
    number = int(sys.argv[1]) if sys.argv[1:] else 500
    for line in tables(*labelled(Path(sys.argv[2]) if sys.argv[2:] else None), draws=number):
        print(line, flush=True)
