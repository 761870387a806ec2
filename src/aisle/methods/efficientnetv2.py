"""Transfer learning: an EfficientNetV2 without its top, a new head, and two ways to train them.

The new head is global average pooling (in the backbone), dropout, and a softmax over the
catalogue's categories.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle import paths
from aisle.backbones import architecture
from aisle.inputs.rows import Rows
from aisle.methods.common.contract import FrozenPass
from aisle.settings import params
from aisle.training import networks, progressive
from aisle.training.block import Training
from aisle.training.epoch import Epoch
from aisle.training.progressive import Stages

if TYPE_CHECKING:
    import keras


class Settings(params.Candidate):
    """The recipe and its steps; see params.yaml for each.

    `training` is that of the tail or of the whole network; the head has its own step, constant,
    and its own number of epochs. `batch_normalisation` is of `full`: whether each batch is
    normalised by itself (training) or all by the statistics that came with the weights, which then
    stay as they are (inference), as always in `staged`.
    """

    photos: Annotated[int, Field(ge=32, le=2048)]
    backbone: params.Variant
    recipe: Literal["staged", "full"]
    views: Literal["original", "all"]
    progressive: Stages = ()
    batch_normalisation: Literal["training", "inference"] = "training"
    head_learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    head_epochs: params.Positive
    training: Training

    @model_validator(mode="after")
    def _stages_grow(self) -> "Settings":
        if self.progressive and self.recipe == "staged":
            raise ValueError(
                "progressive changes the size of the photos, and 'recipe: staged' reads what the "
                "frozen blocks made of one size; expected progressive: [], or recipe: full"
            )
        progressive.check(self.progressive, photos=self.photos, training=self.training)
        return self


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Train by the recipe, save photos → probabilities as `.keras`, return every epoch."""
    networks.start(settings.training, classes=classes, seed=seed)
    if settings.views == "original":
        train, val = train.only_originals(), val.only_originals()
    recipe = staged if settings.recipe == "staged" else full
    with networks.across(networks.gpus()):
        backbone = architecture.load(
            settings.backbone,
            side=None if settings.progressive else settings.photos,
            path=paths.weights(settings.backbone),
        )
        model, history = recipe(
            backbone,
            settings=settings,
            train=train,
            val=val,
            classes=classes,
            folder=folder,
            generator=np.random.default_rng(seed),
        )
    networks.save(model, folder=folder)
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
    arXiv 2202.10054). MixUp mixes what each phase reads, embeddings and activations.
    """
    import keras

    training = settings.training
    data = partial(networks.datasets, train, val, classes=classes, generator=generator)
    head = new_head(width=backbone.output.shape[1], training=training, classes=classes)
    of_head = training.model_copy(
        update={
            "learning_rate": settings.head_learning_rate,
            "schedule": "constant",
            "decay": 0,
            "epochs": settings.head_epochs,
        }
    )
    history = networks.train(
        head,
        phase="head",
        **data(read=lambda rows: rows.embeddings().__getitem__, training=of_head),
        training=of_head,
        folder=folder,
    )
    _, tail = architecture.cut(backbone, trainable_from=train.inputs.embedding["trainable_from"])
    architecture.freeze_batch_normalisation(backbone)
    history += networks.train(
        keras.Model(tail.input, head(tail.output)),
        phase="tail",
        **data(read=lambda rows: rows.activations, training=training),
        training=training,
        folder=folder,
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
    """Train every layer at once from pixels: with BatchNorm in training mode, the note's recipe."""
    import keras

    if settings.batch_normalisation == "inference":
        architecture.freeze_batch_normalisation(backbone)
    training = progressive.strongest(settings.training, stages=settings.progressive)
    head = new_head(width=backbone.output.shape[1], training=training, classes=classes)
    model = keras.Model(backbone.input, head(backbone.output))
    history = progressive.train(
        model,
        phase="full",
        stages=settings.progressive,
        head=head,
        training=training,
        train=train,
        val=val,
        classes=classes,
        folder=folder,
        generator=generator,
    )
    return model, history


def new_head(*, width: int, training: Training, classes: int) -> "keras.Model":
    """Return dropout and softmax: pooled features [k, width] → probabilities [k, classes]."""
    import keras

    features = keras.Input((width,))
    return keras.Model(features, networks.answer(features, training=training, classes=classes))


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `to_fit` for `staged`: the network it saves holds the whole backbone."""
    return "to_fit" if settings.recipe == "staged" else "never"
