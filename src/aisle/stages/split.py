"""Stage `split`: data/products.csv → data/split.csv and reports/split.json, its leak checks.

With `split.keep_together: look` it reads the embeddings of `split.look.backbone` too.
"""

from aisle import files, paths
from aisle.catalogue import partitions
from aisle.inputs.looks import looks
from aisle.settings import params
from aisle.stages import run


def main() -> None:
    """Write the split and its leak checks."""
    settings = params.read("split", params.Split)
    products = files.read_table(paths.PRODUCTS, text=("product_id", "category", "sha256"))
    if settings.keep_together == "look":
        look = settings.look
        groups = partitions.look_alikes(products, looks=looks(look.backbone), settings=look)
        products = products.assign(group=groups)
    split = partitions.assign(products, settings=settings, seed=params.seed())
    report = partitions.split_report(split, products=products, settings=settings)
    files.write_table(split, paths.SPLIT)
    files.write_json(report, paths.LEAK_CHECKS)
    print(", ".join(f"{name} {report[name]}" for name in partitions.PARTITIONS))


if __name__ == "__main__":
    run(main)
