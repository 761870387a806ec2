"""Forest, logistic regression, SVC and k-NN on pixels, on edges and colours, or on embeddings.

The one number each has (C, neighbours) is chosen by the loss on val's original photos; scaler and
model are fitted on train alone.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from aisle import paths
from aisle.errors import AisleError
from aisle.inputs import features
from aisle.inputs.rows import Rows
from aisle.methods.common import fitted
from aisle.methods.common.contract import FrozenPass
from aisle.settings import params
from aisle.training.epoch import Epoch

Features = Literal["pixels", "hog_hsv", "embedding"]
Model = Literal["forest", "logistic", "svc", "knn"]

OWN: dict[Model, str] = {
    "forest": "trees",
    "logistic": "C",
    "svc": "C",
    "knn": "neighbours",
}
"""Model → the setting it needs; the other two are not its."""

TEMPERATURES = (0.05, 20.0)
"""A val without one mistake would ask for 0, that is, for boundless confidence on test."""


class Settings(params.Candidate):
    """What is read, by which model, fitted on which views, and the setting of that model.

    `layers` are blocks of the backbone whose pooled outputs are read side by side. `views: mean`
    learns from and answers on the mean of the embeddings of all views of a product.
    `C` holds values of scikit-learn's setting of that name, the larger, the freer the model;
    `neighbours` numbers of neighbours. Val chooses one of several.
    """

    features: Features
    model: Model
    views: Literal["original", "all", "mean"]
    layers: params.Layers = (params.TOP,)
    trees: fitted.Trees = 0
    C: tuple[fitted.Strength, ...] = ()
    neighbours: tuple[params.Positive, ...] = ()

    @model_validator(mode="after")
    def _the_features_have_their_input(self) -> "Settings":
        needed, other = "photos", "backbone"
        if self.features == "embedding":
            needed, other = other, needed
        if getattr(self, needed) == paths.NONE:
            raise ValueError(f"{needed} is none, and 'features: {self.features}' needs it")
        if getattr(self, other) != paths.NONE:
            raise ValueError(
                f"{other} is {getattr(self, other)}, and 'features: {self.features}' does not read "
                f"it; expected {other}: none"
            )
        return self

    @model_validator(mode="after")
    def _only_embeddings_have_layers_and_a_mean(self) -> "Settings":
        if self.features != "embedding" and "layers" in self.model_fields_set:
            raise ValueError(f"'layers' does not belong to 'features: {self.features}'; remove it")
        if self.features != "embedding" and self.views == "mean":
            raise ValueError(
                f"views is mean, and 'features: {self.features}' has none; expected original or all"
            )
        return self

    @model_validator(mode="after")
    def _the_model_has_its_setting(self) -> "Settings":
        needed = OWN[self.model]
        if not getattr(self, needed):
            raise ValueError(f"'{needed}' is missing or empty, and 'model: {self.model}' needs it")
        for key in dict.fromkeys(OWN.values()):
            if key != needed and getattr(self, key):
                raise ValueError(f"'{key}' does not belong to 'model: {self.model}'; remove it")
        return self

    @property
    def values(self) -> list[float]:
        """What the model is fitted with, one by one; the simplest comes first and wins a tie."""
        if self.model == "forest":
            return [self.trees]
        if self.model == "knn":
            return sorted(self.neighbours, reverse=True)
        return sorted(self.C)


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train once per value and save the model whose loss on val is the lowest.

    The model is not fitted again on train and val together: every candidate learns from the same
    products.
    """
    train = train if settings.views == "all" else train.only_originals()
    val = val.only_originals()
    if settings.model == "knn" and max(settings.neighbours) > len(train):
        raise AisleError(
            f"neighbours holds {max(settings.neighbours)}, but train has {len(train)} rows. Give "
            "no number above that."
        )
    read = partial(
        describe,
        by=settings.features,
        layers=settings.layers,
        mean=settings.views == "mean",
    )
    of_train, of_val = read(train), read(val)
    tried: dict[float, fitted.Classical] = {}
    for value in settings.values:
        model = learnt(of_train, labels=train.labels, model=settings.model, value=value, seed=seed)
        degrees = None
        if settings.model in ("svc", "knn"):
            margins = fitted.scores(model, of_val)
            degrees = temperature(margins, of=model.classes_, labels=val.labels)
        tried[value] = fitted.Classical(model, read, classes, degrees)
    best = fitted.choose(
        tried, setting=OWN[settings.model], features=of_val, labels=val.labels, folder=folder
    )
    fitted.save(
        folder, model=best.model, classes=classes, temperature=best.temperature, seen=read.keywords
    )
    return []


def load(*, folder: Path) -> fitted.Classical:
    """Return the fitted model."""
    stored = fitted.load(folder)
    read = partial(describe, **stored["seen"])
    return fitted.Classical(stored["model"], read, stored["classes"], stored["temperature"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `to_answer` where the features are a backbone's."""
    return "to_answer" if settings.features == "embedding" else "never"


def describe(
    rows: Rows, *, by: Features, layers: Sequence[params.Layer] = (params.TOP,), mean: bool = False
) -> np.ndarray:
    """Return the features of each row, float32 [len(rows), width].

    `layers` and `mean` are those of `Rows.embeddings`, and for embeddings only.
    """
    if by == "embedding":
        return rows.embeddings(layers=layers, mean=mean)
    if by == "pixels":
        return features.pixels(rows.photos()).astype(np.float32)
    one_by_one = (rows.photos(np.asarray([at]))[0] for at in range(len(rows)))
    return np.stack([features.hog_hsv(photo) for photo in one_by_one])


def learnt(
    described: np.ndarray, *, labels: np.ndarray, model: Model, value: float, seed: int
) -> Any:
    """Return a forest, or a pipeline of scaler and model, fitted on features [n, width].

    k-NN compares by cosine, the custom for embeddings: with a thousand features the distance is
    ruled by how far a product lies from everything, not by what it is like.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
    from threadpoolctl import threadpool_limits

    if model == "forest":
        return fitted.forest(described, labels=labels, trees=int(value), seed=seed)
    if model == "logistic":
        last = LogisticRegression(C=value, max_iter=fitted.STEPS)
    elif model == "svc":
        last = SVC(C=value, decision_function_shape="ovo")
    else:
        last = KNeighborsClassifier(int(value), metric="cosine", algorithm="brute")
    # products this small gain nothing from two threads, and on a busy machine wait for them: the
    # logistic regression then takes thirty times as long
    with threadpool_limits(1, user_api="blas"):
        return make_pipeline(StandardScaler(), last).fit(described, labels)


def temperature(margins: np.ndarray, *, of: np.ndarray, labels: np.ndarray) -> float:
    """Return the divisor of the margins whose softmax has the lowest loss (arXiv 1706.04599).

    `margins` are [k, len(of)], `of` the categories in order; rows of other categories do not count.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    known = np.flatnonzero(np.isin(labels, of))
    truth = np.searchsorted(of, labels[known])

    def loss(logarithm: float) -> float:
        logarithms = log_softmax(margins[known] / np.exp(logarithm), axis=1)
        return float(-logarithms[np.arange(len(known)), truth].mean())

    low, high = np.log(TEMPERATURES)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))
