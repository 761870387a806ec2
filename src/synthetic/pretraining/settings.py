"""Settings of a pretraining, with checks of every command-line value."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aisle.errors import AisleError

SMALLEST, LARGEST = 32, 512
"""Range of sides: EfficientNetV2 needs the smallest; drawing time and memory limit the largest."""

SIDES = "64:0.3,96:0.7"
"""Default sides, multiples of 32, because the last stage rounds up: 48 pixels cost as much as 64.

32 is too small: the last feature maps would be one pixel, so only the centre of their kernels would
be trained.
"""


@dataclass(frozen=True)
class Phase:
    """A number of steps on images of one side."""

    side: int
    steps: int


@dataclass(frozen=True)
class Settings:
    """Everything that determines the weights.

    `sides` are (side, share of the images). `start` is the name and SHA-256 of the initial weights.
    """

    variant: str
    images: int
    classes: int
    sides: tuple[tuple[int, float], ...]
    batch: int
    learning_rate: float
    seed: int
    start: tuple[str, str] | None = None

    def phases(self) -> list[Phase]:
        """Return the phases in order, each with at least one step; empty without images."""
        if not self.images:
            return []
        return [
            Phase(side, max(1, round(share * self.images / self.batch)))
            for side, share in self.sides
        ]

    @property
    def steps(self) -> int:
        """Total number of steps, of `batch` images each."""
        return sum(phase.steps for phase in self.phases())

    def written(self) -> dict[str, Any]:
        """Return the settings as JSON-compatible values."""
        content = asdict(self)
        content["sides"] = [list(pair) for pair in self.sides]
        content["start"] = list(self.start) if self.start else None
        return content

    def command(self) -> str:
        """Return the command that gives the same weights, without machine-specific options."""
        sides = ",".join(f"{side}:{share:g}" for side, share in self.sides)
        words = [
            f"synthetic pretrain {self.variant} --images {self.images} --classes {self.classes}",
            f"--sides {sides} --batch {self.batch} --learning-rate {self.learning_rate:g}",
            f"--seed {self.seed}",
        ]
        return " ".join([*words, *([f"--from {self.start[0]}"] if self.start else [])])


def parse_sides(text: str) -> tuple[tuple[int, float], ...]:
    """Return (side, share) pairs; AisleError unless sides increase and shares add up to 1."""
    complaint = (
        f"--sides is '{text}'; expected SIDE:SHARE,…, with increasing sides from {SMALLEST} to "
        f"{LARGEST} and shares that add up to 1. For instance --sides {SIDES}."
    )
    try:
        pairs = [part.split(":") for part in text.split(",")]
        sides = tuple((int(side), float(share)) for side, share in pairs)
    except ValueError:
        raise AisleError(complaint) from None
    only_sides, shares = zip(*sides, strict=True)
    grows = list(only_sides) == sorted(set(only_sides))
    sound = all(SMALLEST <= side <= LARGEST for side in only_sides)
    if not (grows and sound and min(shares) > 0 and math.isclose(sum(shares), 1, abs_tol=1e-6)):
        raise AisleError(complaint)
    return sides


def check(settings: Settings) -> None:
    """Raise AisleError for a value out of range."""
    _between("--classes", settings.classes, 2, 100_000)
    _between("--batch", settings.batch, 2, 4096)
    if settings.images or not settings.start:  # growing weights needs no images
        _between("--images", settings.images, settings.batch * len(settings.sides), 10**10)
    _between("--seed", settings.seed, 0, 2**31 - 1)
    if not 0 < settings.learning_rate <= 1:
        raise AisleError(
            f"--learning-rate is {settings.learning_rate:g}; expected more than 0, at most 1. "
            "Leave it out for the default."
        )


def check_running(*, into: Path, workers: int, every: dict[str, int]) -> None:
    """Raise AisleError for a wrong option that does not affect the weights.

    `every` maps flags to their number of images.
    """
    _between("--workers", workers, 0, 1024)
    for flag, images in every.items():
        _between(flag, images, 1, 10**10)
    if into.exists() and not into.is_dir():
        raise AisleError(f"--into is '{into}', a file; expected a folder. Name another.")


def _between(flag: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise AisleError(
            f"{flag} is {value}; expected {least} to {most}. Leave it out for the default, or see "
            "'synthetic pretrain --help'."
        )
