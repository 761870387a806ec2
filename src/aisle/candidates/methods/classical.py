"""Forest, logistic regression, SVC and k-NN on pixels, on edges and colours, or on embeddings.

The one number each has (C, neighbours) is chosen by the loss on val's original photos; scaler and
model are fitted on train alone.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle import files, params, paths
from aisle.candidates import classical, features
from aisle.candidates.contract import Epoch
from aisle.candidates.rows import Rows
from aisle.errors import AisleError

Features = Literal["pixels", "hog_hsv", "embedding"]
Model = Literal["forest", "logistic", "svc", "knn"]
Strength = Annotated[float, Field(gt=0, allow_inf_nan=False)]

OWN: dict[Model, str] = {
    "forest": "trees",
    "logistic": "C",
    "svc": "C",
    "knn": "neighbours",
}
"""Model → the setting it needs; the other two are not its."""

STEPS = 1000
"""Most steps of the logistic regression's solver; it takes about 30."""

TEMPERATURES = (0.05, 20.0)
"""A val without one mistake would ask for 0, that is, for boundless confidence on test."""

CHOICE = "choice.json"


class Settings(params.Candidate):
    """What is read, by which model, fitted on which views, and the setting of that model.

    `C` holds values of scikit-learn's setting of that name, the larger, the freer the model;
    `neighbours` numbers of neighbours. Val chooses one of several.
    """

    features: Features
    model: Model
    views: Literal["original", "all"]
    trees: classical.Trees = 0
    C: tuple[Strength, ...] = ()
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


@dataclass(frozen=True)
class Fitted:
    """A fitted model, what it reads, and the number of categories of the catalogue.

    `temperature` turns scores into probabilities; None where they are probabilities already.
    """

    model: Any
    features: Features
    classes: int
    temperature: float | None = None

    @property
    def parameters(self) -> int:
        """Nodes of a forest; else coefficients, support vectors or stored rows, with the scaler."""
        if hasattr(self.model, "estimators_"):
            return sum(int(tree.tree_.node_count) for tree in self.model.estimators_)
        scaler, last = self.model
        total = scaler.mean_.size + scaler.scale_.size
        for name in ("coef_", "support_vectors_", "dual_coef_", "intercept_"):
            total += getattr(last, name).size if hasattr(last, name) else 0
        return int(total + getattr(last, "n_samples_fit_", 0) * last.n_features_in_)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return float [len(rows), classes]; a category unseen in train gets 0."""
        return self.answers(describe(rows, by=self.features))

    def answers(self, described: np.ndarray) -> np.ndarray:
        """Return float [k, classes] for features [k, width]."""
        from scipy.special import softmax

        shares = scores(self.model, described).astype(float)
        if self.temperature is not None:
            shares = softmax(shares / self.temperature, axis=1)
        result = np.zeros((len(described), self.classes))
        # a model that counts in float32 gives rows that sum to 1 within 1e-6 only
        result[:, self.model.classes_] = shares / shares.sum(axis=1, keepdims=True)
        return result


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on train once per value and save the model whose loss on val is the lowest.

    The loss, not the accuracy: on a val of a hundred products accuracy moves in steps and ties,
    and the loss is what the networks watch too. The model is not fitted again on train and val
    together: every candidate learns from the same products. `choice.json` has each value's loss.
    """
    from sklearn.metrics import log_loss

    train = train if settings.views == "all" else train.only_originals()
    val = val.only_originals()
    if settings.model == "knn" and max(settings.neighbours) > len(train):
        raise AisleError(
            f"params.yaml: neighbours holds {max(settings.neighbours)}, but train has "
            f"{len(train)} rows. Give no number above that."
        )
    of_train, of_val = (describe(rows, by=settings.features) for rows in (train, val))
    tried: list[tuple[float, float, Fitted]] = []
    for value in settings.values:
        model = learnt(of_train, labels=train.labels, model=settings.model, value=value, seed=seed)
        fitted = Fitted(model, settings.features, classes)
        if settings.model in ("svc", "knn"):
            found = temperature(scores(model, of_val), of=model.classes_, labels=val.labels)
            fitted = replace(fitted, temperature=found)
        loss = log_loss(val.labels, fitted.answers(of_val), labels=np.arange(classes))
        tried.append((float(loss), value, fitted))
    _, chosen, best = min(tried, key=lambda one: one[0])
    classical.save(folder, **vars(best))
    losses = {f"{value:g}": round(loss, 6) for loss, value, _ in tried}
    files.write_json({OWN[settings.model]: chosen, "val_loss": losses}, folder / CHOICE)
    return []


def load(*, folder: Path) -> Fitted:
    """Return the fitted model."""
    return Fitted(**classical.load(folder))


def reads_embeddings(settings: Settings) -> bool:
    """Return whether the features are a backbone's."""
    return settings.features == "embedding"


def describe(rows: Rows, *, by: Features) -> np.ndarray:
    """Return the features of each row, float32 [len(rows), width]."""
    if by == "embedding":
        return rows.embeddings()
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
        return classical.forest(described, labels=labels, trees=int(value), seed=seed)
    if model == "logistic":
        last = LogisticRegression(C=value, max_iter=STEPS)
    elif model == "svc":
        last = SVC(C=value, decision_function_shape="ovo")
    else:
        last = KNeighborsClassifier(int(value), metric="cosine", algorithm="brute")
    # products this small gain nothing from two threads, and on a busy machine wait for them: the
    # logistic regression then takes thirty times as long
    with threadpool_limits(1, user_api="blas"):
        return make_pipeline(StandardScaler(), last).fit(described, labels)


def scores(model: Any, described: np.ndarray) -> np.ndarray:
    """Return float [k, categories seen]: probabilities, shares of the neighbours, or margins.

    An SVC's margin for a category is the sum of its distances from the borders with each other
    category. scikit-learn's `ovr` counts the borders won instead, and loses how clearly; its
    `probability=True` is deprecated, and calibrating by cross-validation would put two views of
    one product on both sides.
    """
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(described))
    borders, categories = model.decision_function(described), len(model.classes_)
    if categories == 2:  # the one case in which above 0 means the second category
        return np.column_stack([-borders, borders])
    sides = np.zeros((borders.shape[1], categories))
    for border, (first, second) in enumerate(combinations(range(categories), 2)):
        sides[border, [first, second]] = 1, -1
    return np.asarray(borders @ sides)


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
