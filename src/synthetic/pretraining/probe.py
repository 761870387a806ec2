"""Linear probe: logistic regression on frozen features, used to compare weights.

Reads data/products.csv, data/split.csv and data/resized/ of the pipeline's catalogue.
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
"""Values of logistic regression's C, of which val chooses one per fold."""

MOST_PRODUCTS = 2000
"""Most products a probe uses; from a larger catalogue they are taken at even intervals."""

PHOTOS_AT_ONCE = 32


@dataclass(frozen=True)
class Score:
    """Scores over all folds, and the C chosen in each fold."""

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
    """Photos uint8 [n, side, side, 3], category ids [n], partition names [folds, n]."""

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
    """Return the score of logistic regression on embeddings [n, width], over all folds together.

    Fitted and standardised on train; C has the lowest log loss on val. `partitions` [folds, n] are
    train, val, test; `labels` [n] are category ids. Score val to choose between weights (slightly
    optimistic, because C was chosen there too) and test for the final figure.
    """
    losses, right, chosen = [], 0, []
    for partition in partitions:
        train, val, target = (partition == name for name in ("train", "val", scored))
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
        losses.append(_losses(fitted[best], embeddings[target], labels[target]))
        right += int((fitted[best].predict(embeddings[target]) == labels[target]).sum())
        chosen.append(best)
    together = np.concatenate(losses)
    return Score(right, len(together), float(together.mean()), tuple(chosen))


def embedded(backbone: "keras.Model", photos: np.ndarray) -> np.ndarray:
    """Return the backbone's features [n, width] of photos uint8 [n, side, side, 3]."""
    answer = architecture.as_function(backbone)
    parts = [
        np.asarray(answer(np.asarray(photos[start : start + PHOTOS_AT_ONCE])))
        for start in range(0, len(photos), PHOTOS_AT_ONCE)
    ]
    return np.concatenate(parts)


def catalogue(variant: str) -> Catalogue:
    """Return the pipeline's current catalogue, with photos at the variant's size.

    Raises AisleError if there is none, or if it is the embedded sample, which must not be used to
    choose weights.
    """
    if params.read("catalogue", params.Catalogue).source == "sample":
        raise AisleError(
            "the catalogue here is the embedded sample, which must not be used to choose weights"
        )
    path = paths.resized(params.backbone(variant).size)
    if not has_squares(path):
        raise AisleError(f"there is no photo in '{path}'")
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    split = files.read_table(paths.SPLIT, text=("product_id",))
    photos = np.load(path, mmap_mode="r")
    if len(photos) != len(products) or set(products["product_id"]) != set(split["product_id"]):
        raise AisleError(
            f"'{path}', '{paths.PRODUCTS}' and '{paths.SPLIT}' are from different runs"
        )
    some = np.linspace(0, len(products) - 1, min(MOST_PRODUCTS, len(products))).astype(int)
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
    """Return the log loss of each row; a category that is not in train has probability 0."""
    shares = model.predict_proba(features)
    padded = np.zeros((len(labels), 1 + int(max(labels.max(), model.classes_.max()))))
    padded[:, model.classes_] = shares
    given = padded[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(given, np.finfo(float).eps)))
