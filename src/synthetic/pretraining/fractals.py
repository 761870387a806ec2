"""Fractals of iterated function systems, drawn by the chaos game (Barnsley 1988).

Kataoka et al. 2022, "Pre-training without Natural Images", IJCV, arXiv 2101.08515. The systems are
sampled as in Anderson and Farrell 2021, "Improving Fractal Pre-training", arXiv 2110.03091, section
3: the sum of singular values is chosen so that few systems collapse to dust or a line.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

from synthetic.pretraining import canvas
from synthetic.pretraining.colours import Colouring, colouring

FORGOTTEN, KEPT = 9, 14
"""Steps of a chain that are discarded until it has spread, and steps that are drawn."""

CHAINS = 20
"""Chains per pixel of the side: 20 · 14 · 64 = 18,000 points in a picture of 64 pixels."""


@dataclass(frozen=True)
class Fractal:
    """Maps x → `matrices` [n, 2, 2] @ x + `shifts` [n, 2], chosen with `chances` [n] at each step.

    `thickness` is the size of a point, as a share of the side.
    """

    matrices: np.ndarray
    shifts: np.ndarray
    chances: np.ndarray
    thickness: float
    colouring: Colouring

    @classmethod
    def sampled(cls, generator: np.random.Generator) -> "Fractal":
        """Return a class at random."""
        number = int(generator.integers(2, 7))
        return cls(
            matrices := _matrices(generator, number=number),
            generator.uniform(-1, 1, size=(number, 2)),
            _chances(matrices),
            generator.uniform(0.01, 0.05),
            colouring(generator, number=number, free=0.8, related=0.15),
        )

    def draw(self, *, side: int, generator: np.random.Generator) -> canvas.Layer:
        """Return one instance, with slightly changed maps; points are coloured by the last map."""
        matrices = self.matrices * generator.normal(1, 0.03, size=self.matrices.shape)
        shifts = self.shifts + generator.normal(0, 0.03, size=self.shifts.shape)
        x, y, last = orbit(
            matrices, shifts, chances=self.chances, chains=CHAINS * side, generator=generator
        )
        pose = canvas.posed(generator, smallest=0.6, largest=0.95)
        matrix, offset = pose.matrix.astype(np.float32), pose.offset.astype(np.float32)
        place = (matrix @ _centred(x, y) + offset[:, None] + 1) * np.float32(side / 2)
        wide = side + 2  # a margin collects the points outside the picture
        column, row = np.clip(place + 1, 0, wide - 1).astype(np.int32)
        palette = self.colouring.draw(generator)
        each = np.bincount(
            (row * wide + column) * len(palette) + last, minlength=wide * wide * len(palette)
        )
        each = each.reshape(wide, wide, -1)[1:-1, 1:-1].astype(np.float32)
        with_count = np.column_stack([palette, np.ones(len(palette), dtype=np.float32)])
        width = max(2, round(self.thickness * side))
        soft = uniform_filter(each @ with_count, (width, width, 0))
        colour, count = soft[..., :3], soft[..., 3]
        typical = float(count[count > 0].mean()) if count.any() else 1.0
        dense = np.log1p(count * np.float32(4 / typical))
        height = uniform_filter(dense, 3) * np.float32(side / 40)
        full = colour / np.maximum(count, 1e-6)[..., None]
        return canvas.Layer(full, np.clip(dense * np.float32(1.2), 0, 1), height)


def orbit(
    matrices: np.ndarray,
    shifts: np.ndarray,
    *,
    chances: np.ndarray,
    chains: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run the chaos game; return x, y float32 and the last map, each [chains · KEPT].

    All chains start at the first map's fixed point, which belongs to the fractal.
    """
    start = np.linalg.solve(np.eye(2) - matrices[0], shifts[0]).astype(np.float32)
    x, y = np.full(chains, start[0]), np.full(chains, start[1])
    a, b, c, d = matrices.reshape(-1, 4).T.astype(np.float32)
    e, f = shifts.T.astype(np.float32)
    steps = FORGOTTEN + KEPT
    drawn = np.frombuffer(generator.bytes(steps * chains), dtype=np.uint8).reshape(steps, chains)
    # chances in 256ths: a look-up is much faster than a search
    maps = np.searchsorted(np.cumsum(chances)[:-1] * 256, np.arange(256), side="right")[drawn]
    xs, ys = np.empty((KEPT, chains), np.float32), np.empty((KEPT, chains), np.float32)
    for step, chosen in enumerate(maps):
        x, y = a[chosen] * x + b[chosen] * y + e[chosen], c[chosen] * x + d[chosen] * y + f[chosen]
        if step >= FORGOTTEN:
            xs[step - FORGOTTEN], ys[step - FORGOTTEN] = x, y
    return xs.ravel(), ys.ravel(), maps[FORGOTTEN:].ravel()


def _matrices(generator: np.random.Generator, *, number: int) -> np.ndarray:
    """Return contractions [number, 2, 2] = turn · stretch · turn · flip, not all of them small."""
    target = generator.uniform(5 + number, 6 + number) / 2
    large = generator.uniform(0.4, 0.95, size=number)
    small = large * generator.uniform(0.3, 1.0, size=number)
    for _ in range(8):  # repeat, because clipping at 0.9 lowers the sum again
        factor = target / (large + 2 * small).sum()
        large, small = np.minimum(large * factor, 0.9), np.minimum(small * factor, 0.85)
    left, right = generator.uniform(0, 2 * np.pi, size=(2, number))
    stretch = np.zeros((number, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = large, small * generator.choice([-1, 1], size=number)
    return np.asarray(_turn(left) @ stretch @ _turn(right))


def _turn(angle: np.ndarray) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.moveaxis(np.array([[cosine, -sine], [sine, cosine]]), 2, 0)


def _chances(matrices: np.ndarray) -> np.ndarray:
    """Return the probability of each map: proportional to its area, so that density is even."""
    areas = np.abs(np.linalg.det(matrices)) + 0.02
    return np.asarray(areas / areas.sum())


def _centred(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the points [2, n] centred and scaled, nearly all within a distance of 1 from 0."""
    points = np.stack([x, y])
    points -= points.mean(axis=1, keepdims=True)
    some = points[:, ::7]  # enough to estimate the spread
    return points * np.float32(1 / max(float(some.std()) * 2.3, 1e-6))
