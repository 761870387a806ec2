"""How much a network computes for one input."""

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def multiply_additions(model: "keras.Model") -> int:
    """Return the multiplications, each with its addition, of all convolutions and dense layers.

    For one input of the model's own size. What papers on these networks call FLOPs; activations,
    BatchNorm and averages are not counted.
    """
    import keras

    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
    return sum(
        # each number of the kernel is used once at each place of the output
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])
        for layer in model.layers
        if isinstance(layer, kinds)
    )
