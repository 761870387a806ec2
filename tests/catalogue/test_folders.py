"""The catalogue source `folder`: one folder of photos per category."""

from pathlib import Path

import pytest
from PIL import Image

from aisle import files
from aisle.catalogue import tree
from aisle.catalogue.folders import gather
from aisle.errors import AisleError
from aisle.settings import params

COLUMNS = params.Columns(
    id="id",
    category_tree="tree",
    image="image",
    name="name",
    description="description",
    specifications="none",
)


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), "blue").save(path)


def test_every_photo_becomes_a_row_with_its_folder_as_category(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "raw"
    for name in ("Watches/b.png", "Watches/old/a.JPG", "Baby Care/c.webp", "Baby Care/d.TIFF"):
        photo(source / name)
    summary = gather(path=source, columns=COLUMNS, folder=out)
    table = files.read_table(out / "products.csv", all_text=True)
    names = ["Baby Care/c.webp", "Baby Care/d.TIFF", "Watches/b.png", "Watches/old/a.JPG"]
    assert list(table.columns) == ["name", "description", "id", "tree", "image"]
    assert table["image"].tolist() == names
    assert table["id"].tolist() == names
    assert table["tree"].tolist() == ['["Baby Care"]'] * 2 + ['["Watches"]'] * 2
    assert set(table["name"]) | set(table["description"]) == {""}
    for name in names:
        assert (out / "images" / name).read_bytes() == (source / name).read_bytes()
    assert summary == "2 categories, 4 rows, 4 photos"


@pytest.mark.parametrize("name", ["[old] things", "Coffee & Tea", "Café", "It's 5\" wide"])
def test_a_category_has_the_name_of_its_folder(tmp_path: Path, name: str) -> None:
    photo(tmp_path / "source" / name / "a.jpg")
    photo(tmp_path / "source" / "Watches" / "a.jpg")
    gather(path=tmp_path / "source", columns=COLUMNS, folder=tmp_path / "raw")
    table = files.read_table(tmp_path / "raw" / "products.csv", all_text=True)
    assert {tree.category(text, level=1) for text in table["tree"]} == {name, "Watches"}


def test_files_other_than_photos_are_ignored_and_counted(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "raw"
    for name in ("A/a.jpg", "B/b.jpg", "top.jpg", "A/._a.jpg", ".cache/C/c.jpg"):
        photo(source / name)
    (source / "A" / "notes.txt").write_text("not a photo")
    (source / "Empty").mkdir()
    summary = gather(path=source, columns=COLUMNS, folder=out)
    assert files.read_table(out / "products.csv")["image"].tolist() == ["A/a.jpg", "B/b.jpg"]
    assert summary.endswith("2 photos; 3 other files ignored")


def test_the_photo_and_category_win_where_two_columns_share_a_name(tmp_path: Path) -> None:
    photo(tmp_path / "source" / "A" / "a.jpg")
    photo(tmp_path / "source" / "B" / "b.jpg")
    columns = COLUMNS.model_copy(update={"id": "image", "name": "image"})
    gather(path=tmp_path / "source", columns=columns, folder=tmp_path / "raw")
    table = files.read_table(tmp_path / "raw" / "products.csv")
    assert table["image"].tolist() == ["A/a.jpg", "B/b.jpg"]


def test_a_folder_without_photos_in_sub_folders_is_refused(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    with pytest.raises(AisleError, match="one folder per category"):
        gather(path=tmp_path, columns=COLUMNS, folder=tmp_path / "raw")


def test_one_category_is_refused_and_the_folder_inside_is_suggested(tmp_path: Path) -> None:
    photo(tmp_path / "source" / "all" / "Watches" / "a.jpg")
    photo(tmp_path / "source" / "all" / "Curtains" / "b.jpg")
    with pytest.raises(AisleError, match="one category only, 'all'"):
        gather(path=tmp_path / "source", columns=COLUMNS, folder=tmp_path / "raw")


def test_a_path_that_is_not_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match="does not exist"):
        gather(path=tmp_path / "nowhere", columns=COLUMNS, folder=tmp_path / "raw")
    photo(tmp_path / "a.jpg")
    with pytest.raises(AisleError, match="is a file"):
        gather(path=tmp_path / "a.jpg", columns=COLUMNS, folder=tmp_path / "raw")


@pytest.mark.parametrize("key", ["image", "category_tree"])
def test_photo_and_category_columns_need_a_name(tmp_path: Path, key: str) -> None:
    columns = COLUMNS.model_copy(update={key: "none"})
    with pytest.raises(AisleError, match=f"catalogue.columns.{key} is none"):
        gather(path=tmp_path, columns=columns, folder=tmp_path / "raw")


def test_a_file_name_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    photo(tmp_path / "source" / "A" / "a.jpg")
    photo(tmp_path / "source" / "B" / "b.jpg")
    folder = str(tmp_path / "source" / "A").encode()
    try:
        with open(folder + b"/caf\xe9.jpg", "wb") as file:  # noqa: PTH123 - a name no Path spells
            file.write(b"")
    except OSError:
        pytest.skip("this file system allows UTF-8 names only")
    with pytest.raises(AisleError, match="not UTF-8"):
        gather(path=tmp_path / "source", columns=COLUMNS, folder=tmp_path / "raw")
