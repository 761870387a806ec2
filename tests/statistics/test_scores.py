import math

import numpy as np
import pytest

from aisle.statistics.intervals import wilson
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
