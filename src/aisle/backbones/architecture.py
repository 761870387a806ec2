"""EfficientNetV2 backbones: build, load, check, cut into a frozen stem and a trainable tail.

Keras is imported inside the functions, so that importing this module costs nothing. All models take
RGB photos as float or uint8 0-255 [k, side, side, 3]: the rescaling is inside the model.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle.errors import AisleError, did_you_mean

if TYPE_CHECKING:
    import keras

CLASSES = {
    name: f"EfficientNetV2{name.upper()}" for name in ("b0", "b1", "b2", "b3", "s", "m", "l")
}
"""Variant → class name in keras.applications."""


def start_keras(*, seed: int) -> Any:
    """Import Keras on TensorFlow, quiet and deterministic, with a random seed; return the module.

    Layers built after this call compute in float32, whatever an earlier caller had set.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras imports both for wrappers and plots that nothing here uses: two fifths of its start
    with _hidden("sklearn", "matplotlib"), _garbage_collection_off(), _quiet_stderr():
        import keras

    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("float32")
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
    return keras


def as_function(model: "keras.Model") -> Callable[[np.ndarray], Any]:
    """Return a function inputs [k, …] → the model's output for them, or the list of its outputs.

    One graph serves every k. Keras's own `predict_on_batch` traces another for a second k, which
    takes seconds for a backbone.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return model.predict_on_batch  # type: ignore[no-any-return]
    import tensorflow

    (given,) = model.inputs
    graph = tensorflow.function(
        lambda inputs: model(inputs, training=False),
        input_signature=[tensorflow.TensorSpec(given.shape, given.dtype)],
        autograph=False,
        jit_compile=False,  # XLA makes a CPU several times slower
    )

    def run(inputs: np.ndarray) -> Any:
        return keras.tree.map_structure(np.asarray, graph(inputs.astype(given.dtype)))

    return run


def build(variant: str, *, side: int | None) -> "keras.Model":
    """Return an untrained backbone without top: [k, side, side, 3] → pooled features [k, width].

    With side None it takes photos of any size.
    """
    import keras

    constructor = getattr(keras.applications, CLASSES[variant])
    model: keras.Model = constructor(
        include_top=False, weights=None, input_shape=(side, side, 3), pooling="avg"
    )
    return model


def load(variant: str, *, side: int | None, path: Path) -> "keras.Model":
    """Return the backbone with the weights in `path` (`.weights.h5`, or Keras 2's `.h5`).

    Raises AisleError if the file is not a weights file or belongs to another architecture.
    """
    model = build(variant, side=side)
    expected, found = len(model.weights), _arrays_in(path)
    complaint = (
        f"'{path}' does not fit {CLASSES[variant]} without its top: expected {expected} arrays, "
        f"found {found}. Name the file of this variant in params.yaml, variants.{variant}.file."
    )
    if found != expected:
        raise AisleError(complaint)
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise AisleError(f"{complaint} Keras says: {reason}") from None
    return model


def cut(model: "keras.Model", *, trainable_from: str) -> tuple["keras.Model", "keras.Model"]:
    """Return (stem, tail) of a backbone: stem photos → activations, tail activations → features.

    Both share the backbone's layers: training the tail trains the backbone. The tail begins with
    the first layer of the named block, whose input is the only tensor that crosses the cut.
    Raises AisleError if there is no such block.
    """
    import keras

    names = [layer.name for layer in model.layers if layer.name.startswith("block")]
    first = next((name for name in names if name.startswith(trainable_from)), None)
    if first is None:
        blocks = dict.fromkeys(name.partition("_")[0] for name in names)
        raise AisleError(
            f"params.yaml: embed.trainable_from is '{trainable_from}'; {model.name} has no such "
            "block. "
            f"{did_you_mean(trainable_from, blocks)}"
        )
    crossing = model.get_layer(first).input
    return keras.Model(model.input, crossing), keras.Model(crossing, model.output)


def freeze_batch_normalisation(model: "keras.Model") -> None:
    """Freeze the statistics and scale of every BatchNormalization layer.

    `trainable = False` on each layer: `base(x, training=False)` is overridden by an outer `fit`.
    """
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


@contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Make imports of these packages fail, except those already loaded."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not to be found
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Disable garbage collection during the first Keras import; later ones skip what it created.

    The import creates no garbage, and so many objects take long to search again and again.
    """
    first = "keras" not in sys.modules and gc.isenabled()
    if first:
        gc.disable()
    try:
        yield
    finally:
        if first:
            gc.enable()
            gc.freeze()


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Drop what the first Keras import writes to stderr; print it if the import fails.

    TensorFlow's C++ code announces oneDNN on file descriptor 2 before any log level applies.
    """
    if "keras" in sys.modules:
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            written.seek(0)
            os.write(stderr, written.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)


def _arrays_in(path: Path) -> int:
    """Return how many weight arrays an HDF5 file holds; AisleError if it is not HDF5."""
    import h5py

    count = 0

    def visit(_: str, item: object) -> None:
        nonlocal count
        count += isinstance(item, h5py.Dataset)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except OSError:
        raise AisleError(f"'{path}' is not a Keras weights file (HDF5).") from None
    return count
