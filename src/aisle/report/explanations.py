"""Findings of the stage `explain`: which parts of photos and texts the answers rely on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aisle import paths
from aisle.files import read_json
from aisle.report.translation import N_, gettext
from aisle.report.wording import code, confidence, listed, share
from aisle.statistics.intervals import wilson

CHANGES = {
    "colour": N_("in grey"),
    "layout": N_("tiles shuffled"),
    "photo": N_("another photo"),
    "name": N_("another name"),
    "description": N_("another description"),
    "specifications": N_("other specifications"),
}
"""What was done to the inputs of all products, in the order of the note's table."""


@dataclass(frozen=True)
class ProductAnswer:
    """One product's answer by one competitor: `words` with how much each raises the probability."""

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
    """What one competitor's answers on the first fold rely on.

    `without` has the accuracy when an input of all products is changed, by the keys of `CHANGES`.
    `maps` float [k, cells, cells] and `photos` uint8 [k, side, side, 3] go with `products`; empty
    where it reads no photo.
    """

    name: str
    tested: int
    accuracy: float
    without: Mapping[str, float]
    products: Sequence[ProductAnswer]
    maps: np.ndarray
    photos: np.ndarray


TEXTS = ("name", "description", "specifications")


def late_texts(explained: Sequence[Explanation], *, sure: float) -> str:
    """Return a warning where another product's text costs accuracy beyond chance; "" where none.

    Beyond chance: the Wilson intervals of the two accuracies, of confidence `sure`, do not overlap.
    """
    falls = []
    for one in explained:
        fallen = [
            f"{share(one.without[text])} ({gettext(CHANGES[text])})"
            for text in TEXTS
            if text in one.without and _falls(one, to=one.without[text], sure=sure)
        ]
        if fallen:
            falls.append(
                gettext(
                    "{name} falls from {before} to {after}",
                    name=code(one.name),
                    before=share(one.accuracy),
                    after=listed(fallen),
                )
            )
    if not falls:
        return ""
    return gettext(
        "{falls}: beyond chance, as the {confidence} % intervals do not overlap. If such a text is "
        "written only after the category is known, that accuracy is not to be had when a new "
        "product arrives.",
        falls=gettext("; ").join(falls),
        confidence=confidence(sure),
    )


def _falls(one: Explanation, *, to: float, sure: float) -> bool:
    before, after = (
        wilson(successes=round(share * one.tested), trials=one.tested, confidence=sure)
        for share in (one.accuracy, to)
    )
    return after[1] < before[0]


def load() -> list[Explanation]:
    """Return the explanations, in the order of the file."""
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
        products=[ProductAnswer(**({"words": {}} | answer)) for answer in facts["products"]],
        maps=maps,
        photos=photos,
    )
