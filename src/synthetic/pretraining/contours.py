"""Contours: nested outlines around a centre, as lines, bands or terraces.

After the radial contours of Kataoka et al. 2022, "Replacing Labeled Real-image Datasets with
Auto-generated Contours", CVPR, arXiv 2206.09132.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthetic.pretraining import canvas
from synthetic.pretraining.colours import Colouring, colouring

Style = Literal["lines", "bands", "terraces"]
STYLES: tuple[Style, ...] = ("lines", "bands", "terraces")


@dataclass(frozen=True)
class Contour:
    """An outline (see `canvas.outline`) with `rings` copies nested in it.

    With a `gamma` above 1 the outer rings are closer together. `twist` turns each ring relative to
    the next, `width` is the line width as a share of the distance between rings.
    """

    corners: int
    exponent: float
    sharpness: float
    waves: np.ndarray
    rings: int
    gamma: float
    twist: float
    width: float
    aspect: float
    style: Style
    colouring: Colouring

    @classmethod
    def sampled(cls, generator: np.random.Generator) -> "Contour":
        """Return a class at random."""
        number = int(generator.integers(0, 4))
        waves = np.stack(
            [
                generator.integers(2, 13, size=number),
                generator.uniform(0.05, 0.35, size=number),
                generator.uniform(0, 2 * np.pi, size=number),
            ],
            axis=1,
        )
        return cls(
            corners=int(generator.choice([0, 3, 4, 5, 6, 7, 8, 9, 12])),
            exponent=float(np.exp(generator.uniform(np.log(0.8), np.log(8)))),
            sharpness=generator.uniform(0.4, 1.0),
            waves=waves,
            rings=int(generator.integers(1, 9)),
            gamma=generator.uniform(0.6, 1.8),
            twist=generator.uniform(-1.2, 1.2) if generator.random() < 0.4 else 0.0,
            width=generator.uniform(0.25, 0.7),
            aspect=float(np.exp(generator.normal(0, 0.25))),
            style=STYLES[generator.integers(len(STYLES))],
            colouring=colouring(
                generator, number=int(generator.integers(2, 5)), free=0.8, related=0.15
            ),
        )

    def draw(self, *, side: int, generator: np.random.Generator) -> canvas.Layer:
        """Return one instance, with slightly changed waves, aspect and width."""
        changed = self.waves.copy()
        changed[:, 1] *= generator.normal(1, 0.12, size=len(changed))
        changed[:, 2] += generator.normal(0, 0.15, size=len(changed))
        radii = canvas.outline(
            corners=self.corners,
            sharpness=self.sharpness,
            exponent=self.exponent * generator.uniform(0.9, 1.1),
            waves=changed,
        )
        pose = canvas.posed(generator, smallest=0.5, largest=0.9)
        x, y = canvas.grid(pose, side=side)
        stretch = np.float32(self.aspect * generator.uniform(0.93, 1.07))
        share, _ = canvas.reach(x * stretch, y / stretch, radii=radii, twist=self.twist)
        unit = pose.scale * side / 2  # pixels
        whole = canvas.cut((1 - share) * np.float32(unit))
        along = np.minimum(share, 1) ** np.float32(self.gamma) * self.rings
        below = np.floor(np.minimum(along, np.float32(self.rings - 0.001)))
        ring, within = below.astype(np.intp), along - below
        palette = self.colouring.draw(generator)
        colour = palette[ring % len(palette)]
        if self.style == "lines":
            width = self.width * generator.uniform(0.85, 1.15)
            from_line = np.float32(width / 2) - np.abs(within - np.float32(0.5))
            line = canvas.cut(from_line * np.float32(unit / self.rings))
            return canvas.Layer(colour, whole * line, line * np.float32(side / 50))
        if self.style == "bands":
            return canvas.Layer(colour, whole, whole * np.float32(side / 30))
        terraces = (self.rings - below - np.minimum(within * 3, 1)) * np.float32(unit / self.rings)
        return canvas.Layer(colour, whole, terraces * np.float32(0.4) + whole)
