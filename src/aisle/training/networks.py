"""What every Keras candidate shares: batches that lose no row, one way to train, save, answer."""

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
"""TensorBoard's folder, outside DVC: a run's logs are for looking, not for reproducing."""

Reader: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""Positions [k] → inputs of a network [k, …]."""

Change: TypeAlias = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Inputs of a batch and a source of chance → the inputs that the network sees instead."""


def start(training: Training, *, classes: int, seed: int) -> Any:
    """Return Keras, seeded and with the block's precision, before anything is built.

    Raises AisleError where the loss does not go with this number of categories.
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
    """Return the names of the GPUs there are."""
    import tensorflow

    return [device.name for device in tensorflow.config.list_logical_devices("GPU")]


def across(devices: Sequence[str]) -> AbstractContextManager[Any]:
    """Return the scope in which a network is built and trained on all these devices at once.

    Each computes its part of every batch; what they found is averaged. Of fewer than two the scope
    changes nothing.
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
    """Return a dataset of (read(positions), targets); the last batch may be smaller, never lost.

    With a generator the order is drawn anew for every epoch, inputs are put through `change` and
    batches mixed (`training.mixed`); without, all is as it is and in the rows' own order.
    """
    import keras

    # a stream of its own: the orders are the same with and without `change` and `mixup`
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
            # Keras may ask for a batch twice, or ahead of time: it is the same one each time
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
    """Return the batches `train` and `val` of what `read` gives, by the block.

    Smoothing, `change` and MixUp are train's alone: val keeps its inputs and its labels.
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
    """Return the batches as a `tf.data.Dataset`, the next one made while one is computed on.

    It is what Keras makes of them, but without tf.data's autotuning, whose thread sleeps ever
    longer and is waited for at the end of an epoch. The order is the dataset's own; Keras does not
    call its `on_epoch_end`.
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
    """Fit by the block; leave `model` where what it monitors was best.

    That may be its start: a phase that only made things worse is undone. `train` and `val` are
    datasets of (inputs, targets). Stops after `patience` epochs without a better one. `optimizer`
    goes on where an earlier phase left it; None makes a new one. XLA is Keras's choice: never on a
    CPU, which it makes several times slower, nor where results must repeat. What `resuming` kept of
    this phase in `folder` is not done again. Raises AisleError where the loss stops being a number.
    """
    import keras

    model.compile(
        optimizer=optimizer or block.optimizer(training, steps_per_epoch=len(train)),
        loss=training.loss,
        metrics=[block.accuracy(training)],
        jit_compile="auto",
    )
    # or its first step would make them inside the graph, and trace all of it once more
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
        train.on_epoch_end()  # draws what the earlier fit drew
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
        shuffle=False,  # the dataset shuffles, from a seed
        verbose=0,
    )
    _check_finite(keeper.history, phase=phase, training=training)
    start = started[training.monitor.removeprefix("val_")]
    worse = start < stopping.best if training.monitor == "val_loss" else start > stopping.best
    if worse:
        model.set_weights(before)
    columns = (keeper.history[key] for key in ("loss", "accuracy", "val_loss", "val_accuracy"))
    return [
        Epoch(phase, number, *map(float, row))
        for number, row in enumerate(zip(*columns, strict=True), start=1)
    ]


def answer(
    features: "keras.KerasTensor", *, training: Training, classes: int
) -> "keras.KerasTensor":
    """Return dropout and a softmax over the categories: [k, width] → probabilities [k, classes].

    The softmax counts in float32 whatever the precision: in half of it small shares are 0.
    """
    import keras

    kept = keras.layers.Dropout(training.dropout)(features)
    logits = keras.layers.Dense(classes, **block.penalties(training))(kept)
    return keras.layers.Softmax(dtype="float32")(logits)


@dataclass(frozen=True)
class Network:
    """A fitted network that takes photos 0-255 and gives a probability per category."""

    model: "keras.Model"

    @property
    def parameters(self) -> int:
        """All weights, trained or not."""
        return int(self.model.count_params())

    @cached_property
    def _answer(self) -> Callable[[np.ndarray], np.ndarray]:
        return architecture.as_function(self.model)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return the softmax of each photo."""
        parts = [
            self._answer(rows.photos(np.arange(len(rows))[start:][:PREDICT_BATCH]))
            for start in range(0, len(rows), PREDICT_BATCH)
        ]
        # float32 rows sum to 1 within 1e-6 only; log loss and users expect better
        result = np.concatenate(parts).astype(np.float64)
        return np.asarray(result / result.sum(axis=1, keepdims=True))


def save(model: "keras.Model", *, folder: Path) -> None:
    """Write the network where training left it, its best epoch, and its layers as text."""
    import keras

    bare = keras.Model(model.input, model.output)  # without the optimizer, often twice as large
    lines: list[str] = []
    bare.summary(expand_nested=True, print_fn=lambda text, **_: lines.append(text))
    (folder / SUMMARY).write_text("\n".join(lines), encoding="utf-8")
    bare.save(folder / FILE)


def load(*, folder: Path, seed: int = 0) -> Network:
    """Return the network `fit` saved."""
    keras = architecture.start_keras(seed=seed)
    return Network(keras.models.load_model(folder / FILE, compile=False))


def _check_finite(history: dict[str, list[float]], *, phase: str, training: Training) -> None:
    losses = np.asarray([history["loss"], history["val_loss"]]).max(axis=0)
    lost = np.flatnonzero(~np.isfinite(losses))
    if len(lost):
        raise AisleError(
            f"the loss of phase '{phase}' was not a number any more in epoch {lost[0] + 1}; "
            f"expected it to fall. Lower its learning rate ({training.learning_rate:g})."
        )


def _capabilities() -> list[tuple[int, int]]:
    """Return the compute capability of each GPU; (0, 0) of one that is not NVIDIA's."""
    import tensorflow

    details = tensorflow.config.experimental.get_device_details
    return [
        details(gpu).get("compute_capability", (0, 0))
        for gpu in tensorflow.config.list_physical_devices("GPU")
    ]
