"""The benchmark of false verdicts on real trainings counts what the verdicts say."""

import numpy as np
import pytest

from benchmarks.equal_candidates import KINDS, LUCK
from benchmarks.real_trainings import answers, false_rates, in_folds, labelled, p_values, tables

X, Y = labelled(None)


def test_candidates_are_tested_on_each_product_once_and_learn() -> None:
    (kind,) = [one for one in KINDS if one.alike is None]
    right, folds = answers(kind.candidates, X, Y, draws=2, split=in_folds)
    assert right.shape == (2, len(kind.candidates), 840)
    assert [np.bincount(each).tolist() for each in folds] == [[168] * 5] * 2
    assert (right.mean(axis=2) > 0.5).all()


def test_luck_is_drawn_for_each_training() -> None:
    for kind in KINDS[: len(LUCK)]:
        right, _ = answers(kind.candidates, X, Y, draws=1, split=in_folds)
        assert len({each.tobytes() for each in right[0]}) > 1, kind.name


def test_a_difference_taken_off_is_no_longer_found() -> None:
    generator = np.random.default_rng(0)
    right = generator.random((2, 1000)) < np.array([[0.9], [0.5]])
    folds = np.arange(1000) % 5
    plain = p_values(right, folds, [(0, 1)])
    assert all(p[0] < 0.01 for p in plain.values())
    nothing = p_values(right, folds, [(0, 1)], off=np.zeros((2, 2)))
    assert nothing["rule"] == pytest.approx(plain["rule"])
    off = p_values(right, folds, [(0, 1)], off=np.array([[0, 0.4], [-0.4, 0]]))
    assert off["rule"][0] > 0.05 and off["t"][0] > 0.05


def test_only_pairs_that_are_alike_count_as_false() -> None:
    (kind,) = [one for one in KINDS if one.alike and len(set(one.alike)) > 1]
    one, other = np.arange(840) % 10 < 9, np.arange(840) % 10 < 5
    right = np.stack([one if group == 0 else other for group in kind.alike or ()])[np.newaxis]
    folds = np.arange(840)[np.newaxis] % 5
    rates = false_rates(kind, right, folds)
    assert rates["all"] == {"rule": 0.0, "t": 0.0, "exact": 0.0}


def test_three_tables_are_printed() -> None:
    lines = list(tables(X, Y, draws=1))
    assert sum("|---|" in line for line in lines) == 3
    assert sum(line.startswith("| random half of the features, 6 seeds |") for line in lines) == 4
