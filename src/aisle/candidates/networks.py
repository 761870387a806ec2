"""What every Keras candidate shares: batches that lose no row, callbacks, histories, prediction."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle.candidates.contract import Epoch
from aisle.candidates.rows import Rows

if TYPE_CHECKING:
    import keras

FILE = "model.keras"
PREDICT_BATCH = 32
LOGS = Path("logs")
"""TensorBoard's folder, outside DVC: a run's logs are for looking, not for reproducing."""


def batches(
    rows: Rows,
    *,
    read: Callable[[np.ndarray], np.ndarray],
    batch_size: int,
    generator: np.random.Generator | None = None,
) -> "keras.utils.PyDataset":
    """Return a dataset of (read(positions), labels); the last batch may be smaller, never lost.

    With a generator the order is drawn anew for every epoch; without, it is the rows' own.
    """
    import keras

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        order = np.arange(len(rows)) if generator is None else generator.permutation(len(rows))

        def __len__(self) -> int:
            return -(-len(rows) // batch_size)

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            at = self.order[index * batch_size : (index + 1) * batch_size]
            return read(at), rows.labels[at]

        def on_epoch_end(self) -> None:
            if generator is not None:
                self.order = generator.permutation(len(rows))

    return Batches()


def train(
    model: "keras.Model",
    *,
    phase: str,
    train: Any,
    val: Any,
    learning_rate: float,
    epochs: int,
    patience: int,
    folder: Path,
) -> list[Epoch]:
    """Fit with Adam and cross-entropy; leave `model` where its validation loss was lowest.

    That may be its start: a phase that only made things worse is undone. `train` and `val` are
    datasets of (inputs, integer labels). Stops after `patience` epochs without a lower validation
    loss. Compiled without XLA, which makes a CPU several times slower.
    """
    import keras

    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    start, start_loss = model.get_weights(), model.evaluate(val, verbose=0)[0]
    run = f"{folder.parent.name}-{folder.name}-{phase}-{time.strftime('%Y%m%d-%H%M%S')}"
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True),
        keras.callbacks.TensorBoard(LOGS / run, write_graph=False),
    ]
    history = model.fit(
        train,
        validation_data=val,
        epochs=epochs,
        callbacks=callbacks,
        shuffle=False,  # the dataset shuffles, from a seed
        verbose=2 if sys.stderr.isatty() else 0,
    ).history
    if min(history["val_loss"]) > start_loss:
        model.set_weights(start)
    columns = (history[key] for key in ("loss", "accuracy", "val_loss", "val_accuracy"))
    return [
        Epoch(phase, number, *map(float, row))
        for number, row in enumerate(zip(*columns, strict=True), start=1)
    ]


@dataclass(frozen=True)
class Network:
    """A fitted network that takes photos 0-255 and gives a probability per category."""

    model: "keras.Model"

    @property
    def parameters(self) -> int:
        """All weights, trained or not."""
        return int(self.model.count_params())

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Return the softmax of each photo."""
        parts = [
            self.model.predict_on_batch(rows.photos(np.arange(len(rows))[start:][:PREDICT_BATCH]))
            for start in range(0, len(rows), PREDICT_BATCH)
        ]
        # float32 rows sum to 1 within 1e-6 only; log loss and users expect better
        result = np.concatenate(parts).astype(np.float64)
        return np.asarray(result / result.sum(axis=1, keepdims=True))


def load(*, folder: Path, seed: int = 0) -> Network:
    """Return the network `fit` saved."""
    from aisle.backbones import start_keras

    keras = start_keras(seed=seed)
    return Network(keras.models.load_model(folder / FILE, compile=False))
