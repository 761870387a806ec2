"""Control: answers every product with the shares of the categories in train."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisle import files
from aisle.inputs.rows import Rows
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import phrase
from aisle.settings import params
from aisle.training.epoch import Epoch


class Settings(params.Candidate):
    """Only the settings that all candidates have."""


@dataclass(frozen=True)
class Majority:
    """The share of each category in train, float [classes]."""

    shares: np.ndarray

    @property
    def parameters(self) -> int:
        """One share per category."""
        return len(self.shares)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return the same shares for every row; the largest is the answer (ties: the first)."""
        return np.tile(self.shares, (len(rows), 1))


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Save the shares of train."""
    counts = np.bincount(train.only_originals().labels, minlength=classes)
    files.write_json({"shares": (counts / counts.sum()).tolist()}, folder / "model.json")
    return []


def load(*, folder: Path) -> Majority:
    """Return the control."""
    return Majority(np.asarray(files.read_json(folder / "model.json")["shares"]))


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def describe(settings: Settings) -> Description:
    """Return the words for the control."""
    return Description("control", "nothing", phrase("control: always the most frequent category"))
