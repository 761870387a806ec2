"""Checkpoints of interrupted trainings, so that a resumed training ends with the same result.

Keras's BackupAndRestore restores weights, optimizer and epoch, but neither the state of early
stopping nor the history, and deletes its file when one of several phases ends.
"""

import json
import math
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from aisle import files

if TYPE_CHECKING:
    import keras

FOLDER = "unfinished"
"""Folder, inside that of a fit, with one checkpoint per phase. `begin` makes it; without it nothing
is kept."""

BEGAN = "began.json"
BEST = "best"


def begin(folder: Path) -> float:
    """Enable checkpoints for the fit in `folder`; return the seconds an earlier attempt took.

    Seconds count up to the last checkpoint, because later work is repeated.
    """
    unfinished = folder / FOLDER
    unfinished.mkdir(parents=True, exist_ok=True)
    spent = 0.0
    if (unfinished / BEGAN).exists():
        earlier = files.read_json(unfinished / BEGAN)
        last = max(path.stat().st_mtime for path in unfinished.iterdir())
        spent = earlier["spent"] + max(0.0, last - earlier["began"])
    files.write_json({"began": time.time(), "spent": spent}, unfinished / BEGAN)
    return spent


def end(folder: Path) -> None:
    """Delete the checkpoints of the fit in `folder`."""
    files.remove(folder / FOLDER)


def keeper(
    model: "keras.Model", *, phase: str, stopping: "keras.callbacks.EarlyStopping", folder: Path
) -> Any:
    """Return a callback that writes a checkpoint of `phase` after each epoch and restores it.

    Place it after `stopping`. It has `history` (name → values by epoch, including those of the
    earlier attempt), `epochs` (how many the earlier attempt completed) and `stopped` (whether
    `stopping` had ended it). `model` must be compiled, with its optimizer built, as in the earlier
    attempt; the caller restores the order of train's batches.
    """
    import keras

    variables = _named("model", model.variables) | _named("optimizer", model.optimizer.variables)
    path = folder / FOLDER / f"{phase}.npz"
    state, arrays = _load(path, names=variables.keys())

    class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.history: dict[str, list[float]] = state.get("history", {})
            self.epochs = len(self.history.get("loss", []))
            self.stopped: bool = state.get("stopped", False)

        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            if not state:
                return
            for name, variable in variables.items():
                variable.assign(arrays[name])
            for name, value in state["stopping"].items():
                setattr(stopping, name, value)
            now = _named(BEST, model.get_weights())
            stopping.best_weights = [arrays.get(name, array) for name, array in now.items()]

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            for name, value in (logs or {}).items():
                self.history.setdefault(name, []).append(float(value))
            sound = all(math.isfinite(values[-1]) for values in self.history.values())
            if sound and path.parent.is_dir():
                self._keep(epoch)

        def _keep(self, epoch: int) -> None:
            now = {
                "history": self.history,
                "stopped": model.stop_training,
                "stopping": {
                    name: getattr(stopping, name)
                    for name in ("best", "best_epoch", "wait", "stopped_epoch")
                },
            }
            kept = {name: np.asarray(variable) for name, variable in variables.items()}
            if stopping.best_epoch != epoch:  # otherwise they equal the model's weights
                kept |= _named(BEST, stopping.best_weights)
            with files.replacing(path) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, state=json.dumps(now), **kept)

    return Keeper()


def _named(kind: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{kind}{number}": value for number, value in enumerate(values)}


def _load(path: Path, *, names: Collection[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return state and arrays of the checkpoint `path`; empty unless it has these variables.

    A power cut may leave half a file; another device, with another precision, other variables.
    """
    with suppress(FileNotFoundError, BadZipFile, EOFError, ValueError, KeyError):
        with np.load(path, allow_pickle=False) as found:
            arrays = dict(found)
        state = json.loads(str(arrays.pop("state")))
        if {name for name in arrays if not name.startswith(BEST)} == set(names):
            return state, arrays
    return {}, {}
