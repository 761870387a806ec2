"""Write all photos as squares of one size, in one array that readers can memory-map."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from aisle.catalogue import photos
from aisle.parallel import ordered

PHOTOS_AT_ONCE = 256
"""Photos held in memory before they are written: 177 MB at 480 px."""


def has_squares(path: Path) -> bool:
    """Return whether there are photos in an array; it is empty where no competitor reads them."""
    return path.exists() and len(np.load(path, mmap_mode="r")) > 0


def write_squares(
    images: Sequence[str], *, folder: Path, side: int, fit: str, target: Path
) -> None:
    """Write the named photos of `folder`, in order, to `target`: .npy, uint8 [n, side, side, 3]."""
    array = np.lib.format.open_memmap(
        target, mode="w+", dtype=np.uint8, shape=(len(images), side, side, 3)
    )
    make = partial(photos.square, side=side, fit=fit)
    for start in range(0, len(images), PHOTOS_AT_ONCE):
        block = [folder / image for image in images[start : start + PHOTOS_AT_ONCE]]
        array[start : start + len(block)] = ordered(make, block, what=f"resizing to {side}")
    array.flush()
