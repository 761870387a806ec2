"""Progressive learning: photo size and regularisation increase together over training stages.

Tan and Le 2021, "EfficientNetV2: Smaller models and faster training", section 4, arXiv 2104.00298:
small photos are fast and need little regularisation, large photos need more.
"""

import math
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import numpy as np
from PIL import Image
from pydantic import Field

from aisle.inputs.rows import Rows
from aisle.settings import params
from aisle.training import block, networks
from aisle.training.block import Amount, Part, Training
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras

SHIFT, ZOOM, BRIGHTNESS, CONTRAST = 0.2, 0.2, 0.2, 0.4
"""Largest changes at strength 1, in either direction: shift as a share of the side, zoom factor
minus 1, brightness as a share of 255, contrast factor around the photo's mean minus 1. Our choice;
the paper uses RandAugment."""

REACH = SHIFT + 0.5 / (1 - ZOOM) - 0.5
"""Largest distance beyond the photo's edge that is needed, as a share of its side."""


class Stage(params.Section):
    """Some epochs at one photo size and one strength of regularisation."""

    size: Annotated[params.Side, Field(description="Side of the photos in pixels.")]
    augmentation: Annotated[
        float,
        Field(ge=0, le=1, description="Strength of random shifts, zooms, brightness and contrast."),
    ]
    dropout: Annotated[Part, Field(description="In place of `training.dropout`.")]
    mixup: Annotated[Amount, Field(description="In place of `training.mixup`.")]
    epochs: Annotated[params.Positive, Field(description="In place of `training.epochs`.")]


Stages: TypeAlias = tuple[Stage, ...]


def check(stages: Stages, *, photos: int, training: Training) -> None:
    """Raise ValueError unless sizes and strengths never decrease and the last size is `photos`."""
    for number, (before, after) in enumerate(pairwise(stages), start=2):
        for key in ("size", "augmentation", "dropout", "mixup"):
            was, now = getattr(before, key), getattr(after, key)
            if now < was:
                raise ValueError(
                    f"progressive may only grow, and {key} falls from {was:g} to {now:g} in stage "
                    f"{number}; expected {was:g} or more there"
                )
    if stages and stages[-1].size != photos:
        raise ValueError(
            f"progressive ends with size {stages[-1].size}, and photos, the size of the answers, "
            f"is {photos}; expected the two to be the same"
        )
    for stage in stages:
        block.check_soft(training, key="progressive's mixup", value=stage.mixup)
    block.check_length(training, epochs=sum(stage.epochs for stage in stages))


def strongest(training: Training, *, stages: Stages) -> Training:
    """Return `training` with the last stage's dropout: a layer built with 0 cannot be raised."""
    if not stages:
        return training
    return training.model_copy(update={"dropout": stages[-1].dropout})


def train(
    model: "keras.Model",
    *,
    phase: str,
    stages: Stages,
    head: "keras.Model",
    training: Training,
    train: Rows,
    val: Rows,
    classes: int,
    folder: Path,
    generator: np.random.Generator,
) -> list[Epoch]:
    """Train on photos stage by stage, as phases progressive1, progressive2 …; return every epoch.

    Without stages, train one phase named `phase` on the photos at full size. With stages, `model`
    must accept photos of any size, and dropout is set in the Dropout layers of `head`. One
    optimizer serves all stages, so a schedule continues. Each stage monitors val at its own size,
    because losses at two sizes are not comparable, and is rolled back if no epoch improves on its
    starting point. The last size is that of the predictions, so the final weights are chosen there.
    """
    import keras

    data = partial(networks.datasets, train, val, classes=classes, generator=generator)
    phase_of = partial(networks.train, model, folder=folder)
    if not stages:
        at_once = data(read=lambda rows: rows.photos, training=training)
        return phase_of(phase=phase, **at_once, training=training)
    history: list[Epoch] = []
    optimizer: keras.optimizers.Optimizer | None = None
    for number, stage in enumerate(stages, start=1):
        update = {key: getattr(stage, key) for key in ("dropout", "mixup", "epochs")}
        now = training.model_copy(update=update)
        for layer in head.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = stage.dropout
        parts = data(
            read=partial(_reader, size=stage.size),
            training=now,
            change=partial(augmented, strength=stage.augmentation),
        )
        if optimizer is None:
            optimizer = block.optimizer(training, steps_per_epoch=len(parts["train"]))
        history += phase_of(
            phase=f"progressive{number}", **parts, training=now, optimizer=optimizer
        )
    return history


def resized(photos: np.ndarray, *, size: int) -> np.ndarray:
    """Resize photos uint8 [k, side, side, 3] to uint8 [k, size, size, 3]."""
    if photos.shape[1] == size:
        return photos
    resample = Image.Resampling.BICUBIC  # like the stage `resize`
    return np.stack(
        [np.asarray(Image.fromarray(photo).resize((size, size), resample)) for photo in photos]
    )


def augmented(photos: np.ndarray, generator: np.random.Generator, *, strength: float) -> np.ndarray:
    """Return photos uint8 [k, side, side, 3] with random shift, zoom, brightness and contrast."""
    if strength == 0:
        return photos
    return np.stack([_augmented(photo, generator, strength=strength) for photo in photos])


def _augmented(photo: np.ndarray, generator: np.random.Generator, *, strength: float) -> np.ndarray:
    right, down, zoom, light, contrast = strength * generator.uniform(-1, 1, size=5)
    side = len(photo)
    margin = math.ceil(side * REACH)
    # pad with edge pixels, which are mostly white on product photos
    wide = np.pad(photo, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    half = side / 2 / (1 + ZOOM * zoom)
    x, y = (margin + side / 2 + SHIFT * side * move for move in (right, down))
    box = (x - half, y - half, x + half, y + half)
    moved = Image.fromarray(wide).resize((side, side), Image.Resampling.BICUBIC, box=box)
    values = np.asarray(moved, dtype=np.float32)
    mean = values.mean()
    lit = mean + (values - mean) * (1 + CONTRAST * contrast) + 255 * BRIGHTNESS * light
    return np.asarray(np.clip(lit.round(), 0, 255), dtype=np.uint8)


def _reader(rows: Rows, *, size: int) -> networks.Reader:
    return lambda at: resized(rows.photos(at), size=size)
