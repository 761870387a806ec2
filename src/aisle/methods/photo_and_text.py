"""Photo and text in one forest: the pixels of a small photo beside the TF-IDF of its texts."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from aisle.inputs import texts
from aisle.inputs.features import pixels
from aisle.inputs.rows import Rows
from aisle.methods.common import fitted, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import phrase
from aisle.settings import params
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer


class Settings(texts.TextSettings):
    """A forest on pixels and words."""

    photos: params.Side
    backbone: Literal["none"]
    views: Annotated[
        Literal["original", "all"],
        Field(description="Train on the photos as they are, or on every view of `augment`."),
    ] = "original"
    trees: Annotated[
        fitted.Trees, Field(description="Number of trees. More is steadier and slower.")
    ] = fitted.TREES


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train, every view with the text of its product, and save; `val` is not used."""
    words = texts.vectorizer(train, settings=settings)
    rows = train if settings.views == "all" else train.only_originals()
    features = _both(rows, words=words, columns=settings.texts)
    model = fitted.forest(features, labels=rows.labels, trees=settings.trees, seed=seed)
    fitted.save(folder, model=model, classes=classes, words=words, texts=list(settings.texts))
    return []


def load(*, folder: Path) -> fitted.Classical:
    """Return the fitted forest with its vocabulary."""
    stored = fitted.load(folder)
    read = partial(_both, words=stored["words"], columns=stored["texts"])
    return fitted.Classical(stored["model"], read, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def describe(settings: Settings) -> Description:
    """Return the words for the forest and its two inputs."""
    return Description(
        "both",
        "photo and text",
        phrase("forest on pixels and words"),
        inputs=[phrases.photo(settings.photos), phrases.texts(settings.texts)],
        fitting=[phrases.trees(settings.trees), phrases.on_views(settings.views)],
    )


def _both(
    rows: Rows, *, words: "TfidfVectorizer", columns: Sequence[params.TextColumn]
) -> "csr_array":
    """Return float32 [rows, pixels and words]; sparse, because most words are in few products."""
    from scipy.sparse import csr_array, hstack

    photos = csr_array(pixels(rows.photos()).astype(np.float32))
    return hstack(
        [photos, texts.features(rows, words=words, columns=columns)], format="csr", dtype=np.float32
    )
