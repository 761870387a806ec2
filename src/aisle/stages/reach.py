"""Stage `reach`: how similar each test product is to its nearest training product; data/reach.csv.

Reads data/split.csv and the first backbone in data/embeddings that was run on the original photos.
Without one, the table is empty.
"""

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.catalogue.audit import TEST, TRAIN, partitions_by_fold
from aisle.inputs import looks
from aisle.settings import params
from aisle.stages import run
from aisle.statistics import similarity

DIGITS = 4


def nearest(folds: list[np.ndarray], *, ids: np.ndarray, along: np.ndarray) -> pd.DataFrame:
    """Return product_id, fold, nearest, similarity: a row per test product and fold.

    `folds` has, per fold, the partition of each product, str [n]; `ids` str [n] names the products,
    `along` float32 [n, width] has the directions of their embeddings.
    """
    tables = []
    for fold, partition in enumerate(folds):
        of = np.flatnonzero(partition == TEST)
        found, similar = similarity.nearest(along, of=of, among=np.flatnonzero(partition == TRAIN))
        tables.append(
            pd.DataFrame(
                {
                    "product_id": ids[of],
                    "fold": fold,
                    "nearest": ids[found],
                    "similarity": similar.astype(float).round(DIGITS),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def main() -> None:
    """Write the table, with the backbone that compared."""
    backbone = next(filter(looks.embedded, params.variant_names()), None)
    if backbone is None:
        columns = ["product_id", "fold", "nearest", "similarity", "backbone"]
        files.write_table(pd.DataFrame(columns=columns), paths.REACH)
        print("no competitor reads embeddings, which say how similar two photos are")
        return
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    split = files.read_table(paths.SPLIT, text=("product_id",))
    found = nearest(
        partitions_by_fold(split, products=products),
        ids=products["product_id"].to_numpy(dtype=object),
        along=looks.looks(backbone),
    )
    files.write_table(found.assign(backbone=backbone), paths.REACH)
    print(f"{len(found)} test products, median similarity {found['similarity'].median():.2f}")


if __name__ == "__main__":
    run(main)
