"""Stage `augment`: data/split.csv → data/views.csv, the views of each partition's products."""

from aisle import files, paths
from aisle.inputs.views import views_table
from aisle.settings import params
from aisle.stages import run


def main() -> None:
    """Write the table of views."""
    settings = params.read("augment", params.Augment)
    split = files.read_table(paths.SPLIT, text=("product_id",))
    table = views_table(split, transforms=settings.transforms, partitions=settings.partitions)
    files.write_table(table, paths.VIEWS)
    print(f"{len(table)} views: {table['view'].value_counts().to_dict()}")


if __name__ == "__main__":
    run(main)
