import numpy as np
import pytest

from aisle.statistics.clustered import clustered_mean


def test_products_on_their_own_have_the_variance_of_a_mean() -> None:
    found = clustered_mean(np.array([1.0, 0, 1, 1]))
    assert found.mean == 0.75
    assert found.variance == pytest.approx(0.75 * 0.25 / 3)
    assert found.degrees == 3


def test_copies_of_the_products_tell_nothing_new() -> None:
    """Each of four products three times, as one group: the variance is that of the four."""
    once = np.array([1.0, 0, 1, 1])
    found = clustered_mean(np.repeat(once, 3), groups=np.repeat([7, 3, 5, 9], 3))
    assert found.variance == pytest.approx(clustered_mean(once).variance)
    assert found.degrees == 3


def test_folds_that_differ_by_no_more_than_chance_change_little() -> None:
    values = np.tile([1.0, 1, 1, 0], 25)
    found = clustered_mean(values, folds=np.repeat(np.arange(5), 20))
    assert found.excess < 0
    assert found.variance == pytest.approx(0.75 * 0.25 / 95)


def test_a_fold_that_stands_out_widens_the_variance() -> None:
    """Folds right in 10, 10, 18 and 18 of 20: variance 0.0533, of which products explain 0.0089."""
    folds = np.repeat(np.arange(4), 20)
    values = (np.tile(np.arange(20), 4) < np.array([10, 10, 18, 18])[folds]).astype(float)
    found = clustered_mean(values, folds=folds)
    assert found.excess == pytest.approx(0.04 * 4 / 3 - 0.17 * 20 / 19 / 20)
    assert found.variance == pytest.approx(0.17 / 76 + found.excess / 4)
    assert found.degrees == 3
    assert found.quantile(0.95) == pytest.approx(3.182, abs=1e-3)


def test_names_and_order_of_folds_and_groups_do_not_matter() -> None:
    generator = np.random.default_rng(0)
    values = generator.random(60)
    groups, folds = np.arange(60) // 2, np.arange(60) // 2 % 3
    order = generator.permutation(60)
    found = clustered_mean(values, groups=groups, folds=folds)
    again = clustered_mean(values[order], groups=90 - groups[order], folds=folds[order] * 4)
    assert again.variance == pytest.approx(found.variance)


def test_fold_sizes_may_differ_and_the_excess_is_unbiased() -> None:
    """Training moves a fold by 0.1: over many draws the mean excess is 0.01."""
    generator = np.random.default_rng(1)
    folds = np.repeat(np.arange(5), [4, 10, 20, 30, 40])
    groups = np.arange(len(folds)) // 2
    drawn = [
        clustered_mean(
            generator.normal(0, 0.3, 52)[groups] + generator.normal(0, 0.1, 5)[folds],
            groups=groups,
            folds=folds,
        ).excess
        for _ in range(2000)
    ]
    assert np.mean(drawn) == pytest.approx(0.01, abs=0.002)


def test_with_one_product_per_fold_folds_are_ignored() -> None:
    found = clustered_mean(np.array([1.0, 0, 1]), folds=np.arange(3))
    assert found.folds == 1
    assert found.variance == pytest.approx(2 / 9 / 2)


def test_a_single_group_says_nothing_of_its_variance() -> None:
    assert np.isnan(clustered_mean(np.ones(3), groups=np.zeros(3, dtype=int)).variance)
