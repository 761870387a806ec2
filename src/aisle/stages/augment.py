"""Says which views each partition has: data/split.csv → data/views.csv. No pixel is touched."""

import pandas as pd

from aisle import files, paths
from aisle.inputs.views import ORIGINAL
from aisle.settings import params
from aisle.stages import run


def views(split: pd.DataFrame, *, settings: params.Augment) -> pd.DataFrame:
    """Return fold, product_id, partition, view: the original for all, transforms where asked."""
    names = pd.DataFrame({"view": [ORIGINAL, *settings.transforms]})
    table = split.merge(names, how="cross")
    kept = (table["view"] == ORIGINAL) | table["partition"].isin(settings.partitions)
    return table.loc[kept, ["fold", "product_id", "partition", "view"]]


def main() -> None:
    """Write the table of views."""
    settings = params.read("augment", params.Augment)
    table = views(files.read_table(paths.SPLIT, text=("product_id",)), settings=settings)
    files.write_table(table, paths.VIEWS)
    print(f"{len(table)} views: {table['view'].value_counts().to_dict()}")


if __name__ == "__main__":
    run(main)
