"""The figures of verdicts and of learning curves: small, and honest about limits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_report
from PIL import Image

from aisle.report import evidence, verdict_figures
from aisle.report.evidence import Evidence
from aisle.report.figure_style import attempt
from aisle.report.figure_texts import FigureText
from aisle.standings import standings
from aisle.standings.verdicts import Pair
from aisle.statistics.paired import Word

EVERYBODY, TOGETHER = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
ODD = "a_$\\frac{1$ | name_of_sixty_characters_that_goes_on_and_on_and_on"


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def draw(name: str, root: Path, *, into: str = "drawn") -> FigureText:
    (root / into).mkdir(exist_ok=True)
    drawer = {"verdicts": verdict_figures.verdicts, "learning": verdict_figures.learning}[name]
    return attempt(drawer, load(), root / into / f"{name}.png")


def load() -> Evidence:
    return evidence.load(standings.load())


def edit_comparison(root: Path, **values: Any) -> None:
    path = root / "reports/comparison.json"
    tiny_report.write_json(path, {**tiny_report.read_json(path), **values})


def pair(word: Word, difference: float) -> Pair:
    return Pair(
        family="all",
        first="a",
        second="b",
        word=word,
        difference=difference,
        low=0,
        high=0,
        only_first=1,
        only_second=1,
        p=1,
        p_holm=1,
        both_wrong=1,
    )


def curve(*shares: float, gain: dict[str, float] | None = None) -> dict[str, Any]:
    points = [
        {
            "trained_on": 50 * 2**number,
            "right": round(100 * share),
            "products": 100,
            "share": share,
            "low": share - 0.05,
            "high": min(share + 0.05, 1),
        }
        for number, share in enumerate(shares)
    ]
    return {"points": points[::-1], "more": 500, "gain": gain}


GAIN = {"gain": 0.04, "low": -0.01, "high": 0.3}


@pytest.mark.parametrize(
    ("word", "difference", "text"),
    [
        ("better", 0.123, "+12"),
        ("worse", -0.123, "−12"),
        ("better", 0.004, "+0.4"),
        ("tie", 0.0, "= 0"),
        ("tie", 0.006, "= +1"),
        ("tie", -0.004, "= 0"),
        ("undecided", 0.03, "? +3"),
        ("undecided", -1.0, "? −100"),
    ],
)
def test_a_cell_tells_the_difference_in_points_and_marks_what_is_not_decided(
    word: Word, difference: float, text: str
) -> None:
    assert verdict_figures.points(pair(word, difference)) == text


def test_the_matrix_goes_by_accuracy_with_controls_last(tmp_path: Path) -> None:
    skill = {"majority": 1.0}
    tiny_report.write(tmp_path, candidates=EVERYBODY, ensembles=TOGETHER, skill=skill)
    shown = verdict_figures.matrix_rows(load())
    assert [c.kind for c in shown].count("control") == 1
    assert shown[-1].kind == "control"
    correct = [c.score.correct for c in shown[:-1]]
    assert correct == sorted(correct, reverse=True)


def test_the_winner_by_the_rule_is_in_the_matrix_even_if_better_ones_of_its_kind_are(
    tmp_path: Path,
) -> None:
    tiny_report.write(tmp_path, candidates=EVERYBODY, ensembles=TOGETHER)
    found = load()
    worst = min(found.standings.groups["classical"], key=lambda c: c.score.correct)
    assert worst not in found.standings.leaders
    winner = tiny_report.read_json(tmp_path / "reports/comparison.json")["winner"]
    edit_comparison(tmp_path, winner={**winner, "winner": worst.name})
    found = load()
    assert worst.name in [c.name for c in verdict_figures.matrix_rows(found)]
    assert found.standings.champion in verdict_figures.matrix_rows(found)


def test_a_crowd_is_cut_and_the_caption_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_figures, "MAX_ROWS", 4)
    tiny_report.write(tmp_path, candidates=EVERYBODY, ensembles=TOGETHER)
    found = load()
    shown = verdict_figures.matrix_rows(found)
    assert len(shown) == 4
    assert found.standings.champion in shown
    assert shown[-1] is found.standings.control
    assert "the best 4 of 11 competitors" in draw("verdicts", tmp_path).caption


def test_the_text_of_the_matrix_counts_each_pair_once(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    found = load()
    words = [one.word for one in found.standings.verdicts.of("all")]
    told = draw("verdicts", tmp_path).alternative
    shown = len(verdict_figures.matrix_rows(found))
    assert f"{shown * (shown - 1) // 2} pairs" in told
    if shown == len(found.standings.competitors):
        assert f"{words.count('undecided')} undecided" in told


def test_two_competitors_make_a_matrix_and_one_makes_a_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path / "two", candidates=["majority", "random_forest"])
    tiny_report.write(tmp_path / "one", candidates=["random_forest"])
    reasons = {}
    for name in ("two", "one"):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path / name)
            reasons[name] = draw("verdicts", tmp_path / name).reason
    assert reasons["two"] is None
    with Image.open(tmp_path / "two/drawn/verdicts.png") as picture:
        assert picture.width == 1152
        assert picture.height < 300
    assert reasons["one"] == "there is only one competitor"
    assert not (tmp_path / "one/drawn/verdicts.png").exists()


def test_sixteen_rows_and_a_name_that_looks_like_a_formula_stay_readable_and_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        name = f"candidate_number_{number}_with_a_name_that_is_rather_long_for_one"
        monkeypatch.setitem(tiny_report.CANDIDATES, name, tiny_report.CANDIDATES["hog_svc"])
        monkeypatch.setitem(tiny_report.SKILL, name, 0.4 + 0.05 * number)
    tiny_report.write(tmp_path, candidates=list(tiny_report.CANDIDATES), ensembles=TOGETHER)
    found = load()
    monkeypatch.setattr(
        standings.Standings, "leaders", property(lambda standings: standings.competitors)
    )
    drawing = verdict_figures.verdicts(found, tmp_path / "verdicts.png")
    assert "the best 16 of 18 competitors" in drawing.caption
    assert (tmp_path / "verdicts.png").stat().st_size <= 150_000


def test_curves_are_drawn_for_each_refitted_candidate_with_and_without_a_gain(
    tmp_path: Path,
) -> None:
    tiny_report.write(tmp_path)
    curves = {"random_forest": curve(0.5, 0.6, 0.7, gain=GAIN), "majority": curve(0.25, 0.25)}
    edit_comparison(tmp_path, curves=curves)
    drawing = draw("learning", tmp_path)
    assert (
        "random_forest 0.500 with 50, 0.700 with 200, +0.040 expected from more"
        in drawing.alternative
    )
    assert "majority 0.250 with 50, 0.250 with 100." in drawing.alternative
    assert "extrapolated to 500 more products" in drawing.caption
    assert "95 % interval" in drawing.caption
    with Image.open(tmp_path / "drawn/learning.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()
    assert [0xB4, 0x53, 0x09] in pixels, "the colour of classical candidates"


def test_without_a_gain_the_dotted_line_is_not_mentioned(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    edit_comparison(tmp_path, curves={"random_forest": curve(0.5, 0.6)})
    assert "Dotted" not in draw("learning", tmp_path).caption


def test_without_refits_on_fewer_products_there_is_a_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    edit_comparison(tmp_path, curves={})
    reason = draw("learning", tmp_path).reason
    assert reason == "no candidate of `refits` in competitors.yaml has shares"
    assert not (tmp_path / "drawn/learning.png").exists()


def test_more_curves_than_there_is_room_for_are_named(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, candidates=EVERYBODY)
    edit_comparison(tmp_path, curves={name: curve(0.9, 1.0, gain=GAIN) for name in EVERYBODY})
    drawing = draw("learning", tmp_path)
    assert drawing.reason is None
    assert "Not shown, for lack of space: majority." in drawing.caption


@pytest.mark.parametrize("heights", [[0.5, 0.5, 0.5], [0.9, 0.99, 1.0, 0.98], [0.0, 0.01], [0.3]])
def test_names_are_moved_apart_in_their_order_and_stay_inside(heights: list[float]) -> None:
    found = verdict_figures.spread_apart(heights, gap=0.1, low=0.0, high=1.0)
    assert all(-1e-9 <= height <= 1 for height in found)
    assert (np.diff(sorted(found)) >= 0.1 - 1e-9).all()
    strict = [(i, j) for i, a in enumerate(heights) for j, b in enumerate(heights) if a < b]
    assert all(found[i] < found[j] for i, j in strict)


def test_names_that_are_far_apart_stay_where_they_are() -> None:
    heights = [0.2, 0.8, 0.5]
    assert verdict_figures.spread_apart(heights, gap=0.1, low=0, high=1) == heights


def test_an_odd_name_is_drawn_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tiny_report.CANDIDATES, ODD, tiny_report.CANDIDATES["hog_svc"])
    monkeypatch.setitem(tiny_report.SKILL, ODD, 0.9)
    tiny_report.write(tmp_path, candidates=["majority", ODD])
    edit_comparison(tmp_path, curves={ODD: curve(0.5, 0.6, gain=GAIN)})
    assert draw("verdicts", tmp_path).reason is None
    assert draw("learning", tmp_path).reason is None


def test_both_pictures_are_the_same_every_time(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, candidates=EVERYBODY, ensembles=TOGETHER)
    for name in ("verdicts", "learning"):
        for folder in ("one", "two"):
            draw(name, tmp_path, into=folder)
        one, two = (tmp_path / folder / f"{name}.png" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert one.stat().st_size <= 150_000
        with Image.open(one) as picture:
            assert not picture.info.get("Software")
