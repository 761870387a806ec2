"""The command `synthetic draw`."""

import sys
from pathlib import Path

import pytest

from aisle.catalogue import tables
from aisle.settings.params import Columns
from synthetic import cli

COLUMNS = Columns(
    id="uniq_id",
    category_tree="product_category_tree",
    image="image",
    name="product_name",
    description="description",
    specifications="product_specifications",
)


def test_a_drawn_catalogue_can_be_read_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["synthetic", "draw", str(tmp_path / "a"), "--products", "3"])
    cli.main()
    summary = tables.gather(
        path=tmp_path / "a",
        table="products.csv",
        images="images",
        columns=COLUMNS,
        folder=tmp_path / "raw",
    )
    assert summary == "21 rows, 21 photos"


def test_a_folder_with_files_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "products.csv").write_text("mine")
    monkeypatch.setattr(sys, "argv", ["synthetic", "draw", str(tmp_path)])
    with pytest.raises(SystemExit, match="is not an empty folder"):
        cli.main()
    assert (tmp_path / "products.csv").read_text() == "mine"
