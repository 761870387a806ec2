"""A multilayer perceptron: the pixels, hidden layers that see all of them, a softmax."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from aisle.inputs.rows import Rows
from aisle.methods.common.contract import FrozenPass
from aisle.settings import params
from aisle.training import networks, photo_networks
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras


class Settings(photo_networks.PhotoNetwork):
    """The units of each hidden layer, from the photo on."""

    hidden: Annotated[tuple[params.Positive, ...], Field(min_length=1)]


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
    """Return the units of the last hidden layer."""
    import keras

    pixels = keras.layers.Flatten()(photos)
    return photo_networks.hidden(pixels, units=settings.hidden, training=settings.training)


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"
