import numpy as np
import pytest

from aisle.statistics.checks import problems, too_few

ACTUAL = np.array([0, 1, 1])
SOUND = np.array([[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]])


def spoilt(value: float) -> np.ndarray:
    probabilities = SOUND.copy()
    probabilities[1] = [value, 1 - value]
    return probabilities


def test_sound_predictions_have_no_problems() -> None:
    assert problems(ACTUAL, SOUND) == []


def test_six_decimals_are_no_problem() -> None:
    assert problems(ACTUAL, SOUND + 2e-6) == []


@pytest.mark.parametrize(
    ("probabilities", "said"),
    [
        (spoilt(np.nan), "1 of 3 products have a probability that is not a number"),
        (spoilt(-0.2), "1 of 3 products have a probability below 0; the first are rows 1 "),
        (SOUND * 1.01, "3 of 3 products have probabilities that do not add up to 1"),
        (SOUND[:2], "one row for each of the 3 products"),
        (SOUND[:, :1] * 0 + 1, "ids from 0 to 0"),
    ],
)
def test_each_problem_is_named_once(probabilities: np.ndarray, said: str) -> None:
    found = problems(ACTUAL, probabilities)
    assert len(found) == 1
    assert said in found[0]


def test_infinity_is_not_a_number_either() -> None:
    found = problems(ACTUAL, spoilt(np.inf))
    assert len(found) == 1
    assert "not a number" in found[0]


def test_a_single_category_is_reported() -> None:
    assert problems(np.array([1, 1, 1]), SOUND) == [
        "all 3 test products are of one category; expected at least two, since otherwise "
        "the same answer is always right."
    ]


def test_no_products_are_reported() -> None:
    assert "no test products" in problems(np.array([]), np.zeros((0, 2)))[0]


def test_two_problems_are_two_sentences() -> None:
    assert len(problems(np.array([1, 1, 1]), spoilt(-0.2))) == 2


def test_nineteen_are_too_few_and_twenty_are_not() -> None:
    assert too_few(19)
    assert not too_few(20)
