import numpy as np
import pytest

from aisle.statistics.learning import Curve, fit, gain

SIZES = np.array([50, 100, 200, 400, 800])


def grow(products: int, *, seed: int = 0) -> np.ndarray:
    """Return right answers, bool [sizes, products], with accuracy 0.9 - 1.5 / √n."""
    accuracies = 0.9 - 1.5 * SIZES**-0.5
    return np.random.default_rng(seed).random(products)[None, :] < accuracies[:, None]


def test_a_curve_can_be_read() -> None:
    assert Curve(a=0.9, b=2.0, c=0.5).at(100) == pytest.approx(0.7)


def test_the_curve_that_made_the_points_is_found() -> None:
    curve = fit(sizes=SIZES, accuracies=0.9 - 1.5 * SIZES**-0.5)
    assert curve is not None
    assert (curve.a, curve.b, curve.c) == pytest.approx((0.9, 1.5, 0.5), rel=1e-3)


def test_fewer_than_three_sizes_give_no_curve() -> None:
    assert fit(sizes=SIZES[:2], accuracies=np.array([0.5, 0.6])) is None
    assert fit(sizes=np.array([50, 100, 100]), accuracies=np.array([0.5, 0.6, 0.61])) is None
    assert gain(sizes=SIZES[:2], right=grow(100)[:2], more=100) is None


def test_a_curve_never_exceeds_1_and_never_falls() -> None:
    steep = fit(sizes=SIZES, accuracies=np.linspace(0.2, 1.0, 5))
    falling = fit(sizes=SIZES, accuracies=np.linspace(0.8, 0.6, 5))
    assert steep is not None
    assert falling is not None
    assert steep.at(1e12) <= 1
    assert falling.at(1600) >= falling.at(800)


def test_the_gain_is_that_of_the_true_curve() -> None:
    """From 800 to 1600: 1.5 (1/√800 - 1/√1600) = 0.0155."""
    result = gain(sizes=SIZES, right=grow(20_000), more=800, resamples=60)
    assert result is not None
    expected, low, high = result
    assert expected == pytest.approx(0.0155, abs=0.005)
    assert low < 0.0155 < high


def test_more_test_products_narrow_the_interval() -> None:
    few = gain(sizes=SIZES, right=grow(100), more=800, resamples=60)
    many = gain(sizes=SIZES, right=grow(20_000), more=800, resamples=60)
    assert few is not None
    assert many is not None
    assert many[2] - many[1] < few[2] - few[1]


def test_no_more_products_gain_nothing() -> None:
    assert gain(sizes=SIZES, right=grow(200), more=0, resamples=5) == (0, 0, 0)
