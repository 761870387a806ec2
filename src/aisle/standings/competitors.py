"""A competitor of the comparison: what it reads, of which kind it is, how it scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aisle import paths

CONTROLS = ("majority", "control")
"""Methods that show what knowing nothing, or next to nothing, is worth."""

Source = Literal["imagenet", "formula", "file", "random"]

LABELS: dict[Source, str] = {"random": "random weights", "formula": "formula weights"}
"""What stands beside the name of who learnt from such weights; where both did, the first."""

Reads = Literal["nothing", "photo", "text", "photo and text"]
Kind = Literal["control", "classical", "neural", "transfer", "ensemble", "text", "both"]

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
class Score:
    """One competitor's row of metrics.json: shares from 0 to 1, log loss in nats."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    correct: int
    products: int


@dataclass(frozen=True)
class Weights:
    """Where a backbone's weights come from, as the `weights` stage wrote it down.

    `probe`, of weights that formulas taught: `products`, and the shares that a linear model gets
    right from features with `random`, `formula` and `food101` weights; None where nobody measured.
    """

    variant: str
    source: Source
    file: str | None
    sha256: str | None
    seed: int | None
    probe: Mapping[str, float] | None
    unreachable: str | None = None


@dataclass(frozen=True)
class Competitor:
    """A candidate or, where it has members, an ensemble, as params.yaml has it, with its score.

    `weights` holds those of each backbone that it, or a member, reads.
    """

    name: str
    settings: Mapping[str, Any]
    score: Score
    weights: tuple[Weights, ...] = ()
    members: tuple["Competitor", ...] = ()

    @property
    def method(self) -> str:
        """The method's name in the registry, or how an ensemble combines."""
        return str(self.settings["method"])

    @property
    def backbone(self) -> str:
        """The variant a candidate reads, or `none`."""
        return str(self.settings.get("backbone", paths.NONE))

    @property
    def reads(self) -> Reads:
        """What the answer is made from; an ensemble reads what its members read."""
        if self.members:
            found = {member.reads for member in self.members}
            photo = bool(found & {"photo", "photo and text"})
            text = bool(found & {"text", "photo and text"})
        else:
            given = (self.settings["photos"], self.backbone)
            photo, text = given != (paths.NONE, paths.NONE), "texts" in self.settings
        if photo and text:
            return "photo and text"
        return "photo" if photo else "text" if text else "nothing"

    @property
    def kind(self) -> Kind:
        """Controls first, then by what it reads; among photos, by where its knowledge is from.

        Who reads a backbone transfers, whatever model stands on it; of the rest, a network is what
        has a `training` block.
        """
        if self.method in CONTROLS:
            return "control"
        if self.reads in ("text", "photo and text"):
            return "text" if self.reads == "text" else "both"
        if self.members:
            return "ensemble"
        if self.backbone != paths.NONE:
            return "transfer"
        return "neural" if "training" in self.settings else "classical"

    @property
    def untrained(self) -> bool:
        """Whether a backbone that it reads started from random weights."""
        return any(weights.source == "random" for weights in self.weights)

    @property
    def label(self) -> str:
        """What must stand beside its name of the weights it started from; "" for most."""
        sources = {weights.source for weights in self.weights}
        return next((label for source, label in LABELS.items() if source in sources), "")
