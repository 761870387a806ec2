"""Time and memory of the comparison's statistics: `python -m benchmarks.statistics`.

Runs everything that `compare` computes, for 12 candidates on 1,050 products in 5 folds with
duplicates, then for 10 candidates on 1,000,000 predictions; 7 categories, 10,000 resamples. Prints
seconds per part, the total, and the peak memory.
"""

import resource
import time
from collections.abc import Callable

import numpy as np

from aisle.statistics.checks import problems
from aisle.statistics.mistakes import confused, suspects
from aisle.statistics.noise import two_noises
from aisle.statistics.paired import verdicts
from aisle.statistics.power import design, smallest_difference
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
        "verdicts": lambda: verdicts(right, margin=0.02),
        "verdicts, groups": lambda: verdicts(right, margin=0.02, groups=groups),
        "verdicts, folds and groups": lambda: verdicts(
            right, margin=0.02, folds=folds, groups=groups
        ),
        "power of one pair": lambda: smallest_difference(
            design(right[:, :1_000], pair=(0, 1), folds=folds[:1_000]), products=n
        ),
        "noise": lambda: two_noises(right),
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


if __name__ == "__main__":
    compare(12, 1_050)
    compare(10, 1_000_000)
