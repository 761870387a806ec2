"""Shared by all Keras candidates: batches, training, saving, predicting."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.inputs.rows import Rows
from aisle.training import block, progress, resuming
from aisle.training.block import Training
from aisle.training.epoch import Epoch

if TYPE_CHECKING:
    import keras

FILE = "model.keras"
SUMMARY = "summary.txt"
PREDICT_BATCH = 32
LOGS = Path("logs")
"""TensorBoard's folder, not tracked by DVC: logs are for inspection only."""

Reader: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""Positions [k] → network inputs [k, …]."""

Change: TypeAlias = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Inputs of a batch and a random generator → augmented inputs."""


def start(training: Training, *, classes: int, seed: int) -> Any:
    """Return Keras, seeded and set to the configured precision. Call it before building anything.

    Raises AisleError if the loss does not support this number of categories.
    """
    block.check_categories(training, classes=classes)
    keras = architecture.start_keras(seed=seed)
    capabilities = _capabilities()
    precision = block.precision(training, capabilities=capabilities)
    if precision != "float32" and not capabilities:
        print(
            f"aisle: warning: training.precision is {precision} and there is no GPU; "
            "expect it to be no faster than float32.",
            file=sys.stderr,
        )
    keras.config.set_dtype_policy(precision)
    return keras


def gpus() -> list[str]:
    """Return the names of the available GPUs."""
    import tensorflow

    return [device.name for device in tensorflow.config.list_logical_devices("GPU")]


def across(devices: Sequence[str]) -> AbstractContextManager[Any]:
    """Return the scope in which a network is built and trained on all these devices.

    Each device computes a part of every batch; gradients are averaged. With fewer than two devices
    the scope does nothing.
    """
    import tensorflow

    if len(devices) < 2:
        return nullcontext()
    return tensorflow.distribute.MirroredStrategy(devices).scope()  # type: ignore[no-any-return]


def batches(
    read: Reader,
    *,
    targets: np.ndarray,
    batch_size: int,
    generator: np.random.Generator | None = None,
    change: Change | None = None,
    mixup: float = 0.0,
) -> "keras.utils.PyDataset":
    """Return a dataset of (read(positions), targets). The last batch may be smaller.

    With a generator, rows are shuffled in every epoch, inputs are augmented by `change` and batches
    are mixed (`block.mixed`). Without one, rows come unchanged and in order.
    """
    import keras

    # a separate stream, so that `change` and `mixup` do not influence the order
    chance = None if generator is None else generator.spawn(1)[0]

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.order = np.arange(len(targets))
            self.draw = 0
            self.on_epoch_end()

        def __len__(self) -> int:
            return -(-len(targets) // batch_size)

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            at = self.order[index * batch_size : (index + 1) * batch_size]
            inputs, wanted = read(at), targets[at]
            if chance is None:
                return inputs, wanted
            # Keras may request a batch twice or early: it must be the same each time
            here = np.random.default_rng([self.draw, index])
            if change is not None:
                inputs = change(inputs, here)
            if mixup:
                inputs, wanted = block.mixed(inputs, wanted, alpha=mixup, generator=here)
            return inputs, wanted

        def on_epoch_end(self) -> None:
            if generator is not None and chance is not None:
                self.order = generator.permutation(len(targets))
                self.draw = int(chance.integers(2**32))

    return Batches()


def datasets(
    train: Rows,
    val: Rows,
    *,
    read: Callable[[Rows], Reader],
    training: Training,
    classes: int,
    generator: np.random.Generator,
    change: Change | None = None,
) -> dict[str, "keras.utils.PyDataset"]:
    """Return the batches `train` and `val` of what `read` returns, by `training`.

    Smoothing, `change` and MixUp apply to train only: val keeps its inputs and labels.
    """
    targets = partial(block.targets, training=training, classes=classes)
    return {
        "train": batches(
            read(train),
            targets=block.smoothed(targets(train.labels), training=training),
            batch_size=training.batch_size,
            generator=generator,
            change=change,
            mixup=training.mixup,
        ),
        "val": batches(read(val), targets=targets(val.labels), batch_size=training.batch_size),
    }


def stream(dataset: "keras.utils.PyDataset") -> Any:
    """Return the batches as a `tf.data.Dataset` that prefetches one batch.

    Keras would do the same with tf.data's autotuning, whose thread sleeps ever longer and delays
    the end of each epoch. The order is the dataset's; Keras does not call its `on_epoch_end`.
    """
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in dataset[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.Dataset.from_generator(
            lambda: map(dataset.__getitem__, range(len(dataset))), output_signature=signature
        )
        .apply(tf.data.experimental.assert_cardinality(len(dataset)))
        .prefetch(1)
        .with_options(options)
    )


def train(
    model: "keras.Model",
    *,
    phase: str,
    train: Any,
    val: Any,
    training: Training,
    folder: Path,
    optimizer: "keras.optimizers.Optimizer | None" = None,
) -> list[Epoch]:
    """Fit `model` by `training`, and restore the weights with the best monitored score.

    These may be the initial ones: a phase that never improves on its starting point is rolled back.
    `train` and `val` are datasets of (inputs, targets). Stops after `patience` epochs without
    improvement. `optimizer` continues from an earlier phase; None makes a new one. Keras decides
    about XLA: not on a CPU, where it is several times slower, and not where results must repeat.
    Epochs of this phase that `resuming` kept in `folder` are not repeated. Raises AisleError if the
    loss becomes NaN or infinite.
    """
    import keras

    model.compile(
        optimizer=optimizer or block.optimizer(training, steps_per_epoch=len(train)),
        loss=training.loss,
        metrics=[block.accuracy(training)],
        jit_compile="auto",
    )
    # otherwise the first step builds it inside the graph, which is then traced twice
    model.optimizer.build(model.trainable_variables)
    before = model.get_weights()
    watched = stream(val)
    started = model.evaluate(watched, verbose=0, return_dict=True)
    run = f"{folder.parent.name}-{folder.name}-{phase}-{time.strftime('%Y%m%d-%H%M%S')}"
    stopping = keras.callbacks.EarlyStopping(
        training.monitor,
        mode=block.MODES[training.monitor],
        patience=training.patience or training.epochs,
        restore_best_weights=True,
    )
    keeper = resuming.keeper(model, phase=phase, stopping=stopping, folder=folder)
    for _ in range(keeper.epochs):
        train.on_epoch_end()  # repeat the random draws of the earlier fit
    model.fit(
        stream(train),
        validation_data=watched,
        initial_epoch=keeper.epochs,
        epochs=keeper.epochs if keeper.stopped else training.epochs,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: train.on_epoch_end()),
            keras.callbacks.TerminateOnNaN(),
            stopping,
            keeper,
            *progress.lines(f"{folder.name} {phase}", epochs=training.epochs, stopping=stopping),
            keras.callbacks.TensorBoard(LOGS / run, write_graph=False),
        ],
        shuffle=False,  # the dataset shuffles by its seed
        verbose=0,
    )
    _check_finite(keeper.history, phase=phase, training=training)
    start = started[training.monitor.removeprefix("val_")]
    worse = start < stopping.best if training.monitor == "val_loss" else start > stopping.best
    if worse:
        model.set_weights(before)
    kept = None if worse else stopping.best_epoch + 1
    columns = (keeper.history[key] for key in ("loss", "accuracy", "val_loss", "val_accuracy"))
    return [
        Epoch(phase, number, *map(float, row), kept=number == kept)
        for number, row in enumerate(zip(*columns, strict=True), start=1)
    ]


def softmax_head(
    features: "keras.KerasTensor", *, training: Training, classes: int
) -> "keras.KerasTensor":
    """Return the head: dropout and softmax, [k, width] → probabilities [k, classes].

    The softmax always computes in float32, because small probabilities are 0 in half precision.
    """
    import keras

    kept = keras.layers.Dropout(training.dropout)(features)
    logits = keras.layers.Dense(classes, **block.penalties(training))(kept)
    return keras.layers.Softmax(dtype="float32")(logits)


@dataclass(frozen=True)
class Network:
    """A fitted network: photos 0-255 → a probability per category."""

    model: "keras.Model"

    @property
    def parameters(self) -> int:
        """Number of weights, trained or not."""
        return int(self.model.count_params())

    @cached_property
    def _answer(self) -> Callable[[np.ndarray], np.ndarray]:
        return architecture.as_function(self.model)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return the probabilities of each row, float64 [n, classes]."""
        parts = [
            self._answer(rows.photos(np.arange(len(rows))[start:][:PREDICT_BATCH]))
            for start in range(0, len(rows), PREDICT_BATCH)
        ]
        # float32 rows sum to 1 within 1e-6 only; normalise for log loss and for readers
        result = np.concatenate(parts).astype(np.float64)
        return np.asarray(result / result.sum(axis=1, keepdims=True))


def save(model: "keras.Model", *, folder: Path) -> None:
    """Write the network with its current weights, and a text summary of its layers."""
    import keras

    bare = keras.Model(model.input, model.output)  # drops the optimizer, often twice the size
    lines: list[str] = []
    bare.summary(expand_nested=True, print_fn=lambda text, **_: lines.append(text))
    (folder / SUMMARY).write_text("\n".join(lines), encoding="utf-8")
    bare.save(folder / FILE)


def load(*, folder: Path, seed: int = 0) -> Network:
    """Return the network that `save` wrote to `folder`."""
    keras = architecture.start_keras(seed=seed)
    return Network(keras.models.load_model(folder / FILE, compile=False))


def _check_finite(history: dict[str, list[float]], *, phase: str, training: Training) -> None:
    losses = np.asarray([history["loss"], history["val_loss"]]).max(axis=0)
    lost = np.flatnonzero(~np.isfinite(losses))
    if len(lost):
        raise AisleError(
            f"the loss of phase '{phase}' became NaN or infinite in epoch {lost[0] + 1}; "
            f"expected it to fall. Lower its learning rate ({training.learning_rate:g})."
        )


def _capabilities() -> list[tuple[int, int]]:
    """Return the compute capability of each GPU; (0, 0) if it is not NVIDIA's."""
    import tensorflow

    details = tensorflow.config.experimental.get_device_details
    return [
        details(gpu).get("compute_capability", (0, 0))
        for gpu in tensorflow.config.list_physical_devices("GPU")
    ]
