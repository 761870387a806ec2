"""The least a network can be: a softmax on the pixels, without any hidden layer."""

from pathlib import Path
from typing import TYPE_CHECKING

from aisle.inputs.rows import Rows
from aisle.methods.common.contract import FrozenPass
from aisle.training import networks, photo_networks
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras


class Settings(photo_networks.PhotoNetwork):
    """Nothing beyond what all networks on photos have."""


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the block, save the network, return every epoch."""
    return photo_networks.fit(
        layers,
        settings=settings,
        train=train,
        val=val,
        classes=classes,
        folder=folder,
        seed=seed,
    )


def layers(photos: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return the pixels side by side."""
    import keras

    return keras.layers.Flatten()(photos)


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"
