import numpy as np
import pytest

from aisle.errors import AisleError
from aisle.statistics.noise import two_noises


def test_one_seed_has_the_noise_of_a_share_and_none_of_seeds() -> None:
    """3 of 4 right: √(0.75 · 0.25 / 3) = 0.25."""
    noise = two_noises(np.array([[True, True, True, False]]))
    assert noise.products == pytest.approx(0.25)
    assert noise.seeds is None


def test_two_seeds_can_be_checked_by_hand() -> None:
    """Shares 1, 1, 0.5, 0: variance over products 0.2292, less 0.25 / 4 = 0.0625, over 4 products.

    √(0.16667 / 4) = 0.2041. Accuracies 0.75 and 0.5: standard deviation 0.1768.
    """
    noise = two_noises(np.array([[True, True, True, False], [True, True, False, False]]))
    assert noise.products == pytest.approx(0.2041, abs=1e-4)
    assert noise.seeds == pytest.approx(0.1768, abs=1e-4)


def test_seeds_that_agree_leave_only_product_noise() -> None:
    right = np.tile(np.arange(100) % 4 > 0, (3, 1))
    noise = two_noises(right)
    assert noise.seeds == 0
    assert noise.products == pytest.approx(np.sqrt(0.75 * 0.25 / 99))


def test_both_noises_are_recovered() -> None:
    """A product's chance to be right is beta(3, 1), standard deviation 0.1936; 10,000 of them."""
    generator = np.random.default_rng(0)
    chance = generator.beta(3, 1, 10_000)
    luck = generator.normal(0, 0.02, (40, 1))  # the seed's, for all products alike
    noise = two_noises(generator.random((40, 10_000)) < chance + luck)
    assert noise.products == pytest.approx(0.1936 / 100, rel=0.05)
    assert noise.seeds == pytest.approx(0.02, rel=0.3)


def test_one_product_is_refused() -> None:
    with pytest.raises(AisleError, match="two products"):
        two_noises(np.array([[True]]))
