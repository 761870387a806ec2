"""Count the operations of a network for one input."""

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def multiply_additions(model: "keras.Model") -> int:
    """Return the multiply-additions of all convolutions and dense layers for one input.

    Papers on these networks call them FLOPs. Activations, BatchNorm and averages do not count.
    """
    import keras

    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
    return sum(
        # each weight of the kernel is used once at each position of the output
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])
        for layer in model.layers
        if isinstance(layer, kinds)
    )
