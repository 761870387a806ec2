"""What every goal is given, and what it hands back: `measure(given) -> Result`."""

from dataclasses import dataclass
from pathlib import Path

from aisle.errors import AisleError

Cell = str | int | float


class NotMeasured(AisleError):
    """The goal needs something that was not given; the message says what."""


@dataclass(frozen=True)
class Given:
    """Folders of the real catalogue and of its weights, or None; folds that goal 1 tests."""

    catalogue: Path | None = None
    weights: Path | None = None
    folds: int = 1

    @property
    def real(self) -> bool:
        """Whether there is a real catalogue with weights."""
        return self.catalogue is not None and self.weights is not None

    def require_real(self) -> None:
        """Raise NotMeasured where there is no real catalogue."""
        if not self.real:
            raise NotMeasured("needs CATALOGUE and WEIGHTS")


@dataclass(frozen=True)
class Result:
    """What a goal came to.

    `measured` in one line; `met`, None where a part of the goal was not measured and the rest is
    met; `on`, which photos and weights; `table`, rows with the same keys; `remarks`, sentences.
    """

    measured: str
    met: bool | None
    on: str
    table: list[dict[str, Cell]]
    remarks: tuple[str, ...] = ()
