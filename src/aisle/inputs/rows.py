"""What a candidate may see of one partition of one fold: its rows, and no other's.

A row is one view of one product. Arrays stay on disk, memory-mapped, until a batch is asked for.
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
"""The texts a candidate may read; category tree, addresses and file names are none of them."""

FILE_FACTS = ("width", "height", "bytes")
"""What a candidate may read of each photo's file: pixels, pixels, bytes."""


@dataclass(frozen=True)
class Inputs:
    """What a candidate may read: the products' table, and the arrays it named in params.yaml.

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
        """float32 [n, views, widths], of the frozen backbone: its layers side by side."""
        return _open(self._folder / paths.EMBEDDINGS)

    @cached_property
    def activations(self) -> np.ndarray:
        """float16 [n, views, h, w, c], where the frozen stem ends."""
        return _open(self._folder / paths.ACTIVATIONS)

    @cached_property
    def embedding(self) -> dict[str, Any]:
        """What `embed` says of the two arrays above.

        `views` and `layers` (name → width) in order, and `trainable_from`.
        """
        return files.read_json(self._folder / paths.EMBEDDING_CARD)

    @property
    def _folder(self) -> Path:
        return paths.embeddings(self.settings.backbone)


@dataclass(frozen=True)
class Rows:
    """Views of products with their labels: `products` and `labels` int [m], `views` str [m].

    `products` are positions in products.csv. Methods that take `at` return a batch in that order.
    """

    products: np.ndarray
    views: np.ndarray
    labels: np.ndarray
    inputs: Inputs

    def __len__(self) -> int:
        return len(self.products)

    def only_originals(self) -> "Rows":
        """Return the rows whose view is the photo as it is."""
        return self.take(np.flatnonzero(self.views == ORIGINAL))

    def take(self, at: np.ndarray) -> "Rows":
        """Return the rows at these positions."""
        return Rows(self.products[at], self.views[at], self.labels[at], self.inputs)

    def photos(self, at: np.ndarray | None = None) -> np.ndarray:
        """Return uint8 [k, side, side, 3], 0-255, with each row's view applied."""
        chosen = self if at is None else self.take(at)
        pairs = zip(chosen.products, chosen.views, strict=True)
        return np.stack([apply(self.inputs.photos[row], view=view) for row, view in pairs])

    def embeddings(self, *, layers: Sequence[Layer] = (TOP,), mean: bool = False) -> np.ndarray:
        """Return float32 [m, width of these layers], side by side in this order.

        With `mean`, of all stored views of each row's product, whatever the row's own. AisleError
        where `embed` did not keep a layer.
        """
        columns = self._columns(layers)
        if mean:
            return np.asarray(self.inputs.embeddings[self.products][..., columns].mean(axis=1))
        stored = self.inputs.embeddings[self.products, self._view_positions()]
        return np.asarray(stored[:, columns])

    def activations(self, at: np.ndarray) -> np.ndarray:
        """Return float32 [k, h, w, c]."""
        chosen = self.take(at)
        stored = self.inputs.activations[chosen.products, chosen._view_positions()]
        return np.asarray(stored, dtype=np.float32)

    def texts(self, columns: Sequence[TextColumn]) -> list[str]:
        """Return each row's texts, joined by line ends; the product's, whatever the view."""
        chosen = self.inputs.table[list(columns)].to_numpy(dtype=object)[self.products]
        return ["\n".join(texts) for texts in chosen]

    def file_facts(self) -> np.ndarray:
        """Return float [m, 3]: the FILE_FACTS of each row's photo."""
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
    """Return train and val of one fold. Test rows are dropped here, before anything is opened."""
    products, views = _tables(fold)
    inputs = Inputs(settings, products)
    return (
        _rows(views[views["partition"] == "train"], products=products, inputs=inputs),
        _rows(views[views["partition"] == "val"], products=products, inputs=inputs),
    )


def test_rows(*, settings: Candidate, fold: int) -> Rows:
    """Return the test products of one fold, one original view each, in catalogue order."""
    products, views = _tables(fold)
    test = views[views["partition"] == "test"]
    return _rows(test, products=products, inputs=Inputs(settings, products))


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
