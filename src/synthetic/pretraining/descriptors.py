"""Numbers that say how an image looks, by formula: what the backbone learns beside its class.

They are computed from the drawn image itself, so that every image teaches hundreds of numbers, and
not one label alone. Predicting oriented gradients: Wei et al. 2022, "Masked Feature Prediction",
arXiv 2112.09133; predicting how often visual words occur: Gidaris et al. 2020, "Learning
Representations by Predicting Bags of Visual Words", arXiv 2002.12247. Here nothing is masked, and
the words are random directions, so that no vocabulary has to be learnt.
"""

from functools import cache

import numpy as np

CELL = 4
"""Pixels along a cell; words are read at one, two and four cells, whatever the image's side."""

SCALES = (1, 2, 4)
ORIENTATIONS = 8
WORDS = 128
"""Of each scale."""

GRID = 4
"""Places along a side for edges and colours: what is where."""

CENTRE = 0.08
"""Of the roots of shares: from 0, what all blocks have in common would choose the word."""

HSV_BINS = (8, 4, 4)
WIDTH = len(SCALES) * WORDS + GRID**2 * (ORIENTATIONS + 3) + 8 * 4 * 4


def descriptors(image: np.ndarray) -> np.ndarray:
    """Return float32 [688] of an image uint8 [side, side, 3] of 32 pixels a side or more.

    A side's rest by 16 is left out. In order: square roots of the words' shares per scale, of the
    shares of edges per place and orientation, mean colours per place, roots of the colours' shares.
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
    """Return the strength of the edges per cell and orientation, [side / 4, side / 4, 8]."""
    down, across = np.gradient(pixels.mean(axis=2))
    turn = np.arctan2(down, across) % np.pi / np.pi
    at = np.minimum((turn * ORIENTATIONS).astype(int), ORIENTATIONS - 1)
    n = len(pixels) // CELL
    row = np.arange(n * CELL) // CELL
    number = (row[:, None] * n + row[None, :]) * ORIENTATIONS + at
    sums = np.bincount(number.ravel(), np.hypot(down, across).ravel(), n * n * ORIENTATIONS)
    return sums.reshape(n, n, ORIENTATIONS)


def words(cells: np.ndarray, *, flat: float) -> np.ndarray:
    """Return which share of the blocks of two by two cells is nearest to each direction, [128].

    Blocks whose edges sum to less than `flat` come near 0, and so near one and the same direction.
    """
    blocks = np.concatenate(
        [cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2
    )
    blocks = blocks.reshape(-1, 4 * ORIENTATIONS)
    shares = blocks / (blocks.sum(axis=1, keepdims=True) + flat)
    said = (np.sqrt(shares) - CENTRE) @ _directions()
    return np.asarray(np.bincount(said.argmax(axis=1), minlength=WORDS) / len(said))


def colours(pixels: np.ndarray) -> np.ndarray:
    """Return the share of every fourth pixel in each bin of hue × saturation × value, [128]."""
    from skimage.color import rgb2hsv

    bins = np.asarray(HSV_BINS)
    at = np.minimum((rgb2hsv(pixels[::2, ::2]) * bins).astype(int), bins - 1).reshape(-1, 3)
    counts = np.bincount(np.ravel_multi_index(tuple(at.T), HSV_BINS), minlength=bins.prod())
    return np.asarray(counts / len(at))


def _merged(cells: np.ndarray, by: int) -> np.ndarray:
    """Return the sums over squares of `by` cells; a rest is left out."""
    n = len(cells) // by
    return np.asarray(cells[: n * by, : n * by].reshape(n, by, n, by, -1).sum(axis=(1, 3)))


@cache
def _directions() -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(4 * ORIENTATIONS, WORDS))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))
