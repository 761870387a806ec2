"""What near twins are worth: `python -m benchmarks.reach [FOLDER WEIGHTS [SIMILARITY …]]`.

Photos in FOLDER, one folder per category, are embedded with EfficientNetV2-B0 and WEIGHTS (a file
without its top), padded to 224 pixels. Without arguments: bursts, the sample's objects photographed
five times each with small changes, and the bundled formula weights. A logistic regression (C 0.01)
on standardised embeddings is fitted on train and scored on test of holdouts (0.7, 0.15, 0.15; seeds
0 to 4) that keep nothing together, what looks alike, or, of bursts, the shots of an object. Prints
accuracy by similarity to the nearest training product, and what threshold and groups are like.
"""

import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from aisle.backbones import architecture
from aisle.catalogue import duplicates, folders, partitions, photos
from aisle.errors import AisleError
from aisle.paths import pretrained
from aisle.statistics import similarity
from synthetic.catalogue import scene
from synthetic.catalogue.objects import DESIGNS
from synthetic.catalogue.sketch import random_look

SIDE, BATCH, SEEDS = 224, 64, range(5)
OBJECTS, SHOTS = 40, 5
"""Of bursts: objects per category, and photos of each."""
STEPS = (-0.2, -0.1, 0.0, 0.1)


def draw_bursts(folder: Path, *, objects: int, shots: int, seed: int) -> None:
    """Write folder/CATEGORY/OBJECT_SHOT.jpg: objects of the sample, photographed several times."""
    rng = np.random.default_rng(seed)
    for category, designs in DESIGNS.items():
        (folder / category).mkdir(parents=True)
        for number in range(objects):
            design = designs[number % len(designs)]
            photo = scene.photograph(design, random_look(rng), rng=rng)
            for shot in range(shots):
                again(photo, rng=rng).save(folder / category / f"{number:03}_{shot}.jpg")


def again(photo: Image.Image, *, rng: np.random.Generator) -> Image.Image:
    """Return the photo as another shot: turned a little, closer, in other light, with noise."""
    turned = photo.rotate(
        rng.uniform(-5, 5), Image.Resampling.BICUBIC, fillcolor=photo.getpixel((1, 1))
    )
    width, height = (round(side * rng.uniform(0.85, 1.0)) for side in photo.size)
    left = int(rng.integers(photo.width - width + 1))
    top = int(rng.integers(photo.height - height + 1))
    pixels = np.asarray(turned.crop((left, top, left + width, top + height)), dtype=np.float32)
    light = pixels * rng.uniform(0.85, 1.1, size=3) + rng.normal(0, 3, size=(height, width, 1))
    return Image.fromarray(light.clip(0, 255).astype(np.uint8))


def embed(files: list[Path], *, weights: Path) -> np.ndarray:
    """Return B0's final embedding of each photo, float32 [n, 1280]."""
    architecture.start_keras(seed=0)
    backbone = architecture.load("b0", side=SIDE, path=weights)
    found = []
    for start in range(0, len(files), BATCH):
        batch = [photos.square(path, side=SIDE, fit="pad") for path in files[start : start + BATCH]]
        found.append(np.asarray(backbone.predict_on_batch(np.stack(batch).astype(np.float32))))
    return np.concatenate(found)


def answers(features: np.ndarray, *, labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return which test products are answered right, bool [m]."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    model.fit(features[fold == "train"], labels[fold == "train"])
    test = fold == "test"
    return np.asarray(model.predict(features[test]) == labels[test])


def report(
    name: str,
    *,
    groups: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    along: np.ndarray,
    twin: float,
) -> None:
    """Print accuracy and near twins of holdouts that keep these groups together."""
    right, similar, by_seed = [], [], []
    for seed in SEEDS:
        (fold,) = partitions.holdout(
            categories=labels, groups=groups, test=0.15, val=0.15, seed=seed
        )
        right.append(answers(features, labels=labels, fold=fold))
        train, test = (np.flatnonzero(fold == part) for part in ("train", "test"))
        similar.append(similarity.nearest(along, of=test, among=train)[1])
        by_seed.append(float(right[-1].mean()))
    ok, near = np.concatenate(right), np.concatenate(similar)
    sizes = np.unique(groups, return_counts=True)[1]
    print(
        f"{name}: {len(sizes)} groups, largest {sizes.max()}; accuracy {np.mean(by_seed):.3f} "
        f"({min(by_seed):.3f} to {max(by_seed):.3f}), {len(ok)} tested in {len(SEEDS)} seeds; "
        f"median similarity {np.median(near):.2f}, near twins {(near >= twin).mean():.2f}"
    )
    edges = [-1.0, *(round(twin + step, 2) for step in STEPS), 1.01]
    for low, high in pairwise(edges):
        here = (near >= low) & (near < high)
        if here.any():
            print(f"  from {low:.2f}: {ok[here].mean():.3f} of {here.sum()}")


def measure(folder: Path, *, weights: Path, twins: list[float], bursts: bool) -> None:
    """Print everything about the photos in `folder`, for each similarity of near twins."""
    names, _ = folders.find(folder)
    categories, labels = np.unique([name.split("/")[0] for name in names], return_inverse=True)
    facts = [photos.examine(folder / name, max_megapixels=300) for name in names]
    kept = duplicates.groups(
        sha256=[one.sha256 for one in facts], phash=[one.phash for one in facts], texts=[], bits=4
    )
    features = embed([folder / name for name in names], weights=weights)
    along = similarity.directions(features)
    print(f"{len(names)} photos, {len(categories)} categories, {len(set(kept))} after duplicates")
    every = along @ along.T
    other = labels[:, None] != labels[None, :]
    for twin in twins:
        chance = 1 / (every[other] >= twin).mean()
        print(f"near twin: {twin}; of pairs of two categories, 1 in {chance:.0f}")
        alike = similarity.groups(along, kinds=labels, at_least=twin)
        split = {"duplicates": kept, "look": similarity.merged(kept, alike)}
        if bursts:
            shots = np.unique([name.rpartition("_")[0] for name in names], return_inverse=True)[1]
            split["column of objects"] = similarity.merged(kept, shots)
        for name, groups in split.items():
            report(name, groups=groups, features=features, labels=labels, along=along, twin=twin)


def main() -> None:
    """Measure bursts, or the folder on the command line."""
    if len(sys.argv) > 2:
        twins = [float(one) for one in sys.argv[3:]] or [0.6]
        measure(Path(sys.argv[1]), weights=Path(sys.argv[2]), twins=twins, bursts=False)
        return
    with tempfile.TemporaryDirectory() as folder:
        draw_bursts(Path(folder), objects=OBJECTS, shots=SHOTS, seed=1)
        measure(Path(folder), weights=pretrained("b0"), twins=[0.6, 0.7, 0.8], bursts=True)


if __name__ == "__main__":
    try:
        main()
    except AisleError as error:
        sys.exit(f"aisle: {error}")
