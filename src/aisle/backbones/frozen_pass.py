"""The frozen pass of a backbone: batches of photos in, activations and embeddings out; no files."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from aisle.backbones import architecture, engines
from aisle.errors import AisleError
from aisle.settings import params

if TYPE_CHECKING:
    import keras


def frozen(backbone: "keras.Model", *, settings: params.Embed) -> "keras.Model":
    """Return photos → [activations where the stem ends, *the pooled output of each layer kept]."""
    import keras

    stem, _ = architecture.cut(backbone, trainable_from=settings.trainable_from)
    kept = [_pooled(backbone, layer=layer) for layer in settings.layers]
    return keras.Model(backbone.input, [stem.output, *kept])


def outputs(
    batches: Iterable[np.ndarray], *, forward: engines.Forward, variant: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (activations float16 [k, h, w, c], embeddings float32 [k, widths]) of each batch.

    A batch is uint8 [k, side, side, 3]; `forward` runs the model that `frozen` returns. Its layers
    lie side by side in the embeddings. Activations cross from the frozen stem to the trainable
    tail, in half precision because they are most of the pipeline's disk space.
    Raises AisleError for features that are not finite.
    """
    for crossing, *layers in forward(batches):
        with np.errstate(over="ignore"):  # what half precision cannot hold is refused below
            activations = crossing.astype(np.float16)
        embeddings = np.concatenate(layers, axis=1)
        if not (np.isfinite(activations).all() and np.isfinite(embeddings).all()):
            raise AisleError(
                f"the weights of {variant} give features that are not finite numbers. "
                f"Check variants.{variant} in params.yaml."
            )
        yield activations, embeddings


def _pooled(backbone: "keras.Model", *, layer: params.Layer) -> "keras.KerasTensor":
    """Return a block's output, that of its last layer, averaged over the photo: [k, width]."""
    import keras

    if layer == params.TOP:
        return backbone.output
    last = [one for one in backbone.layers if one.name.startswith(layer)][-1]
    return keras.layers.GlobalAveragePooling2D()(last.output)
