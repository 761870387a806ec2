"""Simulations: coverage of the intervals and error rates of the verdicts, where the truth is known.

`python -m benchmarks.simulations [repetitions]` prints a Markdown table (docs/statistics.md has
one) from, by default, 1,000 simulated test sets per row. Every rate has its Monte Carlo standard
error: √(rate · (1 - rate) / repetitions).
"""

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtri

from aisle.statistics.bootstrap import (
    confusion,
    log_loss_interval,
    macro_f1,
    score_intervals,
)
from aisle.statistics.calibration import BINS, calibration_error, gaps
from aisle.statistics.intervals import wilson
from aisle.statistics.log_loss import FLOOR, losses
from aisle.statistics.paired import holm, verdict, verdicts
from aisle.statistics.resampling import bootstrap_interval
from aisle.statistics.stratified import resampled_means

PRODUCTS = (158, 210, 840)
MARGIN = 0.02
# Share of the variance of a product's difficulty that is common to all candidates.
SHARED = 0.6
RESAMPLES = 1_000  # the pipeline draws 10,000; 1,000 give rougher ends of an interval
CLASSES = 7
LARGEST = -np.log(FLOOR)  # loss of a product whose category got probability 0
ANSWERS = {
    "accuracy 0.70, calibrated": (3.0, 1.0),
    "accuracy 0.77, overconfident": (4.0, 2.5),
    "accuracy 0.95, calibrated": (20.0, 1.0),
    "accuracy 0.95, overconfident": (20.0, 3.0),
}
"""Kind of answers → spread of the logits, and factor by which they are overconfident."""
POOL = 1_000_000  # products from which test sets are drawn; their scores are the truth


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


def right(
    accuracies: list[float], *, n: int, generator: np.random.Generator, luck: float = 0.0
) -> np.ndarray:
    """Return right answers, bool [candidates, n], with products that are hard for all candidates.

    `luck` is the standard deviation of a candidate's accuracy over the five folds.
    """
    own = generator.normal(size=(len(accuracies), n))
    hardness = SHARED**0.5 * generator.normal(size=n) + (1 - SHARED) ** 0.5 * own
    accuracy = np.tile(np.array(accuracies)[:, None], n)
    if luck:
        accuracy = accuracy + generator.normal(0, luck, (len(accuracies), 5))[:, np.arange(n) % 5]
    return np.asarray(hardness < ndtri(np.clip(accuracy, 0.001, 0.999)))


def shares(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of Wilson's interval of an accuracy."""

    @cache
    def interval(successes: int, trials: int) -> tuple[float, float]:
        return wilson(successes=successes, trials=trials)

    for n in PRODUCTS:
        for accuracy in (0.65, 0.83, 0.96):
            drawn = generator.binomial(n, accuracy, 20 * repetitions).tolist()
            hits = [interval(each, n)[0] <= accuracy <= interval(each, n)[1] for each in drawn]
            case = f"accuracy {accuracy}"
            yield Row("accuracy, Wilson", case, n, len(drawn), float(np.mean(hits)), "95 %")


def differences(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of a paired difference; without pseudo-products; with duplicates."""
    cases = [(0.80, 0.80), (0.85, 0.80), (0.965, 0.96)]
    for n in PRODUCTS:
        for first, second in cases:
            truth, hits, plain = first - second, [], []
            for _ in range(2 * repetitions):
                answers = right([first, second], n=n, generator=generator)
                difference = answers[0].astype(int) - answers[1]
                low, high = _interval(difference, generator=generator)
                hits.append(low <= truth <= high)
                low, high = _percentiles(difference, generator=generator)
                plain.append(low <= truth <= high)
            case = f"{first} and {second}"
            for what, found in (("", hits), (", without the two added products", plain)):
                name = f"difference, bootstrap{what}"
                yield Row(name, case, n, len(found), float(np.mean(found)), "95 %")
    for n in PRODUCTS:
        hits, plain = [], []
        for _ in range(2 * repetitions):
            # Groups of 1 to 4 duplicates that are right or wrong together.
            groups = np.repeat(np.arange(n), generator.integers(1, 5, n))[:n]
            answers = right([0.85, 0.80], n=n, generator=generator)[:, groups]
            difference = answers[0].astype(int) - answers[1]
            low, high = _interval(difference, groups=groups, generator=generator)
            hits.append(low <= 0.05 <= high)
            low, high = _interval(difference, generator=generator)
            plain.append(low <= 0.05 <= high)
        for what, found in (("known", hits), ("ignored", plain)):
            case = f"0.85 and 0.8, groups of 1 to 4 duplicates, {what}"
            yield Row("difference, bootstrap", case, n, len(found), float(np.mean(found)), "95 %")


def words(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield how often a verdict is wrong, and how often it is right."""
    for n in (*PRODUCTS, 1050):
        for candidates in (2, 12):
            wrong = [
                any(
                    each.word in ("better", "worse")
                    for each in verdicts(
                        right([0.8] * candidates, n=n, generator=generator),
                        seed=int(generator.integers(2**31)),
                        margin=MARGIN,
                        resamples=RESAMPLES,
                    )
                )
                for _ in range(repetitions if candidates > 2 else 4 * repetitions)
            ]
            case = f"{candidates} equal candidates"
            name = "any `better` or `worse` where all are equal"
            yield Row(name, case, n, len(wrong), float(np.mean(wrong)), "≤ 5 %")
    for n in (210, 840):
        wrong = []
        for _ in range(4 * repetitions):
            groups = np.repeat(np.arange(n), generator.integers(1, 5, n))[:n]
            answers = right([0.8, 0.8], n=n, generator=generator)[:, groups]
            wrong.append(_word(answers, groups=groups, generator=generator) in ("better", "worse"))
        case = "2 equal candidates, groups of 1 to 4 duplicates"
        name = "any `better` or `worse` where all are equal"
        yield Row(name, case, n, len(wrong), float(np.mean(wrong)), "≤ 5 %")
    for luck in (0.0, 0.02):
        for folds in (None, np.arange(1050) % 5):
            found = [
                _word(
                    right([0.8, 0.8], n=1050, generator=generator, luck=luck),
                    folds=folds,
                    generator=generator,
                )
                in ("better", "worse")
                for _ in range(4 * repetitions)
            ]
            case = f"5 folds {'ignored' if folds is None else 'known'}, training moves {luck:.0%}"
            name = "`better` or `worse` where both are equal"
            yield Row(name, case, 1050, len(found), float(np.mean(found)), "≤ 5 %")
    for n in (1050, 5000):
        for first, target in ((0.80, "large"), (0.82, "≤ 5 %"), (0.83, "≤ 5 %")):
            found = [
                _word(right([first, 0.8], n=n, generator=generator), generator=generator) == "tie"
                for _ in range(4 * repetitions)
            ]
            case = f"true difference {first - 0.8:.2f}, margin {MARGIN}"
            yield Row("`tie`", case, n, len(found), float(np.mean(found)), target)
    for n in PRODUCTS:
        found = [
            _word(right([0.85, 0.8], n=n, generator=generator), generator=generator) == "better"
            for _ in range(4 * repetitions)
        ]
        yield Row("`better`", "true difference 0.05", n, len(found), float(np.mean(found)), "large")


def scores(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of the intervals of macro-F1 and calibration error, and of percentiles."""
    for case, (spread, sharpness) in ANSWERS.items():
        actual, given = _pool(spread, sharpness=sharpness, generator=generator)
        predicted = given.argmax(axis=1)
        table = confusion(actual=actual, predicted=predicted, classes=CLASSES)
        truths = {
            "macro_f1": float(macro_f1(table)),
            "log_loss": float(losses(actual=actual, probabilities=given).mean()),
            "calibration_error": 0.0
            if sharpness == 1
            else calibration_error(actual=actual, predicted=predicted, probabilities=given),
        }
        members = [np.flatnonzero(actual == category) for category in range(CLASSES)]
        for n in PRODUCTS:
            sizes = np.bincount(np.arange(n) % CLASSES)
            hits: dict[str, list[bool]] = {name: [] for name in truths}
            plain: dict[str, list[bool]] = {name: [] for name in truths}
            for _ in range(repetitions):
                rows = np.concatenate(
                    [
                        generator.choice(each, size)
                        for each, size in zip(members, sizes, strict=True)
                    ]
                )
                intervals = score_intervals(
                    actual[rows],
                    predicted[rows],
                    given[rows],
                    resamples=RESAMPLES,
                    seed=int(generator.integers(2**31)),
                )
                for name, (low, high) in intervals.items():
                    hits[name].append(low <= truths[name] <= high)
                if n == min(PRODUCTS):
                    drawn = _drawn_scores(actual[rows], given[rows], generator=generator)
                    for name, values in drawn.items():
                        low, high = np.quantile(values, [0.025, 0.975])
                        plain[name].append(bool(low <= truths[name] <= high))
            for name, truth in truths.items():
                what = name.replace("_", " ").replace("f1", "F1").replace("macro ", "macro-")
                target = "≥ 95 %" if name == "calibration_error" else "95 %"
                label = f"{case}, truth {truth:.3f}"
                for way, found in (("", hits[name]), (", plain percentiles", plain[name])):
                    if found and (way or name != "log_loss"):  # which `log_losses` simulates
                        rate = float(np.mean(found))
                        yield Row(what + way, label, n, len(found), rate, target)


def log_losses(repetitions: int, generator: np.random.Generator) -> Iterator[Row]:
    """Yield the coverage of log loss intervals; fast, so with six times as many repetitions."""
    for case, (spread, sharpness) in ANSWERS.items():
        actual, given = _pool(spread, sharpness=sharpness, generator=generator)
        loss = losses(actual=actual, probabilities=given)
        truth = float(loss.mean())
        members = [np.flatnonzero(actual == category) for category in range(CLASSES)]
        for n in PRODUCTS:
            strata = np.sort(np.arange(n) % CLASSES)
            sizes = np.bincount(strata)
            hits = []
            for _ in range(6 * repetitions):
                drawn = [generator.choice(*pair) for pair in zip(members, sizes, strict=True)]
                values = loss[np.concatenate(drawn), np.newaxis]
                means = resampled_means(
                    values, strata=strata, resamples=RESAMPLES, generator=generator
                )
                low, high = log_loss_interval(means, confidence=0.95, largest=LARGEST)
                hits.append(low <= truth <= high)
            label = f"{case}, truth {truth:.3f}"
            yield Row("log loss", label, n, len(hits), float(np.mean(hits)), "95 %")


def _pool(
    spread: float, *, sharpness: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return true categories [POOL] and predicted probabilities [POOL, CLASSES]."""
    logits = generator.normal(0, spread, (POOL, CLASSES))
    true = _softmax(logits)
    actual = (true.cumsum(axis=1) < generator.random((POOL, 1))).sum(axis=1)
    return np.minimum(actual, CLASSES - 1), _softmax(sharpness * logits)


def _drawn_scores(
    actual: np.ndarray, given: np.ndarray, *, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the scores of test sets resampled within each category, for plain percentiles."""
    predicted = given.argmax(axis=1)
    bin_of, gap = gaps(actual=actual, predicted=predicted, probabilities=given)
    # Columns: the loss, the gap in each bin, the cell of the confusion table.
    cells = np.eye(CLASSES**2)[actual * CLASSES + predicted]
    in_bins = np.eye(BINS)[bin_of] * gap[:, None]
    loss = losses(actual=actual, probabilities=given)
    values = np.hstack([loss[:, None], in_bins, cells])
    means = resampled_means(values, strata=actual, resamples=RESAMPLES, generator=generator).drawn
    tables = np.rint(means[:, 1 + BINS :] * len(actual)).astype(int)
    return {
        "macro_f1": macro_f1(tables.reshape(-1, CLASSES, CLASSES)),
        "log_loss": means[:, 0],
        "calibration_error": np.abs(means[:, 1 : 1 + BINS]).sum(axis=1),
    }


def _word(
    answers: np.ndarray,
    *,
    generator: np.random.Generator,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> str:
    return verdict(
        *answers,
        margin=MARGIN,
        resamples=RESAMPLES,
        folds=folds,
        groups=groups,
        seed=int(generator.integers(2**31)),
    ).word


def _interval(
    difference: np.ndarray, *, generator: np.random.Generator, groups: np.ndarray | None = None
) -> tuple[float, float]:
    return bootstrap_interval(
        difference,
        groups=groups,
        confidence=0.95,
        resamples=RESAMPLES,
        seed=int(generator.integers(2**31)),
    )


def _percentiles(difference: np.ndarray, *, generator: np.random.Generator) -> tuple[float, float]:
    """Return the plain percentile bootstrap interval, for comparison."""
    counts = np.array([(difference > 0).sum(), (difference == 0).sum(), (difference < 0).sum()])
    n = counts.sum()
    drawn = generator.multinomial(n, counts / n, size=RESAMPLES) @ np.array([1, 0, -1]) / n
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def main() -> None:
    """Print the table row by row."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    holm(np.array([0.01, 0.02]))  # imports statsmodels, which runs a garbage collection per call:
    gc.freeze()  # keep that collection short
    print("| what | where | products | repetitions | should be | measured | ± |")
    print("|---|---|---|---|---|---|---|")
    for simulate in (shares, differences, words, scores, log_losses):
        for row in simulate(repetitions, np.random.default_rng(0)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
