"""Real photos for tests of networks: scikit-learn's 1797 handwritten digits, 8 by 8, as RGB."""

from functools import cache

import numpy as np
import pandas as pd

from aisle.inputs.rows import Inputs, Rows
from aisle.inputs.views import ORIGINAL
from aisle.settings import params

CLASSES = 10


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return photos uint8 [1797, 8, 8, 3], white on black, and which digit each is."""
    from sklearn.datasets import load_digits

    grey, labels = load_digits(return_X_y=True)
    small = (grey * 255 / 16).round().astype(np.uint8).reshape(-1, 8, 8)
    return np.stack([small] * 3, axis=-1), labels


@cache
def positions() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return train, val and test: 70, 15 and 15 % of each digit.

    Drawn by chance, from a fixed seed, for the digits come writer by writer. So a writer may be in
    train and in test: these are easier than digits by strangers.
    """
    from sklearn.model_selection import train_test_split

    labels = digits()[1]
    everything = np.arange(len(labels))
    rest, test = train_test_split(everything, test_size=0.15, stratify=labels, random_state=0)
    train, val = train_test_split(
        rest, test_size=0.15 / 0.85, stratify=labels[rest], random_state=0
    )
    return train, val, test


def parts(settings: params.Candidate, *, scale: int = 1) -> tuple[Rows, Rows, Rows]:
    """Return train, val and test rows, each digit once; `scale` repeats every pixel."""
    photos, labels = digits()
    inputs = Inputs(settings, pd.DataFrame())
    inputs.__dict__["photos"] = photos.repeat(scale, axis=1).repeat(scale, axis=2)
    views = np.full(len(labels), ORIGINAL, dtype=object)
    rows = Rows(np.arange(len(labels)), views, labels, inputs)
    train, val, test = positions()
    return rows.take(train), rows.take(val), rows.take(test)
