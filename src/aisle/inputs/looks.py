"""How products look to a backbone: its final embedding of the original photos, as directions."""

import numpy as np

from aisle import files, paths
from aisle.inputs.views import ORIGINAL
from aisle.settings.params import TOP
from aisle.statistics.similarity import directions


def embedded(variant: str) -> bool:
    """Return whether `embed` ran the original photos through this backbone."""
    card = paths.embeddings(variant) / paths.EMBEDDING_CARD
    return card.exists() and ORIGINAL in files.read_json(card)["views"]


def looks(variant: str) -> np.ndarray:
    """Return the direction of each product's embedding, float32 [n, width], as in products.csv."""
    folder = paths.embeddings(variant)
    card = files.read_json(folder / paths.EMBEDDING_CARD)
    stored = np.load(folder / paths.EMBEDDINGS, mmap_mode="r")
    kept = list(card["layers"])
    start = sum(card["layers"][name] for name in kept[: kept.index(TOP)])
    at = card["views"].index(ORIGINAL)
    return directions(stored[:, at, start : start + card["layers"][TOP]])
