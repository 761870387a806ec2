"""The catalogue source `table`: a table and a folder of photos."""

import codecs
import csv
from pathlib import Path

import pandas as pd
import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from aisle import files
from aisle.catalogue.tables import gather
from aisle.errors import AisleError
from aisle.settings import params

COLUMNS = params.Columns(
    id="none",
    category_tree="tree",
    image="image",
    name="name",
    description="none",
    specifications="none",
)
HEADER = ["tree", "image", "name", "price"]
ROWS = [
    ['["Watches >> Wrist"]', "a.jpg", "Montre dorée", "NA"],
    ['["Curtains"]', "red/b.jpg", 'Rideau 5", NA\nrouge; bleu', ""],
]


def catalogue(folder: Path) -> Path:
    """Make a folder with two photos in it."""
    for name in ("Images/a.jpg", "Images/red/b.jpg", "Images/unused.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), "red").save(path)
    return folder


def write(
    folder: Path, *, rows: list[list[str]], separator: str = ",", encoding: str = "utf-8"
) -> None:
    with (folder / "table.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def read(source: Path, out: Path, *, table: str = "table.csv", **columns: str) -> pd.DataFrame:
    gather(
        path=source,
        table=table,
        images="Images",
        columns=COLUMNS.model_copy(update=columns),
        folder=out,
    )
    return files.read_table(out / "products.csv", all_text=True)


def refusal(source: Path, out: Path, **settings: str) -> str:
    """Return the error for the catalogue."""
    given = {"table": "table.csv", "images": "Images"} | {
        key: value for key, value in settings.items() if key in ("table", "images")
    }
    columns = {key: value for key, value in settings.items() if key not in given}
    with pytest.raises(AisleError) as caught:
        gather(path=source, columns=COLUMNS.model_copy(update=columns), folder=out, **given)
    return str(caught.value)


def test_every_cell_and_every_named_photo_is_copied_unchanged(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    out = tmp_path / "raw"
    summary = gather(path=source, table="table.csv", images="Images", columns=COLUMNS, folder=out)
    table = files.read_table(out / "products.csv", all_text=True)
    assert [list(table.columns), *table.to_numpy().tolist()] == [HEADER, *ROWS]
    photos = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.jpg"))
    assert photos == ["images/a.jpg", "images/red/b.jpg"]
    assert summary == "2 rows, 2 photos"


def test_photos_are_copies_so_that_dvc_never_locks_the_originals(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    read(source, tmp_path / "raw")
    copy = tmp_path / "raw" / "images" / "a.jpg"
    assert copy.read_bytes() == (source / "Images" / "a.jpg").read_bytes()
    assert not copy.samefile(source / "Images" / "a.jpg")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_spreadsheet_exports_read_the_same(tmp_path: Path, separator: str, encoding: str) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS], separator=separator, encoding=encoding)
    table = read(source, tmp_path / "raw")
    assert [list(table.columns), *table.to_numpy().tolist()] == [HEADER, *ROWS]


def test_big_endian_utf_16_reads_the_same(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS], encoding="utf-16-be")
    content = (source / "table.csv").read_bytes()
    (source / "table.csv").write_bytes(codecs.BOM_UTF16_BE + content)
    assert read(source, tmp_path / "raw").to_numpy().tolist() == ROWS


def test_a_table_that_is_not_utf_8_is_read_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    read(source, tmp_path / "raw")
    assert capsys.readouterr().err == ""
    write(source, rows=[HEADER, *ROWS], encoding="cp1252")
    read(source, tmp_path / "again")
    assert "Windows-1252" in capsys.readouterr().err


def test_line_ends_inside_cells_survive(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    name = "one\rtwo\r\nthree\nfour"
    write(source, rows=[HEADER, ["Watches", "a.jpg", name, ""]])
    assert read(source, tmp_path / "raw")["name"].tolist() == [name]


def test_blank_lines_and_short_rows_are_tolerated(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    (source / "table.csv").write_text("\ntree;image;name;price\n\nWatches;a.jpg\n\n")
    table = read(source, tmp_path / "raw")
    assert table.to_numpy().tolist() == [["Watches", "a.jpg", "", ""]]


def test_two_columns_may_share_a_name_unless_it_is_used(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[["tree", "image", "name", "x", "x"], ["Watches", "a.jpg", "", "1", "2"]])
    gather(
        path=source, table="table.csv", images="Images", columns=COLUMNS, folder=tmp_path / "raw"
    )
    header = (tmp_path / "raw" / "products.csv").read_text().splitlines()[0]
    assert header == '"tree","image","name","x","x"'
    message = refusal(source, tmp_path / "raw", name="x")
    assert "2 columns called 'x'" in message


def test_parquet_reads_as_a_csv_would(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    content = {
        "tree": [["Watches >> Wrist"], ["Curtains"]],
        "image": ["a.jpg", "red/b.jpg"],
        "name": ["Montre dorée", None],
        "price": [10, None],
    }
    parquet.write_table(pyarrow.table(content), source / "table.parquet")
    table = read(source, tmp_path / "raw", table="table.parquet")
    assert table.to_numpy().tolist() == [
        ['["Watches >> Wrist"]', "a.jpg", "Montre dorée", "10"],
        ['["Curtains"]', "red/b.jpg", "", ""],
    ]


@pytest.mark.parametrize("photo", [b"bytes", {"bytes": b"bytes", "path": "a.jpg"}])
def test_photos_inside_a_parquet_table_are_refused_by_column(tmp_path: Path, photo: object) -> None:
    source = catalogue(tmp_path / "source")
    content = {"tree": ["Watches"], "image": ["a.jpg"], "name": [""], "photo": [photo]}
    parquet.write_table(pyarrow.table(content), source / "table.parquet")
    message = refusal(source, tmp_path / "raw", table="table.parquet")
    assert "'photo'" in message
    assert "bytes" in message


def test_a_damaged_parquet_table_is_reported(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    (source / "table.parquet").write_bytes(b"PAR1 and nothing more")
    assert "Parquet" in refusal(source, tmp_path / "raw", table="table.parquet")


def test_a_missing_table_lists_the_tables_found(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    message = refusal(source, tmp_path / "raw", table="tabel.csv")
    assert "no table 'tabel.csv'" in message
    assert "Did you mean 'table.csv'?" in message
    (source / "table.csv").unlink()
    assert "It contains no CSV or Parquet file" in refusal(source, tmp_path / "raw")


def test_a_missing_folder_of_photos_lists_the_folders_found(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    message = refusal(source, tmp_path / "raw", images="Image")
    assert "Did you mean 'Images'?" in message


@pytest.mark.parametrize("setting", ["table", "images"])
@pytest.mark.parametrize("name", ["../elsewhere", "/elsewhere"])
def test_table_and_photos_must_lie_where_dvc_watches(
    tmp_path: Path, setting: str, name: str
) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    message = refusal(source, tmp_path / "raw", **{setting: name})
    assert f"catalogue.{setting} is '{name}'" in message


def test_a_path_that_is_not_a_folder_is_reported(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere", tmp_path / "raw")
    (tmp_path / "table.csv").write_text("tree,image\n")
    assert "is a file" in refusal(tmp_path / "table.csv", tmp_path / "raw")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"tree,image,name\n", "no rows"),
        (b"tree,image,name\nWatches,a.jpg,x,y\n", "not a regular CSV"),
        (b'tree,image,name\nWatches,a.jpg,"never closed\n', "not a regular CSV"),
        (b"PK\x03\x04\x00\x00\x00a spreadsheet", "not text"),
        ("tree,image,name\n".encode("utf-16-le"), "not text"),
        (b"tree,image,name\nWatches,a.jpg,\x81\n", "not text"),
        (codecs.BOM_UTF16_LE + b"odd", "not text"),
    ],
)
def test_an_unreadable_table_is_reported_by_name(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    source = catalogue(tmp_path / "source")
    (source / "table.csv").write_bytes(content)
    message = refusal(source, tmp_path / "raw")
    assert expected in message
    assert "'table.csv'" in message


def test_a_wrong_column_lists_the_columns_and_the_nearest(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    message = refusal(source, tmp_path / "raw", image="imagge")
    assert "no column 'imagge' in 'table.csv' (catalogue.columns.image)" in message
    assert "Did you mean 'image'? Valid: tree, image, name, price." in message


def test_an_optional_column_that_is_named_must_be_there_or_be_none(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    message = refusal(source, tmp_path / "raw", description="text")
    assert "(catalogue.columns.description)" in message
    assert "Set it to none" in message


@pytest.mark.parametrize("key", ["image", "category_tree"])
def test_photo_and_category_cannot_be_none(tmp_path: Path, key: str) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, *ROWS])
    assert f"catalogue.columns.{key} is none" in refusal(source, tmp_path / "raw", **{key: "none"})


def test_a_row_without_a_usable_photo_name_stays_and_nothing_outside_is_copied(
    tmp_path: Path,
) -> None:
    source = catalogue(tmp_path / "source")
    secret = tmp_path / "source" / "secret.jpg"
    Image.new("RGB", (8, 8)).save(secret)
    names = ["a.jpg", "../secret.jpg", str(secret), "missing.jpg", "", "red", "x" * 5000]
    write(source, rows=[HEADER, *([["Watches", name, "", ""] for name in names])])
    out = tmp_path / "new" / "raw"
    summary = gather(path=source, table="table.csv", images="Images", columns=COLUMNS, folder=out)
    assert summary == "7 rows, 1 photos; 6 rows without a photo file"
    assert files.read_table(out / "products.csv", all_text=True)["image"].tolist() == names
    copied = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert sorted(path.name for path in copied) == ["a.jpg", "products.csv"]


def test_spaces_around_a_photo_name_do_not_matter(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, ["Watches", " a.jpg ", "", ""]])
    assert read(source, tmp_path / "raw")["image"].tolist() == [" a.jpg "]
    assert (tmp_path / "raw" / "images" / "a.jpg").is_file()


def test_a_table_without_any_of_its_photos_is_refused(tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source")
    write(source, rows=[HEADER, ["Watches", "photos/a.jpg", "", ""]])
    message = refusal(source, tmp_path / "raw")
    assert "none of the photos" in message
    assert "'photos/a.jpg'" in message
