"""Drawing tools of all formula families: poses, edges, radial outlines, noise, light.

All arrays are float32. Coordinates run from -1 to 1 in both directions, y downwards.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

ANGLES = 1024
"""Radii stored per outline, over a full turn."""


@dataclass(frozen=True)
class Layer:
    """A drawn formula: `colour` [side, side, 3] 0-1, `cover` 0-1 and `height` [side, side].

    Where `cover` is 0, the background shows. `height` is in pixels; its slopes determine shading.
    """

    colour: np.ndarray
    cover: np.ndarray
    height: np.ndarray


@dataclass(frozen=True)
class Pose:
    """Position of a formula in the picture: place = `matrix` [2, 2] @ point + `offset` [2]."""

    matrix: np.ndarray
    offset: np.ndarray

    @property
    def scale(self) -> float:
        """Mean length of one unit of the formula, in half sides of the picture."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))


def posed(
    generator: np.random.Generator, *, smallest: float, largest: float, turn: float = 0.5
) -> Pose:
    """Return a random pose: scaled, turned by at most `turn` radians, sheared, flipped, moved."""
    scale = generator.uniform(smallest, largest)
    angle = generator.uniform(-turn, turn)
    shear, stretch = generator.normal(0, 0.08, size=2)
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.array([[cosine, -sine], [sine, cosine]])
    shape = np.array([[1 + stretch, shear], [0, 1 - stretch]])
    flip = np.diag([generator.choice([-1.0, 1.0]), 1.0])
    room = max(0.12, 0.9 - scale)
    return Pose(scale * turned @ shape @ flip, generator.uniform(-room, room, size=2) * 0.6)


def grid(pose: Pose, *, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y [side, side] of each pixel in the formula's units."""
    line = (np.arange(side, dtype=np.float32) + 0.5) * (2 / side) - 1
    (a, b), (c, d) = np.linalg.inv(pose.matrix).astype(np.float32)
    across, down = line - np.float32(pose.offset[0]), (line - np.float32(pose.offset[1]))[:, None]
    return a * across + b * down, c * across + d * down


def cut(distance: np.ndarray) -> np.ndarray:
    """Return the share of each pixel inside an edge, 0-1; `distance` is inwards, in pixels."""
    return np.clip(distance + np.float32(0.5), 0, 1)


def outline(
    *,
    corners: int = 0,
    sharpness: float = 1.0,
    exponent: float = 2.0,
    waves: np.ndarray | None = None,
) -> np.ndarray:
    """Return the radii [ANGLES] of a closed curve around 0, of mean radius 1.

    A regular polygon with `corners` (a star if `sharpness` is below 1), or a Lamé curve
    |x|^n + |y|^n = 1 with n = `exponent`; modulated by `waves`, rows of (turns, amplitude, phase).
    """
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    if corners >= 3:
        sector = 2 * np.pi / corners
        inner = np.abs(angle % sector - sector / 2)
        straight = np.cos(sector / 2) / np.cos(inner)
        star = sharpness + (1 - sharpness) * inner / (sector / 2)
        radii = straight * star
    else:
        powers = np.abs(np.cos(angle)) ** exponent + np.abs(np.sin(angle)) ** exponent
        radii = powers ** (-1 / exponent)
    for turns, amplitude, phase in [] if waves is None else waves:
        radii = radii * (1 + amplitude * np.cos(turns * angle + phase))
    radii = np.maximum(radii, 0.08 * radii.max())
    return np.asarray(radii / radii.mean(), dtype=np.float32)


def reach(
    x: np.ndarray, y: np.ndarray, *, radii: np.ndarray, twist: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return (share, angle) of each point: `share` is 0 at the centre and 1 on the outline.

    `angle` is in entries of `radii`, not wrapped. `twist` turns the outline by that many radians
    per unit of distance from the centre.
    """
    distance = np.sqrt(x * x + y * y)
    angle = np.arctan2(y, x) * np.float32(ANGLES / (2 * np.pi))
    if twist:
        angle = angle + distance * np.float32(twist * ANGLES / (2 * np.pi))
    entry = angle.astype(np.int32) & (ANGLES - 1)  # ANGLES is a power of two
    return distance / radii[entry], angle


def clouds(
    generator: np.random.Generator, *, side: int, cells: tuple[int, int], octaves: int = 1
) -> np.ndarray:
    """Return smooth noise [side, side] of mean 0 and deviation 1: random values, interpolated.

    Value noise: `cells` is the grid of the coarsest octave, across and down; each further octave is
    twice as fine and half as strong.
    """
    total = np.zeros((side, side), dtype=np.float32)
    for octave in range(octaves):
        across, down = (min(side, count << octave) + 1 for count in cells)
        values = generator.standard_normal((down, across), dtype=np.float32)
        fine = Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC)
        total += np.asarray(fine) * np.float32(0.5**octave)
    total -= total.mean()
    return np.asarray(total / max(float(total.std()), 1e-6), dtype=np.float32)


def lit(colour: np.ndarray, *, height: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return colour [side, side, 3] shaded by one random lamp on the surface `height`.

    Lambert's cosine law with ambient light, sometimes with Blinn's highlight. Flat areas keep their
    colour.
    """
    azimuth = generator.normal(-np.pi / 2, 1.0)  # mostly from above
    lift = generator.uniform(0.5, 1.3)
    ambient = generator.uniform(0.25, 0.7)
    gloss = generator.uniform(0.1, 0.6) if generator.random() < 0.4 else 0.0
    right, down = np.zeros_like(height), np.zeros_like(height)
    right[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * np.float32(0.5)
    down[1:-1] = (height[2:] - height[:-2]) * np.float32(0.5)
    length = np.sqrt(right * right + down * down + 1)
    lamp = np.array(
        [np.cos(azimuth) * np.cos(lift), np.sin(azimuth) * np.cos(lift), np.sin(lift)],
        dtype=np.float32,
    )

    def facing(towards: np.ndarray) -> np.ndarray:
        along = (towards[2] - right * towards[0] - down * towards[1]) / length
        return np.asarray(np.maximum(along, 0))

    shade = np.float32(ambient) + np.float32((1 - ambient) / lamp[2]) * facing(lamp)
    result = colour * np.minimum(shade, np.float32(1.6))[..., None]
    if gloss:
        halfway = lamp + np.array([0, 0, 1], dtype=np.float32)
        halfway /= np.linalg.norm(halfway)
        flat = float(halfway[2]) ** 24  # subtracted, so that flat surfaces have no highlight
        shine = np.maximum(facing(halfway) ** 24 - np.float32(flat), 0)
        result += np.float32(gloss) * shine[..., None]
    return np.asarray(result, dtype=np.float32)
