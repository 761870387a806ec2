"""The embedded sample catalogue: drawn photos and generated texts, free of third-party content.

Writes `products.csv`, with the columns of the Flipkart sample, and `images/`.
"""

import string
from pathlib import Path

import numpy as np

from aisle.errors import AisleError
from aisle.files import replacing, write_table
from synthetic.catalogue import scene, texts, troubles
from synthetic.catalogue.objects import DESIGNS, Design
from synthetic.catalogue.product import Product, save
from synthetic.catalogue.sketch import random_look

FEWEST = 3
"""Least products per category: one each for train, val and test."""

COLUMNS = (
    "uniq_id", "crawl_timestamp", "product_url", "product_name", "product_category_tree", "pid",
    "retail_price", "discounted_price", "image", "is_FK_Advantage_product", "description",
    "product_rating", "overall_rating", "brand", "product_specifications",
)  # fmt: skip


def generate(*, products_per_category: int, seed: int, folder: Path) -> None:
    """Write the sample catalogue into `folder`: `products.csv` and `images/`.

    The seven categories have the same number of rows; some rows have the defects listed in
    `troubles`. The same arguments give the same bytes. Raises AisleError for fewer than three
    products per category.
    """
    import pandas as pd

    if products_per_category < FEWEST:
        raise AisleError(
            f"The sample catalogue needs at least {FEWEST} products per category, one each for "
            f"train, val and test; got {products_per_category}. "
            "Raise catalogue.sample.products_per_category in params.yaml."
        )
    rng = np.random.default_rng(seed)
    total = products_per_category * len(DESIGNS)
    models = iter(rng.permutation(np.arange(1000, 1000 + total)))
    with replacing(folder / "images") as images:
        images.mkdir()
        shelves = {
            category: [
                _make(
                    category,
                    designs[index % len(designs)],
                    model=int(next(models)),
                    images=images,
                    rng=rng,
                )
                for index in range(products_per_category)
            ]
            for category, designs in DESIGNS.items()
        }
        troubles.apply(shelves, rng=rng)
    rows = [product.row for shelf in shelves.values() for product in shelf]
    table = pd.DataFrame([rows[i] for i in rng.permutation(total)], columns=list(COLUMNS))
    write_table(table, folder / "products.csv")


def _make(
    category: str, design: Design, *, model: int, images: Path, rng: np.random.Generator
) -> Product:
    look = random_look(rng)
    row = _labels(rng) | texts.write(category, design, look, model=model, rng=rng)
    product = Product(category, design, look, model, row, images)
    save(scene.photograph(design, look, rng=rng), product.photo)
    return product


def _labels(rng: np.random.Generator) -> dict[str, str]:
    """Return the columns that are unrelated to the category: ids, dates, ratings."""
    name = rng.bytes(16).hex()
    pid = "".join(rng.choice(list(string.ascii_uppercase + string.digits), size=16))
    day, hour, minute = rng.integers(1, 29), rng.integers(24), rng.integers(60)
    rating = f"{rng.integers(2, 11) / 2:g}" if rng.random() < 0.15 else "No rating available"
    return {
        "uniq_id": name,
        "crawl_timestamp": f"2016-01-{day:02d} {hour:02d}:{minute:02d}:00 +0000",
        "product_url": f"http://shop.example/p/{pid.lower()}?pid={pid}",
        "pid": pid,
        "image": f"{name}.jpg",
        "is_FK_Advantage_product": str(bool(rng.random() < 0.05)),
        "product_rating": rating,
        "overall_rating": rating,
    }
