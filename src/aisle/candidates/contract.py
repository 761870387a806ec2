"""What a method is: settings, `fit`, `load`. Its module in this folder offers exactly these.

class Settings(params.Candidate)          its keys in params.yaml, beside the common three
def fit(*, settings, train, val, classes, folder, seed) -> list[Epoch]
def load(*, folder) -> Predictor
def reads_embeddings(settings) -> bool    whether the frozen pass is part of its cost
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from aisle import params
from aisle.candidates.rows import Rows


@dataclass(frozen=True)
class Epoch:
    """Scores after one pass over train: `phase` is fit, head, tail or full; epochs count from 1."""

    phase: str
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


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
    """Fits on `train`, watches `val`, saves into `folder`; same seed, same files."""

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
    reads_embeddings: Callable[[Any], bool]
