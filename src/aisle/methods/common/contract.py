"""What the module of a method offers: its settings, how it is fitted and loaded, its description.

class Settings(params.Candidate)          the settings of a candidate, with defaults
def fit(*, settings, train, val, classes, folder, seed) -> list[Epoch]
def load(*, folder) -> Predictor
def frozen_pass(settings) -> FrozenPass   what the backbone's frozen pass is needed for
def describe(settings) -> Description     kind, input, and the English words of the note
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from aisle.inputs.rows import Rows
from aisle.methods.common.phrases import Count, Phrase
from aisle.settings import params
from aisle.settings.kinds import Kind, Reads
from aisle.training.epoch import Epoch

FrozenPass: TypeAlias = Literal["never", "to_fit", "to_answer"]
"""When a method reads a backbone's stored embeddings: never; only to be fitted (the saved model
holds the backbone); or for every answer too (the backbone then counts in its cost)."""


@dataclass(frozen=True)
class Description:
    """A candidate in words.

    `what` says what it is ("SVC on pixels"), `inputs` what it reads ("photo, 32 × 32 pixels"),
    `fitting` how it is fitted ("300 trees"). The report adds the training block of a network.
    `undone` is what it is where fine-tuning was rolled back ("…, head only").
    """

    kind: Kind
    reads: Reads
    what: Phrase
    inputs: Sequence[Phrase] = ()
    fitting: Sequence[Phrase | Count] = ()
    undone: Phrase | None = None


class Predictor(Protocol):
    """A fitted candidate."""

    @property
    def parameters(self) -> int:
        """Number of fitted parameters: weights, or the nodes of a forest."""
        ...

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return float [len(rows), classes]; each row sums to 1."""
        ...


class Fit(Protocol):
    """Fit on `train`, watch `val`, save into `folder`; the same seed gives the same answers.

    Raises LeftOut when the catalogue lacks what the method reads and the settings allow that.
    """

    def __call__(
        self, *, settings: Any, train: Rows, val: Rows, classes: int, folder: Path, seed: int
    ) -> list[Epoch]:
        """Return one entry per epoch; an empty list for a method without epochs."""
        ...


class Load(Protocol):
    """Read what `fit` saved; nothing is unpickled."""

    def __call__(self, *, folder: Path) -> Predictor:
        """Return the fitted candidate."""
        ...


@dataclass(frozen=True)
class Method:
    """The five names that the module of a method offers."""

    settings: type[params.Candidate]
    fit: Fit
    load: Load
    frozen_pass: Callable[[Any], FrozenPass]
    describe: Callable[[Any], Description]
