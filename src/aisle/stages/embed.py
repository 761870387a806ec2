"""One frozen forward pass per photo and view: data/resized, data/weights → data/embeddings/VARIANT.

Embeddings belong to products and views, not to partitions: another split embeds nothing anew.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from aisle import backbones, files, params, paths
from aisle.errors import AisleError
from aisle.stages import run
from aisle.views import ORIGINAL, apply


def forward(
    photos: np.ndarray, *, names: list[str], variant: str, settings: params.Embed, folder: Path
) -> None:
    """Write embeddings [n, views, width] float32 and activations [n, views, h, w, c] float16.

    `photos` is uint8 [n, side, side, 3]; the activations are what crosses from the frozen stem to
    the trainable tail, kept in half precision because they are most of the pipeline's disk space.
    """
    import keras

    side = photos.shape[1]
    path = paths.weights(variant)
    backbone = backbones.load(variant, side=side, path=path)
    stem, _ = backbones.cut(backbone, trainable_from=settings.trainable_from)
    both = keras.Model(backbone.input, [stem.output, backbone.output])
    shape = (len(photos), len(names))
    activations = np.lib.format.open_memmap(
        folder / paths.ACTIVATIONS, "w+", np.float16, (*shape, *stem.output.shape[1:])
    )
    embeddings = np.lib.format.open_memmap(
        folder / paths.EMBEDDINGS, "w+", np.float32, (*shape, backbone.output.shape[1])
    )
    for start in range(0, len(photos), settings.batch_size):
        block = slice(start, start + settings.batch_size)
        for position, name in enumerate(names):
            batch = np.stack([apply(photo, view=name) for photo in photos[block]])
            crossing, features = both.predict_on_batch(batch)
            activations[block, position] = crossing
            embeddings[block, position] = features
    if not (np.isfinite(embeddings).all() and np.isfinite(activations).all()):
        raise AisleError(
            f"the weights of {variant} give features that are not numbers; "
            f"check variants.{variant} in params.yaml."
        )


def main() -> None:
    """Write one variant's embeddings, given on the command line, and what they cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=backbones.CLASSES)
    variant = parser.parse_args().variant
    backbone, settings = params.backbone(variant), params.read("embed", params.Embed)
    names = [ORIGINAL]
    if backbone.views == "all":
        names += params.read("augment", params.Augment).transforms
    photos = np.load(paths.resized(backbone.size), mmap_mode="r")
    backbones.start_keras(seed=params.seed())
    started = time.perf_counter()
    with files.replacing(paths.embeddings(variant)) as temporary:
        temporary.mkdir()
        forward(
            photos,
            names=names,
            variant=variant,
            settings=settings,
            folder=temporary,
        )
        card = {"views": names, "trainable_from": settings.trainable_from}
        files.write_json(card, temporary / paths.EMBEDDING_CARD)
    seconds = time.perf_counter() - started
    files.write_json({"seconds": round(seconds, 2)}, paths.record("embed", variant))
    print(f"{variant}: {len(photos) * len(names)} views in {seconds:.0f} s")


if __name__ == "__main__":
    run(main)
