"""The figures: present, small, the same every time; or a sentence that says why not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_report
from PIL import Image

from aisle.report import evidence, figures
from aisle.report.explanation_figures import attention, looked
from aisle.report.score_figures import outdone_by_none
from aisle.standings import standings

NAMES = {
    "categories",
    "examples",
    "results",
    "field",
    "verdicts",
    "curves",
    "learning",
    "confusion",
    "mixed_up",
    "suspects",
    "per_category",
    "frontier",
    "looked",
    "attention",
}


def draw(root: Path) -> dict[str, figures.FigureText]:
    folder = root / "drawn"
    folder.mkdir()
    return figures.draw_all(evidence.load(standings.load()), folder)


def test_where_nobody_was_asked_a_sentence_says_so(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    (tmp_path / "data/explained/facts.json").write_text('{"fold": 0, "competitors": {}}')
    drawings = draw(tmp_path)
    for name in ("looked", "attention"):
        assert "`explain` in params.yaml" in str(drawings[name].reason)


def test_maps_of_one_product_of_a_category_are_not_called_a_mean(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    found = evidence.load(standings.load())
    firsts = []
    for one in found.explained:
        _, at = np.unique([told.actual for told in one.products], return_index=True)
        maps, photos = (part[at] if len(part) else part for part in (one.maps, one.photos))
        told = [one.products[place] for place in at]
        firsts.append(replace(one, products=told, maps=maps, photos=photos))
    fewer = replace(found, explained=firsts)
    with pytest.raises(figures.CannotDraw, match=r"explain\.per_category"):
        attention(fewer, tmp_path / "attention.png")
    looked(fewer, tmp_path / "looked.png")
    assert (tmp_path / "looked.png").exists()


def test_on_the_frontier_stands_who_is_outdone_by_nobody() -> None:
    costs = np.array([1.0, 2.0, 2.0, 3.0, 0.5])
    accuracies = np.array([0.6, 0.7, 0.8, 0.8, 0.5])
    assert outdone_by_none(costs, accuracies=accuracies) == [4, 0, 2]


def draw_examples(root: Path) -> figures.FigureText:
    return figures.examples(evidence.load(standings.load()), root / "examples.png")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_figure_is_a_small_opaque_picture_with_a_text_and_the_same_bytes_each_time(
    tmp_path: Path,
) -> None:
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together)
    suspect = "product_id,actual,instead,score\np0003,Computers,Baby Care,0.3\n"
    (tmp_path / "data/suspects.csv").write_text(suspect)
    drawings = draw(tmp_path)
    assert set(drawings) == NAMES
    for drawing in drawings.values():
        path = tmp_path / "drawn" / drawing.file
        assert path.stat().st_size <= 150_000
        with Image.open(path) as picture:
            assert "transparency" not in picture.info
            assert len(np.unique(np.asarray(picture.convert("L")))) > 8, "an empty picture"
        assert drawing.alternative and drawing.caption and drawing.reason is None
    (tmp_path / "drawn").rename(tmp_path / "first")
    draw(tmp_path)
    for name in NAMES:
        first, again = (tmp_path / folder / f"{name}.png" for folder in ("first", "drawn"))
        assert first.read_bytes() == again.read_bytes(), name


def test_fifty_categories_with_long_names_stay_small_and_say_what_was_cut(tmp_path: Path) -> None:
    long = "a name that goes on and on, " * 4
    tiny_report.write(
        tmp_path, categories=[f"{i:02d} {long}" for i in range(50)], per_category=8, folds=4
    )
    drawings = draw(tmp_path)
    assert [name for name, drawing in drawings.items() if drawing.reason] == ["field"]
    for path in (tmp_path / "drawn").iterdir():
        assert path.stat().st_size <= 150_000
        with Image.open(path) as picture:
            assert picture.height < 2000
    assert "The 10 smaller categories are not drawn" in drawings["categories"].caption
    assert "12 largest categories" in drawings["examples"].caption
    assert "The least confused are lumped" in drawings["confusion"].caption


def test_lumped_categories_keep_every_test_product(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, categories=[f"c{i:02d}" for i in range(30)], per_category=8)
    found = evidence.load(standings.load())
    candidates = found.standings.candidates[1:]
    names, matrices = figures.confusion_counts(found, candidates)
    assert names[-1] == "15 others"
    for candidate, matrix in zip(candidates, matrices, strict=True):
        assert matrix.shape == (16, 16)
        assert matrix.sum() == candidate.score.products
        assert np.trace(matrix) >= candidate.score.correct


def test_the_first_figure_shows_the_best_of_each_kind_and_another_one_all(tmp_path: Path) -> None:
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together)
    drawings = draw(tmp_path)
    assert "of 9 competitors by kind" in drawings["results"].alternative
    assert "the best of each kind" in drawings["results"].caption
    assert "of 11 competitors by kind" in drawings["field"].alternative


def test_a_figure_of_all_is_left_away_where_the_first_one_shows_them(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    assert draw(tmp_path)["field"].reason is not None
    assert not (tmp_path / "drawn/field.png").exists()


def test_each_kind_has_a_confusion_matrix_and_no_control_has_one(tmp_path: Path) -> None:
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together)
    groups = standings.load().groups
    text = draw(tmp_path)["confusion"].alternative
    for kind, members in groups.items():
        assert (members[0].name in text) == (kind != "control")


def fill_photos(root: Path, *, width: int, height: int) -> None:
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, size=(height, width, 3), dtype=np.uint8)
    for path in (root / "data/raw/images").iterdir():
        Image.fromarray(noise).save(path)


def test_thumbnails_are_all_that_a_figure_shows_of_a_large_photo(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, per_category=8, examples=1, candidates=["majority"])
    fill_photos(tmp_path, width=400, height=300)
    draw_examples(tmp_path)
    with Image.open(tmp_path / "examples.png") as picture:
        assert picture.height <= 4 * 110


def test_a_grid_of_busy_photos_shrinks_until_it_is_small_enough(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, per_category=12, examples=12, candidates=["majority"])
    fill_photos(tmp_path, width=96, height=96)
    draw_examples(tmp_path)
    assert (tmp_path / "examples.png").stat().st_size <= 150_000


def test_a_photo_that_went_missing_is_named_in_place_of_the_figure(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, candidates=["majority"])
    (tmp_path / "data/raw/images/photo_0.png").unlink()
    with pytest.raises(figures.CannotDraw, match=r"photo_0\.png"):
        draw_examples(tmp_path)
    assert not (tmp_path / "examples.png").exists()


def test_candidates_without_epochs_have_no_learning_curves_but_a_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, candidates=["majority", "random_forest"])
    drawings = draw(tmp_path)
    assert drawings["curves"].reason == "no candidate was trained for more than one epoch"
    assert not (tmp_path / "drawn/curves.png").exists()


def test_a_name_that_looks_like_a_formula_is_drawn_as_it_is(tmp_path: Path) -> None:
    names = ["$\\frac{1$", "under $5 $", "Watches"]
    tiny_report.write(tmp_path, categories=names, candidates=["random_forest"])
    drawings = draw(tmp_path)
    assert all(drawings[name].reason is None for name in ("categories", "examples", "confusion"))
