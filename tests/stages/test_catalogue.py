"""The stage `catalogue` writes the raw catalogue from each source."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from ruamel.yaml import YAML

from aisle.errors import AisleError
from aisle.stages import catalogue

ARCHIVE = {"url": "none", "sha256": "none", "layout": "table", "max_gigabytes": 1, "max_files": 10}
COLUMNS = {
    "id": "none",
    "category_tree": "tree",
    "image": "image",
    "name": "none",
    "description": "none",
    "specifications": "none",
}
SETTINGS: dict[str, Any] = {
    "source": "table",
    "path": "shop",
    "table": "table.csv",
    "images": "photos",
    "columns": COLUMNS,
    "sample": {"products_per_category": 3, "seed": 7},
    "archive": ARCHIVE,
}


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a shop of two photos in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("Watches/a.jpg", "Curtains/b.jpg"):
        path = Path("shop/photos") / name
        path.parent.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(path)
    rows = "tree,image\nWatches,Watches/a.jpg\nCurtains,Curtains/b.jpg\n"
    Path("shop/table.csv").write_text(rows)


def run(**settings: object) -> None:
    """Run the stage with these settings of params.yaml changed."""
    YAML().dump({"catalogue": SETTINGS | settings}, Path("params.yaml"))
    catalogue.main()


def raw() -> dict[str, bytes]:
    """Return the files that the stage wrote: name → content."""
    files = [path for path in Path("data/raw").rglob("*") if path.is_file()]
    return {path.relative_to("data/raw").as_posix(): path.read_bytes() for path in files}


def names() -> list[str]:
    return sorted(raw())


EXPECTED = ["images/Curtains/b.jpg", "images/Watches/a.jpg", "products.csv"]


def test_a_table_becomes_the_raw_catalogue_with_a_one_line_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run()
    assert capsys.readouterr() == ("2 rows, 2 photos\n", "")
    assert names() == EXPECTED


def test_a_folder_gives_the_same_layout(capsys: pytest.CaptureFixture[str]) -> None:
    run(source="folder", path="shop/photos")
    assert capsys.readouterr().out == "2 categories, 2 rows, 2 photos\n"
    assert names() == EXPECTED


def test_an_archive_gives_the_same_layout_and_leaves_nothing_else() -> None:
    with zipfile.ZipFile("shop.zip", "w") as archive:
        for path in Path("shop").rglob("*"):
            archive.write(path)
    run(source="archive", path="shop.zip")
    assert names() == EXPECTED
    assert [path.name for path in Path("data").iterdir()] == ["raw"]


@pytest.mark.parametrize("wrong", [{"table": "tabel.csv"}, {"source": "archive", "path": "no.zip"}])
def test_a_failure_leaves_the_earlier_catalogue_as_it_was(wrong: dict[str, object]) -> None:
    run()
    before = raw()
    with pytest.raises(AisleError):
        run(**wrong)
    assert raw() == before
    assert [path.name for path in Path("data").iterdir()] == ["raw"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"source": "table", "path": "data/none"}, "catalogue.path is data/none"),
        ({"source": "folder", "path": "data/none"}, "catalogue.path is data/none"),
        ({"source": "sample", "path": "shop"}, "sample, which reads no path"),
        ({"source": "archive", "path": "data/none"}, "got neither"),
        (
            {"source": "archive", "archive": ARCHIVE | {"url": "http://127.0.0.1:9/a.zip"}},
            "got both: 'shop' and 'http://127.0.0.1:9/a.zip'",
        ),
    ],
)
def test_contradicting_settings_are_reported(settings: dict[str, object], expected: str) -> None:
    with pytest.raises(AisleError, match=expected):
        run(**settings)


def test_the_sample_needs_nothing_on_disk() -> None:
    shutil.rmtree("shop")
    columns = COLUMNS | {"category_tree": "product_category_tree"}
    run(source="sample", path="data/none", columns=columns)
    photos = [name for name in names() if name != "products.csv"]
    assert photos
    assert all(name.startswith("images/") for name in photos)
    assert "products.csv" in names()


def test_a_column_missing_from_the_sample_is_reported() -> None:
    with pytest.raises(AisleError, match=r"no column 'tree' in 'the sample'"):
        run(source="sample", path="data/none")
