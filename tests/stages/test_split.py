from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.catalogue.partitions import split_report
from aisle.errors import AisleError

Until = Callable[[str], None]


def test_no_product_photo_or_group_is_in_two_partitions(workspace: Path, until: Until) -> None:
    until("split")
    checks = files.read_json(paths.LEAK_CHECKS)
    assert checks["leaks"] == {"products": 0, "photos": 0, "groups": 0}
    assert checks["train"] + checks["val"] + checks["test"] == checks["products"] == 42


def test_a_leak_is_found_and_refused() -> None:
    products = pd.DataFrame(
        {"product_id": ["a", "b"], "sha256": ["1", "1"], "group": [0, 1], "category": ["x", "x"]}
    )
    split = pd.DataFrame({"product_id": ["a", "b"], "fold": 0, "partition": ["train", "test"]})
    with pytest.raises(AisleError, match="'photos': 1"):
        split_report(split, products=products, scheme="holdout")


def test_a_category_with_two_products_is_refused_by_name(workspace: Path, until: Until) -> None:
    table = pd.read_csv(workspace / "shop" / "shop.csv")
    rings = table["product_category_tree"].str.contains("Rings")
    kept = pd.concat([table[~rings], table[rings].head(2)])
    kept.to_csv(workspace / "shop" / "shop.csv", index=False)
    with pytest.raises(AisleError, match=r"'Rings' has 2 distinct products .* at least 3"):
        until("split")


def test_a_cross_test_tests_every_product_once(workspace: Path, until: Until) -> None:
    write_params(workspace, {"split": {"scheme": "cross_test", "folds": 3}})
    until("split")
    split = files.read_table(paths.SPLIT)
    assert split[split["partition"] == "test"]["product_id"].value_counts().eq(1).all()
    assert sorted(split["fold"].unique()) == [0, 1, 2]


def test_test_products_have_the_original_view_only(workspace: Path, until: Until) -> None:
    until("augment")
    views = files.read_table(paths.VIEWS).groupby("partition")["view"].value_counts()
    assert views["test"].to_dict() == {"original": 6}
    assert (
        set(views["train"].index)
        == set(views["val"].index)
        == {*("original", "horizontal_flip", "vertical_flip", "rotate_90")}
    )


def test_another_seed_gives_another_split_of_the_same_catalogue(
    workspace: Path, until: Until
) -> None:
    until("split")
    first, products = paths.SPLIT.read_bytes(), paths.PRODUCTS.read_bytes()
    write_params(workspace, {"seed": 43})
    until("split")
    assert paths.PRODUCTS.read_bytes() == products
    assert paths.SPLIT.read_bytes() != first
