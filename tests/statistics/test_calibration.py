from typing import Any

import numpy as np
import pytest

from aisle.statistics.calibration import calibration_error


def test_the_calibration_error_can_be_checked_by_hand() -> None:
    """Two answers at 0.9, one right: gap 0.4. Two at 0.6, both right: gap 0.4. Mean 0.4."""
    stated = np.array([0.9, 0.9, 0.6, 0.6])
    error = calibration_error(
        actual=np.array([0, 1, 0, 0]),
        predicted=np.zeros(4, dtype=int),
        probabilities=np.stack([stated, 1 - stated], axis=1),
    )
    assert error == pytest.approx(0.4)


def test_gaps_of_one_bin_cancel_and_those_of_two_do_not() -> None:
    """0.61 wrong and 0.65 right share the bin (0.6, 0.667]: |0.35 - 0.61| / 2 = 0.13.

    With two bins of a half that is the same; with 100 bins, (0.61 + 0.35) / 2 = 0.48.
    """
    stated = np.array([0.61, 0.65])
    arrays: dict[str, Any] = {
        "actual": np.array([1, 0]),
        "predicted": np.array([0, 0]),
        "probabilities": np.stack([stated, 1 - stated], axis=1),
    }
    assert calibration_error(**arrays) == pytest.approx(0.13)
    assert calibration_error(**arrays, bins=100) == pytest.approx(0.48)


def test_sure_and_right_has_no_error() -> None:
    actual = np.array([0, 1, 1])
    assert calibration_error(actual=actual, predicted=actual, probabilities=np.eye(2)[actual]) == 0


def test_an_edge_belongs_to_the_bin_below() -> None:
    """Guo's bins are (0, 1/2] and (1/2, 1]: 0.5 wrong and 0.7 right are apart, (0.5 + 0.3) / 2."""
    error = calibration_error(
        actual=np.array([1, 0]),
        predicted=np.array([0, 0]),
        probabilities=np.array([[0.5, 0.5], [0.7, 0.3]]),
        bins=2,
    )
    assert error == pytest.approx(0.4)
