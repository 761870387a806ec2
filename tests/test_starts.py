"""The table of the three initial weights, and the entry in the cards of the weights."""

import numpy as np

from benchmarks.starts import Probed, card, closed, rows
from synthetic.pretraining.probe import Catalogue, Score


def probed(right: int) -> Probed:
    """Return a start with `right` of 80 answers right on test, and 10 of 20 on val."""
    chosen = (0.1, 0.1)
    return Probed(val=Score(10, 20, 1.0, chosen), test=Score(right, 80, 1.0, chosen))


FOUND = Catalogue(
    photos=np.zeros((80, 32, 32, 3), np.uint8),
    labels=np.zeros(80, int),
    partitions=np.full((2, 80), "test"),
)
STARTS = {"random": probed(20), "formula": probed(30), "food101": probed(60)}


def test_a_line_has_right_answers_intervals_and_the_share_of_the_gap() -> None:
    val, test = rows("b0", STARTS)
    assert test == (
        "| b0 | test | 0.250 (20/80, 0.168–0.355) | 0.375 (30/80, 0.277–0.485) "
        "| 0.750 (60/80, 0.645–0.832) | 0.25 |"
    )
    assert val.endswith("| 0.500 (10/20, 0.299–0.701) | – |"), "no gap, no share"


def test_formulas_worse_than_random_close_a_negative_share_of_the_gap() -> None:
    scores = {name: one.test for name, one in STARTS.items()}
    assert closed(scores | {"formula": Score(10, 80, 1.0, ())}) == -0.25
    assert closed(scores | {"food101": scores["random"]}) is None


def test_the_card_says_on_what_and_against_which_weights() -> None:
    said = card(STARTS, catalogue="shop.csv", found=FOUND)
    assert said["catalogue"] == "shop.csv"
    assert (said["products"], said["folds"], said["photo_side"]) == (80, 2, 32)
    assert list(said["starts"]) == ["random", "formula", "food101"]
    assert said["starts"]["formula"]["test_right"] == 30
    assert said["starts"]["formula"]["test_accuracy"] == 0.375
    assert said["share_of_gap_closed_on_test"] == 0.25
    assert said["remark"] == "the weights of food101 are not the official ImageNet ones"
