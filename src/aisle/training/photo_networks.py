"""Networks trained from random weights on photos only: everything except their layers."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from aisle.inputs.rows import Rows
from aisle.settings import params
from aisle.training import networks, progressive
from aisle.training.block import Training, penalties
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras

LEAST_VARIANCE = 1.0
"""Least variance of a channel, in squared steps of 255, so that a constant channel divides by 1."""


class PhotoNetwork(params.Candidate):
    """Settings of a photo network: photo size, views, training."""

    photos: params.Side
    backbone: Literal["none"]
    views: Literal["original", "all"]
    training: Training


def fit(
    layers: Callable[["keras.KerasTensor"], "keras.KerasTensor"],
    *,
    settings: PhotoNetwork,
    train: Rows,
    val: Rows,
    classes: int,
    folder: Path,
    seed: int,
    stages: progressive.Stages = (),
) -> list[Epoch]:
    """Train and save a network, photos 0-255 → probabilities; return every epoch.

    `layers` maps normalised photos [k, side, side, 3] to features [k, width]; the head is
    `networks.answer`. With `stages`, the network accepts any side and `progressive` trains it.
    """
    keras = networks.start(settings.training, classes=classes, seed=seed)
    if settings.views == "original":
        train, val = train.only_originals(), val.only_originals()
    training = progressive.strongest(settings.training, stages=stages)
    side = None if stages else settings.photos
    with networks.across(networks.gpus()):
        inputs = keras.Input((side, side, 3))
        features = layers(normalisation(train)(inputs))
        model = keras.Model(inputs, networks.answer(features, training=training, classes=classes))
        history = progressive.train(
            model,
            phase="fit",
            stages=stages,
            head=model,
            training=training,
            train=train,
            val=val,
            classes=classes,
            folder=folder,
            generator=np.random.default_rng(seed),
        )
    networks.save(model, folder=folder)
    return history


def normalisation(train: Rows) -> "keras.layers.Normalization":
    """Return the layer that normalises each channel to mean 0 and deviation 1 on train."""
    import keras

    total, squares, pixels = np.zeros(3), np.zeros(3), 0
    for start in range(0, len(train), networks.PREDICT_BATCH):
        at = np.arange(len(train))[start : start + networks.PREDICT_BATCH]
        values = train.photos(at).reshape(-1, 3).astype(np.float64)
        total += values.sum(axis=0)
        squares += (values**2).sum(axis=0)
        pixels += len(values)
    mean = total / pixels
    variance = np.maximum(squares / pixels - mean**2, LEAST_VARIANCE)
    return keras.layers.Normalization(mean=mean.tolist(), variance=variance.tolist())


def hidden(
    features: "keras.KerasTensor", *, units: Sequence[int], training: Training
) -> "keras.KerasTensor":
    """Return dense layers with ReLU and dropout between them: [k, width] → [k, units[-1]]."""
    import keras

    for number, width in enumerate(units):
        if number:
            features = keras.layers.Dropout(training.dropout)(features)
        features = keras.layers.Dense(width, activation="relu", **penalties(training))(features)
    return features


def convolution(training: Training) -> Callable[..., "keras.layers.Conv2D"]:
    """Return Conv2D with `training`'s penalties; norms are over height, width and channels."""
    import keras

    return partial(keras.layers.Conv2D, **penalties(training, unit_axes=[0, 1, 2]))
