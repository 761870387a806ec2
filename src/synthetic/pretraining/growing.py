"""Initial weights of an EfficientNetV2: effectively shallow, or grown from a smaller variant.

Net2Net: Chen, Goodfellow, Shlens 2015, "Net2Net: Accelerating Learning via Knowledge Transfer",
arXiv 1511.05641. B1 to B3 are B0 with more blocks and wider layers.
"""

import re
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aisle.backbones import architecture
from aisle.errors import AisleError

if TYPE_CHECKING:
    import keras

FAMILY = ("b0", "b1", "b2", "b3")
"""Variants by size: each can be grown from any before it."""

NOISE = 0.01
"""Relative noise on the kernels of added channels, so that copies do not stay identical."""

BLOCK = re.compile(r"(block(\d+)([a-z]))_(\w+)")
"""A layer's name: block, number of its stage, letter of the block in its stage, role."""


def shallow(variant: str) -> "keras.Model":
    """Return an untrained backbone, for any side, whose residual blocks start as identities.

    The first steps then train the few blocks that change the size of the maps; the others come in
    gradually. Goyal et al. 2017, arXiv 1706.02677, section 5.1: scale 0 in the last
    BatchNormalization of each residual block.
    """
    model = architecture.build(variant, side=None)
    for layer in model.layers:
        if layer.name.endswith("_add"):
            _zero(model.get_layer(layer.name.replace("_add", "_project_bn")))
    return model


def load_or_grow(variant: str, *, path: Path, seed: int) -> "keras.Model":
    """Return the backbone, for any side, with the weights in `path`, grown if of a smaller variant.

    Raises AisleError if the weights fit no such variant.
    """
    smaller = FAMILY[: FAMILY.index(variant)] if variant in FAMILY else ()
    for name in (variant, *smaller):
        try:
            found = architecture.load(name, side=None, path=path)
        except AisleError:
            continue
        return found if name == variant else grown(found, variant=variant, seed=seed)[0]
    fitting = ", ".join(f"EfficientNetV2 {name.upper()}" for name in (*smaller, variant))
    raise AisleError(
        f"--from '{path}' holds no weights without top of {fitting}, from which {variant} can "
        "begin. Give such a file, or leave --from out."
    )


def grown(small: "keras.Model", *, variant: str, seed: int) -> tuple["keras.Model", np.ndarray]:
    """Return a larger backbone that computes what `small` does, and each feature's origin [width].

    A feature equals the feature of `small` at its origin: exactly if no layer is wider, else up to
    NOISE. An added block copies the last block of its stage and starts as an identity: the scale
    and offset of its last BatchNormalization are 0. (Stage 1 has no block of the same shape; there
    the kernel is random.) An added channel copies a random one, and layers that read both give each
    half of the weight.
    """
    large = architecture.build(variant, side=None)
    generator = np.random.default_rng(seed)
    sources = {layer.name: layer for layer in small.layers if layer.weights}
    names = {layer.name for layer in large.layers}
    origins = {"input": np.arange(3)}
    for layer in large.layers:
        source = sources.get(layer.name) or sources.get(_like(layer.name, names=sources))
        if layer.weights and source is not None:
            reads, makes = _spaces(layer.name, names=names)
            if makes not in origins:
                origins[makes] = _origins(source, layer, generator=generator)
            layer.set_weights(
                _widened(source, reads=origins[reads], makes=origins[makes], generator=generator)
            )
        if layer.name.endswith("_project_bn") and layer.name not in sources:
            _zero(layer)
    return large, origins["top"]


def _zero(layer: "keras.layers.BatchNormalization") -> None:
    """Set scale and offset to 0: the residual block that ends with this layer adds nothing."""
    scale, offset, *moving = layer.get_weights()
    layer.set_weights([0 * scale, 0 * offset, *moving])


def _like(name: str, *, names: Iterable[str]) -> str:
    """Return the layer with the same role in the last block of the stage, or "" if there is none.

    The first block of a stage has no counterpart: it reads the output of the previous stage.
    """
    parts = BLOCK.fullmatch(name)
    if parts is None:
        return ""
    found = [match for other in names if (match := BLOCK.fullmatch(other))]
    same = [one[0] for one in found if (one[2], one[4]) == (parts[2], parts[4]) and one[3] != "a"]
    return max(same, default="")


def _spaces(name: str, *, names: Container[str]) -> tuple[str, str]:
    """Return the names of the channel spaces that a layer reads and writes.

    All blocks of a stage write the same space, because each adds to the output of the previous one.
    """
    match = BLOCK.fullmatch(name)
    if match is None:  # the stem and the top
        stem = name.startswith("stem")
        entering, leaving = ("input", "stem") if stem else ("stage6", "top")
        return (entering if name.endswith("conv") else leaving), leaving
    block, number, letter, does = match.groups()
    stage = f"stage{number}"
    before = "stem" if number == "1" else f"stage{int(number) - 1}"
    entering = before if letter == "a" else stage
    within, squeezed = f"{block} expanded", f"{block} squeezed"
    return {
        "expand_conv": (entering, within),
        "se_reduce": (within, squeezed),
        "se_expand": (squeezed, within),
        "project_conv": (within if f"{block}_expand_conv" in names else entering, stage),
        "project_bn": (stage, stage),
    }.get(does, (within, within))


def _origins(
    source: "keras.Layer", layer: "keras.Layer", *, generator: np.random.Generator
) -> np.ndarray:
    """Return, for each output channel of a convolution, the source channel that it copies.

    All source channels come first, in order.
    """
    before, after = source.kernel.shape[-1], layer.kernel.shape[-1]
    more = generator.choice(before, size=after - before, replace=after > 2 * before)
    return np.concatenate([np.arange(before), more])


def _widened(
    source: "keras.Layer",
    *,
    reads: np.ndarray,
    makes: np.ndarray,
    generator: np.random.Generator,
) -> list[np.ndarray]:
    """Return the weights of a layer that reads and writes copies of the source's channels."""
    import keras

    if isinstance(source, keras.layers.BatchNormalization):
        return [vector[makes] for vector in source.get_weights()]
    kernel, *bias = source.get_weights()
    if isinstance(source, keras.layers.DepthwiseConv2D):
        return [kernel[:, :, makes]]
    wide = kernel[:, :, reads] / np.bincount(reads)[reads][:, None]
    wide = wide[..., makes]
    copies = wide[..., kernel.shape[-1] :]
    copies *= 1 + NOISE * generator.standard_normal(copies.shape)
    return [wide, *(vector[makes] for vector in bias)]
