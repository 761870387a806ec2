"""How much a linear model makes of frozen features: the measure by which weights are compared.

Reads data/products.csv, data/split.csv and data/resized/ of the pipeline's own catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture
from aisle.catalogue.squares import has_squares
from aisle.errors import AisleError
from aisle.settings import params

if TYPE_CHECKING:
    import keras

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Values of logistic regression's C that val chooses from, fold by fold."""

MOST = 2000
"""Products that a probe takes, evenly spread over a larger catalogue."""

PHOTOS_AT_ONCE = 32


@dataclass(frozen=True)
class Score:
    """Answers to the scored products of all folds, and the C that each fold took."""

    right: int
    answered: int
    log_loss: float
    chosen: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.answered


@dataclass(frozen=True)
class Catalogue:
    """Photos uint8 [n, side, side, 3], category ids [n], and train, val or test [folds, n]."""

    photos: np.ndarray
    labels: np.ndarray
    partitions: np.ndarray


def probe(
    embeddings: np.ndarray,
    *,
    labels: np.ndarray,
    partitions: np.ndarray,
    scored: Literal["val", "test"] = "val",
    strengths: Sequence[float] = STRENGTHS,
) -> Score:
    """Return how logistic regression on embeddings [n, width] does, over all folds together.

    Fitted on train, standardised by train, C by the log loss on val. `partitions` [folds, n] are
    train, val, test; `labels` [n] are category ids. Scoring val is for choosing between weights
    (its C was chosen there too, so it flatters a little), test for the one figure at the end.
    """
    losses, right, chosen = [], 0, []
    for partition in partitions:
        train, val, asked = (partition == name for name in ("train", "val", scored))
        fitted = {
            strength: _fitted(embeddings[train], labels[train], strength=strength)
            for strength in strengths
        }
        best = min(
            fitted,
            key=lambda strength: float(
                _losses(fitted[strength], embeddings[val], labels[val]).mean()
            ),
        )
        losses.append(_losses(fitted[best], embeddings[asked], labels[asked]))
        right += int((fitted[best].predict(embeddings[asked]) == labels[asked]).sum())
        chosen.append(best)
    together = np.concatenate(losses)
    return Score(right, len(together), float(together.mean()), tuple(chosen))


def embedded(backbone: "keras.Model", photos: np.ndarray) -> np.ndarray:
    """Return the backbone's features [n, width] of photos uint8 [n, side, side, 3]."""
    answer = architecture.answering(backbone)
    parts = [
        np.asarray(answer(np.asarray(photos[start : start + PHOTOS_AT_ONCE])))
        for start in range(0, len(photos), PHOTOS_AT_ONCE)
    ]
    return np.concatenate(parts)


def catalogue(variant: str) -> Catalogue:
    """Return the catalogue that the pipeline has read here, photos at the variant's size.

    Raises AisleError, saying why, where there is none, or only the embedded sample, which no choice
    may look at.
    """
    if params.read("catalogue", params.Catalogue).source == "sample":
        raise AisleError("the catalogue here is the embedded sample, which is not for choices")
    path = paths.resized(params.backbone(variant).size)
    if not has_squares(path):
        raise AisleError(f"there is no photo in '{path}'")
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    split = files.read_table(paths.SPLIT, text=("product_id",))
    photos = np.load(path, mmap_mode="r")
    if len(photos) != len(products) or set(products["product_id"]) != set(split["product_id"]):
        raise AisleError(f"'{path}', '{paths.PRODUCTS}' and '{paths.SPLIT}' are of different runs")
    some = np.linspace(0, len(products) - 1, min(MOST, len(products))).astype(int)
    wide = split.pivot(index="fold", columns="product_id", values="partition")
    return Catalogue(
        photos if len(some) == len(photos) else photos[some],
        products["category_id"].to_numpy()[some],
        wide[products["product_id"].iloc[some]].to_numpy().astype(str),
    )


def _fitted(features: np.ndarray, labels: np.ndarray, *, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    model.fit(features, labels)
    return model


def _losses(model: Any, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return -log of the probability given to each label; a category unseen in train has none."""
    shares = model.predict_proba(features)
    padded = np.zeros((len(labels), 1 + int(max(labels.max(), model.classes_.max()))))
    padded[:, model.classes_] = shares
    given = padded[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(given, np.finfo(float).eps)))
