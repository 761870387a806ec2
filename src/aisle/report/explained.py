"""What answers stand on, as the stage `explain` wrote it down: words for the note, and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aisle import paths
from aisle.files import read_json

WITHOUT = {
    "colour": "colour",
    "layout": "layout",
    "photo": "the photo",
    "name": "the name",
    "description": "the description",
    "specifications": "the specifications",
}
"""What was taken from all products, as the note calls it; in the order of its table."""


@dataclass(frozen=True)
class Told:
    """One product's answer by one competitor: `words` with what the probability owes to each."""

    product_id: str
    actual: str
    predicted: str
    probability: float
    words: Mapping[str, float]

    @property
    def right(self) -> bool:
        """Whether the answer is the catalogue's category."""
        return self.actual == self.predicted


@dataclass(frozen=True)
class Explanation:
    """What one competitor's answers on the first fold stand on.

    `without` has the accuracy when something is taken from all products. `maps` float
    [k, cells, cells] and `photos` uint8 [k, side, side, 3] go with `products`; empty where it reads
    no photo.
    """

    name: str
    tested: int
    accuracy: float
    without: Mapping[str, float]
    products: Sequence[Told]
    maps: np.ndarray
    photos: np.ndarray


def load() -> list[Explanation]:
    """Return the explanations, in the order in which the competitors were asked."""
    found = read_json(paths.EXPLANATIONS)["competitors"]
    return [_explanation(name, facts) for name, facts in found.items()]


def _explanation(name: str, facts: Mapping[str, Any]) -> Explanation:
    arrays = [paths.EXPLAINED / f"{name}.{what}.npy" for what in ("maps", "photos")]
    maps, photos = (np.load(path) if path.exists() else np.empty(0) for path in arrays)
    return Explanation(
        name=name,
        tested=int(facts["tested"]),
        accuracy=float(facts["accuracy"]),
        without=facts["without"],
        products=[Told(**({"words": {}} | told)) for told in facts["products"]],
        maps=maps,
        photos=photos,
    )
