"""Transfer learning: an EfficientNetV2 without its top, a new head, and two ways to train them.

The new head is global average pooling (in the backbone), dropout, and a softmax over the
catalogue's categories.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from aisle import backbones, params, paths
from aisle.candidates import networks
from aisle.candidates.contract import Epoch
from aisle.candidates.rows import Rows

if TYPE_CHECKING:
    import keras


class Settings(params.Candidate):
    """The recipe and its steps; see params.yaml for each."""

    photos: params.Side
    backbone: params.Variant
    recipe: Literal["staged", "full"]
    views: Literal["original", "all"]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    batch_size: params.Positive
    epochs: params.Positive
    patience: params.Positive
    learning_rate: Annotated[float, Field(gt=0)]
    head_learning_rate: Annotated[float, Field(gt=0)]
    head_epochs: params.Positive


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the recipe, save photos → probabilities as `.keras`, return every epoch."""
    backbones.start_keras(seed=seed)
    backbone = backbones.load(
        settings.backbone,
        side=settings.photos,
        path=paths.weights(settings.backbone),
    )
    if settings.views == "original":
        train, val = train.only_originals(), val.only_originals()
    recipe = staged if settings.recipe == "staged" else full
    model, history = recipe(
        backbone,
        settings=settings,
        train=train,
        val=val,
        classes=classes,
        folder=folder,
        generator=np.random.default_rng(seed),
    )
    model.save(folder / networks.FILE)
    return history


def staged(
    backbone: "keras.Model",
    *,
    settings: Settings,
    train: Rows,
    val: Rows,
    classes: int,
    folder: Path,
    generator: np.random.Generator,
) -> tuple["keras.Model", list[Epoch]]:
    """Train the head on the frozen embeddings, then the last blocks and the head together.

    The frozen stem never runs: its output was kept by `embed`. BatchNorm stays as it is
    throughout. Head first, so that a random head does not spoil the features (Kumar et al. 2022,
    arXiv 2202.10054).
    """
    import keras

    data = partial(networks.batches, batch_size=settings.batch_size)
    train_phase = partial(networks.train, patience=settings.patience, folder=folder)
    head = new_head(width=backbone.output.shape[1], settings=settings, classes=classes)
    history = train_phase(
        head,
        phase="head",
        train=data(train, read=train.embeddings().__getitem__, generator=generator),
        val=data(val, read=val.embeddings().__getitem__),
        learning_rate=settings.head_learning_rate,
        epochs=settings.head_epochs,
    )
    _, tail = backbones.cut(backbone, trainable_from=train.inputs.embedding["trainable_from"])
    backbones.freeze_batch_normalisation(backbone)
    history += train_phase(
        keras.Model(tail.input, head(tail.output)),
        phase="tail",
        train=data(train, read=train.activations, generator=generator),
        val=data(val, read=val.activations),
        learning_rate=settings.learning_rate,
        epochs=settings.epochs,
    )
    return keras.Model(backbone.input, head(backbone.output)), history


def full(
    backbone: "keras.Model",
    *,
    settings: Settings,
    train: Rows,
    val: Rows,
    classes: int,
    folder: Path,
    generator: np.random.Generator,
) -> tuple["keras.Model", list[Epoch]]:
    """Train every layer at once from pixels, BatchNorm in training mode: the note's own recipe."""
    import keras

    data = partial(networks.batches, batch_size=settings.batch_size)
    train_phase = partial(networks.train, patience=settings.patience, folder=folder)
    head = new_head(width=backbone.output.shape[1], settings=settings, classes=classes)
    model = keras.Model(backbone.input, head(backbone.output))
    history = train_phase(
        model,
        phase="full",
        train=data(train, read=train.photos, generator=generator),
        val=data(val, read=val.photos),
        learning_rate=settings.learning_rate,
        epochs=settings.epochs,
    )
    return model, history


def new_head(*, width: int, settings: Settings, classes: int) -> "keras.Model":
    """Return dropout and softmax: pooled features [k, width] → probabilities [k, classes]."""
    import keras

    features = keras.Input((width,))
    kept = keras.layers.Dropout(settings.dropout)(features)
    return keras.Model(features, keras.layers.Dense(classes, activation="softmax")(kept))


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def reads_embeddings(settings: Settings) -> bool:
    """Return whether the frozen pass is part of the recipe."""
    return settings.recipe == "staged"
