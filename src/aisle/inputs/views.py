"""Views of square photos: exact array operations, applied when a batch is read.

A view is a row in data/views.csv. No transformed pixel is stored.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

ORIGINAL = "original"

TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    ORIGINAL: lambda photo: photo,
    "horizontal_flip": lambda photo: photo[:, ::-1],
    "vertical_flip": lambda photo: photo[::-1],
    "rotate_90": lambda photo: np.rot90(photo, axes=(0, 1)),
}
"""Name → operation on a [side, side, 3] array. All keep the shape and every pixel value."""


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


def views_table(
    split: "pd.DataFrame", *, transforms: Sequence[str], partitions: Sequence[str]
) -> "pd.DataFrame":
    """Return fold, product_id, partition, view: one row per view.

    Every product has the original view; products of `partitions` also have the `transforms`.
    """
    import pandas as pd

    names = pd.DataFrame({"view": [ORIGINAL, *transforms]})
    table = split.merge(names, how="cross")
    kept = (table["view"] == ORIGINAL) | table["partition"].isin(partitions)
    return table.loc[kept, ["fold", "product_id", "partition", "view"]]
