"""A competitor of the comparison: a candidate or an ensemble, with its kind, input and score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aisle import files, paths
from aisle.settings import kinds
from aisle.standings.records import Fit
from aisle.standings.scores import Score

Kind = kinds.Kind
Reads = kinds.Reads
Source = Literal["imagenet", "formula", "file", "random"]

LABELS: dict[Source, str] = {"random": "random weights", "formula": "formula weights"}
"""What stands beside the name of a competitor with such weights; where it has both, the first."""

KINDS: dict[Kind, str] = {
    "control": "Controls",
    "classical": "Photo: classical",
    "neural": "Photo: networks from scratch",
    "transfer": "Photo: transfer learning",
    "ensemble": "Photo: ensembles",
    "text": "Text",
    "both": "Photo and text",
}
"""Each kind with its heading, in the order of the note."""

ON_PHOTOS: tuple[Kind, ...] = ("classical", "neural", "transfer")
"""The kinds of a single candidate that learns from photos alone."""


@dataclass(frozen=True)
class Weights:
    """Where a backbone's weights come from, as the stage `weights` recorded it.

    `probe`, of formula weights: `products`, and the share of them that a linear model classifies
    correctly from the features of `random`, `formula` and `food101` weights; None if not measured.
    """

    variant: str
    source: Source
    file: str | None
    sha256: str | None
    seed: int | None
    probe: Mapping[str, float] | None


@dataclass(frozen=True)
class Competitor:
    """A candidate or, if it has members, an ensemble, with its score.

    `settings` are all settings of a candidate, defaults filled in. `weights` has one entry for each
    backbone that it, or a member, reads; `fits` one per fold of a candidate.
    """

    name: str
    method: str
    kind: Kind
    reads: Reads
    score: Score
    settings: Mapping[str, Any]
    weights: tuple[Weights, ...] = ()
    members: tuple["Competitor", ...] = ()
    fits: tuple[Fit, ...] = ()

    @property
    def undone(self) -> int:
        """In how many folds fine-tuning did not improve on the head, and was rolled back."""
        return sum("tail" in fit.rolled_back for fit in self.fits)

    @property
    def backbone(self) -> str:
        """The variant a candidate reads, or `none`."""
        return str(self.settings.get("backbone", paths.NONE))

    @property
    def untrained(self) -> bool:
        """Whether a backbone that it reads had random weights."""
        return any(weights.source == "random" for weights in self.weights)

    @property
    def label(self) -> str:
        """The words about its weights that must stand beside its name; "" for most."""
        sources = {weights.source for weights in self.weights}
        return next((label for source, label in LABELS.items() if source in sources), "")


def read() -> dict[str, dict[str, Any]]:
    """Return data/competitors.json: all competitors with kind, input and settings."""
    content: dict[str, dict[str, Any]] = files.read_json(paths.COMPETITORS)
    return content


def ensemble_input(members: Iterable[Reads]) -> Reads:
    """Return what an ensemble reads, from what each member reads."""
    found = set(members)
    photo, text = (bool(found & {one, "photo and text"}) for one in ("photo", "text"))
    if photo and text:
        return "photo and text"
    return "photo" if photo else "text" if text else "nothing"


def kind_of_ensemble(reads: Reads) -> Kind:
    """Return the kind of an ensemble: `text` or `both` by its input, else `ensemble`."""
    if reads in ("text", "photo and text"):
        return "text" if reads == "text" else "both"
    return "ensemble"
