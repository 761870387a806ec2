"""One frozen forward pass per photo and view: data/resized, data/weights → data/embeddings/VARIANT.

Embeddings belong to products and views, not to partitions: another split embeds nothing again, and
adding ten products embeds only those ten.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture, cache, embedding, engines, frozen_pass
from aisle.inputs import views
from aisle.settings import params
from aisle.stages import REPEATS, Timings, milliseconds, run

CODE = (embedding, architecture, engines, frozen_pass, views)
"""The modules that embeddings come from: those of an earlier run are reused for the same ones."""


def embed(variant: str, *, names: list[str]) -> tuple[dict[str, float | str], Timings]:
    """Write one variant's embeddings of these views, at least one; return facts and timings.

    `embed_seconds` is what all of them took, in this run or in the earlier one that made them.
    """
    settings = params.read("embed", params.Embed)
    photos = np.load(paths.resized(params.backbone(variant).size), mmap_mode="r")
    engine, reason = engines.usable(settings.engine)
    if reason:
        print(reason)
    keras = architecture.start_keras(seed=params.seed())
    code = (Path(str(module.__file__)) for module in CODE)
    said = (settings.trainable_from, *settings.layers, keras.__version__, engines.describe(engine))
    origin = files.origin(read=[paths.weights(variant), *code], said=said)
    earlier, digests = cache.reusable(variant, origin=origin), cache.digests(photos)
    started = time.perf_counter()
    frozen = embedding.load(variant, settings=settings)
    with files.replacing(paths.embeddings(variant)) as folder:
        folder.mkdir()
        run_now = embedding.write(
            frozen,
            digests=digests,
            views=names,
            batches=lambda at: views.batches(photos, at=at, views=names, size=settings.batch_size),
            earlier=earlier,
            folder=folder,
        )
        card = frozen.card(views=names, settings=settings)
        files.write_json(card, folder / paths.EMBEDDING_CARD)
    total, seconds = len(photos) * len(names), time.perf_counter() - started
    facts = frozen.facts()
    print(f"{variant}: {run_now} of {total} views in {seconds:.0f} s with {facts['engine']}")
    if earlier:
        seconds += earlier.seconds * (total - run_now)
    cache.keep(variant, origin=origin, photos=digests, views=names, seconds=seconds / total)
    singles = list(photos[:REPEATS, np.newaxis])
    latency = milliseconds(lambda photo: next(frozen.forward([photo])), singles)
    return facts, {"embed_seconds": round(seconds, 2), "predict_milliseconds": latency}


def main() -> Timings:
    """Embed with one variant, given on the command line; nothing where no candidate needs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=architecture.CLASSES)
    variant = parser.parse_args().variant
    names = files.read_json(paths.needs(variant))["views"]
    facts: dict[str, float | str] = {}
    timings: Timings = {}
    if names:
        facts, timings = embed(variant, names=names)
    else:
        card = {"views": [], "weights": embedding.weights_hash(variant)}
        files.write_json(card, paths.embeddings(variant) / paths.EMBEDDING_CARD)
        print(f"{variant}: no candidate reads its embeddings")
    files.write_json(facts, paths.facts("embed", variant))
    return timings


if __name__ == "__main__":
    run(main)
