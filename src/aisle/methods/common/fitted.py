"""Fitted scikit-learn classifiers as predictors, saved and read with skops: nothing is unpickled.

Reads and writes the files of a model's folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import numpy as np
from pydantic import Field

from aisle import files
from aisle.inputs.rows import Rows
from aisle.statistics.log_loss import losses

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.ensemble import RandomForestClassifier

FILE = "model.skops"
CHOICE = "choice.json"

DIGITS = 6
"""Decimals kept of a loss in the file above."""

STEPS = 1000
"""Most steps of a logistic regression's solver. It takes about 30; the limit ends a solver that
does not converge."""

FITTED = ("mean_", "scale_", "coef_", "support_vectors_", "dual_coef_", "intercept_")
"""Arrays of numbers that scikit-learn's scalers and models fit."""

TRUSTED = ["sklearn.tree._tree.Tree"]
"""skops does not check a tree's node numbers, so it asks; the file is the one `train` wrote."""

TREES = 300
"""Default number of trees of a forest."""

Trees = Annotated[int, Field(ge=1, le=10_000)]
"""A setting: the number of trees of a forest."""

Strength = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A setting: a value of scikit-learn's `C`; a larger one regularises less."""

Features: TypeAlias = "np.ndarray | csr_array"
"""[rows, features], dense or sparse."""


@dataclass(frozen=True)
class Classical:
    """A fitted model, how it reads rows, and the number of categories of the catalogue.

    `temperature` turns scores into probabilities; None where they are probabilities already.
    """

    model: Any
    read: Callable[[Rows], Features]
    classes: int
    temperature: float | None = None

    @property
    def parameters(self) -> int:
        """Nodes of a forest; else coefficients, support vectors or stored rows, and the scaler."""
        if hasattr(self.model, "estimators_"):
            return sum(int(tree.tree_.node_count) for tree in self.model.estimators_)
        steps = [step for _, step in getattr(self.model, "steps", [("model", self.model)])]
        fitted = [getattr(step, name) for step in steps for name in FITTED if hasattr(step, name)]
        stored = getattr(steps[-1], "n_samples_fit_", 0) * steps[-1].n_features_in_
        return int(sum(array.size for array in fitted) + stored)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return float [len(rows), classes]; a category unseen in train gets 0."""
        return self.answers(self.read(rows))

    def answers(self, features: Features) -> np.ndarray:
        """Return float [k, classes] for features [k, width]."""
        from scipy.special import softmax

        shares = scores(self.model, features).astype(float)
        if self.temperature is not None:
            shares = softmax(shares / self.temperature, axis=1)
        result = np.zeros((len(shares), self.classes))
        # a model that counts in float32 gives rows that sum to 1 within 1e-6 only
        result[:, self.model.classes_] = shares / shares.sum(axis=1, keepdims=True)
        return result


def scores(model: Any, features: Features) -> np.ndarray:
    """Return float [k, categories seen]: probabilities, shares of the neighbours, or margins.

    An SVC's margin for a category is the sum of its distances from the borders with each other
    category. scikit-learn's `ovr` counts the borders won and ignores the distances; its
    `probability=True` is deprecated, and calibrating by cross-validation would put two views of
    one product on both sides.
    """
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(features))
    borders, categories = model.decision_function(features), len(model.classes_)
    if categories == 2:  # the one case in which above 0 means the second category
        return np.column_stack([-borders, borders])
    sides = np.zeros((borders.shape[1], categories))
    for border, (first, second) in enumerate(combinations(range(categories), 2)):
        sides[border, [first, second]] = 1, -1
    return np.asarray(borders @ sides)


def choose(
    tried: Mapping[float, Classical],
    *,
    setting: str,
    features: Features,
    labels: np.ndarray,
    folder: Path,
) -> Classical:
    """Return the model whose loss on val's features and labels is the lowest, the first of equals.

    `tried` has a model per value of `setting`. Loss and not accuracy, because accuracy on a hundred
    products moves in steps and ties, and because the networks watch the loss too. Writes the loss
    of each value into `choice.json`.
    """
    found = {
        value: float(losses(actual=labels, probabilities=one.answers(features)).mean())
        for value, one in tried.items()
    }
    chosen = min(found, key=found.__getitem__)
    rounded = {f"{value:g}": round(loss, DIGITS) for value, loss in found.items()}
    files.write_json({setting: chosen, "val_loss": rounded}, folder / CHOICE)
    return tried[chosen]


def forest(
    features: Features, *, labels: np.ndarray, trees: int, seed: int
) -> "RandomForestClassifier":
    """Return a forest fitted on features [n, features] and labels [n]."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=trees, random_state=seed, n_jobs=-1)
    model.fit(features, labels)
    model.set_params(n_jobs=None)  # one product at a time is faster without a pool
    return model


def save(folder: Path, **parts: Any) -> None:
    """Write the parts of a model by name: estimators, numbers, texts."""
    import skops.io

    skops.io.dump(parts, folder / FILE)


def load(folder: Path) -> dict[str, Any]:
    """Return the parts that `save` wrote, by name."""
    import skops.io

    stored: dict[str, Any] = skops.io.load(folder / FILE, trusted=TRUSTED)
    return stored
