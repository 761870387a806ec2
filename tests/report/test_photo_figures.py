"""The figures of photos: what was mixed up, and labels to look at."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tiny_report
from PIL import Image

from aisle.report import evidence, photo_figures
from aisle.report.evidence import Evidence
from aisle.report.figure_style import CannotDraw, attempt
from aisle.report.figure_texts import FigureText
from aisle.report.wording import GAP
from aisle.standings import standings


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def draw(name: str, root: Path, *, into: str = "drawn") -> FigureText:
    (root / into).mkdir(exist_ok=True)
    drawer = {"mixed_up": photo_figures.mixed_up, "suspects": photo_figures.suspects}[name]
    return attempt(drawer, load(), root / into / f"{name}.png")


def load() -> Evidence:
    return evidence.load(standings.load())


def answers(root: Path) -> pd.DataFrame:
    return tiny_report.read_answers(root, "random_forest")


def answer(root: Path, name: str, said: dict[str, str]) -> None:
    """Make a candidate answer `said` for these products, and right for all others."""
    table = tiny_report.read_answers(root, name)
    predicted = table["product_id"].map(said).fillna(table["actual"])
    tiny_report.write_answer(root, name, predicted.tolist())


def write_mixed_up(root: Path, *pairs: tuple[str, str]) -> None:
    path = root / "reports/comparison.json"
    rows = [{"actual": a, "predicted": p, "times": 4, "products": 3} for a, p in pairs]
    tiny_report.write_json(path, {**tiny_report.read_json(path), "mixed_up": rows})


def write_suspects(root: Path, number: int) -> None:
    products = pd.read_csv(root / "data/products.csv").head(number)
    names = sorted(products["category"].unique())
    rows: dict[str, Any] = {
        "product_id": products["product_id"],
        "actual": products["category"],
        "instead": [names[-1 - i % len(names)] for i in range(len(products))],
        "score": np.linspace(0.9, 0.1, len(products)),
    }
    pd.DataFrame(rows).to_csv(root / "data/suspects.csv", index=False)


def fill_photos(root: Path, *, side: int) -> None:
    generator = np.random.default_rng(0)
    for path in sorted((root / "data/raw/images").iterdir()):
        noise = generator.integers(0, 256, size=(side, side, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)


def test_the_products_that_most_candidates_mixed_up_come_first(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, per_category=40)
    names = sorted(answers(tmp_path)["actual"].unique())
    ids = answers(tmp_path).query("actual == @names[1]")["product_id"].tolist()[:4]
    other = names[2]
    answer(tmp_path, "random_forest", dict.fromkeys(ids, other))
    answer(tmp_path, "efficientnetv2_b0", dict.fromkeys([ids[2], ids[1]], other))
    answer(tmp_path, "efficientnetv2_b1", {ids[2]: other, ids[3]: names[0]})
    answer(tmp_path, "majority", dict.fromkeys(ids, other))
    write_mixed_up(tmp_path, (names[1], other))
    found = load()
    learners = [c for c in found.standings.candidates if c.kind != "control"]
    row = photo_figures.confused_row(found, found.comparison["mixed_up"][0], learners=learners)
    images = pd.read_csv(tmp_path / "data/products.csv").set_index("product_id")["image"]
    in_order = [images[ids[i]] for i in (2, 1, 0, 3)]
    assert [photo.name for photo in row.photos] == in_order
    assert list(row.notes) == ["3 of 3", "2 of 3", "1 of 3", "1 of 3"]
    assert list(row.title) == [names[1], f"taken for {other}"]
    assert list(row.about) == ["4 answers, 3 products"]
    assert f"{names[1]} taken for {other}" in draw("mixed_up", tmp_path).alternative


def test_no_more_than_three_pairs_are_shown(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    names = sorted(answers(tmp_path)["actual"].unique())
    write_mixed_up(tmp_path, *[(names[0], name) for name in [*names[1:], names[1]]])
    assert "The 3 pairs of categories" in draw("mixed_up", tmp_path).caption


def test_without_mistakes_there_is_a_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    write_mixed_up(tmp_path)
    reason = draw("mixed_up", tmp_path).reason
    assert reason == "no candidate mixed up two categories"
    assert not (tmp_path / "drawn/mixed_up.png").exists()


def test_without_suspects_there_is_a_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    write_suspects(tmp_path, 0)
    reason = str(draw("suspects", tmp_path).reason)
    assert reason.replace(GAP, " ") == "no label is contradicted by 80 % of the candidates or more"
    assert not (tmp_path / "drawn/suspects.png").exists()


@pytest.mark.parametrize(("number", "rows"), [(1, 1), (5, 1), (6, 2), (23, 2)])
def test_suspects_are_shown_five_a_row_and_ten_at_most(
    tmp_path: Path, number: int, rows: int
) -> None:
    tiny_report.write(tmp_path)
    write_suspects(tmp_path, number)
    drawing = draw("suspects", tmp_path)
    with Image.open(tmp_path / "drawn/suspects.png") as picture:
        assert picture.height == rows * 150 + 8
        assert picture.width <= 830
    assert ("The first 10 of 23" in drawing.caption) == (number == 23)


def test_a_product_whose_name_and_category_are_odd_is_drawn(tmp_path: Path) -> None:
    odd = ["$\\frac{1$", "a | b", "sixty characters, " * 4, "under $5 $"]
    tiny_report.write(tmp_path, categories=odd)
    write_suspects(tmp_path, 8)
    write_mixed_up(tmp_path, (sorted(odd)[0], sorted(odd)[3]))
    assert draw("suspects", tmp_path).reason is None
    assert draw("mixed_up", tmp_path).reason is None


def test_forty_categories_and_busy_photos_stay_small_and_the_same(tmp_path: Path) -> None:
    names = [f"category {number:02d}, {'long ' * 10}" for number in range(40)]
    tiny_report.write(tmp_path, categories=names, per_category=8)
    fill_photos(tmp_path, side=130)
    write_suspects(tmp_path, 40)
    for name in ("mixed_up", "suspects"):
        for folder in ("one", "two"):
            assert draw(name, tmp_path, into=folder).reason is None
        one, two = (tmp_path / folder / f"{name}.png" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert one.stat().st_size <= 150_000
        with Image.open(one) as picture:
            assert not picture.info.get("Software")


def test_a_missing_photo_is_named_in_place_of_the_figure(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    write_suspects(tmp_path, 3)
    (tmp_path / "data/raw/images/photo_1.png").unlink()
    with pytest.raises(CannotDraw, match=r"photo_1\.png"):
        photo_figures.suspects(load(), tmp_path / "suspects.png")
    assert not (tmp_path / "suspects.png").exists()
