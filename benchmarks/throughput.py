"""How many views a second each recipe trains, in one run: `python benchmarks/throughput.py`.

EfficientNetV2-B0 at 224 pixels, batch 16, random data in memory: the trainable blocks alone, as in
`staged`, against the whole network, as in `full`. Prints both and their ratio.
"""

import time

import numpy as np

from aisle import backbones

VIEWS, BATCH, SIDE, CLASSES = 256, 16, 224, 7


def views_per_second(model: object, *, inputs: np.ndarray, labels: np.ndarray) -> float:
    """Return the speed of the second epoch; the first one traces the graph."""
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)  # type: ignore[attr-defined]
    for _ in range(2):
        started = time.perf_counter()
        model.fit(inputs, labels, batch_size=BATCH, verbose=0)  # type: ignore[attr-defined]
        seconds = time.perf_counter() - started
    return len(inputs) / seconds


def main() -> None:
    """Print the two speeds and their ratio."""
    keras = backbones.start_keras(seed=0)
    generator = np.random.default_rng(0)
    photos = generator.integers(0, 256, (VIEWS, SIDE, SIDE, 3)).astype(np.uint8)
    labels = generator.integers(0, CLASSES, VIEWS)
    speeds = {}
    for recipe in ("staged", "full"):
        backbone = backbones.build("b0", side=SIDE)
        stem, tail = backbones.cut(backbone, trainable_from="block6")
        inputs, part = photos, backbone
        if recipe == "staged":
            backbones.freeze_batch_normalisation(backbone)
            inputs, part = stem.predict(photos, verbose=0), tail
        head = keras.layers.Dense(CLASSES, activation="softmax")(part.output)
        model = keras.Model(part.input, head)
        speeds[recipe] = views_per_second(model, inputs=inputs, labels=labels)
        print(f"{recipe}: {speeds[recipe]:.0f} views/s")
    print(f"ratio: {speeds['staged'] / speeds['full']:.1f}")


if __name__ == "__main__":
    main()
