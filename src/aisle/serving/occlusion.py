"""Explain an answer by occlusion: cover a part of the photo, or remove a word, and predict again.

Occlusion (Zeiler & Fergus, "Visualizing and understanding convolutional networks", ECCV 2014): no
gradient and no layer is needed, so it works for forests and networks alike.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from aisle.errors import AisleError
from aisle.serving.predict import Model, Products

CELLS = 8
"""Cells along a side of the map."""

WINDOW = 2
"""Cells along a side of the covered window, which moves one cell at a time."""

TILES = 4
"""Tiles along a side of a photo when its layout is shuffled."""

WORD = re.compile(r"\w+")
MOST_WORDS = 200

MOST = 12
"""Photos explained at most: each takes 50 predictions."""


def maps(
    model: Model, products: Products, *, answers: pd.DataFrame
) -> tuple[list[np.ndarray], list[np.ndarray], list[str]]:
    """Return the first photos as squares, the importance of each cell, and titles."""
    if not products.squares:
        raise AisleError("this competitor reads no photo, so there is nothing to explain on one.")
    finest = products.squares[max(products.squares)]
    pictures, found, titles = [], [], []
    for at, row in enumerate(answers.head(MOST).to_dict("records")):
        names = [key for key in answers.columns if key.startswith("p_")]
        category = names.index(f"p_{row['predicted']}")
        pictures.append(finest[at])
        found.append(importance(model, products, at=at, category=category))
        titles.append(f"{row['predicted']} {row[names[category]]:.2f}")
    return pictures, found, titles


def importance(model: Model, products: Products, *, at: int, category: int) -> np.ndarray:
    """Return float [CELLS, CELLS]: how far the category's probability falls when a cell is covered.

    A window is painted in the photo's mean colour; a cell's value is the mean over the windows that
    contain it. Below 0, the cell speaks against the category. `at` is the photo's row.
    """
    corners = list(np.ndindex((CELLS - WINDOW + 1,) * 2))
    squares = {
        side: np.stack([array[at], *(_covered(array[at], corner=corner) for corner in corners)])
        for side, array in products.squares.items()
    }
    facts = products.facts.iloc[[at] * (1 + len(corners))].reset_index(drop=True)
    whole, *parts = model.probabilities(replace(products, facts=facts, squares=squares))[
        :, category
    ]
    falls, windows = np.zeros((CELLS, CELLS)), np.zeros((CELLS, CELLS))
    for (top, left), part in zip(corners, parts, strict=True):
        held = np.s_[top : top + WINDOW, left : left + WINDOW]
        falls[held] += whole - part
        windows[held] += 1
    return np.asarray(falls / windows)


def _covered(photo: np.ndarray, *, corner: tuple[int, ...]) -> np.ndarray:
    """Return a copy of uint8 [side, side, 3] with one window in the mean colour."""
    side = len(photo)
    ends = [(at * side // CELLS, (at + WINDOW) * side // CELLS) for at in corner]
    covered = photo.copy()
    (top, bottom), (left, right) = ends
    covered[top:bottom, left:right] = photo.mean(axis=(0, 1)).round().astype(np.uint8)
    return covered


def words(model: Model, products: Products, *, at: int, category: int) -> dict[str, float]:
    """Return how far the category's probability falls when a word is removed, for each word.

    A word is removed from every text that is read, wherever it occurs, whatever its case. `at` is
    the product's row.
    """
    texts = {column: str(products.facts[column].iloc[at]) for column in model.texts}
    found = sorted({word.lower() for text in texts.values() for word in WORD.findall(text)})[
        :MOST_WORDS
    ]
    facts = products.facts.iloc[[at] * (1 + len(found))].reset_index(drop=True)
    for column, text in texts.items():
        without = [re.sub(rf"(?i)\b{re.escape(word)}\b", " ", text) for word in found]
        facts[column] = [text, *without]
    squares = {
        side: np.repeat(array[[at]], len(facts), axis=0) for side, array in products.squares.items()
    }
    whole, *parts = model.probabilities(Products(facts, squares))[:, category]
    return {word: float(whole - part) for word, part in zip(found, parts, strict=True)}


def changed(
    model: Model, products: Products, *, generator: np.random.Generator
) -> dict[str, Products]:
    """Return the same products with one property removed from all of them, by its name.

    colour: grey photos. layout: photos cut into tiles and shuffled, each photo differently.
    photo, and each text column: permuted among the products, which is permutation importance
    (Breiman, "Random forests", 2001) of all features made from it.
    """
    number = len(products.facts)
    found: dict[str, Products] = {}
    if products.squares:
        grey = {side: _grey(array) for side, array in products.squares.items()}
        found["colour"] = replace(products, squares=grey)
        orders = np.stack([generator.permutation(TILES**2) for _ in range(number)])
        tiles = {side: _shuffled(array, orders=orders) for side, array in products.squares.items()}
        found["layout"] = replace(products, squares=tiles)
        dealt = generator.permutation(number)
        others = {side: array[dealt] for side, array in products.squares.items()}
        found["photo"] = replace(products, squares=others)
    for column in model.texts:
        dealt = generator.permutation(number)
        found[column] = replace(
            products,
            facts=products.facts.assign(**{column: products.facts[column].to_numpy()[dealt]}),
        )
    return found


def _grey(photos: np.ndarray) -> np.ndarray:
    """Return uint8 [n, side, side, 3] in the luma of ITU-R BT.601, as Pillow converts to grey."""
    luma = photos @ np.array([0.299, 0.587, 0.114])
    return np.repeat(luma.round().astype(np.uint8)[..., None], 3, axis=-1)


def _shuffled(photos: np.ndarray, *, orders: np.ndarray) -> np.ndarray:
    """Return the photos with their tiles in these orders; pixels outside the tiles stay."""
    tile = photos.shape[1] // TILES
    inside = tile * TILES
    result = photos.copy()
    cut = photos[:, :inside, :inside].reshape(len(photos), TILES, tile, TILES, tile, 3)
    flat = cut.transpose(0, 1, 3, 2, 4, 5).reshape(len(photos), TILES**2, tile, tile, 3)
    mixed = np.take_along_axis(flat, orders[:, :, None, None, None], axis=1)
    back = mixed.reshape(len(photos), TILES, TILES, tile, tile, 3).transpose(0, 1, 3, 2, 4, 5)
    result[:, :inside, :inside] = back.reshape(len(photos), inside, inside, 3)
    return result
