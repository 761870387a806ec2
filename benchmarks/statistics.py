"""Time and memory of the comparison's statistics: `python -m benchmarks.statistics`.

Runs everything that `compare` computes, for 12 candidates on 1,050 products in 5 folds with
duplicates, then for 10 candidates on 1,000,000 predictions; 7 categories, 10,000 resamples. Prints
seconds per part, the total, and the peak memory. Also compares one pair's interval with a bootstrap
that draws products one by one.
"""

import resource
import time
from collections.abc import Callable

import numpy as np

from aisle.statistics.checks import problems
from aisle.statistics.mistakes import confused, oracle, overlap, suspects
from aisle.statistics.noise import two_noises
from aisle.statistics.paired import verdicts
from aisle.statistics.power import smallest_difference
from aisle.statistics.resampling import bootstrap_interval
from aisle.statistics.scores import scores

CLASSES = 7
RESAMPLES = 10_000


def predictions(candidates: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return actual, int [n], and probabilities, float32 [candidates, n, classes]."""
    generator = np.random.default_rng(0)
    actual = generator.integers(0, CLASSES, n)
    hardness = generator.normal(2, 2, n).astype(np.float32)
    given = np.empty((candidates, n, CLASSES), dtype=np.float32)
    for candidate in range(candidates):
        logits = generator.normal(0, 1, (n, CLASSES))
        logits[np.arange(n), actual] += hardness
        given[candidate] = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return actual, given


def compare(candidates: int, n: int) -> None:
    """Print the seconds of each part for `candidates` candidates on `n` products."""
    print(f"\n{candidates} candidates, {n:,} products, {RESAMPLES:,} resamples", flush=True)
    actual, given = predictions(candidates, n)
    answered = given.argmax(axis=2)
    right = answered == actual
    folds, groups = np.arange(n) % 5, np.arange(n) * 9 // 10
    answers = list(zip(answered, given, strict=True))
    parts: dict[str, Callable[[], object]] = {
        "checks": lambda: [problems(actual, each) for each in given],
        "scores and their intervals": lambda: [
            scores(actual=actual, predicted=predicted, probabilities=each, resamples=RESAMPLES)
            for predicted, each in answers
        ],
        "the same, with folds and groups": lambda: [
            scores(
                actual=actual,
                predicted=predicted,
                probabilities=each,
                groups=groups,
                folds=folds,
                resamples=RESAMPLES,
            )
            for predicted, each in answers
        ],
        "verdicts": lambda: verdicts(right, margin=0.02, resamples=RESAMPLES),
        "verdicts, folds and groups": lambda: verdicts(
            right, margin=0.02, resamples=RESAMPLES, folds=folds, groups=groups
        ),
        "power": lambda: [smallest_difference(n, 0.2) for _ in range(pairs(candidates))],
        "overlap, oracle, noise": lambda: (overlap(right), oracle(right), two_noises(right)),
        "confused categories": lambda: [confused(actual, each, CLASSES) for each in answered],
        "suspect labels": lambda: suspects(actual, given),
    }
    started = time.perf_counter()
    for name, part in parts.items():
        before = time.perf_counter()
        part()
        print(f"  {time.perf_counter() - before:7.2f} s  {name}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  {time.perf_counter() - started:7.2f} s  total; peak memory so far {peak:.2f} GB")


def pairs(candidates: int) -> int:
    """Return the number of pairs of candidates."""
    return candidates * (candidates - 1) // 2


def one_pair() -> None:
    """Print the time of one pair's interval, by distinct values and one product at a time."""
    difference = np.random.default_rng(0).choice([-1, 0, 1], 1050, p=[0.08, 0.8, 0.12])
    generator, seconds = np.random.default_rng(0), {}
    before = time.perf_counter()
    for _ in range(10):
        bootstrap_interval(difference, confidence=0.95, resamples=RESAMPLES, seed=0)
    seconds["cells"] = (time.perf_counter() - before) / 10
    before = time.perf_counter()
    drawn = difference[generator.integers(0, 1050, (RESAMPLES, 1050))].mean(axis=1)
    np.quantile(drawn, [0.025, 0.975])
    seconds["one by one"] = time.perf_counter() - before
    ratio = seconds["one by one"] / seconds["cells"]
    print(
        f"one pair, 1,050 products: {seconds['cells'] * 1e3:.1f} ms by cells, "
        f"{seconds['one by one'] * 1e3:.0f} ms one by one, {ratio:.0f} times faster"
    )


if __name__ == "__main__":
    one_pair()
    compare(12, 1_050)
    compare(10, 1_000_000)
