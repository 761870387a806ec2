"""Makes square photos of one side: data/raw/images → data/resized/SIZE.npy, uint8 [n, s, s, 3]."""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from aisle import files, paths
from aisle.catalogue import photos
from aisle.parallel import cores, ordered
from aisle.settings import params
from aisle.stages import run

PHOTOS_AT_ONCE = 256
"""Photos held in memory before they go to disk: at 480 px 177 MB."""


def squares(images: list[str], *, folder: Path, side: int, fit: str, target: Path) -> None:
    """Write the photos, in order, as one array [n, side, side, 3] that readers can memory-map."""
    array = np.lib.format.open_memmap(
        target, mode="w+", dtype=np.uint8, shape=(len(images), side, side, 3)
    )
    make = partial(photos.square, side=side, fit=fit)
    for start in range(0, len(images), PHOTOS_AT_ONCE):
        block = [folder / image for image in images[start : start + PHOTOS_AT_ONCE]]
        array[start : start + len(block)] = ordered(make, block, what=f"resizing to {side}")
    array.flush()


def main() -> None:
    """Write the array of one side, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, help="side in pixels")
    side = parser.parse_args().size
    products = files.read_table(paths.PRODUCTS, text=("image",))
    with files.replacing(paths.resized(side)) as temporary:
        squares(
            products["image"].tolist(),
            folder=paths.RAW_IMAGES,
            side=side,
            fit=params.read("resize", params.Resize).fit,
            target=temporary,
        )


if __name__ == "__main__":
    run(main, workers=cores())
