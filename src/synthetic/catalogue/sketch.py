"""Shaded shapes on a transparent square, drawn large so that shrinking smooths every edge."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]]

SIDE = 600
"""Side in pixels: about twice the size in the final photo."""

UNIT = SIDE / 100
"""Pixels per unit. Shapes have coordinates from 0 to 100, x to the right, y down."""

INK: Colour = (38, 38, 44)
METAL: Colour = (176, 180, 188)
WOOD: Colour = (164, 118, 76)
WHITE: Colour = (250, 250, 248)

# All categories and backgrounds share one palette, so that colour does not reveal the category.
PALETTE: dict[str, Colour] = {
    "White": (240, 239, 235),
    "Black": (46, 47, 52),
    "Grey": (142, 146, 152),
    "Beige": (214, 192, 158),
    "Brown": (128, 82, 50),
    "Red": (196, 48, 46),
    "Orange": (230, 128, 44),
    "Yellow": (238, 200, 66),
    "Olive": (128, 136, 62),
    "Green": (62, 142, 80),
    "Mint": (146, 206, 178),
    "Teal": (34, 128, 136),
    "Blue": (52, 98, 178),
    "Navy": (38, 54, 98),
    "Purple": (116, 78, 150),
    "Pink": (230, 150, 168),
}


@dataclass(frozen=True)
class Look:
    """The colours of one product, by name in PALETTE, and its pattern."""

    main: str
    second: str
    pattern: str


PATTERNS = ("plain", "plain", "striped", "banded", "dotted", "zigzag")


def random_look(rng: np.random.Generator) -> Look:
    """Return two different colours and a pattern."""
    main, second = rng.choice(list(PALETTE), size=2, replace=False)
    return Look(main=str(main), second=str(second), pattern=str(rng.choice(PATTERNS)))


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """Return `colour` with a share (0 to 1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour nearer to white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour nearer to black."""
    return mix(colour, (0, 0, 0), share)


def smooth(points: Points, *, closed: bool = True, steps: int = 10) -> Points:
    """Return a Catmull-Rom curve through the points."""
    corners = np.array(points, dtype=float)
    if closed:
        padded = np.concatenate([corners[-1:], corners, corners[:2]])
    else:
        padded = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        b
        + t * (c - a) / 2
        + t**2 * (a - 2.5 * b + 2 * c - d / 2)
        + t**3 * (3 * (b - c) + d - a) / 2
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    if not closed:
        parts.append(corners[-1:])
    return [(float(x), float(y)) for x, y in np.concatenate(parts)]


def mirrored(half: Points, *, centre: float = 50) -> Points:
    """Return the outline whose right half is given from top to bottom."""
    return [*half, *((2 * centre - x, y) for x, y in reversed(half))]


class Sketch:
    """A transparent canvas for one product; every shape can be shaded like a round body."""

    def __init__(self, *, look: Look, rng: np.random.Generator) -> None:
        self.image = Image.new("RGBA", (SIDE, SIDE))
        self.rng = rng
        self.pattern = look.pattern
        self.main = self._vary(PALETTE[look.main])
        self.second = self._vary(PALETTE[look.second])

    def polygon(
        self, points: Points, colour: Colour, *, shading: float = 0.25, pattern: bool = False
    ) -> None:
        """Fill an outline; with `pattern`, print the product's pattern on it."""
        mask, pen = self._blank()
        pen.polygon(_pixels(points), fill=255)
        self._fill(mask, colour, shading)
        if pattern and self.pattern != "plain":
            printed = ImageChops.multiply(mask, self._print(points))
            self._fill(printed, self.second, shading)

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        *,
        shading: float = 0.25,
    ) -> None:
        """Fill an upright ellipse."""
        mask, pen = self._blank()
        (x, y), (rx, ry) = centre, radii
        pen.ellipse(_box(x - rx, y - ry, x + rx, y + ry), fill=255)
        self._fill(mask, colour, shading)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        *,
        radius: float = 2,
        shading: float = 0.2,
        pattern: bool = False,
    ) -> None:
        """Fill a rectangle with round corners."""
        turns = [(right, top, 270), (right, bottom, 0), (left, bottom, 90), (left, top, 180)]
        points = []
        for x, y, start in turns:
            cx = x + (radius if x == left else -radius)
            cy = y + (radius if y == top else -radius)
            points += arc((cx, cy), (radius, radius), start, start + 90, steps=8)
        self.polygon(points, colour, shading=shading, pattern=pattern)

    def line(self, points: Points, colour: Colour, width: float, *, shading: float = 0.0) -> None:
        """Draw a line with round joints and ends."""
        mask, pen = self._blank()
        pixels = _pixels(points)
        pen.line(pixels, fill=255, width=max(1, round(width * UNIT)), joint="curve")
        r = width * UNIT / 2
        for x, y in (pixels[0], pixels[-1]):
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        self._fill(mask, colour, shading)

    def curve(self, points: Points, colour: Colour, width: float, *, shading: float = 0.0) -> None:
        """Draw a smooth open line through the points."""
        self.line(smooth(points, closed=False), colour, width, shading=shading)

    def text(self, words: str, centre: tuple[float, float], height: float, colour: Colour) -> None:
        """Write words, centred."""
        mask, pen = self._blank()
        font = ImageFont.load_default(height * UNIT)
        pen.text((centre[0] * UNIT, centre[1] * UNIT), words, fill=255, font=font, anchor="mm")
        self._fill(mask, colour, 0)

    def _vary(self, colour: Colour) -> Colour:
        red, green, blue = (
            int(np.clip(level + self.rng.normal(0, 9), 12, 246)) for level in colour
        )
        return red, green, blue

    def _blank(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", (SIDE, SIDE))
        return mask, ImageDraw.Draw(mask)

    def _print(self, points: Points) -> Image.Image:
        mask, pen = self._blank()
        left, top = np.min(points, axis=0)
        right, bottom = np.max(points, axis=0)
        gap = float(self.rng.uniform(7, 13))
        start = float(self.rng.uniform(0, gap))
        rows = np.arange(top + start, bottom, gap)
        columns = np.arange(left + start, right, gap)
        width = round(gap * UNIT * float(self.rng.uniform(0.25, 0.5)))
        if self.pattern == "striped":
            for x in columns:
                pen.line(_pixels([(x, top), (x, bottom)]), fill=255, width=width)
        elif self.pattern == "banded":
            for y in rows[: int(self.rng.integers(1, 5))]:
                pen.line(_pixels([(left, y), (right, y)]), fill=255, width=width)
        elif self.pattern == "dotted":
            for i, y in enumerate(rows):
                for x in columns + (i % 2) * gap / 2:
                    pen.circle((x * UNIT, y * UNIT), width * 0.55, fill=255)
        elif self.pattern == "zigzag":
            for y in rows[: int(self.rng.integers(1, 4))]:
                edge = [
                    (x, y + (gap / 2 if i % 2 else 0))
                    for i, x in enumerate(np.arange(left - gap, right + gap, gap / 2))
                ]
                pen.line(_pixels(edge), fill=255, width=width, joint="curve")
        return mask

    def _fill(self, mask: Image.Image, colour: Colour, shading: float) -> None:
        box = mask.getbbox()
        if box is None:
            return
        if not shading:
            self.image.paste((*colour, 255), box, mask.crop(box))
            return
        across = np.linspace(0, 1, box[2] - box[0])
        # Light from the upper left: brightest at a third of the width, darkest at the right edge.
        light = 1 + shading * (np.cos(2.6 * (across - 0.3)) - 0.6)
        row = np.clip(light[:, None] * np.array(colour), 0, 255).astype(np.uint8)
        size = (box[2] - box[0], box[3] - box[1])
        strip = Image.fromarray(row[None]).resize(size, Image.Resampling.NEAREST)
        strip.putalpha(255)
        self.image.paste(strip, box, mask.crop(box))


def arc(
    centre: tuple[float, float],
    radii: tuple[float, float],
    start: float,
    end: float,
    *,
    steps: int = 40,
) -> list[tuple[float, float]]:
    """Return points on an ellipse; degrees clockwise from three o'clock."""
    return [
        (
            centre[0] + radii[0] * math.cos(math.radians(angle)),
            centre[1] + radii[1] * math.sin(math.radians(angle)),
        )
        for angle in np.linspace(start, end, steps)
    ]


def _pixels(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(float(x) * UNIT, float(y) * UNIT) for x, y in points]


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    return left * UNIT, top * UNIT, right * UNIT, bottom * UNIT
