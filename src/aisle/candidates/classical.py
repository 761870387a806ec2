"""Fitted scikit-learn classifiers as predictors, saved and read with skops: nothing is unpickled.

Reads and writes the one file of a model's folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import numpy as np
from pydantic import Field

from aisle.candidates.rows import Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.ensemble import RandomForestClassifier

FILE = "model.skops"

TRUSTED = ["sklearn.tree._tree.Tree"]
"""skops does not check a tree's node numbers, so it asks; the file is the one `train` wrote."""

Trees = Annotated[int, Field(ge=1, le=10_000)]
"""In params.yaml: the number of trees of a forest."""


Features: TypeAlias = "np.ndarray | csr_array"
"""[rows, features], dense or sparse."""


@dataclass(frozen=True)
class Classical:
    """A fitted classifier, how it reads rows, and the number of categories of the catalogue."""

    model: Any
    read: Callable[[Rows], Features]
    classes: int

    @property
    def parameters(self) -> int:
        """Nodes of all trees of a forest; coefficients and intercepts of a logistic regression."""
        if hasattr(self.model, "estimators_"):
            return sum(int(tree.tree_.node_count) for tree in self.model.estimators_)
        return int(self.model.coef_.size + self.model.intercept_.size)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return float [rows, classes]; a category unseen in train gets 0."""
        result = np.zeros((len(rows), self.classes))
        result[:, self.model.classes_] = self.model.predict_proba(self.read(rows))
        return result


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
    """Write what `load` returns: estimators, numbers, texts, by name."""
    import skops.io

    skops.io.dump(parts, folder / FILE)


def load(folder: Path) -> dict[str, Any]:
    """Return what `save` was given."""
    import skops.io

    stored: dict[str, Any] = skops.io.load(folder / FILE, trusted=TRUSTED)
    return stored
