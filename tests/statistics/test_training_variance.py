import numpy as np
import pytest

from aisle.statistics.training_variance import from_folds, from_seeds, own


def of_pairs(each: list[float]) -> np.ndarray:
    return np.add.outer(each, each)


def test_least_squares_finds_the_candidates_own_variances() -> None:
    """Excess v_i + v_j for each pair, from v = 4, 0, 1, 9."""
    assert own(of_pairs([4, 0, 1, 9])) == pytest.approx([4, 0, 1, 9])
    found = from_folds(of_pairs([5, 1, 2, 10]), of_pairs([1, 1, 1, 1]), folds=5)
    assert found.variance == pytest.approx(of_pairs([4, 0, 1, 9]))


def test_a_negative_excess_counts_as_none() -> None:
    found = from_folds(of_pairs([0.5, 1, 3]), of_pairs([1, 1, 1]), folds=5)
    assert found.variance[0, 1] == 0
    assert found.variance[0, 2] == pytest.approx(2)
    assert found.uncertainty[0, 1] > 0


def test_two_candidates_have_the_excess_of_their_one_pair() -> None:
    """(3 - 2) and its uncertainty, 2 (1 + 2)² / 4."""
    found = from_folds(np.full((2, 2), 3.0), np.full((2, 2), 2.0), folds=5)
    assert found.variance[0, 1] == 1
    assert found.uncertainty[0, 1] == pytest.approx(2 * 3**2 / 4)


@pytest.mark.parametrize("candidates", [6, 12, 39])
def test_the_uncertainty_is_that_of_the_estimate(candidates: int) -> None:
    """4,000 draws of fold means without noise of products: the estimate's own variance."""
    # alike enough that the floor at 0 hardly ever counts
    deviations = np.linspace(2, 3, candidates)
    generator = np.random.default_rng(0)
    means = generator.normal(size=(4_000, 5, candidates)) * deviations
    centred = means - means.mean(axis=1, keepdims=True)
    covariance = np.swapaxes(centred, 1, 2) @ centred / 4
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    between = variances[:, :, None] + variances[:, None, :] - 2 * covariance
    estimates = from_folds(between, np.zeros_like(between), folds=5)
    true = deviations**2
    exact = from_folds(of_pairs(list(true)), np.zeros((candidates, candidates)), folds=5)
    assert estimates.variance[:, -1, -2].mean() == pytest.approx(true[-1] + true[-2], rel=0.03)
    assert estimates.variance[:, -1, -2].var() == pytest.approx(exact.uncertainty[-1, -2], rel=0.1)


def test_seeds_that_flip_products_at_random_do_not_move_the_accuracy() -> None:
    flips = np.random.default_rng(0).random((200, 500)) < 0.8
    assert from_seeds(flips)[0] < 1e-4


def test_seeds_that_are_better_or_worse_do() -> None:
    """Right on 40, 60 or 80 of 100: variance 0.04, less flips 0.2/3 · … of the middle products."""
    right = np.stack([np.arange(100) < most for most in (40, 60, 80)])
    variance, uncertainty = from_seeds(right)
    flips = right.var(axis=0, ddof=1).mean() / 100
    assert variance == pytest.approx(0.04 - flips)
    assert uncertainty == pytest.approx((variance + flips) ** 2)
