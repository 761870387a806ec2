import numpy as np
import pytest

from aisle.errors import AisleError
from aisle.statistics.paired import mcnemar
from aisle.statistics.power import products_needed, smallest_difference


def test_products_needed_can_be_checked_by_hand() -> None:
    """D = 0.2, d = 0.1: (1.96 · √0.2 + 0.8416 · √0.19)² / 0.01 = (0.8765 + 0.3669)² / 0.01."""
    assert products_needed(0.1, 0.2) == 155


@pytest.mark.parametrize("n", [158, 210, 1050, 1_000_000])
@pytest.mark.parametrize("discordant", [0.06, 0.3])
def test_the_two_functions_are_inverse(n: int, discordant: float) -> None:
    difference = smallest_difference(n, discordant)
    assert difference is not None
    assert products_needed(difference, discordant) == n


def test_two_that_hardly_disagree_cannot_be_distinguished() -> None:
    """2 % of 158 is three products; three on one side have p = 0.25."""
    assert smallest_difference(158, 0.02) is None


def test_more_products_show_less() -> None:
    few, many = smallest_difference(158, 0.2), smallest_difference(1050, 0.2)
    assert few is not None
    assert many is not None
    assert many < few / 2


@pytest.mark.parametrize(("n", "discordant"), [(158, 0.25), (210, 0.1), (1050, 0.2)])
def test_the_exact_test_sees_the_smallest_difference_about_as_often_as_promised(
    n: int, discordant: float
) -> None:
    difference = smallest_difference(n, discordant)
    assert difference is not None
    shares = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    drawn = np.random.default_rng(0).multinomial(n, shares, size=20_000)
    assert 0.75 < (mcnemar(drawn[:, 0], drawn[:, 1]) < 0.05).mean() < 0.81


@pytest.mark.parametrize(("difference", "discordant"), [(0.3, 0.2), (0, 0.2), (0.1, 0), (0.1, 2)])
def test_impossible_values_are_refused(difference: float, discordant: float) -> None:
    with pytest.raises(AisleError, match=r"disagree|only one of the two"):
        products_needed(difference, discordant)


def test_a_percentage_is_refused_as_a_share() -> None:
    with pytest.raises(AisleError, match=r"0\.95"):
        smallest_difference(158, 0.2, confidence=95)
