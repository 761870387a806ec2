"""Transfer learning: an EfficientNetV2 without its top, a new head, and two ways to train them.

The new head is global average pooling (in the backbone), dropout, and a softmax over the
catalogue's categories.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from aisle import paths
from aisle.backbones import architecture
from aisle.inputs.rows import Rows
from aisle.methods.common import choices, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import phrase
from aisle.settings import params, steps
from aisle.training import block, networks, progressive
from aisle.training.block import Training
from aisle.training.epoch import Epoch
from aisle.training.progressive import Stages

if TYPE_CHECKING:
    import keras


BY_RECIPE: choices.Owners = {
    "staged": {"head_learning_rate": 1e-3, "head_epochs": 100},
    "full": {"batch_normalisation": "training", "progressive": ()},
}

AUTO = "auto"


def _step(given: Any) -> Any:
    return steps.default_learning_rate(steps.weights_source()) if given == AUTO else given


class FineTuning(Training):
    """The training block with a step size that follows from the weights."""

    learning_rate: Annotated[
        block.StepSize,
        BeforeValidator(_step),
        Field(
            description="Step size of the trainable blocks (`staged`) or of every layer (`full`). "
            "auto follows from `weights.source`: 1e-3 for formula and random, 1e-5 for imagenet "
            "and file."
        ),
    ] = Field(default=AUTO, validate_default=True)


class Settings(params.Candidate):
    """A recipe of fine-tuning. A setting that the recipe does not use is None."""

    photos: Annotated[int, Field(ge=32, le=2048)]
    backbone: params.Variant
    recipe: Annotated[
        Literal["staged", "full"],
        Field(
            description="staged: first the head on the frozen embeddings, then the blocks from "
            "`embed.trainable_from` on together with the head; BatchNorm stays frozen. full: every "
            "layer at once, from pixels."
        ),
    ] = "staged"
    views: Annotated[
        Literal["original", "all"],
        Field(description="Train on the photos as they are, or on every view of `augment`."),
    ] = "original"
    head_learning_rate: Annotated[
        block.StepSize | None,
        Field(description="staged: step size for the head on the frozen embeddings, constant."),
    ] = None
    head_epochs: Annotated[
        params.Positive | None,
        Field(description="staged: most epochs of the head; early stopping usually ends before."),
    ] = None
    batch_normalisation: Annotated[
        Literal["training", "inference"] | None,
        Field(
            description="full: BatchNorm normalises each batch by its own statistics and is "
            "trained (training), or keeps the statistics of the weights and is frozen (inference)."
        ),
    ] = None
    progressive: Annotated[
        Stages | None,
        Field(
            description="full: stages of growing photo size and regularisation, see below; "
            "[] = off."
        ),
    ] = None
    training: Annotated[FineTuning, Field(description="How the weights are fitted, see below.")] = (
        Field(default_factory=FineTuning)
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_recipe(cls, given: Any) -> Any:
        return choices.with_defaults(given, key="recipe", owners=BY_RECIPE, default="staged")

    @model_validator(mode="after")
    def _stages_grow(self) -> "Settings":
        progressive.check(self.progressive or (), photos=self.photos, training=self.training)
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

    The frozen blocks do not run: `embed` stored their output. BatchNorm stays frozen. The head
    comes first so that a random head does not distort the features (Kumar et al. 2022, arXiv
    2202.10054). MixUp mixes the inputs of each phase: embeddings, then activations.
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
    """Train every layer at once from pixels, as the original study did."""
    import keras

    if settings.batch_normalisation == "inference":
        architecture.freeze_batch_normalisation(backbone)
    training = progressive.strongest(settings.training, stages=settings.progressive or ())
    head = new_head(width=backbone.output.shape[1], training=training, classes=classes)
    model = keras.Model(backbone.input, head(backbone.output))
    history = progressive.train(
        model,
        phase="full",
        stages=settings.progressive or (),
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
    return keras.Model(
        features, networks.softmax_head(features, training=training, classes=classes)
    )


def load(*, folder: Path) -> networks.Network:
    """Return the fitted network."""
    return networks.load(folder=folder)


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `to_fit` for `staged`: the saved network contains the whole backbone."""
    return "to_fit" if settings.recipe == "staged" else "never"


def describe(settings: Settings) -> Description:
    """Return the words for the variant and the recipe."""
    variant = settings.backbone.upper()
    undone = None
    if settings.recipe == "staged":
        what = phrase("EfficientNetV2-{variant}, fine-tuned (last blocks)", variant=variant)
        undone = phrase("EfficientNetV2-{variant}, head only", variant=variant)
        block = params.read("embed", params.Embed).trainable_from
        fitting = [phrase("head, then from {block} on", block=block)]
    else:
        what = phrase("EfficientNetV2-{variant}, fine-tuned (whole)", variant=variant)
        fitting = [phrase("every layer")]
    if settings.batch_normalisation == "inference":
        fitting.append(phrase("BatchNorm frozen"))
    fitting.append(phrases.on_views(settings.views))
    inputs = [phrases.photo(settings.photos)]
    return Description("transfer", "photo", what, inputs=inputs, fitting=fitting, undone=undone)
