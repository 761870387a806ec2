"""Classical photo features, without a network: pixels, or edges (HOG) and colours (HSV)."""

import numpy as np

CELLS = 8
"""Cells along a side, 28 pixels each at 224: the number of features is the same at any side."""

ORIENTATIONS = 9
"""Number of edge directions; 9, and blocks of 2 by 2 cells, are from Dalal & Triggs (2005)."""

HSV_BINS = (8, 4, 4)
"""Bins of hue, saturation and value: finer in hue, which matters most for the colour's name."""


def pixels(photos: np.ndarray) -> np.ndarray:
    """Flatten photos uint8 [n, side, side, 3] to uint8 [n, side * side * 3]."""
    return photos.reshape(len(photos), -1)


def hog_hsv(photo: np.ndarray) -> np.ndarray:
    """Return `edges` and `colours` of a photo uint8 [side, side, 3], float32 [edges + 128]."""
    return np.concatenate([edges(photo), colours(photo)])


def edges(photo: np.ndarray) -> np.ndarray:
    """Return the histograms of oriented gradients, float32 in 0-1.

    1764 values if the side is a multiple of 8; otherwise the remaining pixels at the right and the
    bottom are ignored. Each pixel contributes the gradient of its steepest channel.
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
