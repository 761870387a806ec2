import numpy as np
import pytest
from sklearn.metrics import f1_score

from aisle.statistics.clustered import clustered_mean
from aisle.statistics.intervals import share_interval
from aisle.statistics.macro_f1 import confusion, linear_values, macro_f1


def values(actual: np.ndarray, predicted: np.ndarray, *, classes: int) -> np.ndarray:
    table = confusion(actual=actual, predicted=predicted, classes=classes)
    return linear_values(table, actual=actual, predicted=predicted)


def answers(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four categories of unequal size and difficulty."""
    generator = np.random.default_rng(seed)
    actual = generator.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])
    wrong = generator.random(n) < np.array([0.05, 0.2, 0.4, 0.5])[actual]
    return actual, np.where(wrong, generator.integers(0, 4, n), actual)


def test_macro_f1_agrees_with_scikit_learn() -> None:
    actual, predicted = answers(200)
    expected = f1_score(actual, predicted, average="macro")
    assert macro_f1(confusion(actual=actual, predicted=predicted, classes=4)) == pytest.approx(
        expected
    )
    assert values(actual, predicted, classes=4).mean() == pytest.approx(expected)


def test_a_category_never_seen_nor_predicted_scores_0() -> None:
    actual = np.repeat([0, 1], 20)
    assert values(actual, actual, classes=3).mean() == pytest.approx(2 / 3)


def test_linear_values_vary_like_macro_f1() -> None:
    drawn = [
        macro_f1(confusion(actual=actual, predicted=predicted, classes=4))
        for actual, predicted in (answers(800, seed=seed) for seed in range(1000))
    ]
    variance = clustered_mean(values(*answers(800), classes=4)).variance
    assert variance**0.5 == pytest.approx(np.std(drawn), rel=0.1)


def test_macro_f1_of_equal_categories_has_the_interval_of_a_share() -> None:
    """Two categories of 50, 40 of each right: macro-F1 0.8, spread √(0.8 · 0.2 / 100) = 0.04."""
    actual = np.repeat([0, 1], 50)
    predicted = np.where(np.arange(100) % 5 == 0, 1 - actual, actual)
    found = share_interval(clustered_mean(values(actual, predicted, classes=2)))
    assert found == pytest.approx((0.711, 0.867), abs=1e-3)  # Wilson for 80 of 100


def test_macro_f1_has_an_interval_even_if_all_is_right() -> None:
    actual = np.repeat([0, 1], 20)
    found = share_interval(clustered_mean(values(actual, actual, classes=2)))
    assert found == pytest.approx((0.912, 1.0), abs=1e-3)  # Wilson for 40 of 40
