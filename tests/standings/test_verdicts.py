"""Verdicts on pairs, looked up from both sides, and the winner by the rule."""

from dataclasses import replace
from pathlib import Path

import pytest

from aisle.errors import AisleError
from aisle.standings import verdicts
from aisle.standings.verdicts import Pair, winner
from aisle.statistics.paired import Word

PAIR = Pair(
    family="all",
    first="big",
    second="small",
    word="better",
    difference=0.05,
    low=0.01,
    high=0.09,
    only_first=9,
    only_second=4,
    p=0.01,
    p_holm=0.03,
    both_wrong=7,
)
COSTS = {
    "big": {"parameters": 30.0, "bytes": 10},
    "small": {"parameters": 1.0, "bytes": 20},
    "tiny": {"parameters": 1.0, "bytes": 5},
}


WORDS: dict[verdicts.Family, Word] = {
    "all": "undecided",
    "finalist": "undecided",
    "controls": "better",
}


def field(**words: Word) -> verdicts.Verdicts:
    """Return verdicts about `big`, compared with each of the others."""
    return verdicts.from_pairs(
        [replace(PAIR, second=name, word=word) for name, word in words.items()]
    )


def test_a_pair_reads_the_same_from_both_sides() -> None:
    found = field(small="better")
    assert found.between("big", "small") == PAIR
    back = found.between("small", "big")
    assert (back.word, back.difference, back.low, back.high) == ("worse", -0.05, -0.09, -0.01)
    assert (back.only_first, back.only_second) == (4, 9)
    assert back.mirrored() == PAIR


def test_a_pair_is_looked_up_in_the_first_family_that_tests_it() -> None:
    there = [replace(PAIR, family=family, word=word) for family, word in WORDS.items()]
    found = verdicts.from_pairs([*there, replace(PAIR, second="tiny", word="tie")])
    assert found.between("big", "small").family == "controls"
    assert found.between("small", "big").word == "worse"
    assert found.between("small", "big", family="all").word == "undecided"
    assert found.between("big", "tiny").family == "all"
    assert [pair.second for pair in found.of("all")] == ["small", "tiny"]


@pytest.mark.parametrize("word", ["tie", "undecided"])
def test_what_decides_nothing_decides_nothing_from_the_other_side(word: Word) -> None:
    assert field(small=word).between("small", "big").word == word


def test_what_is_written_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named = replace(PAIR, second='a "name", with a comma', p=1.2e-7)
    verdicts.write([PAIR, named])
    assert list(verdicts.read()) == [PAIR, named]


def test_a_missing_file_is_reported_with_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match=r"comparison.csv' is missing.*'compare'.*dvc repro"):
        verdicts.read(tmp_path / "comparison.csv")


@pytest.mark.parametrize(
    ("small", "tiny", "expected"),
    [
        ("better", "better", "big"),
        ("tie", "better", "small"),
        ("tie", "tie", "tiny"),
        ("undecided", "undecided", "big"),
    ],
)
def test_the_cheapest_of_those_that_tie_with_the_best_wins(
    small: Word, tiny: Word, expected: str
) -> None:
    """`small` and `tiny` have equally many parameters; the file's size decides between them."""
    found = winner(
        ["big", "small", "tiny"],
        verdicts=field(small=small, tiny=tiny),
        costs=COSTS,
        by=["parameters", "bytes"],
    )
    assert found.winner == expected
    assert found.best == "big"
    assert found.undecided == (("small", "tiny") if small == "undecided" else ())


def test_a_single_competitor_wins() -> None:
    found = winner(["big"], verdicts=field(), costs=COSTS, by=["bytes"])
    assert (found.winner, found.ties, found.undecided) == ("big", ("big",), ())
