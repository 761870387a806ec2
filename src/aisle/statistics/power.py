"""Power of the verdict on one pair: the smallest difference a test shows, the products needed.

By simulation of the test in force (`paired.verdicts`), because no formula knows the folds and the
training variance. What is simulated is estimated before the test, from answers on validation.
"""

from dataclasses import dataclass

import numpy as np

from aisle.errors import AisleError
from aisle.statistics import training_variance
from aisle.statistics.clustered import clusters
from aisle.statistics.paired import normal, of_differences, of_means

REPETITIONS = 2_000
CANDIDATES = 12
"""Most candidates simulated: more make the training variance of a pair hardly any more certain."""

MOST = 100_000_000
"""Products beyond which nothing is looked for: a test that needs more is limited by its folds."""


@dataclass(frozen=True)
class Design:
    """What the test of one pair will meet, the two being candidates 0 and 1.

    `covariance`: of right answers per product, float [c, c], duplicates counted together;
    `training`: training variance of each candidate's accuracy, float [c], 0 where it is unknown;
    `discordant`: share of products on which only one of the two is right; `worth`: independent
    products that one product counts for, at most 1, less with duplicates; `folds`: trainings.
    """

    covariance: np.ndarray
    training: np.ndarray
    discordant: float
    worth: float
    folds: int


def design(
    right: np.ndarray,
    *,
    pair: tuple[int, int],
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Design:
    """Return the design of a pair's test from right answers on validation, bool [c, n].

    `folds`, `groups` int [n] as in `paired.verdicts`. The training variance is 0 on one split.
    """
    others = [row for row in range(len(right)) if row not in pair]
    right = np.asarray(right, dtype=float)[[*pair, *others[: CANDIDATES - 2]]]
    spread = clusters(right.shape[1], groups=groups, folds=folds).spread(right)
    excess = of_differences(spread.between) - of_differences(spread.of_products)
    together, alone = spread.within, clusters(right.shape[1], folds=folds).spread(right).within
    ratio = of_differences(alone)[0, 1] / max(of_differences(together)[0, 1], 1e-300)
    return Design(
        covariance=spread.within * right.shape[1],
        training=training_variance.own(excess),
        discordant=float((right[0] != right[1]).mean()),
        worth=min(1.0, float(ratio)) or 1.0,
        folds=spread.folds,
    )


def chance(planned: Design, *, products: int, difference: float, confidence: float) -> float:
    """Return the probability that the test of so many products decides a true difference."""
    if planned.folds == 1:
        return _chance_on_one_split(
            planned, products=products, difference=difference, confidence=confidence
        )
    return _chance_over_folds(
        planned, products=products, difference=difference, confidence=confidence
    )


def smallest_difference(
    planned: Design, *, products: int, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """Return the smallest difference in accuracy that so many products show with this power.

    None if not even a difference on all the products on which the two disagree would be seen.
    """
    _check(confidence=confidence, power=power, products=products)

    def seen(difference: float) -> bool:
        return power <= chance(
            planned, products=products, difference=difference, confidence=confidence
        )

    low, high = 0.0, planned.discordant if planned.folds == 1 else 1.0
    if not (high and seen(high)):
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def products_needed(
    planned: Design, *, difference: float, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """Return how many test products show this difference with this power.

    None where no number does: more products do not make the trainings less different, more folds
    or seeds would. Within 1 % of the simulated answer.
    """
    _check(confidence=confidence, power=power, difference=difference)

    def shown(products: int) -> bool:
        return power <= chance(
            planned, products=products, difference=difference, confidence=confidence
        )

    low, high = 1, 64
    while not shown(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if shown(middle) else (middle, high)
    return high


def _chance_on_one_split(
    planned: Design, *, products: int, difference: float, confidence: float
) -> float:
    """Simulate McNemar's exact test; duplicates make the products fewer than they are."""
    from scipy.special import bdtr

    apart = max(planned.discordant, difference)
    generator = np.random.default_rng(0)  # the same draws for each number of products
    disagreed = generator.binomial(max(1, round(products * planned.worth)), apart, REPETITIONS)
    won = generator.binomial(disagreed, (1 + difference / apart) / 2)
    p = 2 * bdtr(np.minimum(won, disagreed - won), disagreed, 0.5)
    return float((p < 1 - confidence).mean())


def _chance_over_folds(
    planned: Design, *, products: int, difference: float, confidence: float
) -> float:
    """Simulate the fold means of all candidates, normal, and the t-test on them."""
    folds, candidates = planned.folds, len(planned.covariance)
    generator = np.random.default_rng(0)
    shape = (REPETITIONS, folds, candidates)
    values, vectors = np.linalg.eigh(planned.covariance * folds / products)
    root = vectors * np.sqrt(np.maximum(values, 0))
    means = generator.normal(size=shape) @ root.T
    means += generator.normal(size=shape) * np.sqrt(planned.training)
    means[..., 0] += difference
    centred = means - means.mean(axis=1, keepdims=True)
    between = np.swapaxes(centred, 1, 2) @ centred / (folds - 1)
    of_products = of_differences(planned.covariance) * folds / products
    training = training_variance.from_folds(
        of_differences(between), of_products[np.newaxis], folds=folds
    )
    found = normal(
        of_means(means.mean(axis=1)),
        products=of_products / folds,
        n=products,
        training=training.variance / folds,
        uncertainty=training.uncertainty / folds**2,
    )
    return float((found.p[:, 0, 1] < 1 - confidence).mean())


def _check(*, confidence: float, power: float, products: int = 1, difference: float = 1.0) -> None:
    if not (0 < confidence < 1 and 0.5 <= power < 1):
        raise AisleError(
            f"confidence is {confidence} and power {power}; expected shares such as 0.95 and 0.8, "
            "power at least 0.5."
        )
    if products < 1:
        raise AisleError(f"the number of products is {products}; expected 1 or more.")
    if not 0 < difference <= 1:
        raise AisleError(f"the difference is {difference}; expected more than 0 and at most 1.")
