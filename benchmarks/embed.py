"""Speed of `embed` and of its engines: `python -m benchmarks.embed [folder of a finished run]`.

EfficientNetV2-B0 at 224 pixels with the layers of params.yaml, batches of 32. Compares Keras's
`predict` and OpenVINO's queue on ready batches with the stage's `embedding.write`, which also makes
views and writes arrays, for both engines; median of 3 alternating rounds. Uses random weights and
256 random photos, or those of the run. For a run, also compares both engines by the val accuracy of
a logistic regression fitted on the embeddings of train.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import paths
from aisle.backbones import architecture, embedding, engines
from aisle.backbones.frozen_pass import frozen
from aisle.inputs.views import ORIGINAL, batches
from aisle.settings import params

PHOTOS, SIDE, ROUNDS = 256, 224, 3
NEAR_RAW, FACTOR, DIFFERENCE = 0.9, 2.3, 0.005


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def embeddings(
    model: Any, answer: engines.Forward, photos: np.ndarray, *, batch_size: int
) -> np.ndarray:
    """Return the embeddings that the stage writes for the original views, float32 [n, widths]."""
    with tempfile.TemporaryDirectory() as folder:
        names = [ORIGINAL]
        embedding.write(
            embedding.Frozen("b0", model, model, answer, "keras"),
            digests=[""] * len(photos),
            views=names,
            batches=lambda at: batches(photos, at=at, views=names, size=batch_size),
            earlier=None,
            folder=Path(folder),
        )
        return np.asarray(np.load(Path(folder) / paths.EMBEDDINGS)[:, 0])


def queue(model: Any, photos: np.ndarray, *, batch_size: int) -> Callable[[], None]:
    """Return a function that passes the photos through OpenVINO's asynchronous queue."""
    network = engines.compiled(model)
    import openvino

    waiting = openvino.AsyncInferQueue(network)
    batches = [photos[start : start + batch_size] for start in range(0, len(photos), batch_size)]

    def run() -> None:
        for batch in batches:
            waiting.start_async([batch])
        waiting.wait_all()

    return run


def probe(features: np.ndarray, *, run: Path) -> float:
    """Return the val accuracy, over all folds, of a logistic regression fitted on train."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    products = pd.read_csv(run / paths.PRODUCTS, usecols=["product_id", "category_id"])
    row = {product: row for row, product in enumerate(products["product_id"])}
    category = products["category_id"].to_numpy()
    right = []
    for _, fold in pd.read_csv(run / paths.SPLIT).groupby("fold"):
        part = {
            name: rows["product_id"].map(row).to_numpy() for name, rows in fold.groupby("partition")
        }
        train, val = part["train"], part["val"]
        fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        fitted.fit(features[train], category[train])
        right.append(fitted.predict(features[val]) == category[val])
    return float(np.concatenate(right).mean())


def measure(run: Path | None = None) -> list[tuple[str, str, str, bool]]:
    """Return the goal's rows: what, target, measured, met; print details."""
    architecture.start_keras(seed=0)
    settings = params.read("embed", params.Embed)
    if run:
        backbone = architecture.load("b0", side=SIDE, path=run / paths.weights("b0"))
        photos = np.load(run / paths.resized(SIDE))
    else:
        backbone = architecture.build("b0", side=SIDE)
        photos = np.random.default_rng(0).integers(0, 256, (PHOTOS, SIDE, SIDE, 3), dtype=np.uint8)
    model = frozen(backbone, settings=settings)
    size = settings.batch_size
    answers = {"Keras": engines.as_function(model, engine="keras")}
    some = photos[:PHOTOS]
    ready = some.astype(np.float32)
    raw: dict[str, dict[str, Callable[[], object]]] = {
        "Keras": {
            "predict": lambda: model.predict(ready, batch_size=size, verbose=0),
            "graph": lambda: list(answers["Keras"](np.split(ready, range(size, PHOTOS, size)))),
        }
    }
    if engines.usable("openvino")[0] == "openvino":
        answers["OpenVINO"] = engines.as_function(model, engine="openvino")
        raw["OpenVINO"] = {"queue": queue(model, ready, batch_size=size)}
    ways = {f"{engine} {way}": call for engine, calls in raw.items() for way, call in calls.items()}
    for engine, answer in answers.items():
        ways[f"{engine} embed"] = partial(embeddings, model, answer, some, batch_size=size)
    times = np.array([[seconds(call) for call in ways.values()] for _ in range(1 + ROUNDS)])[1:]
    seconds_of = dict(zip(ways, times.T, strict=True))
    for way, taken in seconds_of.items():
        print(f"{way}: {PHOTOS / np.median(taken):.0f} views/s")
    rows = []
    for engine, calls in raw.items():
        fastest = np.min([seconds_of[f"{engine} {way}"] for way in calls], axis=0)
        share = float(np.median(fastest / seconds_of[f"{engine} embed"]))
        rows.append(
            (
                f"embed with {engine} against the raw engine",
                f"at least {NEAR_RAW:.0%} of its views/s",
                f"{share:.0%}",
                share >= NEAR_RAW,
            )
        )
    if "OpenVINO" not in raw:
        return [*rows, ("embed with OpenVINO", "see above", "not installed", False)]
    described = engines.describe("openvino")
    factor = float(np.median(seconds_of["Keras predict"] / seconds_of["OpenVINO embed"]))
    target, measured = f"at least {FACTOR} times the views/s", f"{factor:.2f} times, {described}"
    rows.append(("embed with OpenVINO against Keras predict", target, measured, factor >= FACTOR))
    if run:
        keras_right, openvino_right = (
            probe(embeddings(model, answer, photos, batch_size=size), run=run)
            for answer in answers.values()
        )
        rows.append(
            (
                "accuracy of a linear probe on val, OpenVINO against Keras",
                f"at most {DIFFERENCE} apart",
                f"{openvino_right:.4f} and {keras_right:.4f}, {described}",
                abs(openvino_right - keras_right) <= DIFFERENCE,
            )
        )
    return rows


if __name__ == "__main__":
    for row in measure(*map(Path, sys.argv[1:])):
        print(*row, sep=" | ")
