"""Descriptors: 688 numbers computed from an image, which the backbone predicts beside its class.

Every image then gives hundreds of training targets instead of one label. Predicting oriented
gradients: Wei et al. 2022, "Masked Feature Prediction", arXiv 2112.09133; predicting the frequency
of visual words: Gidaris et al. 2020, "Learning Representations by Predicting Bags of Visual Words",
arXiv 2002.12247. Here nothing is masked, and the words are random directions, so that no vocabulary
has to be fitted.
"""

from functools import cache

import numpy as np

CELL = 4
"""Side of a cell in pixels. Words are read at one, two and four cells, at any image size."""

SCALES = (1, 2, 4)
ORIENTATIONS = 8
WORDS = 128
"""Visual words per scale."""

GRID = 4
"""Places along a side at which edges and colours are summed."""

CENTRE = 0.08
"""Subtracted from the roots of shares, so that what all blocks have in common has no influence."""

HSV_BINS = (8, 4, 4)
WIDTH = len(SCALES) * WORDS + GRID**2 * (ORIENTATIONS + 3) + 8 * 4 * 4


def descriptors(image: np.ndarray) -> np.ndarray:
    """Return the descriptors, float32 [688], of an image uint8 [side, side, 3], side at least 32.

    The side is cropped to a multiple of 16. In order: square roots of the shares of words per
    scale, square roots of the shares of edges per place and orientation, mean colour per place,
    square roots of the shares of colours.
    """
    side = image.shape[0] // (CELL * GRID) * CELL * GRID
    pixels = image[:side, :side].astype(np.float32) / 255
    cells = gradients(pixels)
    place = pixels.reshape(GRID, side // GRID, GRID, side // GRID, 3).mean(axis=(1, 3))
    edges = _merged(cells, cells.shape[0] // GRID)
    parts = [
        *(np.sqrt(words(_merged(cells, scale), flat=scale**2)) for scale in SCALES),
        np.sqrt(edges / max(edges.sum(), 1e-6)).ravel(),
        place.ravel(),
        np.sqrt(colours(pixels)),
    ]
    return np.concatenate(parts).astype(np.float32)


def gradients(pixels: np.ndarray) -> np.ndarray:
    """Return the edge strength per cell and orientation, [side / 4, side / 4, 8]."""
    down, across = np.gradient(pixels.mean(axis=2))
    turn = np.arctan2(down, across) % np.pi / np.pi
    at = np.minimum((turn * ORIENTATIONS).astype(int), ORIENTATIONS - 1)
    n = len(pixels) // CELL
    row = np.arange(n * CELL) // CELL
    number = (row[:, None] * n + row[None, :]) * ORIENTATIONS + at
    sums = np.bincount(number.ravel(), np.hypot(down, across).ravel(), n * n * ORIENTATIONS)
    return sums.reshape(n, n, ORIENTATIONS)


def words(cells: np.ndarray, *, flat: float) -> np.ndarray:
    """Return the share of blocks (two by two cells) that are nearest to each direction, [128].

    Blocks whose edges sum to less than `flat` shrink towards 0, so they all get the same word.
    """
    blocks = np.concatenate(
        [cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2
    )
    blocks = blocks.reshape(-1, 4 * ORIENTATIONS)
    shares = blocks / (blocks.sum(axis=1, keepdims=True) + flat)
    scores = (np.sqrt(shares) - CENTRE) @ _directions()
    return np.asarray(np.bincount(scores.argmax(axis=1), minlength=WORDS) / len(scores))


def colours(pixels: np.ndarray) -> np.ndarray:
    """Return the share of pixels (every fourth) in each bin of hue × saturation × value, [128]."""
    from skimage.color import rgb2hsv

    bins = np.asarray(HSV_BINS)
    at = np.minimum((rgb2hsv(pixels[::2, ::2]) * bins).astype(int), bins - 1).reshape(-1, 3)
    counts = np.bincount(np.ravel_multi_index(tuple(at.T), HSV_BINS), minlength=bins.prod())
    return np.asarray(counts / len(at))


def _merged(cells: np.ndarray, by: int) -> np.ndarray:
    """Return the sums over squares of `by` × `by` cells; incomplete squares are dropped."""
    n = len(cells) // by
    return np.asarray(cells[: n * by, : n * by].reshape(n, by, n, by, -1).sum(axis=(1, 3)))


@cache
def _directions() -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(4 * ORIENTATIONS, WORDS))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))
