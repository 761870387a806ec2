"""The goals, and their interface: `measure(given) -> Result`."""

from dataclasses import dataclass
from pathlib import Path

from aisle.errors import AisleError


class NotMeasured(AisleError):
    """Raised by a goal that lacks an input; the message names it."""


@dataclass(frozen=True)
class Given:
    """Folders of the real catalogue and its weights, or None; number of folds for `recipes`.

    profiles/flipkart.yaml describes the content of the two folders.
    """

    catalogue: Path | None = None
    weights: Path | None = None
    folds: int = 1

    @property
    def real(self) -> bool:
        """Whether a real catalogue and weights were given."""
        return self.catalogue is not None and self.weights is not None

    def check_real(self) -> None:
        """Raise NotMeasured unless a real catalogue and weights were given."""
        if not self.real:
            raise NotMeasured("needs CATALOGUE and WEIGHTS")


@dataclass(frozen=True)
class Result:
    """Result of a goal.

    `measured`: summary in one line; `met`: None if all that was measured meets the goal but a part
    was not measured; `on`: photos and weights used; `table`: formatted rows with the same keys;
    `remarks`: one paragraph each.
    """

    measured: str
    met: bool | None
    on: str
    table: list[dict[str, str]]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    """A goal, one row of the page: `name` on the command line, `measure` as "module:function"."""

    name: str
    title: str
    target: str
    measure: str


GOALS = (
    Goal(
        name="recipes",
        title="Recipe `staged` against `full`, B0",
        target="at most 1/10 of the time of a fit; verdict better or tie",
        measure="benchmarks.recipes:measure",
    ),
    Goal(
        name="input",
        title="Input pipeline of training",
        target="at least 0.95 of the views/s of one batch held in memory",
        measure="benchmarks.input_pipeline:measure",
    ),
    Goal(
        name="resize",
        title="`resize` of original-size photos",
        target="at least 4 times the speed of the plain Pillow loop; peak memory under 1.5 GB",
        measure="benchmarks.two_stages:resize",
    ),
    Goal(
        name="embed",
        title="`embed`",
        target="at least 0.9 of raw predict; with the extra `fast` at least 2.3 times Keras "
        "predict, a probe's accuracy within 0.005",
        measure="benchmarks.two_stages:embed",
    ),
    Goal(
        name="needless",
        title="No needless work",
        target="photos embedded again: none for another setting or split, 10 for 10 new products; "
        "no view that no candidate reads",
        measure="benchmarks.needless_work:measure",
    ),
    Goal(
        name="scaling",
        title="Memory, and scaling with the number of products",
        target="peak of the whole real run at most 3 GB; time and memory linear in products",
        measure="benchmarks.scaling:measure",
    ),
    Goal(
        name="overhead",
        title="DVC's own processor time in a whole run of the sample",
        target="at most half of that with dependencies on single files",
        measure="benchmarks.overhead:measure",
    ),
)
