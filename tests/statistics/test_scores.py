import math

import numpy as np
import pytest

from aisle.statistics.clustered import clustered_mean
from aisle.statistics.intervals import share_interval, wilson
from aisle.statistics.scores import scores


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_intervals(
    successes: int, trials: int, low: float, high: float
) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(successes=successes, trials=trials) == pytest.approx((low, high), abs=5e-5)


def test_the_two_test_sets_of_the_source_note_overlap() -> None:
    """126 of 158 for its network, 174 of 210 for its forest."""
    _, network_high = wilson(successes=126, trials=158)
    forest_low, _ = wilson(successes=174, trials=210)
    assert forest_low < network_high


def test_scores_can_be_checked_by_hand() -> None:
    result = scores(
        actual=np.array([0, 0, 1, 1]),
        predicted=np.array([0, 0, 1, 0]),
        probabilities=np.array([[1.0, 0.0], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
    )
    assert result["accuracy"] == 0.75
    assert (result["correct"], result["products"]) == (3, 4)
    assert result["macro_f1"] == pytest.approx((4 / 5 + 2 / 3) / 2, abs=1e-4)
    loss = (0 + math.log(2) + math.log(4 / 3) + math.log(2)) / 4
    assert result["log_loss"] == pytest.approx(loss, rel=1e-8), "ties are decided by its digits"


def test_a_category_never_predicted_counts_in_macro_f1() -> None:
    result = scores(
        actual=np.array([0, 1, 2]),
        predicted=np.array([0, 0, 0]),
        probabilities=np.full((3, 3), 1 / 3),
    )
    assert result["macro_f1"] == pytest.approx(0.5 / 3, abs=1e-4)


def draw_right(share: float, n: int = 200) -> np.ndarray:
    return np.arange(n) < share * n


def test_without_duplicates_and_folds_the_interval_of_a_share_is_wilsons() -> None:
    for right in (81, 0, 263):
        found = share_interval(clustered_mean(np.arange(263) < right))
        assert found == pytest.approx(wilson(successes=right, trials=263))


def test_copies_of_the_products_tell_nothing_new() -> None:
    once = draw_right(0.7)
    groups = np.repeat(np.arange(200), 3)
    found = share_interval(clustered_mean(np.repeat(once, 3), groups=groups))
    assert found == pytest.approx(wilson(successes=140, trials=200), abs=1e-3)


def test_duplicates_that_answer_on_their_own_count_almost_each() -> None:
    """Of each two, one is right: were groups counted once, the interval would be √2 as wide."""
    right, groups = np.arange(200) % 2 == 0, np.arange(200) // 2
    found = share_interval(clustered_mean(right, groups=groups))
    assert found == pytest.approx(wilson(successes=100, trials=200), abs=1e-3)


def test_with_no_mistake_each_group_counts_once() -> None:
    found = share_interval(clustered_mean(np.ones(120), groups=np.arange(120) // 3))
    assert found == pytest.approx(wilson(successes=40, trials=40))


def test_a_single_product_or_group_has_an_interval() -> None:
    for n in (1, 5):
        found = share_interval(clustered_mean(np.ones(n), groups=np.zeros(n, dtype=int)))
        assert found == pytest.approx(wilson(successes=1, trials=1))


def test_folds_that_differ_beyond_chance_widen_the_interval() -> None:
    folds = np.repeat(np.arange(4), 20)
    right = np.tile(np.arange(20), 4) < np.array([10, 10, 18, 18])[folds]
    low, high = share_interval(clustered_mean(right, folds=folds))
    low_alone, high_alone = wilson(successes=56, trials=80)
    assert low < low_alone - 0.1
    assert high > high_alone + 0.1


def test_every_score_knows_the_duplicates_and_all_but_calibration_the_folds() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([1, 1, 1], 100)
    actual = (probabilities.cumsum(axis=1) < generator.random((100, 1))).sum(axis=1)
    folds = np.arange(100) % 5
    actual[folds == 0] = probabilities[folds == 0].argmax(axis=1)  # a lucky training
    rows = np.repeat(np.arange(100), 3)

    def widths(
        groups: np.ndarray | None = None, folds: np.ndarray | None = None
    ) -> dict[str, float]:
        found = scores(
            actual=actual[rows],
            predicted=probabilities.argmax(axis=1)[rows],
            probabilities=probabilities[rows],
            resamples=1000,
            groups=groups,
            folds=folds,
        )
        names = ("accuracy", "macro_f1", "log_loss", "calibration_error")
        return {name: found[f"{name}_high"] - found[f"{name}_low"] for name in names}

    plain, grouped = widths(), widths(groups=rows)
    both = widths(groups=rows, folds=folds[rows])
    for name, width in plain.items():
        assert grouped[name] > 1.3 * width
    assert both["calibration_error"] == grouped["calibration_error"]
    for name in ("accuracy", "macro_f1", "log_loss"):
        assert both[name] > 1.3 * grouped[name]
