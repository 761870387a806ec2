"""Cheap features of many photos: `python -m benchmarks.cheap_features TABLE IMAGES CATEGORY FILE`.

TABLE is a CSV with the columns `image` and CATEGORY (a category tree counts by its first level);
FILE gets `x`, float32 [photos, 40], and `y`, int [photos], for `benchmarks.real_trainings`. Per
photo: a thumbnail of 8 x 8 grey values and a histogram of 4 x 4 x 4 colours, then the 40 principal
components of both, each with variance 1.
"""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

COMPONENTS = 40
FEWEST = 50


def features(photo: Path) -> np.ndarray:
    """Return the grey thumbnail and the square root of the colour histogram, float [128]."""
    with Image.open(photo) as image:
        small = image.convert("RGB").resize((48, 48), Image.Resampling.BOX)
    grey = small.convert("L").resize((8, 8), Image.Resampling.BOX)
    cells = (np.asarray(small).reshape(-1, 3) // 64) @ np.array([16, 4, 1])
    colours = np.bincount(cells, minlength=64) / len(cells)
    return np.concatenate([np.asarray(grey).ravel() / 255, np.sqrt(colours)])


def components(values: np.ndarray) -> np.ndarray:
    """Return the principal components of the rows, float32 [n, COMPONENTS], of variance 1."""
    scaled = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-9)
    _, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    found = scaled @ vectors[:, -COMPONENTS:]
    return np.asarray(found / found.std(axis=0), dtype=np.float32)


def main(table: Path, images: Path, category: str, file: Path) -> None:
    """Write the features of all photos that can be read, of categories with at least FEWEST."""
    rows = pd.read_csv(table, keep_default_na=False)
    rows["name"] = rows[category].str.strip('["]').str.split(" >> ").str[0]
    values, names = [], []
    for name, photo in zip(rows["name"], rows["image"], strict=True):
        with suppress(OSError):
            values.append(features(images / photo))
            names.append(name)
    _, y, counts = np.unique(names, return_inverse=True, return_counts=True)
    kept = counts[y] >= FEWEST
    np.savez(
        file, x=components(np.stack(values)[kept]), y=np.unique(y[kept], return_inverse=True)[1]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
