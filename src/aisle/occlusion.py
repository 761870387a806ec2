"""Where on a photo an answer comes from: what each part costs it when it is covered.

Occlusion (Zeiler & Fergus, "Visualizing and understanding convolutional networks", ECCV 2014): no
gradient and no layer is needed, so forests and networks are asked the same question.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from aisle.errors import AisleError
from aisle.predict import Answerer, Shown

CELLS = 8
"""Cells along a side of the map."""

WINDOW = 2
"""Cells along a side of the window that is covered; it moves by one."""


MOST = 12
"""Photos that are explained of many: each is answered 50 times."""


def maps(
    answerer: Answerer, shown: Shown, *, answers: pd.DataFrame
) -> tuple[list[np.ndarray], list[np.ndarray], list[str]]:
    """Return the first photos as squares, what each cell was worth, and what was answered."""
    if not shown.squares:
        raise AisleError("it reads no photo, so there is nothing to explain on one.")
    finest = shown.squares[max(shown.squares)]
    pictures, found, titles = [], [], []
    for at, row in enumerate(answers.head(MOST).to_dict("records")):
        names = [key for key in answers.columns if key.startswith("p_")]
        category = names.index(f"p_{row['predicted']}")
        pictures.append(finest[at])
        found.append(importance(answerer, shown, at=at, category=category))
        titles.append(f"{row['predicted']} {row[names[category]]:.2f}")
    return pictures, found, titles


def importance(answerer: Answerer, shown: Shown, *, at: int, category: int) -> np.ndarray:
    """Return float [CELLS, CELLS]: by how much the category's probability falls, cell by cell.

    A window is painted in the photo's mean colour; a cell's value is the mean over the windows
    that hold it. Below 0, the cell speaks against the category. `at` is the photo's row.
    """
    corners = list(np.ndindex((CELLS - WINDOW + 1,) * 2))
    squares = {
        side: np.stack([array[at], *(_covered(array[at], corner=corner) for corner in corners)])
        for side, array in shown.squares.items()
    }
    facts = shown.facts.iloc[[at] * (1 + len(corners))].reset_index(drop=True)
    whole, *parts = answerer.probabilities(replace(shown, facts=facts, squares=squares))[
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
