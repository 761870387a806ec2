"""A whole pretraining of a network of few weights: `python tiny_pretraining.py FOLDER`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aisle.backbones import architecture
from synthetic.pretraining import fitting
from synthetic.pretraining.settings import Settings

if TYPE_CHECKING:
    import keras

SETTINGS = Settings(
    variant="b0",
    images=640,
    classes=3,
    sides=((32, 0.5), (40, 0.5)),
    batch=16,
    learning_rate=0.02,
    seed=5,
)
PACE = fitting.Pace(keep=128, report=64, probe=10**6)
UNFINISHED, DONE = "unfinished.npz", "done.npz"


def network() -> "keras.Model":
    """Return photos of any side → features [k, 16]: what `fitting.train` takes for a backbone."""
    import keras

    photos = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 255)(photos)
    for filters in (8, 16):
        x = keras.layers.Conv2D(filters, 3, strides=2)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    return keras.Model(photos, keras.layers.GlobalAveragePooling2D()(x))


def run(folder: Path, *, workers: int) -> None:
    """Train, or go on, and leave the weights in FOLDER/done.npz."""
    architecture.start_keras(seed=1)
    backbone = network()
    history = fitting.train(
        backbone,
        settings=SETTINGS,
        unfinished=folder / UNFINISHED,
        workers=workers,
        pace=PACE,
        score=None,
    )
    losses = np.array([row["loss"] for row in history])
    errors = np.array([row["descriptors_error"] for row in history])
    np.savez(folder / DONE, *backbone.get_weights(), losses=losses, errors=errors)


if __name__ == "__main__":
    run(Path(sys.argv[1]), workers=2)
