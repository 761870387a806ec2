"""The figures: present, small, the same every time; or a sentence that says why not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_report
from PIL import Image

from aisle.report import evidence, explanation_figures, figures
from aisle.report.explanations import ProductAnswer
from aisle.report.score_figures import pareto_front
from aisle.standings import standings

NAMES = {
    "examples",
    "results",
    "verdicts",
    "curves",
    "learning",
    "confusion",
    "mixed_up",
    "suspects",
    "per_category",
    "frontier",
    "occlusion",
}


def draw(root: Path) -> dict[str, figures.FigureText]:
    folder = root / "drawn"
    folder.mkdir()
    return figures.draw_all(evidence.load(standings.load()), folder)


def test_without_explanations_a_sentence_gives_the_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    (tmp_path / "data/explained/facts.json").write_text('{"fold": 0, "competitors": {}}')
    assert "`explain` in params.yaml" in str(draw(tmp_path)["occlusion"].reason)


def test_a_wrong_answer_is_drawn_with_the_right_category() -> None:
    wrong = ProductAnswer(
        "p1", actual="Baby Care", predicted="Computers", probability=0.9, words={}
    )
    assert explanation_figures.answered(wrong) == ("answered Computers 0.90", "is Baby Care")
    right = replace(wrong, predicted="Baby Care")
    assert explanation_figures.answered(right) == ("Baby Care 0.90", "")


def test_the_front_is_those_that_none_at_their_cost_equals() -> None:
    costs = np.array([1.0, 2.0, 2.0, 3.0, 0.5])
    accuracies = np.array([0.6, 0.7, 0.8, 0.8, 0.5])
    assert pareto_front(costs, accuracies=accuracies) == [4, 0, 2]


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
    texts = draw(tmp_path)
    assert set(texts) == NAMES
    for text in texts.values():
        path = tmp_path / "drawn" / text.file
        assert path.stat().st_size <= 150_000
        with Image.open(path) as picture:
            assert "transparency" not in picture.info
            assert len(np.unique(np.asarray(picture.convert("L")))) > 8, "an empty picture"
        assert text.alternative and text.caption and text.reason is None
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
    texts = draw(tmp_path)
    assert [name for name, text in texts.items() if text.reason] == []
    for path in (tmp_path / "drawn").iterdir():
        assert path.stat().st_size <= 150_000
        with Image.open(path) as picture:
            assert picture.height < 2000
    assert "12 largest categories" in texts["examples"].caption
    assert "The least confused categories are merged" in texts["confusion"].caption


def test_merged_categories_keep_every_test_product(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, categories=[f"c{i:02d}" for i in range(30)], per_category=8)
    found = evidence.load(standings.load())
    candidates = found.standings.candidates[1:]
    names, matrices = figures.confusion_counts(found, candidates)
    assert names[-1] == "15 others"
    for candidate, matrix in zip(candidates, matrices, strict=True):
        assert matrix.shape == (16, 16)
        assert matrix.sum() == candidate.score.products
        assert np.trace(matrix) >= candidate.score.correct


def test_the_first_figure_shows_the_best_of_each_kind_or_all(tmp_path: Path) -> None:
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together)
    results = draw(tmp_path)["results"]
    assert "of 9 competitors by kind" in results.alternative
    assert "the best of each kind" in results.caption
    tiny_report.edit_params(
        tmp_path, candidates={"majority": tiny_report.CANDIDATES["majority"]}, ensembles={}
    )
    found = evidence.load(standings.load())
    assert "every competitor" in figures.results(found, tmp_path / "results.png").caption


def test_both_sides_of_the_contest_have_a_confusion_matrix(tmp_path: Path) -> None:
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together)
    text = draw(tmp_path)["confusion"].alternative
    contest = standings.load().contest
    assert {c.kind for c in contest} == {"classical", "transfer"}
    assert all(c.name in text for c in contest) and "majority" not in text


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
    texts = draw(tmp_path)
    assert texts["curves"].reason == "no candidate was trained for more than one epoch"
    assert not (tmp_path / "drawn/curves.png").exists()


def test_a_name_that_looks_like_a_formula_is_drawn_as_it_is(tmp_path: Path) -> None:
    names = ["$\\frac{1$", "under $5 $", "Watches"]
    tiny_report.write(tmp_path, categories=names, candidates=["random_forest"])
    texts = draw(tmp_path)
    assert all(texts[name].reason is None for name in ("examples", "confusion"))
