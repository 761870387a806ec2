"""Stage `explain`: asks what answers of the foremost competitors stand on → data/explained/.

On test products of the first fold, after all scores were made: nothing is chosen by it.
"""

import hashlib
from collections.abc import Set
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.answers import table
from aisle.catalogue import photos
from aisle.inputs import rows
from aisle.serving import occlusion, predict
from aisle.settings import params
from aisle.settings.sections import Explain
from aisle.stages import run

DIGITS = 3
"""Decimals kept of a probability: on another processor, networks differ in finer ones."""

MAP_DIGITS = 3
"""Decimals kept of what a part of a photo is worth, for the same reason."""

THUMBNAIL = 96
"""Pixels a side of the photos that are kept to be drawn."""


@dataclass(frozen=True)
class Remembering:
    """A candidate that answers nothing twice: ensembles ask again what it was asked alone."""

    candidate: predict.Answerer
    answers: dict[bytes, np.ndarray] = field(default_factory=dict)

    @property
    def sides(self) -> Set[int]:
        """The candidate's."""
        return self.candidate.sides

    @property
    def texts(self) -> tuple[str, ...]:
        """The candidate's."""
        return self.candidate.texts

    def probabilities(self, shown: predict.Shown) -> np.ndarray:
        """Return the candidate's; again where what it reads is the same."""
        read = shown.facts[[*rows.FILE_FACTS, *self.texts]]
        said = hashlib.sha256(read.to_json().encode())
        for side in sorted(self.sides):
            said.update(shown.squares[side].tobytes())
        key = said.digest()
        if key not in self.answers:
            self.answers[key] = self.candidate.probabilities(shown)
        return self.answers[key]


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


def explain(
    answerer: predict.Answerer,
    *,
    name: str,
    products: pd.DataFrame,
    settings: Explain,
    folder: Path,
) -> dict[str, Any]:
    """Return what one competitor's answers stand on; write NAME.maps.npy and NAME.photos.npy.

    `products` are the tested ones, with their row in products.csv as index. The arrays, where
    photos alone are read: float32 [k, cells, cells] and uint8 [k, side, side, 3], of the products
    told. Who reads both is asked about photo and texts as a whole only.
    """
    at = products.index.to_numpy()
    shown = predict.Shown(
        products.reset_index(drop=True),
        {side: np.load(paths.resized(side), mmap_mode="r")[at] for side in answerer.sides},
    )
    names = rows.categories()
    labels = products["category_id"].to_numpy()
    whole = answerer.probabilities(shown)
    predicted = whole.argmax(axis=1)
    right = predicted == labels
    picked = sample(actual=labels, right=right, per_category=settings.per_category)
    generator = np.random.default_rng(params.seed())
    told = [
        {
            "product_id": products["product_id"].iloc[place],
            "actual": names[labels[place]],
            "predicted": names[predicted[place]],
            "probability": round(float(whole[place].max()), DIGITS),
        }
        for place in picked
    ]
    if not answerer.texts:
        maps = [
            occlusion.importance(answerer, shown, at=int(place), category=int(predicted[place]))
            for place in picked
        ]
        worth = np.stack(maps).round(MAP_DIGITS) + 0.0  # not -0.0
        np.save(folder / f"{name}.maps.npy", worth.astype(np.float32))
        fit = params.read("resize", params.Resize).fit
        files_of = [paths.RAW_IMAGES / products["image"].iloc[place] for place in picked]
        small = [photos.square(path, side=THUMBNAIL, fit=fit) for path in files_of]
        np.save(folder / f"{name}.photos.npy", np.stack(small))
    elif not answerer.sides:
        for one, place in zip(told, picked, strict=True):
            owed = occlusion.words(answerer, shown, at=int(place), category=int(predicted[place]))
            one["words"] = _foremost(owed, number=settings.words)
    without = {
        what: float((answerer.probabilities(less).argmax(axis=1) == labels).mean())
        for what, less in occlusion.changed(answerer, shown, generator=generator).items()
    }
    return {
        "tested": len(products),
        "accuracy": round(float(right.mean()), table.DIGITS),
        "without": {what: round(accuracy, table.DIGITS) for what, accuracy in without.items()},
        "products": told,
    }


def _foremost(owed: dict[str, float], *, number: int) -> dict[str, float]:
    """Return the words to which the answer owes the most, the first first, and nothing below 0."""
    ranked = sorted(owed.items(), key=lambda pair: (-pair[1], pair[0]))[:number]
    return {word: round(value, DIGITS) for word, value in ranked if value > 0}


def main() -> None:
    """Write data/explained: facts.json, and maps and photos of each competitor that reads any."""
    settings, fold = params.read("explain", Explain), rows.folds()[0]
    products = files.read_table(
        paths.PRODUCTS, text=("product_id", "category", "image", *rows.TEXTS)
    )
    split = files.read_table(paths.SPLIT, text=("product_id",))
    tested = split[(split["fold"] == fold) & (split["partition"] == "test")]["product_id"]
    here = products[products["product_id"].isin(tested)]

    @cache
    def candidate(name: str) -> Remembering:
        return Remembering(predict.load_candidate(name, fold=fold))

    with files.replacing(paths.EXPLAINED) as folder:
        folder.mkdir()
        found = {
            name: explain(
                predict.load(name, fold=fold, candidate=candidate),
                name=name,
                products=here,
                settings=settings,
                folder=folder,
            )
            for name in (files.read_json(paths.FINALISTS) if settings.per_category else [])
        }
        files.write_json({"fold": fold, "competitors": found}, folder / paths.EXPLANATIONS.name)


if __name__ == "__main__":
    run(main, recorded=False)  # it comes after cost.json
