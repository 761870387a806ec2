"""The vanilla convolutional network: one layer of filters, pooling, two dense layers, a softmax."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aisle.inputs.rows import Rows
from aisle.methods.common.contract import FrozenPass
from aisle.training import networks, photo_networks
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras

FILTERS, SIZE = 64, 5
HIDDEN = (128, 64)
"""Units of the dense layers."""


class Settings(photo_networks.PhotoNetwork):
    """Nothing beyond what all networks on photos have."""


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the block, save the network, return every epoch."""
    return photo_networks.fit(
        partial(layers, settings=settings),
        settings=settings,
        train=train,
        val=val,
        classes=classes,
        folder=folder,
        seed=seed,
    )


def layers(photos: "keras.KerasTensor", *, settings: Settings) -> "keras.KerasTensor":
    """Return the units of the last dense layer."""
    import keras

    convolution = photo_networks.convolution(settings.training)
    filtered = convolution(FILTERS, SIZE, activation="relu")(photos)
    features = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(filtered))
    return photo_networks.hidden(features, units=HIDDEN, training=settings.training)


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"
