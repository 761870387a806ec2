"""The text baseline: TF-IDF of the product's texts, and a logistic regression or a forest on it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import model_validator

from aisle.inputs import texts
from aisle.inputs.rows import Rows
from aisle.methods.common import fitted
from aisle.methods.common.contract import FrozenPass
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

BELONGS_TO = {"trees": "forest", "C": "logistic"}
"""Setting → the only model that has it, and that needs it."""


class Settings(texts.TextSettings):
    """Which model reads the words, and the one setting that it alone has.

    `C` holds values of scikit-learn's setting of that name: the larger, the freer the coefficients.
    """

    photos: Literal["none"]
    backbone: Literal["none"]
    model: Literal["logistic", "forest"]
    trees: fitted.Trees = 0
    C: tuple[fitted.Strength, ...] = ()

    @model_validator(mode="after")
    def _each_model_has_its_own_setting(self) -> "Settings":
        for key, model in BELONGS_TO.items():
            given = bool(getattr(self, key))
            if given and self.model != model:
                raise ValueError(
                    f"'{key}' belongs to 'model: {model}', and model is {self.model}; remove it"
                )
            if not given and self.model == model:
                raise ValueError(f"'{key}' is missing or empty; 'model: {model}' needs it")
        return self

    @property
    def values(self) -> list[float]:
        """What the model is fitted with, one by one; the most cautious comes first."""
        return [self.trees] if self.model == "forest" else sorted(self.C)


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on the words of train and save; val only chooses one of several values of `C`.

    A product counts once: its text is the same in every view. The most cautious `C` wins a tie.
    """
    train, val = train.only_originals(), val.only_originals()
    words = texts.vectorizer(train, settings=settings)
    read = partial(texts.features, words=words, columns=settings.texts)
    features = read(train)
    tried: dict[float, fitted.Classical] = {}
    for value in settings.values:
        if settings.model == "forest":
            model = fitted.forest(features, labels=train.labels, trees=settings.trees, seed=seed)
        else:
            model = _logistic(features, labels=train.labels, strength=value)
        tried[value] = fitted.Classical(model, read, classes)
    best = fitted.choose(
        tried,
        setting="trees" if settings.model == "forest" else "C",
        features=read(val),
        labels=val.labels,
        folder=folder,
    )
    fitted.save(folder, model=best.model, classes=classes, words=words, texts=list(settings.texts))
    return []


def load(*, folder: Path) -> fitted.Classical:
    """Return the fitted model with its vocabulary."""
    stored = fitted.load(folder)
    read = partial(texts.features, words=stored["words"], columns=stored["texts"])
    return fitted.Classical(stored["model"], read, stored["classes"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `never`."""
    return "never"


def _logistic(
    features: fitted.Features, *, labels: np.ndarray, strength: float
) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # its arrays are small: two threads wait longer than one works
        return LogisticRegression(C=strength, max_iter=fitted.STEPS).fit(features, labels)
