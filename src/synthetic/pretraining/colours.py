"""Colours of a class: mostly random, for some classes related, for a few nearly fixed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Rule = Literal["free", "related", "fixed"]


@dataclass(frozen=True)
class Colouring:
    """What the instances of a class share: `free` nothing, `related` colours up to a common turn of
    the colour wheel, `fixed` colours up to small changes. `hsv` [n, 3]: hue, saturation, value 0-1.
    """

    rule: Rule
    hsv: np.ndarray

    def draw(self, generator: np.random.Generator) -> np.ndarray:
        """Return the n colours of one instance, RGB 0-1 [n, 3]."""
        if self.rule == "free":
            return rgb(random_colours(generator, number=len(self.hsv)))
        drawn = self.hsv + generator.normal(0, (0.015, 0.06, 0.05), size=self.hsv.shape)
        if self.rule == "related":
            drawn[:, 0] += generator.random()
        drawn[:, 1:] = np.clip(drawn[:, 1:], 0, 1)
        return rgb(drawn)


def colouring(
    generator: np.random.Generator, *, number: int, free: float, related: float
) -> Colouring:
    """Return a class's colouring of `number` colours; `free` and `related` are probabilities."""
    chance = generator.random()
    rule: Rule = "free" if chance < free else "related" if chance < free + related else "fixed"
    return Colouring(rule, random_colours(generator, number=number))


def random_colours(generator: np.random.Generator, *, number: int) -> np.ndarray:
    """Return `number` random colours as HSV [number, 3]; their values always differ."""
    hues = generator.random(number)
    if generator.random() < 0.35:  # one colour in several shades
        hues = hues[0] + generator.normal(0, 0.03, size=number)
    saturations = generator.beta(1.1, 1.0, size=number)
    if generator.random() < 0.2:  # greys
        saturations *= 0.15
    lowest, highest = generator.uniform(0.05, 0.4), generator.uniform(0.65, 1.0)
    values = generator.permutation(np.linspace(lowest, highest, number))
    values = values if number > 1 else generator.uniform(0.1, 1.0, size=1)
    return np.stack([hues, saturations, values], axis=1)


def rgb(hsv: np.ndarray) -> np.ndarray:
    """Return RGB 0-1, float32 [..., 3], of hue, saturation, value 0-1 (Smith 1978, hexcone)."""
    hue, saturation, value = (hsv[..., [channel]] for channel in range(3))
    sixth = (np.array([5, 3, 1]) + 6 * hue) % 6
    share = np.clip(np.minimum(sixth, 4 - sixth), 0, 1)
    return np.asarray(value * (1 - saturation * share), dtype=np.float32)


def brightness(colour: np.ndarray) -> np.ndarray:
    """Return the luma [...] of RGB [..., 3] (ITU-R BT.601)."""
    return np.asarray(colour @ np.array([0.299, 0.587, 0.114], dtype=np.float32))


def blended(values: np.ndarray, *, palette: np.ndarray, hard: bool) -> np.ndarray:
    """Map values 0-1 [side, side] to colours [side, side, 3] along the palette [n, 3].

    `hard` gives bands of uniform colour; otherwise neighbouring colours blend.
    """
    steps = 256
    along = np.arange(steps) / steps * (len(palette) if hard else len(palette) - 1)
    first = along.astype(int)
    if hard:
        table = palette[first]
    else:
        rest = (along - first)[:, None]
        table = (
            palette[first] * (1 - rest) + palette[np.minimum(first + 1, len(palette) - 1)] * rest
        )
    at = np.clip(values * steps, 0, steps - 1).astype(np.intp)
    return np.asarray(table.astype(np.float32)[at])
