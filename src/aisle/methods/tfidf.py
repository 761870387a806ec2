"""The text baseline: TF-IDF of the product's texts, and a logistic regression or a forest on it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle.inputs import texts
from aisle.inputs.rows import Rows
from aisle.methods.common import choices, fitted, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import phrase
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

BY_MODEL: choices.Owners = {
    "logistic": {"C": (1, 10, 100, 1000)},
    "forest": {"trees": fitted.TREES},
}


class Settings(texts.TextSettings):
    """A model on words. A setting that the model does not use is None."""

    photos: Literal["none"]
    backbone: Literal["none"]
    model: Annotated[
        Literal["logistic", "forest"], Field(description="Logistic regression or random forest.")
    ] = "logistic"
    trees: Annotated[
        fitted.Trees | None,
        Field(description="forest: number of trees. More is steadier and slower."),
    ] = None
    C: Annotated[
        tuple[fitted.Strength, ...] | None,
        Field(
            min_length=1,
            description="logistic: values of scikit-learn's C; a larger one regularises less. The "
            "loss on val chooses one.",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_model(cls, given: Any) -> Any:
        return choices.with_defaults(given, key="model", owners=BY_MODEL, default="logistic")

    @property
    def values(self) -> list[float]:
        """The values that are tried one by one; the most regularised comes first."""
        return [self.trees or 0] if self.model == "forest" else sorted(self.C or ())


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on the words of train and save; val only chooses among the values of `C`.

    Only original views are read, because all views of a product have the same text. The most
    regularised `C` wins a tie.
    """
    train, val = train.only_originals(), val.only_originals()
    words = texts.vectorizer(train, settings=settings)
    read = partial(texts.features, words=words, columns=settings.texts)
    features = read(train)
    tried: dict[float, fitted.Classical] = {}
    for value in settings.values:
        if settings.model == "forest":
            model = fitted.forest(features, labels=train.labels, trees=int(value), seed=seed)
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


def describe(settings: Settings) -> Description:
    """Return the words for the model and its texts."""
    forest = settings.model == "forest"
    return Description(
        "text",
        "text",
        phrase("{model} on words", model=phrases.MODELS[settings.model]),
        inputs=[phrases.texts(settings.texts)],
        fitting=[
            phrases.trees(settings.trees or 0) if forest else phrases.strengths(settings.C or ())
        ],
    )


def _logistic(
    features: fitted.Features, *, labels: np.ndarray, strength: float
) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # on arrays this small a second thread costs more than it saves
        return LogisticRegression(C=strength, max_iter=fitted.STEPS).fit(features, labels)
