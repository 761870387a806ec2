"""Bursts: the sample's objects photographed several times, which perceptual hashes mostly miss."""

from pathlib import Path

import numpy as np
import pytest

from aisle.catalogue import duplicates, folders, partitions, photos
from aisle.statistics import similarity
from benchmarks.reach import answers, draw_bursts

OBJECTS, SHOTS, TWIN = 12, 4, 0.8


@pytest.fixture(scope="module")
def bursts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Pixels of small photos, labels, objects, and the groups of duplicates."""
    folder = tmp_path_factory.mktemp("bursts")
    draw_bursts(folder, objects=OBJECTS, shots=SHOTS, seed=3)
    names, _ = folders.find(folder)
    facts = [photos.examine(folder / name, max_megapixels=1) for name in names]
    small = [photos.square(folder / name, side=12, fit="pad") for name in names]
    return {
        "pixels": np.stack(small).reshape(len(names), -1).astype(np.float32),
        "labels": np.unique([Path(name).parts[0] for name in names], return_inverse=True)[1],
        "objects": np.unique([name.rpartition("_")[0] for name in names], return_inverse=True)[1],
        "duplicates": duplicates.groups(
            sha256=[one.sha256 for one in facts],
            phash=[one.phash for one in facts],
            texts=[],
            bits=4,
        ),
    }


def scored(bursts: dict[str, np.ndarray], *, groups: np.ndarray) -> tuple[float, float]:
    """Return accuracy and share of near twins over five holdouts that keep groups together."""
    along = similarity.directions(bursts["pixels"])
    right, near = [], []
    for seed in range(5):
        (fold,) = partitions.holdout(
            categories=bursts["labels"], groups=groups, test=0.15, val=0.15, seed=seed
        )
        right.append(answers(bursts["pixels"], labels=bursts["labels"], fold=fold))
        train, test = (np.flatnonzero(fold == part) for part in ("train", "test"))
        near.append(similarity.nearest(along, of=test, among=train)[1] >= TWIN)
    return float(np.concatenate(right).mean()), float(np.concatenate(near).mean())


def test_hashes_miss_bursts_that_flatter_a_score_and_look_finds_them(
    bursts: dict[str, np.ndarray],
) -> None:
    assert len(np.unique(bursts["duplicates"])) > 2 * OBJECTS * 7  # of 4 * OBJECTS * 7 photos
    along = similarity.directions(bursts["pixels"])
    alike = similarity.groups(along, kinds=bursts["labels"], at_least=TWIN)
    kept = similarity.merged(bursts["duplicates"], alike)
    accuracy, twins = scored(bursts, groups=bursts["duplicates"])
    accuracy_of_look, twins_of_look = scored(bursts, groups=kept)
    accuracy_of_objects, _ = scored(bursts, groups=bursts["objects"])
    assert twins > 0.5 and twins_of_look < 0.5 * twins
    assert accuracy > accuracy_of_look + 0.1
    assert accuracy > accuracy_of_objects + 0.1
