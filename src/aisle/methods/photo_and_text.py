"""Photo and text in one forest: the pixels of a small photo beside the TF-IDF of its texts."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from aisle import params
from aisle.candidates import classical, texts
from aisle.candidates.contract import Epoch, FrozenPass
from aisle.candidates.features import pixels
from aisle.candidates.rows import Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer


class Settings(texts.TextSettings):
    """Which texts and words, which views the forest is fitted on, and how many trees."""

    photos: params.Side
    backbone: Literal["none"]
    views: Literal["original", "all"]
    trees: classical.Trees


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train, every view with the text of its product, and save; `val` is not used."""
    words = texts.vectorizer(train, settings=settings)
    rows = train if settings.views == "all" else train.only_originals()
    features = _both(rows, words=words, columns=settings.texts)
    model = classical.forest(features, labels=rows.labels, trees=settings.trees, seed=seed)
    classical.save(folder, model=model, classes=classes, words=words, texts=list(settings.texts))
    return []


def load(*, folder: Path) -> classical.Classical:
    """Return the fitted forest with its vocabulary."""
    stored = classical.load(folder)
    read = partial(_both, words=stored["words"], columns=stored["texts"])
    return classical.Classical(stored["model"], read, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def _both(
    rows: Rows, *, words: "TfidfVectorizer", columns: Sequence[params.TextColumn]
) -> "csr_array":
    """Return float32 [rows, pixels and words]; sparse, for most words are in few products."""
    from scipy.sparse import csr_array, hstack

    photos = csr_array(pixels(rows.photos()).astype(np.float32))
    return hstack(
        [photos, texts.features(rows, words=words, columns=columns)], format="csr", dtype=np.float32
    )
