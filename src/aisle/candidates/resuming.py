"""What an interrupted training goes on from: all that Keras needs to end as if nothing had been.

Keras's own BackupAndRestore brings back weights, optimizer and epoch, but neither what early
stopping has seen nor the history, and deletes its file when one of several phases ends.
"""

import json
import math
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from aisle import files

if TYPE_CHECKING:
    import keras

FOLDER = "unfinished"
"""In the folder of a fit: a file per phase. Who wants a fit to go on makes it, by `begin`."""

BEGAN = "began.json"


def begin(folder: Path) -> float:
    """Let the fit in `folder` go on where an earlier one ended; return the seconds that one took.

    They count up to the last epoch that was kept: what came after is done again.
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
    """Drop what the fit in `folder` would have gone on from."""
    files.remove(folder / FOLDER)


def keeper(folder: Path, *, phase: str, stopping: "keras.callbacks.EarlyStopping") -> Any:
    """Return a callback that keeps, after each epoch, what `phase` goes on from; put it last.

    It has `history` (name → values by epoch, the earlier fit's first), `epochs` (how many of them
    the earlier fit did) and `stopped` (whether `stopping` had ended it). Model and optimizer must
    be built as they were then; the order of train's batches is the caller's to bring back.
    """
    import keras

    path = folder / FOLDER / f"{phase}.npz"
    state, arrays = _left(path)

    class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.history: dict[str, list[float]] = state.get("history", {})
            self.epochs = len(self.history.get("loss", []))
            self.stopped: bool = state.get("stopped", False)

        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            if not state:
                return
            for name, variables in self._variables().items():
                for number, variable in enumerate(variables):
                    variable.assign(arrays[f"{name}{number}"])
            for name, value in state["stopping"].items():
                setattr(stopping, name, value)
            stopping.best_weights = [
                arrays.get(f"best{number}", now)
                for number, now in enumerate(self.model.get_weights())
            ]

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            for name, value in (logs or {}).items():
                self.history.setdefault(name, []).append(float(value))
            sound = all(math.isfinite(values[-1]) for values in self.history.values())
            if sound and path.parent.is_dir():
                self._keep(epoch)

        def _variables(self) -> dict[str, list[Any]]:
            return {"model": self.model.variables, "optimizer": self.model.optimizer.variables}

        def _keep(self, epoch: int) -> None:
            now = {
                "history": self.history,
                "stopped": self.model.stop_training,
                "stopping": {
                    name: getattr(stopping, name)
                    for name in ("best", "best_epoch", "wait", "stopped_epoch")
                },
            }
            kept = {
                f"{name}{number}": np.asarray(variable)
                for name, variables in self._variables().items()
                for number, variable in enumerate(variables)
            }
            if stopping.best_epoch != epoch:  # else they are the model's own
                kept |= {f"best{n}": array for n, array in enumerate(stopping.best_weights)}
            with files.replacing(path) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, state=json.dumps(now), **kept)

    return Keeper()


def _left(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    # a power cut may leave half a file, which is as good as none
    with suppress(FileNotFoundError, BadZipFile, EOFError, ValueError, KeyError):
        with np.load(path, allow_pickle=False) as found:
            arrays = dict(found)
        return json.loads(str(arrays.pop("state"))), arrays
    return {}, {}
