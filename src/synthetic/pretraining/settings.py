"""What a pretraining is made of, checked: every mistake on the command line is caught here."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aisle.errors import AisleError

SMALLEST, LARGEST = 32, 512
"""Sides that EfficientNetV2 takes, and that drawing and memory take."""

SIDES = "64:0.3,96:0.7"
"""Multiples of 32, as the backbone's last stage rounds up: 48 pixels cost it what 64 do.

Not 32 itself: the last maps would be one pixel, and all but the middle of their kernels untrained.
"""


@dataclass(frozen=True)
class Phase:
    """So many steps on images of one side."""

    side: int
    steps: int


@dataclass(frozen=True)
class Settings:
    """All that the weights depend on, but for the file that `start` names.

    `sides` are (side, share of the images). `start` is the file's name and its SHA-256.
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
        """Return the phases in order; each has one step at least. None without images."""
        if not self.images:
            return []
        return [
            Phase(side, max(1, round(share * self.images / self.batch)))
            for side, share in self.sides
        ]

    @property
    def steps(self) -> int:
        """Steps of the whole run, of `batch` images each."""
        return sum(phase.steps for phase in self.phases())

    def written(self) -> dict[str, Any]:
        """Return the settings as JSON has them."""
        content = asdict(self)
        content["sides"] = [list(pair) for pair in self.sides]
        content["start"] = list(self.start) if self.start else None
        return content

    def command(self) -> str:
        """Return the command that gives the same weights, without what is this machine's."""
        sides = ",".join(f"{side}:{share:g}" for side, share in self.sides)
        words = [
            f"synthetic pretrain {self.variant} --images {self.images} --classes {self.classes}",
            f"--sides {sides} --batch {self.batch} --learning-rate {self.learning_rate:g}",
            f"--seed {self.seed}",
        ]
        return " ".join([*words, *([f"--from {self.start[0]}"] if self.start else [])])


def parse_sides(text: str) -> tuple[tuple[int, float], ...]:
    """Return (side, share) pairs; AisleError unless the sides grow and the shares add up to 1."""
    complaint = (
        f"--sides is '{text}'; expected SIDE:SHARE,…, sides from {SMALLEST} to {LARGEST} that grow "
        f"and shares that add up to 1. For instance --sides {SIDES}."
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
    """Raise AisleError where a value cannot be used."""
    _between("--classes", settings.classes, 2, 100_000)
    _between("--batch", settings.batch, 2, 4096)
    if settings.images or not settings.start:  # what is only grown needs none
        _between("--images", settings.images, settings.batch * len(settings.sides), 10**10)
    _between("--seed", settings.seed, 0, 2**31 - 1)
    if not 0 < settings.learning_rate <= 1:
        raise AisleError(
            f"--learning-rate is {settings.learning_rate:g}; expected more than 0, at most 1. "
            "Leave it out for the default."
        )


def check_running(*, into: Path, workers: int, every: dict[str, int]) -> None:
    """Raise AisleError where what the weights do not depend on cannot be used.

    `every` has a flag and its number of images.
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
