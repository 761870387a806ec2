from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.catalogue.partitions import split_report
from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages import check
from aisle.stages import split as split_stage

Until = Callable[[str], None]


def test_no_product_photo_or_group_is_in_two_partitions(workspace: Path, until: Until) -> None:
    until("split")
    checks = files.read_json(paths.LEAK_CHECKS)
    assert checks["leaks"] == {"products": 0, "photos": 0, "groups": 0}
    assert checks["train"] + checks["val"] + checks["test"] == checks["products"] == 42


def test_a_leak_is_found_and_refused(workspace: Path) -> None:
    products = pd.DataFrame(
        {"product_id": ["a", "b"], "sha256": ["1", "1"], "category": ["x", "x"]}
    )
    split = pd.DataFrame(
        {"product_id": ["a", "b"], "fold": 0, "partition": ["train", "test"], "group": [0, 1]}
    )
    with pytest.raises(AisleError, match="'photos': 1"):
        split_report(split, products=products, settings=params.read("split", params.Split))


def test_a_category_with_two_products_is_refused_by_name(workspace: Path, until: Until) -> None:
    table = pd.read_csv(workspace / "shop" / "shop.csv")
    rings = table["product_category_tree"].str.contains("Rings")
    kept = pd.concat([table[~rings], table[rings].head(2)])
    kept.to_csv(workspace / "shop" / "shop.csv", index=False)
    with pytest.raises(AisleError, match=r"'Rings' has 2 distinct products .* at least 3"):
        until("split")


def test_a_category_that_is_one_group_is_told_what_makes_groups(
    workspace: Path, until: Until
) -> None:
    table = pd.read_csv(workspace / "shop" / "shop.csv")
    table["shelf"] = table["product_category_tree"].str.split(">>").str[0]
    table.to_csv(workspace / "shop" / "shop.csv", index=False)
    write_params(workspace, {"catalogue": {"columns": {"group": "shelf"}}})
    with pytest.raises(AisleError) as caught:
        until("split")
    assert "'Boxes' has 1 distinct product (" in str(caught.value)
    assert "catalogue.columns.group" in str(caught.value)
    assert "folds" not in str(caught.value), "a holdout has none"


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


def test_a_column_of_the_table_names_what_stays_together(workspace: Path, until: Until) -> None:
    table = pd.read_csv(workspace / "shop" / "shop.csv", keep_default_na=False)
    table["shelf"] = [f"shelf {number // 2}" if number % 14 < 8 else "" for number in range(42)]
    table.to_csv(workspace / "shop" / "shop.csv", index=False)
    write_params(workspace, {"catalogue": {"columns": {"group": "shelf"}}})
    until("split")
    split = files.read_table(paths.SPLIT, text=("product_id",)).set_index("product_id")
    shelves = table.set_index("uniq_id")["shelf"]
    for _, names in shelves[shelves != ""].groupby(shelves).groups.items():
        assert split.loc[names, "partition"].nunique() == split.loc[names, "group"].nunique() == 1
    assert files.read_json(paths.LEAK_CHECKS)["groups"] == 42 - 12
    write_params(workspace, {"catalogue": {"columns": {"group": "shelff"}}})
    with pytest.raises(AisleError, match=r"no column 'shelff' .*Did you mean 'shelf'"):
        until("split")


def embedded(spread: float) -> None:
    """Write embeddings of the tiny shop: three shots each of one object after the other."""
    rng = np.random.default_rng(0)
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    number = products["product_id"].str.extract(r"(\d+)")[0].astype(int)
    objects = products["category_id"] * 5 + number // 3
    seen = rng.normal(size=(objects.max() + 1, 32))[objects] + rng.normal(0, spread, (42, 32))
    with files.replacing(paths.embeddings("b0")) as folder:
        folder.mkdir(parents=True)
        np.save(folder / paths.EMBEDDINGS, seen[:, np.newaxis].astype(np.float32))
        card = {"views": ["original"], "layers": {"top": 32}}
        files.write_json(card, folder / paths.EMBEDDING_CARD)


def test_what_looks_alike_stays_together(workspace: Path, until: Until) -> None:
    look = {"keep_together": "look", "look": {"backbone": "b0", "similarity": 0.6}}
    write_params(workspace, {"split": look})
    until("extract")
    embedded(spread=0.2)
    split_stage.main()
    split = files.read_table(paths.SPLIT, text=("product_id",))
    number = split["product_id"].str.extract(r"(\D+)(\d+)")
    objects = number[0] + (number[1].astype(int) // 3).astype(str)
    assert (split.groupby(objects)["partition"].nunique() == 1).all()
    report = files.read_json(paths.LEAK_CHECKS)
    assert (report["groups"], report["keep_together"]) == (15, "look")
    assert check.needs(check.check()) == {"b0": ["original"]}
    first = paths.SPLIT.read_bytes()
    split_stage.main()
    assert paths.SPLIT.read_bytes() == first


def test_a_similarity_that_leaves_one_group_is_refused(workspace: Path, until: Until) -> None:
    look = {"keep_together": "look", "look": {"backbone": "b0", "similarity": 0.001}}
    write_params(workspace, {"split": look})
    until("extract")
    embedded(spread=30)
    features = np.ones((42, 1, 32), dtype=np.float32)
    features[:, 0, 0] = files.read_table(paths.PRODUCTS)["category_id"]
    np.save(paths.embeddings("b0") / paths.EMBEDDINGS, features)
    with pytest.raises(AisleError, match=r"'Boxes' has 1 distinct .*Raise split.look.similarity"):
        split_stage.main()


@pytest.mark.parametrize(
    ("backbone", "message"),
    [
        ("none", "keep_together is look, and look.backbone is none"),
        ("b1", "not in variants"),
    ],
)
def test_look_needs_a_backbone(workspace: Path, backbone: str, message: str) -> None:
    write_params(workspace, {"split": {"keep_together": "look", "look": {"backbone": backbone}}})
    with pytest.raises(AisleError, match=message):
        check.check()
