from collections.abc import Callable
from pathlib import Path

import numpy as np
from conftest import write_params

from aisle import files, paths
from aisle.stages import reach

Until = Callable[[str], None]


def test_the_nearest_training_product_of_the_same_fold(workspace: Path, until: Until) -> None:
    """Each product looks like the one before it in its category."""
    write_params(workspace, {"split": {"scheme": "cross_test", "folds": 3}})
    until("split")
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    angles = np.radians(8 * products["product_id"].str.extract(r"(\d+)")[0].astype(float))
    place = np.column_stack([np.cos(angles), np.sin(angles), products["category_id"] * 9.0])
    with files.replacing(paths.embeddings("b0")) as folder:
        folder.mkdir(parents=True)
        other = np.random.default_rng(0).normal(size=(42, 2, 5))
        top = np.stack([np.zeros_like(place), place], axis=1)
        stored = np.concatenate([other, top], axis=2).astype(np.float32)
        np.save(folder / paths.EMBEDDINGS, stored)
        card = {"views": ["horizontal_flip", "original"], "layers": {"block6": 5, "top": 3}}
        files.write_json(card, folder / paths.EMBEDDING_CARD)
    reach.main()
    found = files.read_table(paths.REACH, text=("product_id", "nearest"))
    split = files.read_table(paths.SPLIT, text=("product_id",))
    partition = split.set_index(["fold", "product_id"])["partition"]
    assert len(found) == 42 and set(found["backbone"]) == {"b0"}
    for row in found.itertuples():
        assert partition[row.fold, row.product_id] == "test"
        assert partition[row.fold, row.nearest] == "train"
        assert row.product_id.rstrip("0123456789") == row.nearest.rstrip("0123456789")
    assert found["similarity"].between(0.5, 1).all()


def test_without_embeddings_the_table_is_empty(workspace: Path, until: Until) -> None:
    until("split")
    files.write_json({"views": []}, paths.embeddings("b0") / paths.EMBEDDING_CARD)
    reach.main()
    assert files.read_table(paths.REACH).empty
