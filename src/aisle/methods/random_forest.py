"""The classical baseline: a random forest on the raw pixels of small photos."""

from pathlib import Path
from typing import Literal

import numpy as np

from aisle import params
from aisle.candidates import classical
from aisle.candidates.contract import Epoch, FrozenPass
from aisle.candidates.features import pixels
from aisle.candidates.rows import Rows


class Settings(params.Candidate):
    """Which views it is fitted on, and how many trees."""

    photos: params.Side
    views: Literal["original", "all"]
    trees: classical.Trees


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train's pixels and save; `val` is not used."""
    rows = train if settings.views == "all" else train.only_originals()
    model = classical.forest(_seen(rows), labels=rows.labels, trees=settings.trees, seed=seed)
    classical.save(folder, model=model, classes=classes)
    return []


def load(*, folder: Path) -> classical.Classical:
    """Return the fitted forest."""
    stored = classical.load(folder)
    return classical.Classical(stored["model"], _seen, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def _seen(rows: Rows) -> np.ndarray:
    return pixels(rows.photos())
