"""Defects of real catalogues, added to rows of the sample.

With 6 or more products per category:
- two rows with the same photo, byte for byte, under two file names (`same_photo`);
- two rows with the same photo, one copy scaled down and saved again (`similar_photo`);
- two rows with the same description (`same_description`);
  one pair of each, and two, three, ... pairs from 30, 45, ... products per category on;
- one JPEG cut off half-way (`truncated_photo`);
- one row whose photo does not exist (`missing_photo`);
- one row whose category tree is cut off after two characters (`broken_tree`).
With any number of products:
- one transparent PNG (`transparent_photo`);
- one JPEG stored on its side, with the EXIF orientation that corrects it (`sideways_photo`).

With fewer than 6 products, a category cannot spare one, and has no second product of the same
design. Pairs and broken rows are in different categories, so each loses at most one product in 6.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from synthetic.catalogue import texts
from synthetic.catalogue.product import Product, save
from synthetic.catalogue.scene import cut_out

FEWEST = 6
"""Least products per category for pairs and broken rows."""

DESIGNS_EACH = 5
"""Designs per category: products this many positions apart have the same design."""

EXIF_ORIENTATION, TURN_RIGHT = 0x0112, 6


def apply(shelves: Mapping[str, Sequence[Product]], *, rng: np.random.Generator) -> None:
    """Change the rows and photos of some products in place."""
    transparent_photo(shelves["Headphones"][1], rng=rng)
    sideways_photo(shelves["Headphones"][2])
    each = len(shelves["Headphones"])
    if each < FEWEST:
        return
    truncated_photo(shelves["Shoes"][2])
    missing_photo(shelves["Clocks"][2])
    broken_tree(shelves["Plants"][2])
    for pair in range(max(1, each // 15)):
        same_photo(*_pair(shelves, pair, turn=pair), rng=rng)
        similar_photo(*_pair(shelves, pair, turn=pair + 1), rng=rng)
        same_description(*_pair(shelves, pair, turn=pair + 2))


def same_photo(product: Product, twin: Product, *, rng: np.random.Generator) -> None:
    """Make `twin` the same product with the same photo file."""
    _resell(product, twin, rng=rng)
    twin.photo.write_bytes(product.photo.read_bytes())


def similar_photo(product: Product, twin: Product, *, rng: np.random.Generator) -> None:
    """Make `twin` the same product with its photo slightly scaled down and compressed more."""
    _resell(product, twin, rng=rng)
    with Image.open(product.photo) as photo:
        smaller = photo.resize((round(photo.width * 0.96), round(photo.height * 0.96)))
    save(smaller, twin.photo, quality=75)


def same_description(product: Product, twin: Product) -> None:
    """Copy the description of `product` to `twin`."""
    twin.row["description"] = product.row["description"]


def truncated_photo(product: Product) -> None:
    """Cut the photo file off half-way."""
    content = product.photo.read_bytes()
    product.photo.write_bytes(content[: len(content) // 2])


def missing_photo(product: Product) -> None:
    """Delete the photo; the row still names it."""
    product.photo.unlink()


def broken_tree(product: Product) -> None:
    """Cut the category tree off before the first name."""
    product.row["product_category_tree"] = product.row["product_category_tree"][:2]


def transparent_photo(product: Product, *, rng: np.random.Generator) -> None:
    """Replace the photo by a PNG with a transparent background."""
    product.photo.unlink()
    product.row["image"] = product.row["uniq_id"] + ".png"
    cut_out(product.design, product.look, rng=rng).save(product.photo)


def sideways_photo(product: Product) -> None:
    """Store the photo turned left, with an EXIF orientation that turns it right."""
    with Image.open(product.photo) as photo:
        turned = photo.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURN_RIGHT
    turned.save(product.photo, "JPEG", quality=95, exif=exif)


def _pair(
    shelves: Mapping[str, Sequence[Product]], pair: int, *, turn: int
) -> tuple[Product, Product]:
    """Return pair number `pair` of products with the same design; `turn` chooses the category."""
    category = list(shelves)[turn % len(shelves)]
    first = pair * 2 * DESIGNS_EACH
    return shelves[category][first], shelves[category][first + DESIGNS_EACH]


def _resell(product: Product, twin: Product, *, rng: np.random.Generator) -> None:
    twin.look = product.look
    twin.row |= texts.write(twin.category, twin.design, twin.look, model=twin.model, rng=rng)
