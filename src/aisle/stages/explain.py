"""Explains what answers of the finalists depend on, on test products of the first fold.

data/explained/: facts.json and, of a competitor that reads photos alone, NAME.maps.npy float32
[k, cells, cells] and NAME.photos.npy uint8 [k, side, side, 3].
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.catalogue import photos
from aisle.inputs import rows
from aisle.serving import explaining, predict
from aisle.settings import params
from aisle.settings.sections import Explain
from aisle.stages import run

THUMBNAIL = 96
"""Pixels a side of the photos that are kept to be drawn."""


def tested(*, fold: int) -> pd.DataFrame:
    """Return the test products of a fold, with their row in products.csv as index."""
    products = files.read_table(
        paths.PRODUCTS, text=("product_id", "category", "image", *rows.TEXTS)
    )
    split = files.read_table(paths.SPLIT, text=("product_id",))
    test = split[(split["fold"] == fold) & (split["partition"] == "test")]["product_id"]
    return products[products["product_id"].isin(test)]


def explain(model: predict.Model, *, name: str, products: pd.DataFrame, to: Path) -> dict[str, Any]:
    """Write the arrays of one competitor to a folder; return what its answers depend on."""
    at = products.index.to_numpy()
    squares = {side: np.load(paths.resized(side), mmap_mode="r")[at] for side in model.sides}
    found, picked, maps = explaining.explain(
        model,
        predict.Products(products.reset_index(drop=True), squares),
        categories=rows.categories(),
        settings=params.read("explain", Explain),
        generator=np.random.default_rng(params.seed()),
    )
    if len(maps):
        fit = params.read("resize", params.Resize).fit
        images = [paths.RAW_IMAGES / image for image in products["image"].iloc[picked]]
        small = [photos.square(path, side=THUMBNAIL, fit=fit) for path in images]
        np.save(to / f"{name}.maps.npy", maps)
        np.save(to / f"{name}.photos.npy", np.stack(small))
    return found


def main() -> None:
    """Explain every finalist; none where `explain.per_category` is 0."""
    fold = rows.folds()[0]
    wanted = params.read("explain", Explain).per_category > 0
    products = tested(fold=fold)

    @cache
    def candidate(name: str) -> explaining.Remembering:
        return explaining.Remembering(predict.load_candidate(name, fold=fold))

    with files.replacing(paths.EXPLAINED) as folder:
        folder.mkdir()
        found = {}
        for name in files.read_json(paths.finalist("explained")) if wanted else []:
            model = predict.load(name, fold=fold, candidate=candidate)
            found[name] = explain(model, name=name, products=products, to=folder)
        files.write_json({"fold": fold, "competitors": found}, folder / paths.EXPLANATIONS.name)


if __name__ == "__main__":
    run(main, recorded=False)  # it comes after cost.json
