from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import CATEGORIES, PER_CATEGORY, write_params
from PIL import Image

from aisle import files, paths
from aisle.errors import AisleError

Until = Callable[[str], None]


def change(shop: Path, row: int, **values: str) -> None:
    table = pd.read_csv(shop / "shop.csv", keep_default_na=False, dtype=str)
    for column, value in values.items():
        table.loc[row, column] = value
    table.to_csv(shop / "shop.csv", index=False)


def products() -> pd.DataFrame:
    return files.read_table(paths.PRODUCTS, text=("product_id", "image"))


def rejects() -> pd.DataFrame:
    return files.read_table(paths.REJECTS)


def test_every_row_is_a_product_or_a_reject(workspace: Path, until: Until) -> None:
    shop = workspace / "shop"
    change(shop, 0, image="../shop.csv")
    change(shop, 3, image="gone.png")
    change(shop, 5, product_category_tree="")
    change(shop, 7, uniq_id="boxes1")
    (shop / "photos" / "rings0.png").write_bytes(b"")
    until("extract")
    assert rejects()[["row", "kind"]].to_numpy().tolist() == [
        [2, "unsafe name"],
        [5, "missing photo"],
        [7, "unreadable tree"],
        [9, "duplicate id"],
        [16, "unreadable photo"],
    ]
    assert (rejects()["reason"] != "").all()
    assert len(products()) + len(rejects()) == len(CATEGORIES) * PER_CATEGORY
    assert not set(products()["row"]) & set(rejects()["row"])


def test_category_ids_follow_the_sorted_names(workspace: Path, until: Until) -> None:
    until("extract")
    table = products().drop_duplicates("category")[["category", "category_id"]]
    assert dict(table.to_numpy().tolist()) == {"Boxes": 0, "Rings": 1, "Stripes": 2}


def test_a_copied_photo_and_a_copied_text_make_groups(workspace: Path, until: Until) -> None:
    shop = workspace / "shop"
    change(shop, 1, image="boxes0.png")
    with Image.open(shop / "photos" / "rings0.png") as photo:
        photo.convert("RGB").save(shop / "photos" / "rings1.png", compress_level=0)
    change(shop, 30, description="The Same Words.")
    change(shop, 31, description="the same words")
    until("extract")
    group = products().set_index("row")["group"]
    assert group[2] == group[3]
    assert group[16] == group[17]
    assert group[32] == group[33]
    assert len(set(group)) == len(group) - 3


def test_one_category_only_is_refused(workspace: Path, until: Until) -> None:
    write_params(workspace, {"extract": {"level": 2}})
    with pytest.raises(AisleError, match="one category only at level 2: 'Kind'"):
        until("extract")


def test_ids_that_are_all_the_same_are_reported_as_the_reason(
    workspace: Path, until: Until
) -> None:
    table = pd.read_csv(workspace / "shop" / "shop.csv").assign(uniq_id="x")
    table.to_csv(workspace / "shop" / "shop.csv", index=False)
    with pytest.raises(AisleError, match=r"41 of 42 rows were rejected, .* row 3: id 'x' was"):
        until("extract")


def test_a_catalogue_without_one_usable_photo_is_refused(workspace: Path, until: Until) -> None:
    for path in (workspace / "shop" / "photos").iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(AisleError, match=r"none of the 42 products .* row 2"):
        until("extract")


def test_a_failure_leaves_the_earlier_products(workspace: Path, until: Until) -> None:
    until("extract")
    before = paths.PRODUCTS.read_bytes()
    write_params(workspace, {"extract": {"level": 2}})
    with pytest.raises(AisleError):
        until("extract")
    assert paths.PRODUCTS.read_bytes() == before
