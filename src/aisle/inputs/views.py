"""The exact array operations that make a view of a square photo.

A view is a row in a table, not a copy on disk: whoever needs the pixels applies the operation.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

ORIGINAL = "original"

TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    ORIGINAL: lambda photo: photo,
    "horizontal_flip": lambda photo: photo[:, ::-1],
    "vertical_flip": lambda photo: photo[::-1],
    "rotate_90": lambda photo: np.rot90(photo, axes=(0, 1)),
}
"""Name → operation on a [side, side, 3] array; all keep the shape and every pixel value."""


def apply(photo: np.ndarray, *, view: str) -> np.ndarray:
    """Return the named view of a [side, side, 3] photo, without changing the photo."""
    return TRANSFORMS[view](photo)


def batches(
    photos: np.ndarray, *, at: Sequence[tuple[int, ...]], views: Sequence[str], size: int
) -> Iterator[np.ndarray]:
    """Yield views of photos, uint8 [up to `size`, side, side, 3].

    `at` holds positions (photo, view): row `photo` of `photos` under the view `views[view]`.
    """
    for start in range(0, len(at), size):
        chosen = at[start : start + size]
        yield np.stack([apply(photos[row], view=views[column]) for row, column in chosen])
