"""One frozen forward pass per photo and view: data/resized, data/weights → data/embeddings/VARIANT.

Embeddings belong to products and views, not to partitions: another split embeds nothing again, and
adding ten products embeds only those ten.
"""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture, cache, engines, frozen_pass
from aisle.backbones.cache import Embedded
from aisle.backbones.operations import multiply_additions
from aisle.inputs import views
from aisle.settings import params
from aisle.stages import REPEATS, Timings, milliseconds, run

if TYPE_CHECKING:
    import keras


def forward(
    model: "keras.Model",
    run_model: engines.Forward,
    photos: np.ndarray,
    *,
    names: list[str],
    variant: str,
    batch_size: int,
    folder: Path,
    earlier: Embedded | None,
    digests: list[str],
) -> int:
    """Write embeddings [n, views, widths] float32 and activations [n, views, h, w, c] float16.

    `photos` is uint8 [n, side, side, 3], `model` what `frozen` returns, `run_model` what runs it.
    Copies what `earlier` has of the photos' `digests`; returns how many views were run.
    """
    crossing, *kept = model.outputs
    shape = (len(photos), len(names))
    activations = np.lib.format.open_memmap(
        folder / paths.ACTIVATIONS, "w+", np.float16, (*shape, *crossing.shape[1:])
    )
    embeddings = np.lib.format.open_memmap(
        folder / paths.EMBEDDINGS, "w+", np.float32, (*shape, sum(one.shape[1] for one in kept))
    )
    missing = list(np.ndindex(shape))
    if earlier:
        missing = earlier.fill(embeddings, activations, photos=digests, views=names)
    batches = views.batches(photos, at=missing, views=names, size=batch_size)
    done = 0
    for crossed, embedded in frozen_pass.outputs(batches, forward=run_model, variant=variant):
        at = tuple(np.transpose(missing[done : done + len(embedded)]))
        activations[at], embeddings[at] = crossed, embedded
        done += len(embedded)
    return done


def embed(variant: str, *, names: list[str]) -> tuple[dict[str, float | str], Timings]:
    """Write one variant's embeddings of these views, at least one; return facts and timings.

    `embed_seconds` is what all of them took, in this run or in the earlier one that made them.
    """
    chosen, settings = params.backbone(variant), params.read("embed", params.Embed)
    photos = np.load(paths.resized(chosen.size), mmap_mode="r")
    keras = architecture.start_keras(seed=params.seed())
    weights = paths.weights(variant)
    engine, reason = engines.usable(settings.engine)
    if reason:
        print(reason)
    computed_by = engines.describe(engine)
    code = (__file__, *(module.__file__ for module in (architecture, engines, frozen_pass, views)))
    origin = files.origin(
        read=[weights, *(Path(file) for file in code if file)],
        said=[settings.trainable_from, *settings.layers, keras.__version__, computed_by],
    )
    earlier, digests = cache.reusable(variant, origin=origin), cache.digests(photos)
    started = time.perf_counter()
    backbone = architecture.load(variant, side=chosen.size, path=weights)
    model = frozen_pass.frozen(backbone, settings=settings)
    run_model = engines.as_function(model, engine=engine)
    widths = [output.shape[1] for output in model.outputs[1:]]
    with files.replacing(paths.embeddings(variant)) as temporary:
        temporary.mkdir()
        run_now = forward(
            model,
            run_model,
            photos,
            names=names,
            variant=variant,
            batch_size=settings.batch_size,
            folder=temporary,
            earlier=earlier,
            digests=digests,
        )
        card = {
            "views": names,
            "weights": files.origin(read=[weights], said=[]),
            "trainable_from": settings.trainable_from,
            "layers": dict(zip(settings.layers, widths, strict=True)),
        }
        files.write_json(card, temporary / paths.EMBEDDING_CARD)
    total = len(photos) * len(names)
    seconds = time.perf_counter() - started
    print(f"{variant}: {run_now} of {total} views in {seconds:.0f} s with {computed_by}")
    if earlier:
        seconds += earlier.seconds * (total - run_now)
    cache.keep(variant, origin=origin, photos=digests, views=names, seconds=seconds / total)
    timings = {
        "embed_seconds": round(seconds, 2),
        "predict_milliseconds": milliseconds(
            lambda photo: next(run_model([photo])), list(photos[:REPEATS, np.newaxis])
        ),
    }
    facts = {
        "parameters": backbone.count_params(),
        "multiply_additions": multiply_additions(backbone),
        "bytes": weights.stat().st_size,
        "engine": computed_by,
    }
    return facts, timings


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
        card = {"views": [], "weights": files.origin(read=[paths.weights(variant)], said=[])}
        files.write_json(card, paths.embeddings(variant) / paths.EMBEDDING_CARD)
        print(f"{variant}: no candidate reads its embeddings")
    files.write_json(facts, paths.facts("embed", variant))
    return timings


if __name__ == "__main__":
    run(main)
