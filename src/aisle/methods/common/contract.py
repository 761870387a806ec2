"""What a method is: settings, `fit`, `load`. Its module in this folder offers exactly these.

class Settings(params.Candidate)          its keys in params.yaml, beside the common three
def fit(*, settings, train, val, classes, folder, seed) -> list[Epoch]
def load(*, folder) -> Predictor
def frozen_pass(settings) -> FrozenPass   what the backbone's frozen pass is needed for
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from aisle.inputs.rows import Rows
from aisle.settings import params
from aisle.training.epoch import Epoch

FrozenPass: TypeAlias = Literal["never", "to_fit", "to_answer"]
"""Whether a method reads a backbone's stored embeddings: not at all, while it is fitted only (what
it saves holds the backbone), or for every answer too (the backbone then belongs to its cost)."""


class Predictor(Protocol):
    """A fitted candidate."""

    @property
    def parameters(self) -> int:
        """How many numbers were fitted (weights; for a forest its nodes)."""
        ...

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return float [len(rows), classes]; each row sums to 1."""
        ...


class Fit(Protocol):
    """Fits on `train`, watches `val`, saves into `folder`; same seed, same answers.

    Raises LeftOut where the catalogue lacks what the method reads and params.yaml allows that.
    """

    def __call__(
        self, *, settings: Any, train: Rows, val: Rows, classes: int, folder: Path, seed: int
    ) -> list[Epoch]:
        """Return one entry per epoch, or none for a method without epochs."""
        ...


class Load(Protocol):
    """Reads what `fit` saved; nothing is unpickled."""

    def __call__(self, *, folder: Path) -> Predictor:
        """Return the fitted candidate."""
        ...


@dataclass(frozen=True)
class Method:
    """The four names a method's module offers."""

    settings: type[params.Candidate]
    fit: Fit
    load: Load
    frozen_pass: Callable[[Any], FrozenPass]
