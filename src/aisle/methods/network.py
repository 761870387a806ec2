"""Networks trained from scratch on small photos: four architectures, all with random weights."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle.inputs.rows import Rows
from aisle.methods.common import choices, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import All, Phrase, phrase
from aisle.settings import params
from aisle.training import block, networks, progressive
from aisle.training.block import Training, penalties
from aisle.training.epoch import Epoch
from aisle.training.progressive import Stages

if TYPE_CHECKING:
    import keras

Architecture = Literal["linear", "mlp", "cnn", "cnn_sequential"]

BY_ARCHITECTURE: choices.Owners = {
    "linear": {},
    "mlp": {"hidden": (150, 150)},
    "cnn": {},
    "cnn_sequential": {"batch_normalisation": True, "progressive": ()},
}

WHAT: dict[Architecture, Phrase] = {
    "linear": phrase("softmax on pixels"),
    "mlp": phrase("MLP on pixels"),
    "cnn": phrase("CNN with one convolution"),
    "cnn_sequential": phrase("CNN in blocks"),
}

CNN_FILTERS, CNN_SIZE = 64, 5
CNN_HIDDEN = (128, 64)
"""Units of the dense layers of `cnn`."""

BLOCK_FILTERS = (32, 64, 128)
"""Filters of each block of `cnn_sequential`; each block halves the width and height of the map."""

BLOCK_HIDDEN = 128

MOMENTUM = 0.9
"""Of BatchNorm's running mean. Keras's 0.99 needs some hundred steps to approach the statistics of
train, on a small catalogue ten epochs, during which the loss on val says little."""

LEAST_VARIANCE = 1.0
"""Of a channel, in squared steps of 255: a constant channel is divided by 1 and not by 0."""


class SmallNetworkTraining(Training):
    """The training block with defaults for a network from scratch."""

    learning_rate: block.LearningRate = 3e-4
    dropout: block.Dropout = 0.5
    batch_size: block.BatchSize = 32
    epochs: block.Epochs = 40
    patience: block.Patience = 10


class Settings(params.Candidate):
    """A network from scratch. A setting that the architecture does not use is None."""

    photos: params.Side
    backbone: Literal["none"]
    architecture: Annotated[
        Architecture,
        Field(
            description="linear: softmax on the pixels. mlp: hidden layers with ReLU. cnn: 64 "
            "filters of 5 × 5, 2 × 2 max pooling, dense layers of 128 and 64. cnn_sequential: "
            "three blocks of two 3 × 3 convolutions (32, 64, 128 filters), each halving the map, "
            "the mean over the map, a dense layer of 128."
        ),
    ]
    views: Annotated[
        Literal["original", "all"],
        Field(description="Train on the photos as they are, or on every view of `augment`."),
    ] = "original"
    hidden: Annotated[
        tuple[params.Positive, ...] | None,
        Field(min_length=1, description="mlp: units of each hidden layer, from the photo on."),
    ] = None
    batch_normalisation: Annotated[
        bool | None, Field(description="cnn_sequential: BatchNorm after each convolution.")
    ] = None
    progressive: Annotated[
        Stages | None,
        Field(
            description="cnn_sequential: stages of growing photo size and regularisation, see "
            "below; [] = off."
        ),
    ] = None
    training: Annotated[
        SmallNetworkTraining, Field(description="How the weights are fitted, see below.")
    ] = SmallNetworkTraining()

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_architecture(cls, given: Any) -> Any:
        return choices.with_defaults(given, key="architecture", owners=BY_ARCHITECTURE)

    @model_validator(mode="after")
    def _stages_grow(self) -> "Settings":
        progressive.check(self.progressive or (), photos=self.photos, training=self.training)
        return self


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the block or by the stages, save photos 0-255 → probabilities, return every epoch.

    With stages the side of the input is left open.
    """
    keras = networks.start(settings.training, classes=classes, seed=seed)
    if settings.views == "original":
        train, val = train.only_originals(), val.only_originals()
    stages = settings.progressive or ()
    training = progressive.strongest(settings.training, stages=stages)
    side = None if stages else settings.photos
    with networks.across(networks.gpus()):
        inputs = keras.Input((side, side, 3))
        features = layers(normalisation(train)(inputs), settings=settings)
        model = keras.Model(
            inputs, networks.softmax_head(features, training=training, classes=classes)
        )
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


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def describe(settings: Settings) -> Description:
    """Return the words for the architecture."""
    what = WHAT[settings.architecture]
    if settings.batch_normalisation:
        what = phrase("CNN in blocks with BatchNorm")
    fitting = [phrases.on_views(settings.views)]
    if settings.hidden:
        units = All([str(units) for units in settings.hidden])
        fitting.insert(0, phrase("hidden layers of {units}", units=units))
    return Description(
        "neural", "photo", what, inputs=[phrases.photo(settings.photos)], fitting=fitting
    )


def normalisation(train: Rows) -> "keras.layers.Normalization":
    """Return the layer that gives each channel of train a mean of 0 and a deviation of 1."""
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


def layers(photos: "keras.KerasTensor", *, settings: Settings) -> "keras.KerasTensor":
    """Return the features [k, width] of normalised photos [k, side, side, 3]."""
    return BUILDERS[settings.architecture](photos, settings)


def _linear(photos: "keras.KerasTensor", settings: Settings) -> "keras.KerasTensor":
    import keras

    return keras.layers.Flatten()(photos)


def _mlp(photos: "keras.KerasTensor", settings: Settings) -> "keras.KerasTensor":
    import keras

    pixels = keras.layers.Flatten()(photos)
    return _dense(pixels, units=settings.hidden or (), training=settings.training)


def _cnn(photos: "keras.KerasTensor", settings: Settings) -> "keras.KerasTensor":
    import keras

    convolution = _convolution(settings.training)
    filtered = convolution(CNN_FILTERS, CNN_SIZE, activation="relu")(photos)
    features = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(filtered))
    return _dense(features, units=CNN_HIDDEN, training=settings.training)


def _cnn_sequential(photos: "keras.KerasTensor", settings: Settings) -> "keras.KerasTensor":
    """Return a dense layer on the mean over the map, so that photos of any size fit."""
    import keras

    # BatchNorm subtracts the mean, so a bias before it has no effect
    convolution = partial(
        _convolution(settings.training),
        kernel_size=3,
        padding="same",
        use_bias=not settings.batch_normalisation,
    )
    features = photos
    for filters in BLOCK_FILTERS:
        for _ in range(2):
            features = convolution(filters)(features)
            if settings.batch_normalisation:
                features = keras.layers.BatchNormalization(momentum=MOMENTUM)(features)
            features = keras.layers.ReLU()(features)
        features = keras.layers.MaxPooling2D(2)(features)
    means = keras.layers.GlobalAveragePooling2D()(features)
    return _dense(means, units=[BLOCK_HIDDEN], training=settings.training)


BUILDERS: dict[Architecture, Callable[["keras.KerasTensor", Settings], "keras.KerasTensor"]] = {
    "linear": _linear,
    "mlp": _mlp,
    "cnn": _cnn,
    "cnn_sequential": _cnn_sequential,
}


def _dense(
    features: "keras.KerasTensor", *, units: Sequence[int], training: Training
) -> "keras.KerasTensor":
    """Return dense layers with ReLU and dropout between them: [k, width] → [k, units[-1]]."""
    import keras

    for number, width in enumerate(units):
        if number:
            features = keras.layers.Dropout(training.dropout)(features)
        features = keras.layers.Dense(width, activation="relu", **penalties(training))(features)
    return features


def _convolution(training: Training) -> Callable[..., "keras.layers.Conv2D"]:
    """Return Conv2D with the block's penalties; a filter's norm is over height, width, channels."""
    import keras

    return partial(keras.layers.Conv2D, **penalties(training, unit_axes=[0, 1, 2]))
