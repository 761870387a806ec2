"""Textures: waves, lattices, plaids, cells and clouds, on the whole picture or a patch."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthetic.pretraining import canvas
from synthetic.pretraining.colours import Colouring, blended, colouring

Kind = Literal["waves", "lattice", "plaid", "cells", "clouds"]
KINDS: tuple[Kind, ...] = ("waves", "lattice", "plaid", "cells", "clouds")

WAVES = 3
NEIGHBOURS = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


@dataclass(frozen=True)
class Texture:
    """A pattern and its colouring.

    `frequency`: repeats per half side, divided by `stretch` across and multiplied by it down;
    `warp`: distance that noise moves a point, in repeats. `numbers` [WAVES, 4], 0-1, are parameters
    of the kind; `hard` is as in `colours.blended`; `depth` is the relief in pixels at a side of 64.
    """

    kind: Kind
    frequency: float
    stretch: float
    warp: float
    numbers: np.ndarray
    motif: np.ndarray
    hard: bool
    depth: float
    colouring: Colouring

    @classmethod
    def sampled(cls, generator: np.random.Generator) -> "Texture":
        """Return a class at random."""
        return cls(
            kind=KINDS[generator.integers(len(KINDS))],
            frequency=float(np.exp(generator.uniform(np.log(1.5), np.log(6)))),
            stretch=float(np.exp(generator.uniform(-0.8, 0.8))),
            warp=generator.uniform(0.05, 0.5) if generator.random() < 0.5 else 0.0,
            numbers=generator.random((WAVES, 4)),
            motif=canvas.outline(
                corners=int(generator.choice([0, 0, 3, 4, 5, 6])),
                sharpness=generator.uniform(0.4, 1),
                exponent=generator.uniform(0.7, 6),
            ),
            hard=bool(generator.random() < 0.5),
            depth=generator.uniform(-2.5, 2.5) if generator.random() < 0.6 else 0.0,
            colouring=colouring(
                generator, number=int(generator.integers(2, 6)), free=0.45, related=0.35
            ),
        )

    def draw(self, *, side: int, generator: np.random.Generator) -> canvas.Layer:
        """Return one instance, with slightly changed frequencies and another warp."""
        pose = canvas.posed(generator, smallest=0.75, largest=1.3)
        x, y = canvas.grid(pose, side=side)
        frequency = self.frequency * generator.uniform(0.92, 1.08)
        x, y = x * np.float32(frequency / self.stretch), y * np.float32(frequency * self.stretch)
        if self.warp:
            noise = [canvas.clouds(generator, side=side, cells=(4, 4)) for _ in range(2)]
            x, y = (v + np.float32(self.warp) * n for v, n in zip((x, y), noise, strict=True))
        value = PATTERNS[self.kind](self, x, y, generator)
        colour = blended(value, palette=self.colouring.draw(generator), hard=self.hard)
        height = value * np.float32(self.depth * side / 64)
        return canvas.Layer(colour, _patch(side, generator), height)


def waves(
    texture: Texture, x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return the sum of one to three plane waves, 0-1."""
    number = 1 + int(texture.numbers[0, 3] * WAVES)
    total = np.zeros_like(x)
    for angle, times, weight, _ in texture.numbers[:number]:
        turn = angle * np.pi
        along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
        phase = generator.uniform(0, 2 * np.pi)
        pace = np.float32(2 * np.pi * (0.5 + times))
        total += np.float32(0.4 + weight) * np.sin(along * pace + np.float32(phase))
    most = float((0.4 + texture.numbers[:number, 2]).sum())
    return np.asarray(total / np.float32(2 * most) + np.float32(0.5))


def lattice(
    texture: Texture, x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return how far inside its cell's motif each point lies, 0-1; rows may be shifted."""
    shift, size, order, tilt = texture.numbers[0]
    column_of, row_of = generator.random(2)
    row = np.floor(y + np.float32(row_of))
    across = x + np.float32(column_of) + (row % 2) * np.float32(round(shift * 2) / 2)
    column = np.floor(across)
    right = across - column - np.float32(0.5)
    down = y + np.float32(row_of) - row - np.float32(0.5)
    cosine, sine = np.float32(np.cos(tilt * np.pi)), np.float32(np.sin(tilt * np.pi))
    share, _ = canvas.reach(
        right * cosine - down * sine, right * sine + down * cosine, radii=texture.motif
    )
    inside = np.clip(1.15 - share / np.float32(0.25 + 0.3 * size), 0, 1)
    if order < 0.5:  # alternate the colours of the motifs
        inside = inside * np.where((row + column) % 2 == 0, np.float32(1), np.float32(0.55))
    return np.asarray(inside, dtype=np.float32)


def plaid(
    texture: Texture, x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return overlapping stripes of the class's widths along both axes, 0-1."""
    widths = 0.15 + texture.numbers[:, :2]
    shades = texture.numbers[:, 2:]
    mixing = np.float32(0.5 * min(1, 2 * texture.numbers[0, 3]))
    table = np.empty((2, 64), dtype=np.float32)
    for axis in (0, 1):
        ends = np.cumsum(widths[:, axis]) / widths[:, axis].sum()
        table[axis] = shades[np.searchsorted(ends[:-1], np.arange(64) / 64), axis]
    at = [
        ((value * np.float32(0.5) + np.float32(start)) % 1 * 64).astype(np.intp) & 63
        for value, start in zip((x, y), generator.random(2), strict=True)
    ]
    return np.asarray(table[0][at[0]] * (1 - mixing) + table[1][at[1]] * mixing)


def cells(
    texture: Texture, x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return cells around jittered lattice points, 0-1 (Worley 1996): centres, borders or tiles.

    With f1 and f2 the distances to the nearest two points: f1, f2 - f1, or a shade per cell.
    """
    jitter, style, *_ = texture.numbers[0]
    size = 32  # the points repeat after this many cells
    points = generator.random((size, size, 3), dtype=np.float32)
    points[..., :2] = 0.5 + (points[..., :2] - 0.5) * np.float32(0.3 + 0.7 * jitter)
    column, row = np.floor(x), np.floor(y)
    right, down = x - column, y - row
    first = np.full_like(x, 9)
    second = first.copy()
    shade = np.zeros_like(x)
    place = (row.astype(np.intp), column.astype(np.intp))
    for i, j in NEIGHBOURS:
        point = points[(place[0] + i) % size, (place[1] + j) % size]
        distance = (point[..., 0] + j - right) ** 2 + (point[..., 1] + i - down) ** 2
        nearer = distance < first
        second = np.where(nearer, first, np.minimum(second, distance))
        shade = np.where(nearer, point[..., 2], shade)
        first = np.where(nearer, distance, first)
    if style < 0.35:
        return np.asarray(np.clip(1 - np.sqrt(first), 0, 1))
    border = np.clip((np.sqrt(second) - np.sqrt(first)) * 4, 0, 1)
    return np.asarray(border if style < 0.6 else (0.15 + 0.85 * shade) * border)


def clouds(
    texture: Texture, x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return noise, or veins bent by noise, 0-1."""
    fineness, octaves, veins, turn = texture.numbers[0]
    side = len(x)
    across, down = (
        max(1, round(texture.frequency * (0.5 + fineness) * part))
        for part in (1 / texture.stretch, texture.stretch)
    )
    noise = canvas.clouds(generator, side=side, cells=(across, down), octaves=1 + int(3 * octaves))
    if veins < 0.5:
        return np.clip(0.5 + noise / 4, 0, 1)
    along = x * np.float32(np.cos(turn * np.pi)) + y * np.float32(np.sin(turn * np.pi))
    return 0.5 + 0.5 * np.sin(along * 3 + noise * np.float32(0.6 + 2 * veins))


PATTERNS = {"waves": waves, "lattice": lattice, "plaid": plaid, "cells": cells, "clouds": clouds}


def _patch(side: int, generator: np.random.Generator) -> np.ndarray:
    """Return the cover [side, side], 0-1: the whole picture, or a patch with rounded corners."""
    if generator.random() < 0.55:
        return np.ones((side, side), dtype=np.float32)
    pose = canvas.posed(generator, smallest=0.55, largest=0.95, turn=0.3)
    x, y = canvas.grid(pose, side=side)
    stretch = np.float32(np.exp(generator.normal(0, 0.2)))
    radii = canvas.outline(exponent=generator.uniform(2, 12))
    share, _ = canvas.reach(x * stretch, y / stretch, radii=radii)
    return canvas.cut((1 - share) * np.float32(pose.scale * side / 2))
