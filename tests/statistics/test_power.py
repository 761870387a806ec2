import numpy as np
import pytest

from aisle.errors import AisleError
from aisle.statistics.paired import verdicts
from aisle.statistics.power import Design, chance, design, products_needed, smallest_difference


def split(*, discordant: float = 0.2, worth: float = 1.0) -> Design:
    """One split of two candidates that disagree on this share of products."""
    return Design(np.eye(2) * discordant / 2, np.zeros(2), discordant, worth, folds=1)


def cross_test(*, training: float, candidates: int = 6, folds: int = 5) -> Design:
    """Candidates that are right on 80 %, a third of whose noise is shared."""
    covariance = np.full((candidates, candidates), 0.05) + np.eye(candidates) * 0.11
    return Design(covariance, np.full(candidates, training**2), 0.22, 1.0, folds)


@pytest.mark.parametrize(("discordant", "difference"), [(0.2, 0.1), (0.3, 0.05), (0.06, 0.05)])
def test_on_one_split_it_is_connors_formula_for_an_exact_test(
    discordant: float, difference: float
) -> None:
    """Connor's normal limit; the exact test needs up to a fifth more."""
    root = 1.96 * discordant**0.5 + 0.8416 * (discordant - difference**2) ** 0.5
    limit = (root / difference) ** 2
    found = products_needed(split(discordant=discordant), difference=difference)
    assert found is not None
    assert limit < found < 1.2 * limit


def test_duplicates_need_as_many_more_products_as_they_are_worth_less() -> None:
    alone = products_needed(split(), difference=0.1)
    doubled = products_needed(split(worth=0.5), difference=0.1)
    assert alone is not None
    assert doubled == pytest.approx(2 * alone, rel=0.05)


@pytest.mark.parametrize("planned", [split(), cross_test(training=0.0), cross_test(training=0.01)])
def test_the_two_functions_are_inverse(planned: Design) -> None:
    difference = smallest_difference(planned, products=840)
    assert difference is not None
    assert products_needed(planned, difference=difference) == pytest.approx(840, rel=0.06)


def test_two_that_hardly_disagree_cannot_be_distinguished() -> None:
    """2 % of 158 is three products; three on one side have p = 0.25."""
    assert smallest_difference(split(discordant=0.02), products=158) is None


def test_trainings_that_differ_need_more_products_and_then_no_number_helps() -> None:
    """With 5 folds, 2 points of luck each: a standard error of 1.3 points that stays."""
    steady = products_needed(cross_test(training=0.0), difference=0.05)
    moving = products_needed(cross_test(training=0.02), difference=0.05)
    assert steady is not None
    assert moving is not None
    assert moving > 2 * steady
    assert products_needed(cross_test(training=0.02), difference=0.02) is None


@pytest.mark.parametrize("training", [0.0, 0.02])
def test_with_the_products_needed_the_verdict_decides_four_times_in_five(training: float) -> None:
    """Drawn product by product, as the simulated means are not."""
    candidates, difference = 6, 0.06
    planned = cross_test(training=training, candidates=candidates)
    n = products_needed(planned, difference=difference)
    assert n is not None
    generator, decided = np.random.default_rng(0), 0
    fold = np.arange(n) % 5
    for _ in range(200):
        luck = generator.normal(0, training, (candidates, 5))[:, fold]
        hard = 0.56 * generator.normal(size=n) + 0.83 * generator.normal(size=(candidates, n))
        accuracy = np.full((candidates, 1), 0.8)
        accuracy[0] += difference
        right = hard < -np.log(1 / np.clip(accuracy + luck, 0.01, 0.99) - 1) / 1.7
        found = verdicts(right, pairs=[(0, 1)], margin=0.001, folds=fold)[0]
        decided += found.word == "better"
    assert 0.7 < decided / 200 < 0.95


def test_a_design_is_estimated_from_answers() -> None:
    """Two candidates, 4 products each twice: duplicates are worth half."""
    right = np.array([[1, 1, 0, 1], [1, 0, 1, 0]], dtype=bool).repeat(25, axis=1)
    found = design(right.repeat(2, axis=1), pair=(0, 1), groups=np.arange(100).repeat(2))
    assert found.discordant == pytest.approx(0.75)
    assert found.worth == pytest.approx(0.5, rel=0.02)
    assert found.folds == 1
    assert found.training.tolist() == [0, 0]


def test_a_design_over_folds_has_the_training_variance() -> None:
    """The first is right on 40, 60, 80, 60 and 60 of 100, the second on 60 everywhere."""
    first = np.concatenate([np.arange(100) < right for right in (40, 60, 80, 60, 60)])
    second = np.tile(np.arange(100) < 60, 5)
    found = design(np.stack([first, second]), pair=(0, 1), folds=np.arange(5).repeat(100))
    assert found.folds == 5
    assert 0.005 < found.training.sum() < 0.02  # variance of the differences: 0.02


def test_no_difference_is_decided_as_often_as_the_level_allows() -> None:
    assert chance(split(), products=840, difference=0.0, confidence=0.95) < 0.06
    found = chance(cross_test(training=0.03), products=840, difference=0.0, confidence=0.95)
    assert found < 0.06


def test_impossible_values_are_refused() -> None:
    with pytest.raises(AisleError, match="more than 0"):
        products_needed(split(), difference=0)
    with pytest.raises(AisleError, match=r"0\.95"):
        smallest_difference(split(), products=158, confidence=95)
    with pytest.raises(AisleError, match="1 or more"):
        smallest_difference(split(), products=0)
