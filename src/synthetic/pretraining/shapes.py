"""Compositions: two to six overlapping outlines, rounded, bevelled or hollow, shaded by a lamp."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthetic.pretraining import canvas
from synthetic.pretraining.colours import Colouring, colouring

Material = Literal["plain", "stripes", "noise", "fading"]
MATERIALS: tuple[Material, ...] = ("plain", "plain", "stripes", "noise", "fading")


@dataclass(frozen=True)
class Part:
    """One outline: `middle` (position), `size` across and down, `turn` in radians.

    `hole` is the share cut out of the middle, `bulge` the height (a dome if `roundness` is above
    0.5, else flat with a bevelled edge), `colour` the index in the composition's palette.
    """

    radii: np.ndarray
    middle: np.ndarray
    size: np.ndarray
    turn: float
    hole: float
    bulge: float
    roundness: float
    material: Material
    detail: np.ndarray
    colour: int


@dataclass(frozen=True)
class Composition:
    """Parts from bottom to top; a `mirrored` part is repeated on the other side."""

    parts: tuple[Part, ...]
    mirrored: tuple[bool, ...]
    colouring: Colouring

    @classmethod
    def sampled(cls, generator: np.random.Generator) -> "Composition":
        """Return a class at random."""
        number = int(generator.integers(2, 5))
        colours = int(generator.integers(2, 5))
        symmetric = bool(generator.random() < 0.6)
        parts = tuple(
            _part(generator, order=order, colours=colours, symmetric=symmetric)
            for order in range(number)
        )
        mirrored = [symmetric and bool(abs(part.middle[0]) > 0.1) for part in parts]
        return cls(
            parts,
            tuple(mirrored),
            colouring(generator, number=colours, free=0.45, related=0.35),
        )

    def draw(self, *, side: int, generator: np.random.Generator) -> canvas.Layer:
        """Return one instance: each part moved, resized and turned a little."""
        palette = self.colouring.draw(generator)
        pose = canvas.posed(generator, smallest=0.55, largest=1.0)
        x, y = canvas.grid(pose, side=side)
        unit = pose.scale * side / 2  # pixels
        colour = np.zeros((side, side, 3), dtype=np.float32)
        cover = np.zeros((side, side), dtype=np.float32)
        height = np.zeros((side, side), dtype=np.float32)
        for part, mirrored in zip(self.parts, self.mirrored, strict=True):
            middle = (part.middle + generator.normal(0, 0.03, size=2)).astype(np.float32)
            size = part.size * generator.normal(1, 0.07, size=2)
            turn = part.turn + generator.normal(0, 0.06)
            for sign in (1, -1) if mirrored else (1,):
                share = _share(part, sign * x - middle[0], y - middle[1], size=size, turn=turn)
                small = np.float32(unit * np.sqrt(size[0] * size[1]))
                mask = canvas.cut((1 - share) * small)
                if part.hole:
                    mask = mask * canvas.cut((share - np.float32(part.hole)) * small)
                tone = _material(part, palette[part.colour], x, y, generator=generator)
                colour += mask[..., None] * (tone - colour)
                rise = _rise(part, share) * small * np.float32(part.bulge) + 1
                height += mask * (rise + np.float32(0.3) * height - height)
                cover = np.maximum(cover, mask)
        return canvas.Layer(colour, cover, height)


def _part(generator: np.random.Generator, *, order: int, colours: int, symmetric: bool) -> Part:
    size = generator.uniform(0.3, 0.9, size=2) * (1.0 if order == 0 else 0.6)
    middle = generator.normal(0, 0.1 if order == 0 else 0.42, size=2)
    turn = generator.uniform(-np.pi, np.pi) if generator.random() < 0.5 else 0.0
    if symmetric and abs(middle[0]) <= 0.1:
        middle[0], turn = 0.0, 0.0
    corners = int(generator.choice([0, 0, 0, 3, 4, 5, 6, 8]))
    return Part(
        radii=canvas.outline(
            corners=corners,
            sharpness=generator.uniform(0.45, 1.0) if generator.random() < 0.3 else 1.0,
            exponent=float(np.exp(generator.uniform(np.log(1), np.log(12)))),
        ),
        middle=middle,
        size=size,
        turn=turn,
        hole=generator.uniform(0.4, 0.8) if generator.random() < 0.25 else 0.0,
        bulge=generator.uniform(0.15, 0.9),
        roundness=generator.random(),
        material=MATERIALS[generator.integers(len(MATERIALS))],
        detail=generator.random(3),
        colour=int(generator.integers(colours)) if order >= colours else order,
    )


def _share(
    part: Part, x: np.ndarray, y: np.ndarray, *, size: np.ndarray, turn: float
) -> np.ndarray:
    """Return the position of each point between the part's middle (0) and its edge (1)."""
    cosine, sine = np.cos(turn), np.sin(turn)
    across = x * np.float32(cosine / size[0]) + y * np.float32(sine / size[0])
    down = y * np.float32(cosine / size[1]) - x * np.float32(sine / size[1])
    return canvas.reach(across, down, radii=part.radii)[0]


def _rise(part: Part, share: np.ndarray) -> np.ndarray:
    """Return the relief, 0-1: the tube of a ring, a dome, or a plateau with a bevelled edge."""
    if part.hole:
        between = (share - np.float32(part.hole)) / np.float32(1 - part.hole)
        return np.asarray(np.sqrt(np.clip(4 * between * (1 - between), 0, 1)) * np.float32(0.4))
    if part.roundness > 0.5:
        return np.asarray(np.sqrt(np.clip(1 - share * share, 0, 1)))
    bevel = np.float32(0.05 + 0.4 * part.roundness)
    return np.clip((1 - share) / bevel, 0, 1) * bevel


def _material(
    part: Part,
    tone: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    *,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the part's colour, [3] or [side, side, 3]."""
    if part.material == "plain":
        return tone
    turn, pace, strength = part.detail
    along = x * np.float32(np.cos(turn * np.pi)) + y * np.float32(np.sin(turn * np.pi))
    depth = np.float32(0.2 + 0.4 * strength)
    if part.material == "stripes":
        wave = np.sin(along * np.float32(8 + 24 * pace))
        share = 1 - depth * np.clip(wave * 2, 0, 1)
    elif part.material == "noise":
        cells = int(4 + 12 * pace)
        noise = canvas.clouds(generator, side=len(x), cells=(cells, cells), octaves=2)
        share = 1 + noise * depth * np.float32(0.35)
    else:
        share = 1 + depth * np.clip(along, -1, 1)
    return np.asarray(tone * share[..., None])
