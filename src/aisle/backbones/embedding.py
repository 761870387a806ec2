"""Embed photos with a frozen backbone: copy what an earlier run has, run the rest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture, engines, frozen_pass
from aisle.backbones.cache import Embedded
from aisle.backbones.operations import multiply_additions
from aisle.settings import params

if TYPE_CHECKING:
    import keras

Batches = Callable[[Sequence[tuple[int, int]]], Iterable[np.ndarray]]
"""Positions (photo, view) → batches of those views, uint8 [k, side, side, 3]."""


@dataclass(frozen=True)
class Frozen:
    """A frozen backbone, ready to run: `model` is what `frozen_pass.frozen` returns."""

    variant: str
    backbone: "keras.Model"
    model: "keras.Model"
    forward: engines.Forward
    engine: params.Engine

    def facts(self) -> dict[str, float | str]:
        """Return its size, the cost of one pass, and what computes it."""
        return {
            "parameters": self.backbone.count_params(),
            "multiply_additions": multiply_additions(self.backbone),
            "bytes": paths.weights(self.variant).stat().st_size,
            "engine": engines.describe(self.engine),
        }

    def card(self, *, views: Sequence[str], settings: params.Embed) -> dict[str, object]:
        """Return the description of its embeddings of these views."""
        widths = [output.shape[1] for output in self.model.outputs[1:]]
        return {
            "views": views,
            "weights": weights_hash(self.variant),
            "trainable_from": settings.trainable_from,
            "layers": dict(zip(settings.layers, widths, strict=True)),
        }


def load(variant: str, *, settings: params.Embed) -> Frozen:
    """Return a variant's frozen backbone, run by the engine of the settings if that is usable."""
    architecture.start_keras(seed=params.seed())
    size, path = params.backbone(variant).size, paths.weights(variant)
    backbone = architecture.load(variant, side=size, path=path)
    engine, _ = engines.usable(settings.engine)
    model = frozen_pass.frozen(backbone, settings=settings)
    return Frozen(variant, backbone, model, engines.as_function(model, engine=engine), engine)


def weights_hash(variant: str) -> str:
    """Return a hash of a variant's weights, which are the input of all that it embeds."""
    return files.origin(read=[paths.weights(variant)], said=[])


def write(
    frozen: Frozen,
    *,
    digests: Sequence[str],
    views: Sequence[str],
    batches: Batches,
    earlier: Embedded | None,
    folder: Path,
) -> int:
    """Write embeddings [n, views, widths] float32 and activations [n, views, h, w, c] float16.

    `digests` are those of the n photos; what `earlier` has of them is copied. Returns how many
    views were run.
    """
    crossing, *kept = frozen.model.outputs
    shape = (len(digests), len(views))
    activations = np.lib.format.open_memmap(
        folder / paths.ACTIVATIONS, "w+", np.float16, (*shape, *crossing.shape[1:])
    )
    embeddings = np.lib.format.open_memmap(
        folder / paths.EMBEDDINGS, "w+", np.float32, (*shape, sum(one.shape[1] for one in kept))
    )
    missing: list[tuple[int, int]] = [(row, at) for row, at in np.ndindex(shape)]
    if earlier:
        missing = earlier.fill(embeddings, activations, photos=digests, views=views)
    passed = frozen_pass.outputs(batches(missing), forward=frozen.forward, variant=frozen.variant)
    done = 0
    for crossed, embedded in passed:
        at = tuple(np.transpose(missing[done : done + len(embedded)]))
        activations[at], embeddings[at] = crossed, embedded
        done += len(embedded)
    return done
