"""Puts the troubles of real catalogues into the sample, as rows among the others.

With 6 or more products per category:
- two rows with the same photo, byte for byte, under two file names (`same_photo`);
- two rows with the same photo, once scaled down and saved again (`similar_photo`);
- two rows with the same description (`same_description`);
  one pair of each, and two, three, ... from 30, 45, ... products per category on;
- one JPEG that ends half-way (`truncated_photo`);
- one row whose photo does not exist (`missing_photo`);
- one row whose category tree was cut off after its first two characters (`broken_tree`).
With any number of products:
- one transparent PNG (`transparent_photo`);
- one JPEG that is stored on its side and says so in its EXIF orientation (`sideways_photo`).

Below 6 products a category could not spare one, and has no second product of the same design.
Each category loses at most one product in 6: the pairs and the spoilt rows fall in different ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from synthetic.catalogue import texts
from synthetic.catalogue.product import Product, save
from synthetic.catalogue.scene import cut_out

FEWEST = 6
"""Products per category from which there are pairs and spoilt rows."""

DESIGNS_EACH = 5
"""Designs per category: this many products further comes the same design again."""

EXIF_ORIENTATION, TURN_RIGHT = 0x0112, 6


def apply(shelves: Mapping[str, Sequence[Product]], *, rng: np.random.Generator) -> None:
    """Change some products of each category, in their rows and in their photos."""
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
    """Sell the product again, by another shop with the same photo."""
    _resell(product, twin, rng=rng)
    twin.photo.write_bytes(product.photo.read_bytes())


def similar_photo(product: Product, twin: Product, *, rng: np.random.Generator) -> None:
    """Sell the product again, with its photo scaled down a little and compressed more."""
    _resell(product, twin, rng=rng)
    with Image.open(product.photo) as photo:
        smaller = photo.resize((round(photo.width * 0.96), round(photo.height * 0.96)))
    save(smaller, twin.photo, quality=75)


def same_description(product: Product, twin: Product) -> None:
    """Describe one product with the words of the other."""
    twin.row["description"] = product.row["description"]


def truncated_photo(product: Product) -> None:
    """Cut the file off half-way."""
    content = product.photo.read_bytes()
    product.photo.write_bytes(content[: len(content) // 2])


def missing_photo(product: Product) -> None:
    """Remove the file; the row still names it."""
    product.photo.unlink()


def broken_tree(product: Product) -> None:
    """Cut the category tree off before its first name."""
    product.row["product_category_tree"] = product.row["product_category_tree"][:2]


def transparent_photo(product: Product, *, rng: np.random.Generator) -> None:
    """Put a PNG with a transparent background in the place of the photo."""
    product.photo.unlink()
    product.row["image"] = product.row["uniq_id"] + ".png"
    cut_out(product.design, product.look, rng=rng).save(product.photo)


def sideways_photo(product: Product) -> None:
    """Store the photo turned to the left, and say in its EXIF data to turn it right."""
    with Image.open(product.photo) as photo:
        turned = photo.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURN_RIGHT
    turned.save(product.photo, "JPEG", quality=95, exif=exif)


def _pair(
    shelves: Mapping[str, Sequence[Product]], pair: int, *, turn: int
) -> tuple[Product, Product]:
    """Return two products of the same design, from another category at each turn."""
    category = list(shelves)[turn % len(shelves)]
    first = pair * 2 * DESIGNS_EACH
    return shelves[category][first], shelves[category][first + DESIGNS_EACH]


def _resell(product: Product, twin: Product, *, rng: np.random.Generator) -> None:
    twin.look = product.look
    twin.row |= texts.write(twin.category, twin.design, twin.look, model=twin.model, rng=rng)
