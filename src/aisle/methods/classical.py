"""Forest, logistic regression, SVC and k-NN on pixels, on edges and colours, or on embeddings.

The loss on val's original photos chooses among the values of `C` or `neighbours`. Scaler and model
are fitted on train alone.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle import paths
from aisle.errors import AisleError
from aisle.inputs import features
from aisle.inputs.rows import Rows
from aisle.methods.common import choices, fitted, phrases
from aisle.methods.common.contract import Description, FrozenPass
from aisle.methods.common.phrases import All, Code, Count, Either, Phrase, phrase
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
"""Model → the setting that it uses."""

BY_MODEL: choices.Owners = {
    "forest": {"trees": fitted.TREES},
    "logistic": {"C": (0.001, 0.01, 0.1)},
    "svc": {"C": (1, 10)},
    "knn": {"neighbours": (3, 5, 10, 20, 40)},
}
BY_FEATURES: choices.Owners = {
    "pixels": {},
    "hog_hsv": {},
    "embedding": {"layers": (params.TOP,)},
}

FEATURES: dict[Features, Phrase] = {
    "pixels": phrase("pixels"),
    "hog_hsv": phrase("edges and colours"),
}

TEMPERATURES = (0.05, 20.0)
"""Bounds: a val without a mistake would give 0, which is unlimited confidence on test."""


class Settings(params.Candidate):
    """A classical model on one kind of features. A setting the model does not use is None."""

    features: Annotated[
        Features,
        Field(
            description="What the model reads: the pixels; hog_hsv, histograms of edges and of "
            "colours; or embedding, what the frozen `backbone` makes of the photo."
        ),
    ] = "pixels"
    model: Annotated[
        Model, Field(description="Random forest, logistic regression, SVC or k nearest neighbours.")
    ]
    views: Annotated[
        Literal["original", "all", "mean"],
        Field(
            description="Train on the photos as they are, on every view of `augment`, or (only "
            "embedding) train on and answer from the mean over all views of a product."
        ),
    ] = "original"
    layers: Annotated[
        params.Layers | None,
        Field(
            description="embedding: blocks of the backbone whose pooled outputs are read side by "
            "side; each must be in `embed.layers`."
        ),
    ] = None
    trees: Annotated[
        fitted.Trees | None,
        Field(description="forest: number of trees. More is steadier and slower."),
    ] = None
    C: Annotated[
        tuple[fitted.Strength, ...] | None,
        Field(
            min_length=1,
            description="logistic, svc: values of scikit-learn's C; a larger one regularises less. "
            "The loss on val chooses one.",
        ),
    ] = None
    neighbours: Annotated[
        tuple[params.Positive, ...] | None,
        Field(
            min_length=1,
            description="knn: numbers of neighbours. The loss on val chooses one.",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_choices(cls, given: Any) -> Any:
        given = choices.with_defaults(given, key="model", owners=BY_MODEL)
        return choices.with_defaults(given, key="features", owners=BY_FEATURES, default="pixels")

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
    def _only_embeddings_have_a_mean(self) -> "Settings":
        if self.features != "embedding" and self.views == "mean":
            raise ValueError(
                f"views is mean, and 'features: {self.features}' has none; expected original or all"
            )
        return self

    @property
    def values(self) -> list[float]:
        """The values that are tried one by one; the simplest comes first and wins a tie."""
        if self.model == "forest":
            return [self.trees or 0]
        if self.model == "knn":
            return sorted(self.neighbours or (), reverse=True)
        return sorted(self.C or ())


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train once per value and save the model with the lowest loss on val.

    It is not fitted again on train and val together, so that all candidates learn from the same
    products.
    """
    train = train if settings.views == "all" else train.only_originals()
    val = val.only_originals()
    if settings.model == "knn" and max(settings.values) > len(train):
        raise AisleError(
            f"neighbours holds {max(settings.values)}, but train has {len(train)} rows. Give "
            "no number above that."
        )
    read = partial(
        features_of,
        by=settings.features,
        layers=settings.layers or (params.TOP,),
        mean=settings.views == "mean",
    )
    of_train, of_val = read(train), read(val)
    tried: dict[float, fitted.Classical] = {}
    for value in settings.values:
        model = fit_model(
            of_train, labels=train.labels, model=settings.model, value=value, seed=seed
        )
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
    read = partial(features_of, **stored["seen"])
    return fitted.Classical(stored["model"], read, stored["classes"], stored["temperature"])


def frozen_pass(settings: Settings) -> FrozenPass:
    """Return `to_answer` if the features are a backbone's."""
    return "to_answer" if settings.features == "embedding" else "never"


def describe(settings: Settings) -> Description:
    """Return the words for the model and its features."""
    layers = settings.layers or ()
    model, name = phrases.MODELS[settings.model], Code(settings.backbone)
    if settings.features != "embedding":
        what = phrase("{model} on {what}", model=model, what=FEATURES[settings.features])
    elif len(layers) > 1:
        number = len(layers)
        what = phrase("{model} on {layers} layers of {name}", model=model, layers=number, name=name)
    else:
        what = phrase("{model} on the embeddings of {name}", model=model, name=name)
    if settings.features != "embedding":
        inputs = phrases.photo(settings.photos)
    elif layers == (params.TOP,):
        inputs = phrase("photo, embedded by {name}", name=name)
    else:
        inputs = phrase("photo, embedded by {name} ({layers})", name=name, layers=All(layers))
    return Description(
        "transfer" if settings.features == "embedding" else "classical",
        "photo",
        what,
        inputs=[inputs],
        fitting=[_tried(settings), phrases.on_views(settings.views)],
    )


def _tried(settings: Settings) -> Phrase | Count:
    if settings.model == "forest":
        return phrases.trees(settings.trees or 0)
    if settings.model == "knn":
        return phrase("neighbours {values}", values=Either(settings.neighbours or ()))
    return phrases.strengths(settings.C or ())


def features_of(
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


def fit_model(
    described: np.ndarray, *, labels: np.ndarray, model: Model, value: float, seed: int
) -> Any:
    """Return a forest, or a pipeline of scaler and model, fitted on features [n, width].

    k-NN compares by cosine, as is usual for embeddings: with a thousand features the Euclidean
    distance depends on how far a product is from all others more than on what it is similar to.
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
    # matrices this small gain nothing from two threads; on a busy machine, waiting for a second
    # thread makes the logistic regression thirty times slower
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
