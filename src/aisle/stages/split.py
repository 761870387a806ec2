"""Draws train, val and test: data/products.csv → data/split.csv and the leak checks made on it."""

from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.catalogue import partitions
from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages import run


def assign(products: pd.DataFrame, *, settings: params.Split, seed: int) -> pd.DataFrame:
    """Return product_id, fold, partition: one row per product and fold."""
    categories = products["category_id"].to_numpy()
    groups = products["group"].to_numpy()
    try:
        if settings.scheme == "holdout":
            folds = partitions.holdout(
                categories=categories,
                groups=groups,
                test=settings.test,
                val=settings.val,
                seed=seed,
            )
        else:
            rest = 1 - 1 / settings.folds
            folds = partitions.cross_test(
                categories=categories,
                groups=groups,
                folds=settings.folds,
                val=rest * settings.val / (settings.train + settings.val),
                seed=seed,
            )
    except partitions.TooFewGroups as error:
        name = products.loc[products["category_id"] == error.category_id, "category"].iloc[0]
        raise AisleError(
            f"category '{name}' has {error.got} distinct products (duplicates count once); "
            f"split.scheme {settings.scheme} needs at least {error.at_least}, one for each side. "
            "Add products, use fewer folds, or choose another extract.level."
        ) from None
    return pd.concat(
        [
            pd.DataFrame(
                {"product_id": products["product_id"], "fold": fold, "partition": partition}
            )
            for fold, partition in enumerate(folds)
        ],
        ignore_index=True,
    )


def checks(split: pd.DataFrame, *, products: pd.DataFrame, scheme: str) -> dict[str, Any]:
    """Return what the note says of the split; AisleError if anything leaks."""
    leaks = partitions.leak_checks(split, products=products)
    if any(leaks.values()):
        raise AisleError(f"the split leaks: {leaks} lie on two sides. Please report this defect.")
    sizes = products.groupby("group").size()
    first = split[split["fold"] == 0]["partition"].value_counts()
    return {
        "scheme": scheme,
        "folds": int(split["fold"].nunique()),
        "products": len(products),
        "groups": len(sizes),
        "products_in_groups": int(sizes[sizes > 1].sum()),
        **{name: int(first.get(name, 0)) for name in partitions.PARTITIONS},
        "leaks": leaks,
        "largest_share_gap": round(partitions.largest_share_gap(split, products=products), 4),
    }


def main() -> None:
    """Write the split and its checks."""
    settings = params.read("split", params.Split)
    products = files.read_table(paths.PRODUCTS, text=("product_id", "sha256"))
    split = assign(products, settings=settings, seed=params.seed())
    result = checks(split, products=products, scheme=settings.scheme)
    files.write_table(split, paths.SPLIT)
    files.write_json(result, paths.LEAK_CHECKS)
    print(", ".join(f"{name} {np.asarray(result[name])}" for name in partitions.PARTITIONS))


if __name__ == "__main__":
    run(main)
