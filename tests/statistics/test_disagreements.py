from itertools import product

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels

from aisle.statistics.disagreements import interval, sign_test


def sums(*, won: int, lost: int, alike: int = 0) -> np.ndarray:
    return np.repeat([1, -1, 0], [won, lost, alike])


def test_mcnemar_agrees_with_statsmodels() -> None:
    for won, lost in np.random.default_rng(0).integers(0, 40, (60, 2)):
        theirs = mcnemar_of_statsmodels([[50, won], [lost, 50]], exact=True).pvalue
        assert sign_test(sums(won=won, lost=lost, alike=9)) == pytest.approx(theirs)


def test_two_that_never_disagree_have_p_1() -> None:
    assert sign_test(sums(won=0, lost=0, alike=5)) == 1.0


def test_groups_are_flipped_whole() -> None:
    """All 2^6 signs of groups with 3, 2, 2, 1, 1 and 1 products apart, counted."""
    sizes = np.array([3, 2, 2, 1, 1, 1])
    found = sign_test(sizes * [1, 1, 1, 1, -1, 1])
    totals = [abs(int(sizes @ np.array(signs))) for signs in product([-1, 1], repeat=6)]
    assert found == pytest.approx(np.mean([total >= 8 for total in totals]))


def test_many_large_groups_get_the_normal_limit_of_the_same_test() -> None:
    """12,000 groups of two are beyond the exact sum; the same signs counted once are not."""
    signs = np.repeat([1, -1], [6_150, 5_850])
    assert sign_test(2 * signs) == pytest.approx(sign_test(signs), rel=0.02)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.9999])
def test_the_interval_excludes_0_exactly_when_the_test_does(confidence: float) -> None:
    generator = np.random.default_rng(0)
    for grouped in (False, True):
        for _ in range(150):
            groups = int(generator.integers(3, 50))
            sizes = generator.integers(1, 4 if grouped else 2, groups)
            signs = generator.choice([-1, 0, 1], groups, p=generator.dirichlet([1, 1, 1]))
            low, high = interval(sizes * signs, sizes, confidence=confidence)
            significant = sign_test(sizes * signs) < 1 - confidence
            assert (low > 0 or high < 0) == significant
            assert -1 <= low <= (sizes * signs).sum() / sizes.sum() <= high <= 1


def test_without_a_disagreement_the_interval_has_a_width() -> None:
    """Wilson's upper limit of 0 in 40: 3.84 / 43.84."""
    low, high = interval(sums(won=0, lost=0, alike=40), np.ones(40, dtype=int), confidence=0.95)
    assert (low, high) == pytest.approx((-0.0876, 0.0876), abs=1e-3)


def test_it_is_close_to_the_usual_interval_on_many_products() -> None:
    """12 % won, 8 % lost of 5,000: 0.04 ± 1.96 · √((0.2 - 0.04²) / 5,000)."""
    found = interval(sums(won=600, lost=400, alike=4_000), np.ones(5_000, int), confidence=0.95)
    half = 1.96 * ((0.2 - 0.04**2) / 5_000) ** 0.5
    assert found == pytest.approx((0.04 - half, 0.04 + half), abs=5e-4)
