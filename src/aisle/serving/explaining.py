"""What a competitor's answers depend on: accuracy without a property, maps and words of products.

Measured on test products after all scores were made: nothing is chosen by it.
"""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from aisle.answers import table
from aisle.inputs import rows
from aisle.serving import occlusion, predict
from aisle.settings.sections import Explain

DIGITS = 3
"""Decimals kept of a probability, and of what a part of a photo is worth: on another processor,
networks differ in finer ones."""


@dataclass(frozen=True)
class Remembering:
    """A candidate that answers nothing twice: ensembles ask again what it was asked alone."""

    candidate: predict.Model
    answers: dict[bytes, np.ndarray] = field(default_factory=dict)

    @property
    def sides(self) -> Set[int]:
        """The candidate's."""
        return self.candidate.sides

    @property
    def texts(self) -> tuple[str, ...]:
        """The candidate's."""
        return self.candidate.texts

    def probabilities(self, shown: predict.Products) -> np.ndarray:
        """Return the candidate's; again where what it reads is the same."""
        read = shown.facts[[*rows.FILE_FACTS, *self.texts]]
        said = hashlib.sha256(read.to_json().encode())
        for side in sorted(self.sides):
            said.update(shown.squares[side].tobytes())
        key = said.digest()
        if key not in self.answers:
            self.answers[key] = self.candidate.probabilities(shown)
        return self.answers[key]


def explain(
    model: predict.Model,
    shown: predict.Products,
    *,
    categories: Sequence[str],
    settings: Explain,
    generator: np.random.Generator,
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Return what one competitor's answers depend on, some products, and their maps.

    `shown` are the tested products with the columns of products.csv. The products, explained one by
    one, are positions in it, int [k]; the maps float32 [k, cells, cells], of none (k = 0) unless
    photos alone are read. Of a competitor that reads both, photo and texts are taken as a whole.
    """
    labels = shown.facts["category_id"].to_numpy()
    whole = model.probabilities(shown)
    predicted = whole.argmax(axis=1)
    right = predicted == labels
    picked = sample(actual=labels, right=right, per_category=settings.per_category)
    products = [
        {
            "product_id": shown.facts["product_id"].iloc[place],
            "actual": categories[labels[place]],
            "predicted": categories[predicted[place]],
            "probability": round(float(whole[place].max()), DIGITS),
        }
        for place in picked
    ]
    maps: list[np.ndarray] = []
    for product, place in zip(products, picked.tolist(), strict=True):
        asked = {"at": place, "category": int(predicted[place])}
        if not model.texts:
            worth = occlusion.importance(model, shown, **asked)
            maps.append(worth.round(DIGITS) + 0.0)  # not -0.0
        elif not model.sides:
            owed = occlusion.words(model, shown, **asked)
            product["words"] = _foremost(owed, number=settings.words)
    without = {
        what: float((model.probabilities(less).argmax(axis=1) == labels).mean())
        for what, less in occlusion.changed(model, shown, generator=generator).items()
    }
    facts = {
        "tested": len(labels),
        "accuracy": round(float(right.mean()), table.DIGITS),
        "without": {what: round(accuracy, table.DIGITS) for what, accuracy in without.items()},
        "products": products,
    }
    return facts, picked, np.asarray(maps, dtype=np.float32)


def sample(*, actual: np.ndarray, right: np.ndarray, per_category: int) -> np.ndarray:
    """Return positions of the first right and wrong answers of each category, in turns.

    Every other category begins with a wrong one: both kinds are there also where one is taken.
    `actual` int [n], `right` bool [n].
    """
    answers = pd.DataFrame({"category": actual, "right": right})
    order = answers.groupby(["category", "right"]).cumcount()
    later = answers["right"] == (answers["category"] % 2 == 1)
    turns = answers.assign(order=order, later=later).sort_values(
        ["category", "order", "later"], kind="stable"
    )
    return np.sort(turns.groupby("category").head(per_category).index.to_numpy())


def _foremost(owed: dict[str, float], *, number: int) -> dict[str, float]:
    """Return the words to which the answer owes the most, the first first, and nothing below 0."""
    ranked = sorted(owed.items(), key=lambda pair: (-pair[1], pair[0]))[:number]
    return {word: round(value, DIGITS) for word, value in ranked if value > 0}
