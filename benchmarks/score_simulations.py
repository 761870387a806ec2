"""Simulations: how often the interval of a score holds the true score.

`python -m benchmarks.score_simulations [repetitions]` prints a Markdown table (docs/statistics.md
has it) from, by default, 1,000 simulated test sets per row, five times as many for accuracy.
Duplicates come in groups of 1 to 4 with the same answer. Luck is the standard deviation, in points
of accuracy, by which training moves a fold.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aisle.statistics.bootstrap import resampled_means, score_intervals
from aisle.statistics.calibration import calibration_error
from aisle.statistics.clustered import clustered_mean, clusters
from aisle.statistics.intervals import share_interval
from aisle.statistics.log_loss import losses
from aisle.statistics.macro_f1 import categories, confusion, linear_values, macro_f1

HEADER = """| what | where | products | repetitions | should be | measured | ± |
|---|---|---|---|---|---|---|"""
PRODUCTS = (158, 210, 840)
RESAMPLES = 1_000  # the pipeline draws 10,000; 1,000 give rougher ends of an interval
CLASSES = 7
ANSWERS = {
    "accuracy 0.70, calibrated": (3.0, 1.0),
    "accuracy 0.77, overconfident": (4.0, 2.5),
    "accuracy 0.95, calibrated": (20.0, 1.0),
    "accuracy 0.95, overconfident": (20.0, 3.0),
}
"""Kind of answers → spread of the logits, and factor by which they are overconfident."""
POOL = 1_000_000  # products from which test sets are drawn; their scores are the truth
SWAPPED = 0.1
"""With luck, a fold gives up to this share of its products the answer to another product."""
DUPLICATES = ", groups of 1 to 4 duplicates"


@dataclass(frozen=True)
class Row:
    """One row of the table: a rate, the number of repetitions, and the target."""

    what: str
    case: str
    products: int
    repetitions: int
    rate: float
    target: str

    def __str__(self) -> str:
        error = (self.rate * (1 - self.rate) / self.repetitions) ** 0.5
        return (
            f"| {self.what} | {self.case} | {self.products:,} | {self.repetitions:,} "
            f"| {self.target} | {self.rate:.1%} | {error:.1%} |"
        )


@dataclass(frozen=True)
class Pool:
    """Answers to very many products: `actual` and `predicted` int, `given` [POOL, CLASSES]."""

    actual: np.ndarray
    predicted: np.ndarray
    given: np.ndarray
    calibrated: bool

    def truths(self, *, swapped: float = 0.0) -> dict[str, float]:
        """Return the true scores where a share of products gets another product's answer."""
        table = confusion(actual=self.actual, predicted=self.predicted, classes=CLASSES) / POOL
        mixed = (1 - swapped) * table + swapped * np.outer(table.sum(axis=1), table.sum(axis=0))
        own, others = (
            losses(actual=actual, probabilities=self.given).mean()
            for actual in (self.actual, np.roll(self.actual, 1))
        )
        return {
            "macro-F1": float(macro_f1(POOL * mixed)),
            "log loss": float((1 - swapped) * own + swapped * others),
            "calibration error": 0.0
            if self.calibrated
            else calibration_error(
                actual=self.actual, predicted=self.predicted, probabilities=self.given
            ),
        }


def accuracies(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of the interval of an accuracy, or of a category's recall."""

    def row(accuracy: float, n: int, *, luck: float = 0.0, folds: int = 1, groups: str = "") -> Row:
        hits = []
        for _ in range(repetitions):
            group = _groups(n, generator) if groups else np.arange(n)
            fold = generator.permutation(n)[group] % folds
            by_fold = np.clip(accuracy + luck * generator.normal(size=folds), 0, 1)
            right = generator.random(n)[group] < by_fold[fold]
            known = group if groups == "known" else None
            low, high = share_interval(clustered_mean(right, groups=known, folds=fold))
            hits.append(low <= accuracy <= high)
        case = f"accuracy {accuracy}" + (f"{DUPLICATES}, {groups}" if groups else "")
        if folds > 1:
            case += f", {folds} folds, luck {100 * luck:.0f}"
        return Row("accuracy", case, n, repetitions, float(np.mean(hits)), "95 %")

    for n in (24, *PRODUCTS):
        for accuracy in (0.65, 0.83, 0.96):
            yield row(accuracy, n)
            yield row(accuracy, n, groups="known")
    for n in PRODUCTS:
        yield row(0.83, n, groups="ignored")
    for folds in (5, 10):
        for n in (210, 840, 5_000):
            for luck in (0.0, 0.01, 0.02, 0.03):
                yield row(0.8, n, folds=folds, luck=luck)
    for n in (210, 840):
        for luck in (0.0, 0.02):
            yield row(0.8, n, folds=5, luck=luck, groups="known")


def others(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of macro-F1, log loss and calibration error."""
    for case, (spread, sharpness) in ANSWERS.items():
        pool = _pool(spread, sharpness=sharpness, generator=generator)
        for n in PRODUCTS:
            yield from _rows(pool, case, n, repetitions, generator)
        for n in (210, 840):
            yield from _rows(pool, case, n, repetitions, generator, groups="known")
            yield from _rows(pool, case, n, repetitions, generator, folds=5)
            yield from _rows(pool, case, n, repetitions, generator, folds=5, swapped=SWAPPED)
        if not pool.calibrated:
            yield from _rows(pool, case, 210, repetitions, generator, groups="ignored")


def _rows(
    pool: Pool,
    case: str,
    n: int,
    repetitions: int,
    generator: np.random.Generator,
    *,
    groups: str = "",
    folds: int = 1,
    swapped: float = 0.0,
) -> Iterator[Row]:
    """Yield a row per score; with luck, a fold swaps a share drawn from 0 to `swapped`."""
    truths = pool.truths(swapped=swapped / 2)
    hits: dict[str, list[bool]] = {}
    members = [np.flatnonzero(pool.actual == category) for category in range(CLASSES)]
    sizes = np.bincount(np.arange(n) % CLASSES)
    for _ in range(repetitions):
        drawn = [generator.choice(*pair) for pair in zip(members, sizes, strict=True)]
        products = generator.permutation(np.concatenate(drawn))
        group = _groups(n, generator) if groups else np.arange(n)
        fold = (np.arange(n) % folds)[group]
        rows = products[group]
        swaps = generator.random(n) < generator.uniform(0, swapped, folds)[fold]
        answered = np.where(swaps, generator.integers(0, POOL, n), rows)
        found = _intervals(
            pool.actual[rows],
            pool.predicted[answered],
            pool.given[answered],
            groups=group if groups == "known" else None,
            folds=fold,
            seed=int(generator.integers(2**31)),
            percentiles=n == min(PRODUCTS) and not groups and folds == 1,
        )
        for name, (low, high) in found.items():
            truth = truths[name.removesuffix(", plain percentiles")]
            hits.setdefault(name, []).append(bool(low <= truth <= high))
    where = case + (f"{DUPLICATES}, {groups}" if groups else "")
    if folds > 1:
        where += f", {folds} folds, {'luck' if swapped else 'no luck'}"
    for name, held in hits.items():
        calibration = name.startswith("calibration")
        if calibration and folds > 1:  # it knows no folds
            continue
        target = "≥ 95 %" if calibration else "95 %"
        yield Row(name, where, n, len(held), float(np.mean(held)), target)


def _intervals(
    actual: np.ndarray,
    predicted: np.ndarray,
    given: np.ndarray,
    *,
    groups: np.ndarray | None,
    folds: np.ndarray,
    seed: int,
    percentiles: bool,
) -> dict[str, tuple[float, float]]:
    together = clusters(len(actual), groups=groups, folds=folds)
    table = confusion(actual=actual, predicted=predicted, classes=CLASSES)
    linear = linear_values(table, actual=actual, predicted=predicted)
    found = {"macro-F1": share_interval(together.mean(linear, fitted=categories(table) - 1))}
    intervals = score_intervals(
        actual, predicted, given, clusters=together, resamples=RESAMPLES, seed=seed
    )
    found |= {name.replace("_", " "): interval for name, interval in intervals.items()}
    if percentiles:
        loss = losses(actual=actual, probabilities=given)
        drawn = resampled_means(
            loss[np.newaxis],
            clusters=together,
            resamples=RESAMPLES,
            generator=np.random.default_rng(seed),
        )
        low, high = np.quantile(drawn.means, [0.025, 0.975])
        found["log loss, plain percentiles"] = float(low), float(high)
    return found


def _groups(n: int, generator: np.random.Generator) -> np.ndarray:
    """Return the group of each of `n` products, from 0, in groups of 1 to 4."""
    return np.repeat(np.arange(n), generator.integers(1, 5, n))[:n]


def _pool(spread: float, *, sharpness: float, generator: np.random.Generator) -> Pool:
    logits = generator.normal(0, spread, (POOL, CLASSES))
    true = _softmax(logits)
    actual = (true.cumsum(axis=1) < generator.random((POOL, 1))).sum(axis=1)
    # a few are below the floor of the log loss, like the pipeline's
    given = _softmax(sharpness * logits)
    return Pool(np.minimum(actual, CLASSES - 1), given.argmax(axis=1), given, sharpness == 1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def main() -> None:
    """Print the table row by row."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(HEADER)
    for row in accuracies(5 * repetitions, np.random.default_rng(0)):
        print(row, flush=True)
    for row in others(repetitions, np.random.default_rng(0)):
        print(row, flush=True)


if __name__ == "__main__":
    main()
