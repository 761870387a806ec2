"""Rows: the data of one partition of one fold that a candidate may see.

A row is one view of one product. Arrays are memory-mapped and read batch by batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs.views import ORIGINAL, apply
from aisle.settings.params import TOP, Candidate, Layer, TextColumn

TEXTS: tuple[TextColumn, ...] = get_args(TextColumn)
"""Text columns a candidate may read. Category tree, URLs and file names are not among them."""

FILE_FACTS = ("width", "height", "bytes")
"""Facts of the photo file that a candidate may read; in pixels, pixels, bytes."""


@dataclass(frozen=True)
class Inputs:
    """Data behind the rows: the table of products, and the arrays named in the settings.

    Arrays are opened when first used.
    """

    settings: Candidate
    table: pd.DataFrame

    @cached_property
    def photos(self) -> np.ndarray:
        """uint8 [n, side, side, 3], in the order of products.csv."""
        return np.asarray(_open(paths.resized(self.settings.photos)))

    @cached_property
    def embeddings(self) -> np.ndarray:
        """float32 [n, views, widths]: outputs of the frozen backbone's layers, concatenated."""
        return _open(self._folder / paths.EMBEDDINGS)

    @cached_property
    def activations(self) -> np.ndarray:
        """float16 [n, views, h, w, c]: the output of the frozen stem."""
        return _open(self._folder / paths.ACTIVATIONS)

    @cached_property
    def embedding(self) -> dict[str, Any]:
        """Description, by `embed`, of the two arrays above.

        `views` and `layers` (name → width), both in the order of the arrays, and `trainable_from`.
        """
        return files.read_json(self._folder / paths.EMBEDDING_CARD)

    @property
    def _folder(self) -> Path:
        return paths.embeddings(self.settings.backbone)


@dataclass(frozen=True)
class Rows:
    """Views of products with their labels: `products` and `labels` int [m], `views` str [m].

    `products` are positions in products.csv. `at` are positions in these rows: functions that take
    it return a batch in that order.
    """

    products: np.ndarray
    views: np.ndarray
    labels: np.ndarray
    inputs: Inputs

    def __len__(self) -> int:
        return len(self.products)

    @property
    def product_ids(self) -> np.ndarray:
        """The `product_id` of each row, str [m]."""
        return np.asarray(self.inputs.table["product_id"].to_numpy(dtype=object)[self.products])

    def only_originals(self) -> "Rows":
        """Return the rows with the original view."""
        return self.take(np.flatnonzero(self.views == ORIGINAL))

    def take(self, at: np.ndarray) -> "Rows":
        """Return the rows at these positions."""
        return Rows(self.products[at], self.views[at], self.labels[at], self.inputs)

    def photos(self, at: np.ndarray | None = None) -> np.ndarray:
        """Return the photos with each row's view applied, uint8 [k, side, side, 3]."""
        chosen = self if at is None else self.take(at)
        pairs = zip(chosen.products, chosen.views, strict=True)
        return np.stack([apply(self.inputs.photos[row], view=view) for row, view in pairs])

    def embeddings(self, *, layers: Sequence[Layer] = (TOP,), mean: bool = False) -> np.ndarray:
        """Return the embeddings of these layers, concatenated in this order, float32 [m, width].

        With `mean`, each row gets the mean over all stored views of its product. Raises AisleError
        for a layer that `embed` did not keep.
        """
        columns = self._columns(layers)
        if mean:
            return np.asarray(self.inputs.embeddings[self.products][..., columns].mean(axis=1))
        stored = self.inputs.embeddings[self.products, self._view_positions()]
        return np.asarray(stored[:, columns])

    def activations(self, at: np.ndarray) -> np.ndarray:
        """Return the activations of the frozen stem, float32 [k, h, w, c]."""
        chosen = self.take(at)
        stored = self.inputs.activations[chosen.products, chosen._view_positions()]
        return np.asarray(stored, dtype=np.float32)

    def texts(self, columns: Sequence[TextColumn]) -> list[str]:
        """Return the texts of each row's product, joined by newlines."""
        chosen = self.inputs.table[list(columns)].to_numpy(dtype=object)[self.products]
        return ["\n".join(texts) for texts in chosen]

    def file_facts(self) -> np.ndarray:
        """Return the FILE_FACTS of each row's photo, float [m, 3]."""
        facts = self.inputs.table[list(FILE_FACTS)].to_numpy(dtype=float)
        return np.asarray(facts[self.products])

    def _columns(self, layers: Sequence[Layer]) -> np.ndarray:
        kept = self.inputs.embedding["layers"]
        for layer in layers:
            if layer not in kept:
                raise AisleError(
                    f"'{layer}' of {self.inputs.settings.backbone} was not kept; {', '.join(kept)} "
                    "are. Add it to embed.layers in params.yaml."
                )
        ends = dict(zip(kept, np.cumsum(list(kept.values())), strict=True))
        return np.concatenate([np.arange(ends[one] - kept[one], ends[one]) for one in layers])

    def _view_positions(self) -> np.ndarray:
        order = {view: position for position, view in enumerate(self.inputs.embedding["views"])}
        return np.asarray([order[view] for view in self.views])


def fitting_rows(*, settings: Candidate, fold: int) -> tuple[Rows, Rows]:
    """Return train and val rows of one fold. Test rows are dropped before any array is opened."""
    products, views = _tables(fold)
    inputs = Inputs(settings, products)
    return (
        _rows(views[views["partition"] == "train"], products=products, inputs=inputs),
        _rows(views[views["partition"] == "val"], products=products, inputs=inputs),
    )


def test_rows(*, settings: Candidate, fold: int) -> Rows:
    """Return the test rows of one fold: the original view of each product, in catalogue order."""
    products, views = _tables(fold)
    test = views[views["partition"] == "test"]
    return _rows(test, products=products, inputs=Inputs(settings, products))


def thinned(train: Rows, *, share: float, seed: int) -> Rows:
    """Return all views of a share of the products of each category, at least one.

    Of the same seed, a smaller share is a part of a larger one, so that a curve over shares has no
    noise from drawing again.
    """
    products, first = np.unique(train.products, return_index=True)
    labels = train.labels[first]
    order = np.random.default_rng(seed).permutation(len(products))
    kept = []
    for label in np.unique(labels):
        members = order[labels[order] == label]
        kept.append(members[: max(1, round(share * len(members)))])
    chosen = products[np.concatenate(kept)]
    return train.take(np.flatnonzero(np.isin(train.products, chosen)))


def folds() -> list[int]:
    """Return the folds of the split."""
    return sorted(files.read_table(paths.VIEWS)["fold"].unique().tolist())


def categories() -> list[str]:
    """Return the category names in the order of their ids."""
    products = files.read_table(paths.PRODUCTS, text=("category",))
    unique = products.drop_duplicates("category_id").sort_values("category_id")
    return [str(name) for name in unique["category"]]


def _tables(fold: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    products = files.read_table(paths.PRODUCTS, text=("product_id", *TEXTS))
    views = files.read_table(paths.VIEWS, text=("product_id",))
    return products, views[views["fold"] == fold]


def _rows(views: pd.DataFrame, *, products: pd.DataFrame, inputs: Inputs) -> Rows:
    position = pd.Series(np.arange(len(products)), index=products["product_id"])
    at = np.sort(position.loc[views["product_id"].unique()].to_numpy())
    ordered = views.assign(at=position.loc[views["product_id"]].to_numpy())
    ordered = ordered.sort_values("at", kind="stable")
    if len(at) == 0:
        ordered = ordered.iloc[:0]
    rows = ordered["at"].to_numpy(dtype=int)
    labels = products["category_id"].to_numpy()[rows]
    return Rows(rows, ordered["view"].to_numpy(dtype=object), labels, inputs)


def _open(path: Path) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r")
    return array
