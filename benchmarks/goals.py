"""What every goal is given, and what it hands back: `measure(given) -> Result`."""

from dataclasses import dataclass
from pathlib import Path

from aisle.errors import AisleError


class NotMeasured(AisleError):
    """The goal needs something that was not given; the message says what."""


@dataclass(frozen=True)
class Given:
    """Folders of the real catalogue and of its weights, or None; folds that recipes are tested in.

    profiles/flipkart.yaml says what the two folders hold.
    """

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

    `measured` in one line; `met`, None where all that was measured meets the goal and a part was
    not measured; `on` which photos and weights; `table` rows with the same keys, as they shall be
    read; `remarks`, one paragraph each.
    """

    measured: str
    met: bool | None
    on: str
    table: list[dict[str, str]]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    """One line of the page: `name` on the command line, `measure` as "module:function"."""

    name: str
    title: str
    asked: str
    measure: str


GOALS = (
    Goal(
        name="recipes",
        title="Recipe `staged` against `full`, B0",
        asked="at most 1/10 of the time of a fit; verdict better or tie",
        measure="benchmarks.recipes:measure",
    ),
    Goal(
        name="input",
        title="Input pipeline of training",
        asked="at least 0.95 of the views/s of one batch held in memory",
        measure="benchmarks.input_pipeline:measure",
    ),
    Goal(
        name="resize",
        title="`resize` of original-size photos",
        asked="at least 4 times the speed of the plain Pillow loop; peak memory under 1.5 GB",
        measure="benchmarks.two_stages:resize",
    ),
    Goal(
        name="embed",
        title="`embed`",
        asked="at least 0.9 of raw predict; with the extra `fast` at least 2.3 times Keras predict,"
        " a probe's accuracy within 0.005",
        measure="benchmarks.two_stages:embed",
    ),
    Goal(
        name="needless",
        title="No needless work",
        asked="embedded anew: nothing for another setting or split, 10 photos for 10 new products; "
        "no view that nobody reads",
        measure="benchmarks.needless_work:measure",
    ),
    Goal(
        name="scaling",
        title="Memory, and cost by products",
        asked="peak of the whole real run at most 3 GB; time and memory linear in products",
        measure="benchmarks.scaling:measure",
    ),
)
