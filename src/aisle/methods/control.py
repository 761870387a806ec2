"""Controls: a forest that sees almost nothing. A useful candidate must beat it."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle.inputs.features import pixels
from aisle.inputs.rows import Rows
from aisle.methods.common import fitted, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import Phrase, phrase
from aisle.settings import params
from aisle.training.epoch import Epoch

Sight = Literal["shuffled_labels", "mean_colour", "file_facts"]

SEEN: dict[Sight, Phrase] = {
    "shuffled_labels": phrase("shuffled labels"),
    "mean_colour": phrase("the mean colour"),
    "file_facts": phrase("file facts"),
}


class Settings(params.Candidate):
    """What the forest sees, and its size."""

    backbone: Literal["none"]
    sees: Annotated[
        Sight,
        Field(
            description="shuffled_labels: all pixels, but the training labels in random order. "
            "mean_colour: the photo's mean red, green and blue. file_facts: width, height and "
            "bytes of the photo's file."
        ),
    ]
    trees: Annotated[
        fitted.Trees, Field(description="Number of trees. More is steadier and slower.")
    ] = fitted.TREES

    @model_validator(mode="after")
    def _photos_where_they_are_seen(self) -> "Settings":
        if self.sees == "file_facts" and self.photos != "none":
            raise ValueError(
                f"photos is {self.photos}, and 'sees: file_facts' opens none; expected photos: none"
            )
        if self.sees != "file_facts" and self.photos == "none":
            raise ValueError(
                f"photos is none, and 'sees: {self.sees}' needs them; expected a size of "
                "resize.sizes"
            )
        return self


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on the original photos of train and save; `val` is not used."""
    rows = train.only_originals()
    labels = rows.labels
    if settings.sees == "shuffled_labels":
        labels = np.random.default_rng(seed).permutation(labels)
    features = _seen(rows, sees=settings.sees)
    model = fitted.forest(features, labels=labels, trees=settings.trees, seed=seed)
    fitted.save(folder, model=model, classes=classes, sees=settings.sees)
    return []


def load(*, folder: Path) -> fitted.Classical:
    """Return the fitted control."""
    stored = fitted.load(folder)
    read = partial(_seen, sees=stored["sees"])
    return fitted.Classical(stored["model"], read, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def describe(settings: Settings) -> Description:
    """Return the words for what the forest sees."""
    if settings.sees == "file_facts":
        inputs = phrase("file facts")
    else:
        inputs = phrases.photo(settings.photos)
    return Description(
        "control",
        "nothing" if settings.photos == "none" else "photo",
        phrase("control: forest on {what}", what=SEEN[settings.sees]),
        inputs=[inputs],
        fitting=[phrases.trees(settings.trees)],
    )


def _seen(rows: Rows, *, sees: Sight) -> np.ndarray:
    """Return [rows, features]. White padding counts in the mean and makes the control stronger."""
    if sees == "file_facts":
        return rows.file_facts()
    photos = rows.photos()
    if sees == "mean_colour":
        return np.asarray(photos.mean(axis=(1, 2)))
    return pixels(photos)
