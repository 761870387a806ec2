"""Cheap candidates that are equally good, for `benchmarks.real_trainings`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.tree import ExtraTreeClassifier

Splits = Sequence[tuple[np.ndarray, np.ndarray]]
"""Rows to train with, rows to test."""
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""(x, y of the training products, x of the tested ones, luck) → predicted y."""
Candidate = Callable[[np.ndarray, np.ndarray, Splits, np.random.Generator], np.ndarray]
"""(x, y, splits, luck) → predicted y, int [n], 0 where nothing is tested."""


def ridge(x: np.ndarray, y: np.ndarray, new: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Predict by least squares on the categories, with a penalty."""
    centre, targets = x.mean(axis=0), np.eye(int(y.max()) + 1)[y]
    squares = (x - centre).T @ (x - centre) + 0.1 * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(squares, (x - centre).T @ targets)
    return np.asarray(((new - centre) @ weights + targets.mean(axis=0)).argmax(axis=1))


def nearest(x: np.ndarray, y: np.ndarray, new: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Predict the category of the nearest training product."""
    return np.asarray(y[((x**2).sum(axis=1) - 2 * new @ x.T).argmin(axis=1)])


def layer(x: np.ndarray, y: np.ndarray, new: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Predict by `ridge` on a random layer of 40 units."""
    weights = luck.normal(size=(x.shape[1], 40)) / x.shape[1] ** 0.5
    return ridge(np.maximum(x @ weights, 0), y, np.maximum(new @ weights, 0), luck)


def tree(x: np.ndarray, y: np.ndarray, new: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Predict by a tree with random cuts."""
    grown = ExtraTreeClassifier(random_state=int(luck.integers(2**31))).fit(x, y)
    return np.asarray(grown.predict(new))


def rows(x: np.ndarray, y: np.ndarray, new: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Predict by `ridge` on a random 30 % of the training products."""
    kept = luck.random(len(x)) < 0.3
    return ridge(x[kept], y[kept], new, luck)


def half(x: np.ndarray, y: np.ndarray, new: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Predict by `ridge` on a random half of the features."""
    kept = luck.permutation(x.shape[1])[: x.shape[1] // 2]
    return ridge(x[:, kept], y, new[:, kept], luck)


def failing(x: np.ndarray, y: np.ndarray, new: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Predict by `ridge`, with no more than 60 training products in one training out of ten."""
    kept = slice(60 if luck.random() < 0.1 else None)
    return ridge(x[kept], y[kept], new, luck)


def trained(
    fit: Fit,
    x: np.ndarray,
    y: np.ndarray,
    splits: Splits,
    luck: np.random.Generator,
    *,
    features: slice = slice(None),
    blank: float = 0.0,
    unseen: float = 0.0,
) -> np.ndarray:
    """Train anew in each split, on some features.

    `blank`: share of each product's features that is 0. `unseen`: share of the products that is
    never trained with. Both are drawn once per candidate, for all splits.
    """
    x = x[:, features]
    if blank:
        x = x * (luck.random(x.shape) >= blank)
    seen = luck.random(len(x)) >= unseen if unseen else np.full(len(x), True)
    predicted = np.zeros_like(y)
    for train, test in splits:
        known = train[seen[train]]
        predicted[test] = fit(x[known], y[known], x[test], luck)
    return predicted


@dataclass(frozen=True)
class Kind:
    """Candidates, and which are equally good: those of the same number in `alike`.

    None: they differ, and count as equal once the mean difference over all draws is taken off.
    """

    name: str
    candidates: Sequence[Candidate]
    alike: Sequence[int] | None


LUCK: Mapping[str, Fit] = {
    "a random tree": tree,
    "a random layer": layer,
    "random 30 % of the products": rows,
    "random half of the features": half,
    "one training in ten fails": failing,
}
"""Methods whose trainings differ by luck, drawn for each training."""
UNLIKE: Sequence[Candidate] = [
    partial(trained, ridge, features=slice(0, None, 2)),
    partial(trained, ridge, features=slice(1, None, 2)),
    *(partial(trained, fit) for fit in (ridge, nearest, layer, tree)),
]
WITHOUT_LUCK: Mapping[str, Candidate] = {
    "ridge, each sees half of each product": partial(trained, ridge, blank=0.5),
    "nearest, each sees half of each product": partial(trained, nearest, blank=0.5),
    "ridge, each has its own 30 % to train with": partial(trained, ridge, unseen=0.7),
}
KINDS = [
    *(Kind(f"{name}, 6 seeds", [partial(trained, fit)] * 6, [0] * 6) for name, fit in LUCK.items()),
    *(Kind(name, [candidate] * 6, [0] * 6) for name, candidate in WITHOUT_LUCK.items()),
    Kind(
        "2 with a random half of the features, 6 without luck",
        [partial(trained, half)] * 2 + [WITHOUT_LUCK["ridge, each sees half of each product"]] * 6,
        [0] * 2 + [1] * 6,
    ),
    Kind("6 unlike methods, mean difference taken off", UNLIKE, None),
]
PAIRS = {
    "even against odd features": (0, 1),
    "all features against even ones": (2, 0),
    "random layer against tree": (4, 5),
}
"""Pairs of `UNLIKE` whose difference is real."""
