"""Numbers that describe a photo without any network: its pixels, or its edges and colours."""

import numpy as np

CELLS = 8
"""Cells along a side: 28 pixels each at 224, so a photo has as many features at any side."""

ORIENTATIONS = 9
"""Directions an edge may have; 9, and blocks of 2 by 2 cells, are Dalal & Triggs's (2005)."""

HSV_BINS = (8, 4, 4)
"""Bins of hue, saturation and value: finer in hue, which is what names a colour."""


def pixels(photos: np.ndarray) -> np.ndarray:
    """Return uint8 [n, side * side * 3] of photos uint8 [n, side, side, 3]."""
    return photos.reshape(len(photos), -1)


def hog_hsv(photo: np.ndarray) -> np.ndarray:
    """Return float32 [edges + 128]: `edges` and `colours` of a photo uint8 [side, side, 3]."""
    return np.concatenate([edges(photo), colours(photo)])


def edges(photo: np.ndarray) -> np.ndarray:
    """Return the histograms of oriented gradients, float32 in 0-1.

    1764 of them where the side divides by 8, else what fits: a rest of pixels is left out at the
    right and at the bottom. Each pixel counts with its channel of steepest gradient.
    """
    from skimage.feature import hog

    cell = max(1, photo.shape[0] // CELLS)
    found = hog(
        photo,
        orientations=ORIENTATIONS,
        pixels_per_cell=(cell, cell),
        cells_per_block=(2, 2),
        channel_axis=-1,
    )
    return np.asarray(found, dtype=np.float32)


def colours(photo: np.ndarray) -> np.ndarray:
    """Return the share of the pixels in each bin of hue × saturation × value, float32 [128]."""
    from skimage.color import rgb2hsv

    bins = np.asarray(HSV_BINS)
    at = np.minimum((rgb2hsv(photo) * bins).astype(int), bins - 1).reshape(-1, 3)
    counts = np.bincount(np.ravel_multi_index(tuple(at.T), HSV_BINS), minlength=bins.prod())
    return np.asarray(counts / len(at), dtype=np.float32)
