from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels

from aisle.errors import AisleError
from aisle.statistics.paired import holm, mcnemar, verdict, verdicts


def answers(*, both: int, only_first: int, only_second: int, neither: int) -> np.ndarray:
    """Two candidates with the given counts, bool [2, n]."""
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return np.array([first, second])


def random_answers(candidates: int, products: int, *, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.random((candidates, products)) < generator.beta(3, 1, products)


def test_a_verdict_can_be_checked_by_hand() -> None:
    """60 both, 12 only first, 2 only second, 26 neither: 0.72 - 0.62 = 0.10.

    McNemar: twice the chance of at most 2 heads in 14 tosses, 2 (1 + 14 + 91) / 2^14.
    """
    first, second = answers(both=60, only_first=12, only_second=2, neither=26)
    result = verdict(first, second, margin=0.02)
    assert result.difference == pytest.approx(0.10)
    assert (result.only_first, result.only_second) == (12, 2)
    assert result.p == result.p_holm == pytest.approx(212 / 2**14)
    assert result.low < 0.10 < result.high
    assert result.word == "better"


def test_the_interval_is_that_of_bonett_and_price() -> None:
    """13 and 3 of 102, with one pseudo-product for each side: mean 10/102.

    Standard error √((16/102 - (10/102)²) / 102) = 0.0380, 1.96 of them either way.
    """
    first, second = answers(both=60, only_first=12, only_second=2, neither=26)
    result = verdict(first, second, margin=0.02)
    mean, half = 10 / 102, 1.96 * ((16 / 102 - (10 / 102) ** 2) / 102) ** 0.5
    assert (result.low, result.high) == pytest.approx((mean - half, mean + half), abs=0.006)


def test_pairs_come_in_order() -> None:
    right = random_answers(4, 50)
    accuracy = right.mean(axis=1)
    found = [one.difference for one in verdicts(right, margin=0.02, resamples=100)]
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert found == pytest.approx([accuracy[i] - accuracy[j] for i, j in pairs])


def test_swapping_the_two_mirrors_the_verdict() -> None:
    first, second = answers(both=60, only_first=24, only_second=2, neither=14)
    one = verdict(first, second, margin=0.02, groups=np.arange(100) // 2)
    other = verdict(second, first, margin=0.02, groups=np.arange(100) // 2)
    assert (other.low, other.high) == (-one.high, -one.low)
    assert (other.only_first, other.only_second) == (one.only_second, one.only_first)
    assert (other.difference, other.p) == (-one.difference, one.p)
    assert (one.word, other.word) == ("better", "worse")


def test_a_pair_has_the_same_interval_among_others() -> None:
    right = random_answers(5, 100)
    among = verdicts(right, margin=0.02, resamples=500)[1]
    alone = verdict(right[0], right[2], margin=0.02, resamples=500)
    assert (among.low, among.high, among.p) == (alone.low, alone.high, alone.p)
    assert among.p_holm >= alone.p_holm


def test_the_same_seed_gives_the_same_verdicts() -> None:
    right = random_answers(3, 100)
    assert verdicts(right, margin=0.02) == verdicts(right, margin=0.02)


def test_mcnemar_agrees_with_statsmodels() -> None:
    generator = np.random.default_rng(0)
    only_first, only_second = generator.integers(0, 40, (2, 60))
    ours = mcnemar(only_first, only_second)
    theirs = [
        mcnemar_of_statsmodels([[50, b], [c, 50]], exact=True).pvalue
        for b, c in zip(only_first, only_second, strict=True)
    ]
    assert ours == pytest.approx(theirs)


def test_two_that_never_disagree_have_p_1() -> None:
    assert mcnemar(np.array([0]), np.array([0])).tolist() == [1.0]


def test_holm_can_be_checked_by_hand() -> None:
    """Sorted 0.01, 0.02, 0.04 times 3, 2, 1 = 0.03, 0.04, 0.04."""
    assert holm(np.array([0.02, 0.01, 0.04])) == pytest.approx([0.04, 0.03, 0.04])


def test_a_difference_that_is_one_among_many_may_stay_undecided() -> None:
    """12 against 2 has p = 0.013; as one of 10 pairs Holm leaves at best 0.013 · 4 > 0.05.

    Five candidates, four of them alike: four pairs have that p, the other six have p = 1.
    """
    first, second = answers(both=60, only_first=12, only_second=2, neither=26)
    alone = verdict(first, second, margin=0.02)
    among = verdicts(np.stack([first, second, first, first, first]), margin=0.02)[0]
    assert (alone.word, among.word) == ("better", "undecided")
    assert among.p_holm > 0.05 > among.p


def test_identical_answers_on_many_products_are_a_tie() -> None:
    first, second = answers(both=800, only_first=0, only_second=0, neither=200)
    assert verdict(first, second, margin=0.02).word == "tie"


def test_identical_answers_on_few_products_are_not_yet_a_tie() -> None:
    """Of 40 products none tells the two apart; with a share of 5 % apart that happens in 13 %."""
    first, second = answers(both=30, only_first=0, only_second=0, neither=10)
    result = verdict(first, second, margin=0.02)
    assert result.low < 0 < result.high
    assert result.word == "undecided"


def test_a_small_sure_difference_inside_the_margin_is_a_tie() -> None:
    first, second = answers(both=9000, only_first=80, only_second=20, neither=900)
    assert verdict(first, second, margin=0.02).word == "tie"
    assert verdict(first, second, margin=0.0).word == "better"


def test_groups_widen_the_interval_and_raise_p() -> None:
    """Each product four times: the counts quadruple, the information does not."""
    single = answers(both=60, only_first=12, only_second=2, neither=26)
    right = np.repeat(single, 4, axis=1)
    groups = np.repeat(np.arange(100), 4)
    plain = verdict(*right, margin=0.02)
    grouped = verdict(*right, margin=0.02, groups=groups)
    once = verdict(*single, margin=0.02)
    assert grouped.high - grouped.low > 1.5 * (plain.high - plain.low)
    assert grouped.p == once.p > plain.p
    assert grouped.only_first == 48
    assert (grouped.low, grouped.high) == pytest.approx((once.low, once.high), abs=0.015)


def test_groups_of_one_change_nothing() -> None:
    right = random_answers(2, 200)
    alone = verdict(*right, margin=0.02)
    grouped = verdict(*right, margin=0.02, groups=np.arange(200)[::-1] * 7)
    assert grouped.p == alone.p
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high), abs=0.006)


def test_folds_that_disagree_widen_the_interval() -> None:
    """Five folds of 20, of which two hold all the difference: by fold 0.3, 0.2, 0, 0, 0.

    Mean 0.1, variance (0.04 + 0.01 + 3 · 0.01) / 4 = 0.02; (1/5 + 1/4) · 0.02 = 0.009; t with
    4 degrees 2.776 · √0.009 = 0.2634.
    """
    first = np.zeros((5, 20), dtype=bool)
    first[0, :6] = first[1, :4] = True
    folds = np.repeat(np.arange(5), 20)
    result = verdict(first.ravel(), np.zeros(100, dtype=bool), margin=0.02, folds=folds)
    assert (result.low, result.high) == pytest.approx((0.1 - 0.2634, 0.1 + 0.2634), abs=1e-4)
    assert result.word == "undecided"


def test_a_smaller_train_share_widens_the_interval_over_folds() -> None:
    right, folds = random_answers(2, 100), np.arange(100) % 5
    whole = verdict(*right, margin=0.02, folds=folds)
    part = verdict(*right, margin=0.02, folds=folds, train_share=0.1)
    assert part.low < whole.low
    assert part.high > whole.high


def test_folds_never_narrow_the_interval() -> None:
    right = answers(both=50, only_first=25, only_second=25, neither=0)
    even = np.concatenate([np.arange(50), np.arange(25), np.arange(25)]) % 5
    folds = verdict(*right, margin=0.02, folds=even)
    plain = verdict(*right, margin=0.02)
    assert (folds.low, folds.high) == (plain.low, plain.high)


def test_one_fold_is_no_folds() -> None:
    right = random_answers(2, 100)
    assert verdict(*right, margin=0.02, folds=np.full(100, 3)) == verdict(*right, margin=0.02)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"margin": -0.01}, "0 or more"),
        ({"margin": float("nan")}, "0 or more"),
        ({"margin": 0.02, "confidence": 95}, "0.95"),
        ({"margin": 0.02, "groups": np.zeros(3)}, "groups"),
        ({"margin": 0.02, "folds": np.zeros(3)}, "folds"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(AisleError, match=said):
        verdicts(random_answers(2, 10), **settings)


def test_a_single_candidate_is_refused() -> None:
    with pytest.raises(AisleError, match="at least two"):
        verdicts(random_answers(1, 10), margin=0.02)


def test_two_of_different_length_are_refused() -> None:
    with pytest.raises(AisleError, match="158 products and the second for 210"):
        verdict(np.ones(158, dtype=bool), np.ones(210, dtype=bool), margin=0.02)
