"""Simulations: coverage of paired intervals and error rates of verdicts, where the truth is known.

`python -m benchmarks.simulations [repetitions]` prints a Markdown table (docs/statistics.md has
one) from, by default, 1,000 simulated test sets per row. Every rate has its Monte Carlo standard
error: √(rate · (1 - rate) / repetitions).
"""

import gc
import sys
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from aisle.statistics.paired import holm, verdict, verdicts
from aisle.statistics.resampling import bootstrap_interval
from benchmarks.rates import HEADER, Row

PRODUCTS = (158, 210, 840)
MARGIN = 0.02
# Share of the variance of a product's difficulty that is common to all candidates.
SHARED = 0.6
RESAMPLES = 1_000  # the pipeline draws 10,000; 1,000 give rougher ends of an interval


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


def main() -> None:
    """Print the table row by row."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    holm(np.array([0.01, 0.02]))  # imports statsmodels, which runs a garbage collection per call:
    gc.freeze()  # keep that collection short
    print(HEADER)
    for simulate in (differences, words):
        for row in simulate(repetitions, np.random.default_rng(0)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
