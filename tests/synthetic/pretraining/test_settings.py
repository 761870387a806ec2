"""Settings of a pretraining: valid ones, and one-line errors for the others."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_pretraining import SETTINGS

from aisle.errors import AisleError
from synthetic import cli
from synthetic.pretraining.settings import SIDES, Phase, parse_sides


def test_phases_divide_the_images() -> None:
    assert SETTINGS.phases() == [Phase(32, 20), Phase(40, 20)]
    assert SETTINGS.steps == 40
    assert replace(SETTINGS, images=100, sides=((32, 0.01), (64, 0.99))).phases()[0].steps == 1


def test_the_command_of_a_card_reproduces_the_settings() -> None:
    words = replace(SETTINGS, start=("b0.weights.h5", "00ff")).command().split()
    assert words[0] == "synthetic"
    arguments = cli.parser().parse_args(words[1:])
    assert parse_sides(arguments.sides) == SETTINGS.sides
    assert arguments.learning_rate == SETTINGS.learning_rate
    assert arguments.start == Path("b0.weights.h5")


def test_the_defaults_are_sound() -> None:
    arguments = cli.parser().parse_args(["pretrain", "b0"])
    assert arguments.sides == SIDES
    assert sum(share for _, share in parse_sides(SIDES)) == pytest.approx(1)


@pytest.mark.parametrize(
    "text", ["", "48", "48:1:2", "48:0.5", "64:0.5,48:0.5", "48:0.5,48:0.5", "16:1", "48:-1,64:2"]
)
def test_sides_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(AisleError, match="expected SIDE:SHARE"):
        parse_sides(text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--images 10", "--images is 10; expected 128 to"),
        ("--images 0", "--images is 0; expected 128 to"),
        ("--classes 1", "--classes is 1; expected 2 to"),
        ("--batch 1", "--batch is 1"),
        ("--learning-rate 0", "--learning-rate is 0; expected more than 0"),
        ("--learning-rate nan", "--learning-rate is nan"),
        ("--seed -1", "--seed is -1"),
        ("--workers -1", "--workers is -1"),
        ("--report-every 0", "--report-every is 0"),
        ("--sides 48", "--sides is '48'; expected SIDE:SHARE"),
        ("--from nowhere.h5", "no weights file 'nowhere.h5'"),
        ("--into a-file", "--into is 'a-file', a file; expected a folder"),
    ],
)
def test_a_bad_value_is_one_line(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["synthetic", "pretrain", "b0", *words.split()])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    message = str(caught.value.code)
    assert message.startswith("aisle: ") and said in message and "\n" not in message
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"], "nothing was begun"
