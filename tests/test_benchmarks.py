"""The results page shows what was measured and what was not."""

from pathlib import Path

import pytest

from aisle.errors import AisleError
from benchmarks import page
from benchmarks.goals import GOALS, Given, Goal
from benchmarks.runner import benchmark


def goal(name: str) -> Goal:
    return Goal(name, f"Title of {name}", "more", f"tiny_goals:{name}")


def cells(folder: Path, name: str) -> list[str]:
    """Return what the page says in the line of a goal: measured, met."""
    lines = (folder / page.PAGE).read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in lines if f"| Title of {name} |" in one]
    return [cell.strip() for cell in line.split("|")][4:6]


def test_every_way_a_goal_can_end_is_on_the_page(tmp_path: Path) -> None:
    names = ("fails", "is_killed", "met", "missed", "partly", "needs_the_catalogue")
    assert not benchmark([goal(name) for name in names], given=Given(), folder=tmp_path)
    assert cells(tmp_path, "fails") == ["failed: ValueError: no such thing", "failed"]
    killed, word = cells(tmp_path, "is_killed")
    assert killed.startswith("failed: BrokenProcessPool") and word == "failed"
    assert cells(tmp_path, "met") == ["4.2 times", "yes"]
    assert cells(tmp_path, "missed") == ["0.4 times", "**no**"]
    assert cells(tmp_path, "partly") == ["5 times, the rest not", "as far as measured"]
    needs = ["not measured: needs CATALOGUE and WEIGHTS", ""]
    assert cells(tmp_path, "needs_the_catalogue") == needs
    text = (tmp_path / page.PAGE).read_text(encoding="utf-8")
    assert "## 3. Title of met\n\nOn nothing.\n\n| part | seconds |\n|" in text
    assert "| a&#124;b | 3 |" in text


def test_measuring_some_goals_keeps_the_others_and_says_which_run_they_are_of(
    tmp_path: Path,
) -> None:
    goals = [goal("met"), goal("missed")]
    benchmark(goals, only=["met"], given=Given(), folder=tmp_path)
    assert cells(tmp_path, "missed") == ["not measured", ""]
    earlier = page.load(tmp_path)
    earlier["met"]["run"]["started"] = "long ago"
    page.write(earlier, goals=goals, folder=tmp_path)
    assert benchmark(goals, only=["missed"], given=Given(), folder=tmp_path)
    assert cells(tmp_path, "met") == ["4.2 times (run 1)", "yes"]
    assert cells(tmp_path, "missed") == ["0.4 times (run 2)", "**no**"]
    assert "- Run 1: long ago, revision " in (tmp_path / page.PAGE).read_text(encoding="utf-8")


def test_an_unknown_goal_is_named_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match=r"no goal is called 'recipe'. Did you mean 'recipes'\?"):
        benchmark(GOALS, only=["recipe"], given=Given(), folder=tmp_path)
    assert not list(tmp_path.iterdir())
