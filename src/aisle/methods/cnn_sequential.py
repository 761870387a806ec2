"""A stack of convolutions as for CIFAR: blocks of two, each with more filters on a smaller map.

Ends in the mean over the map, so it takes photos of any size and can learn progressively.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import model_validator

from aisle.inputs.rows import Rows
from aisle.methods.common.contract import FrozenPass
from aisle.training import networks, photo_networks, progressive
from aisle.training.epoch import Epoch
from aisle.training.progressive import Stages

if TYPE_CHECKING:
    import keras

FILTERS = (32, 64, 128)
"""Of each block; after it the map is half as wide and high."""

HIDDEN = 128

MOMENTUM = 0.9
"""Of BatchNorm's running mean. With Keras's 0.99 it knows train after some hundred steps, which on
a small catalogue is ten epochs in which the loss on val says little."""


class Settings(photo_networks.PhotoNetwork):
    """Whether BatchNorm follows each convolution, and the stages of progressive learning."""

    batch_normalisation: bool
    progressive: Stages = ()

    @model_validator(mode="after")
    def _stages_grow(self) -> "Settings":
        progressive.check(self.progressive, photos=self.photos, training=self.training)
        return self


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the block or by the stages, save the network, return every epoch."""
    return photo_networks.fit(
        partial(layers, settings=settings),
        settings=settings,
        train=train,
        val=val,
        classes=classes,
        folder=folder,
        seed=seed,
        stages=settings.progressive,
    )


def layers(photos: "keras.KerasTensor", *, settings: Settings) -> "keras.KerasTensor":
    """Return a dense layer on the mean of each of the last filters."""
    import keras

    # a bias before BatchNorm, which takes the mean away, would learn nothing
    convolution = partial(
        photo_networks.convolution(settings.training),
        kernel_size=3,
        padding="same",
        use_bias=not settings.batch_normalisation,
    )
    features = photos
    for filters in FILTERS:
        for _ in range(2):
            features = convolution(filters)(features)
            if settings.batch_normalisation:
                features = keras.layers.BatchNormalization(momentum=MOMENTUM)(features)
            features = keras.layers.ReLU()(features)
        features = keras.layers.MaxPooling2D(2)(features)
    means = keras.layers.GlobalAveragePooling2D()(features)
    return photo_networks.hidden(means, units=[HIDDEN], training=settings.training)


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"
