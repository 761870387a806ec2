"""Backgrounds of formula images: white as in a shop, plain colour, gradient, table, clutter."""

import numpy as np
from scipy.ndimage import uniform_filter

from synthetic.pretraining import canvas, colours

TRIES = 4
DIFFERENT = 0.15
"""Least difference in mean brightness, 0-1, between formula and background, if TRIES allow it."""


def backdrop(side: int, *, behind: float, generator: np.random.Generator) -> np.ndarray:
    """Return a background, float32 [side, side, 3], 0-1, unlike the brightness `behind`."""
    for _ in range(TRIES):
        drawn = _any(side, generator)
        if abs(float(colours.brightness(drawn[::4, ::4].mean(axis=(0, 1)))) - behind) > DIFFERENT:
            break
    return drawn


def shadowed(drawn: np.ndarray, *, cover: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the background, in half of the cases with a soft shadow of `cover` [side, side]."""
    if generator.random() < 0.5:
        return drawn
    side = len(cover)
    width = max(2, round(side * generator.uniform(0.04, 0.15)))
    right, down = generator.uniform(-0.08, 0.08), generator.uniform(0.0, 0.1)
    soft = uniform_filter(cover, width, mode="constant")
    soft = np.roll(soft, (round(down * side), round(right * side)), axis=(0, 1))
    return np.asarray(drawn * (1 - np.float32(generator.uniform(0.15, 0.6)) * soft[..., None]))


def _any(side: int, generator: np.random.Generator) -> np.ndarray:
    chance = generator.random()
    if chance < 0.35:
        white = generator.uniform(0.92, 1.0) * (1 - generator.random(3) * 0.04)
        return np.broadcast_to(white.astype(np.float32), (side, side, 3))
    first, second = colours.rgb(colours.random_colours(generator, number=2))
    if chance < 0.5:
        return np.broadcast_to(first, (side, side, 3))
    line = np.linspace(0, 1, side, dtype=np.float32)
    if chance < 0.65:  # a gradient
        turn = generator.uniform(0, 2 * np.pi)
        along = np.float32(np.cos(turn)) * line + np.float32(np.sin(turn)) * line[:, None]
        share = (along - along.min()) / (along.max() - along.min())
    elif chance < 0.75:  # a table and a wall
        share = np.broadcast_to((line > generator.uniform(0.4, 0.8))[:, None], (side, side))
        share = share.astype(np.float32)
    else:
        cells = (int(generator.integers(1, 10)), int(generator.integers(1, 10)))
        octaves = int(generator.integers(1, 4))
        noise = canvas.clouds(generator, side=side, cells=cells, octaves=octaves)
        sharp = np.float32(np.exp(generator.uniform(-1.5, 1.5)))
        share = np.clip(np.float32(0.5) + noise * sharp * np.float32(0.5), 0, 1)
    return np.asarray(first + share[..., None] * (second - first))
