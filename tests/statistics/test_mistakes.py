import numpy as np
import pytest

from aisle.statistics.mistakes import confused, suspects


def test_categories_mixed_up_come_most_frequent_first() -> None:
    actual = np.array([0, 0, 1, 2, 2, 2, 1])
    predicted = np.array([0, 1, 1, 1, 1, 0, 0])
    assert confused(actual, predicted, 3) == [(2, 1, 2), (0, 1, 1), (1, 0, 1), (2, 0, 1)]


def test_nothing_mixed_up_is_an_empty_list() -> None:
    assert confused(np.array([0, 1]), np.array([0, 1]), 2) == []


def labelled(*wrong: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten products, five per category, two accurate candidates; some labels are wrong."""
    truth = np.repeat([0, 1], 5)
    given = np.where(np.eye(2)[truth] > 0, 0.9, 0.1)
    actual = truth.copy()
    actual[list(wrong)] = 1 - actual[list(wrong)]
    return actual, np.stack([given, given])


def test_a_wrong_label_is_suspect() -> None:
    """Thresholds 0.9 for category 0, (5 · 0.9 + 0.1) / 6 = 0.767 for category 1: short by 0.667."""
    actual, probabilities = labelled(2)
    found, score = suspects(actual, probabilities)
    assert found.tolist() == [2]
    assert score.tolist() == pytest.approx([0.9 * 5 / 6 + 0.1 / 6 - 0.1])


def test_one_of_two_candidates_that_agrees_with_the_label_clears_it() -> None:
    actual, probabilities = labelled(2, 7)
    probabilities[1, 2] = [0.1, 0.9]
    assert suspects(actual, probabilities)[0].tolist() == [7]


@pytest.mark.parametrize(("against", "suspect"), [(7, False), (8, True), (10, True)])
def test_four_in_five_candidates_make_a_label_suspect(against: int, suspect: bool) -> None:
    actual, probabilities = labelled(2)
    ten = np.repeat(probabilities[:1], 10, axis=0)
    ten[against:, 2] = [0.1, 0.9]
    assert suspects(actual, ten)[0].tolist() == ([2] if suspect else [])


def test_the_most_suspect_comes_first() -> None:
    actual, probabilities = labelled(2, 3)
    probabilities[:, 3] = [0.99, 0.01]
    found, score = suspects(actual, probabilities)
    assert found.tolist() == [3, 2]
    assert score[0] > score[1]


def test_doubt_is_not_contradiction() -> None:
    """0.55 for the other category is below what products of that category get, 0.9."""
    actual, probabilities = labelled()
    probabilities[:, 2] = [0.45, 0.55]
    probabilities[:, 7] = [0.55, 0.45]
    assert suspects(actual, probabilities)[0].tolist() == []


def test_a_category_without_products_gives_no_suspects() -> None:
    actual, probabilities = labelled()
    wider = np.concatenate([probabilities, np.zeros((2, 10, 1))], axis=2)
    assert suspects(actual, wider)[0].tolist() == []
