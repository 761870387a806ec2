"""The classical baseline: a random forest on the raw pixels of small photos."""

from pathlib import Path
from typing import Literal

import numpy as np

from aisle.inputs.features import pixels
from aisle.inputs.rows import Rows
from aisle.methods.common import fitted
from aisle.methods.common.contract import FrozenPass
from aisle.settings import params
from aisle.training.epoch import Epoch


class Settings(params.Candidate):
    """Which views it is fitted on, and how many trees."""

    photos: params.Side
    views: Literal["original", "all"]
    trees: fitted.Trees


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train's pixels and save; `val` is not used."""
    rows = train if settings.views == "all" else train.only_originals()
    model = fitted.forest(_seen(rows), labels=rows.labels, trees=settings.trees, seed=seed)
    fitted.save(folder, model=model, classes=classes)
    return []


def load(*, folder: Path) -> fitted.Classical:
    """Return the fitted forest."""
    stored = fitted.load(folder)
    return fitted.Classical(stored["model"], _seen, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def _seen(rows: Rows) -> np.ndarray:
    return pixels(rows.photos())
