"""Stage `extract`: data/raw → data/products.csv and reports/rejects.csv."""

from aisle import files, paths
from aisle.catalogue.products import products_and_rejects
from aisle.parallel import cores
from aisle.settings import params
from aisle.stages import run


def main() -> None:
    """Write the products and the rejected rows."""
    settings = params.read("extract", params.Extract)
    columns = params.read("catalogue", params.Catalogue).columns
    raw = files.read_table(paths.RAW_TABLE, all_text=True)
    products, rejects = products_and_rejects(
        raw, columns=columns, settings=settings, folder=paths.RAW_IMAGES
    )
    files.write_table(products, paths.PRODUCTS)
    files.write_table(rejects, paths.REJECTS)
    print(
        f"{len(products)} products in {products['category_id'].nunique()} categories, "
        f"{products['group'].nunique()} groups; {len(rejects)} rows rejected"
    )


if __name__ == "__main__":
    run(main, workers=cores())
