"""Labelled formula images from a seed and a number. No file is read.

A class is a formula, drawn from (seed, class); an image is an instance of it, drawn from
(seed, image). The same numbers give the same image at any size and in any process.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np

from synthetic.pretraining import backdrops, canvas, colours
from synthetic.pretraining.contours import Contour
from synthetic.pretraining.fractals import Fractal
from synthetic.pretraining.shapes import Composition
from synthetic.pretraining.textures import Texture


class Formula(Protocol):
    """A class of images; `draw` gives an instance."""

    def draw(self, *, side: int, generator: np.random.Generator) -> canvas.Layer:
        """Return one instance."""


FAMILIES: dict[str, Callable[[np.random.Generator], Formula]] = {
    "fractal": Fractal.sampled,
    "contour": Contour.sampled,
    "texture": Texture.sampled,
    "composition": Composition.sampled,
}
"""Family name → function that draws a random class."""

OF_CLASS, OF_IMAGE = 0, 1
"""Mixed into the seed, so that class 7 and image 7 are independent."""


def family(number: int) -> str:
    """Return the family name of class `number`; families alternate."""
    return list(FAMILIES)[number % len(FAMILIES)]


@lru_cache(maxsize=10_000)
def formula(seed: int, number: int) -> Formula:
    """Return the formula of class `number` of a seed."""
    generator = np.random.default_rng([seed, OF_CLASS, number])
    return FAMILIES[family(number)](generator)


def labelled(number: int, *, seed: int, classes: int, side: int) -> tuple[np.ndarray, int]:
    """Return image `number` of a seed, uint8 [side, side, 3], and its class, below `classes`."""
    generator = np.random.default_rng([seed, OF_IMAGE, number])
    label = int(generator.integers(classes))
    return image(formula(seed, label), side=side, generator=generator), label


def image(drawn: Formula, *, side: int, generator: np.random.Generator) -> np.ndarray:
    """Return an instance as RGB, uint8 [side, side, 3]: shaded, on a background, photographed."""
    layer = drawn.draw(side=side, generator=generator)
    colour = canvas.lit(layer.colour, height=layer.height, generator=generator)
    covered = max(float(layer.cover.sum()), 1.0)
    mean = np.tensordot(layer.cover, colour, axes=2) / np.float32(covered)
    behind = backdrops.backdrop(side, behind=float(colours.brightness(mean)), generator=generator)
    behind = backdrops.shadowed(behind, cover=layer.cover, generator=generator)
    whole = behind + layer.cover[..., None] * (colour - behind)
    return photographed(whole, generator=generator)


def photographed(scene: np.ndarray, *, generator: np.random.Generator) -> np.ndarray:
    """Return a scene 0-1 [side, side, 3] as uint8 0-255, as an imperfect camera would take it.

    Contrast, exposure and colour balance vary, and noise is added.
    """
    contrast, exposure = generator.uniform(0.7, 1.2), generator.uniform(0.85, 1.15)
    balance = exposure * generator.uniform(0.93, 1.07, size=3)
    noise = generator.uniform(0, 0.04) if generator.random() < 0.6 else 0.0
    middle = np.float32(scene.mean())
    result = (middle + (scene - middle) * np.float32(contrast)) * balance.astype(np.float32)
    if noise:
        result += np.float32(noise) * generator.standard_normal(scene.shape, dtype=np.float32)
    rounded = np.clip(result * np.float32(255) + np.float32(0.5), 0, 255)
    return np.asarray(rounded, dtype=np.uint8)


def grid(*, seed: int, classes: int, instances: int, side: int, gap: int = 2) -> np.ndarray:
    """Return a picture, uint8 [h, w, 3], of `instances` (down) of each of `classes` (across)."""
    step = side + gap
    picture = np.full((instances * step - gap, classes * step - gap, 3), 255, dtype=np.uint8)
    for column in range(classes):
        for row in range(instances):
            chance = np.random.default_rng([seed, OF_IMAGE, column, row])
            top, left = row * step, column * step
            picture[top : top + side, left : left + side] = image(
                formula(seed, column), side=side, generator=chance
            )
    return picture
