from typing import Any

import numpy as np
import pytest
from scipy.stats import t
from statsmodels.stats.multitest import multipletests

from aisle.errors import AisleError
from aisle.statistics.paired import holm, verdict, verdicts


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


def test_pairs_come_in_order() -> None:
    right = random_answers(4, 50)
    accuracy = right.mean(axis=1)
    found = [one.difference for one in verdicts(right, margin=0.02)]
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


def test_only_the_pairs_of_the_family_are_tested_and_corrected() -> None:
    right = random_answers(5, 100)
    family = verdicts(right, pairs=[(0, 2), (3, 1)], margin=0.02)
    alone = verdict(right[0], right[2], margin=0.02)
    assert family[0].p == alone.p
    assert family[0].p_holm <= 2 * alone.p
    assert family[1].difference == pytest.approx(right[3].mean() - right[1].mean())


@pytest.mark.parametrize("folds", [None, np.arange(300) % 5])
def test_interval_p_and_word_agree(folds: np.ndarray | None) -> None:
    """Ten candidates, of 0.6 to 0.87, so that some pairs are decided and some are not."""
    generator = np.random.default_rng(1)
    right = generator.random((10, 300)) < np.linspace(0.6, 0.87, 10)[:, np.newaxis]
    found = verdicts(right, margin=0.02, folds=folds)
    for one in found:
        excludes_0 = one.low > 0 or one.high < 0
        assert excludes_0 == (one.p_holm < 0.05) == one.decided
        assert one.low <= one.difference <= one.high
    assert len({one.word for one in found}) > 1


def test_holm_can_be_checked_by_hand() -> None:
    """Sorted 0.01, 0.02, 0.04 times 3, 2, 1 = 0.03, 0.04, 0.04."""
    assert holm(np.array([0.02, 0.01, 0.04])) == pytest.approx([0.04, 0.03, 0.04])


def test_holm_agrees_with_statsmodels() -> None:
    p = np.random.default_rng(0).random(30) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


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
    assert grouped.p == pytest.approx(once.p)
    assert grouped.p > plain.p
    assert grouped.only_first == 48
    assert (grouped.low, grouped.high) == pytest.approx((once.low, once.high), abs=1e-3)


@pytest.mark.parametrize("folds", [None, np.arange(200) % 4])
def test_groups_of_one_change_nothing(folds: np.ndarray | None) -> None:
    right = random_answers(2, 200)
    alone = verdict(*right, margin=0.02, folds=folds)
    grouped = verdict(*right, margin=0.02, folds=folds, groups=np.arange(200)[::-1] * 7)
    assert (grouped.p, grouped.low, grouped.high) == pytest.approx((alone.p, alone.low, alone.high))


def test_folds_that_disagree_widen_the_interval() -> None:
    """Five folds of 20, of which two hold all the difference: by fold 0.3, 0.2, 0, 0, 0."""
    first = np.zeros((5, 20), dtype=bool)
    first[0, :6] = first[1, :4] = True
    folds = np.repeat(np.arange(5), 20)
    result = verdict(first.ravel(), np.zeros(100, dtype=bool), margin=0.02, folds=folds)
    plain = verdict(first.ravel(), np.zeros(100, dtype=bool), margin=0.02)
    assert result.low < 0 < plain.low
    assert (result.word, plain.word) == ("undecided", "better")


def test_folds_of_two_candidates_can_be_checked_by_hand() -> None:
    """Four folds of 50; only the first is right on 10, 14, 6 and 10, only the second never.

    Difference 0.2, with the two added products 40/202. Within a fold, the variance of a product is
    0.2 · 0.8, 0.28 · 0.72, 0.12 · 0.88 and 0.2 · 0.8, in all 31.36 over 200 - 4; of the mean
    31.36 / 196 / 200, with the two added 0.000784 + 2 / 202². Between folds 0.00427, of which
    31.36 / 196 / 50 = 0.00320 are the products': 0.00107 of training, a quarter of it in the mean.
    """
    first = np.concatenate([np.arange(50) < won for won in (10, 14, 6, 10)])
    result = verdict(first, np.zeros(200, bool), margin=0.02, folds=np.repeat(np.arange(4), 50))
    product = 31.36 / 196
    excess = np.var([0.2, 0.28, 0.12, 0.2], ddof=1) - product / 50
    variance = product / 200 * (200 / 202) ** 2 + 2 / 202**2 + excess / 4
    uncertainty = 2 * (excess + product / 50) ** 2 / 3 / 4**2
    half = t.ppf(0.975, 2 * variance**2 / uncertainty) * variance**0.5
    assert (result.low, result.high) == pytest.approx((40 / 202 - half, 40 / 202 + half))


def test_other_candidates_make_the_training_variance_of_a_pair_more_certain() -> None:
    """Ten alike, four folds: over 50 draws, the pair among them has the shorter interval."""
    generator, folds = np.random.default_rng(0), np.arange(400) % 4
    widths = []
    for _ in range(50):
        right = generator.random((10, 400)) < 0.8
        alone = verdict(right[0], right[1], margin=0.02, folds=folds)
        among = verdicts(right, pairs=[(0, 1)], margin=0.02, folds=folds)[0]
        widths.append((among.high - among.low, alone.high - alone.low))
    among_all, by_itself = np.mean(widths, axis=0)
    assert among_all < by_itself


def test_one_fold_is_no_folds() -> None:
    right = random_answers(2, 100)
    assert verdict(*right, margin=0.02, folds=np.full(100, 3)) == verdict(*right, margin=0.02)


def test_seeds_that_disagree_widen_the_interval_and_raise_p() -> None:
    first, second = answers(both=60, only_first=12, only_second=2, neither=26)
    worse = first & (np.arange(100) > 25)
    moving = [np.stack([first, worse, first]), np.stack([second, second, second])]
    plain = verdict(first, second, margin=0.02)
    pair = np.stack([first, second])
    steady = verdicts(pair, margin=0.02, training=[np.stack([first] * 3), moving[1]])[0]
    moved = verdicts(pair, margin=0.02, training=moving)[0]
    assert plain.word == steady.word == "better"
    assert plain.low >= steady.low > moved.low
    assert moved.word == "undecided"


def test_a_pair_without_seeds_has_the_exact_test() -> None:
    right = random_answers(3, 100)
    seeds = [right[[0, 1]], right[[1, 2]], None]
    plain = verdicts(right, margin=0.02)
    found = verdicts(right, margin=0.02, training=seeds)
    assert found[1].p == plain[1].p
    assert found[0].high - found[0].low > plain[0].high - plain[0].low


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
