"""Stage `catalogue`: the source in params.yaml → data/raw/products.csv and data/raw/images/."""

from pathlib import Path

from aisle import files, paths
from aisle.catalogue import sources, tables
from aisle.settings import params
from aisle.stages import run
from synthetic import catalogue


def draw_sample(settings: params.Catalogue, *, folder: Path) -> str:
    """Write the embedded sample to `folder`; return a one-line summary."""
    tables.check_columns(list(catalogue.COLUMNS), columns=settings.columns, table="the sample")
    sample = settings.sample
    catalogue.generate(
        products_per_category=sample.products_per_category, seed=sample.seed, folder=folder
    )
    return f"the embedded sample, {sample.products_per_category} per category"


def main() -> None:
    """Write data/raw."""
    settings = params.read("catalogue", params.Catalogue)
    sources.check_source(settings)
    obtain = draw_sample if settings.source == "sample" else sources.obtain
    with files.replacing(paths.RAW) as folder:
        print(obtain(settings, folder=folder))


if __name__ == "__main__":
    run(main)
