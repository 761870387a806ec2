"""What an interrupted training goes on from: all that Keras needs to end as if nothing had been.

Keras's own BackupAndRestore brings back weights, optimizer and epoch, but neither what early
stopping has seen nor the history, and deletes its file when one of several phases ends.
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
"""In the folder of a fit: a file per phase. Who wants a fit to go on makes it, by `begin`."""

BEGAN = "began.json"
BEST = "best"


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


def keeper(
    model: "keras.Model", *, phase: str, stopping: "keras.callbacks.EarlyStopping", folder: Path
) -> Any:
    """Return a callback that keeps, after each epoch, what `phase` goes on from.

    It comes after `stopping`, and has `history` (name → values by epoch, the earlier fit's first),
    `epochs` (how many of them the earlier fit did) and `stopped` (whether `stopping` had ended it).
    `model` is compiled, its optimizer built, all as it was then; the order of train's batches is
    the caller's to bring back.
    """
    import keras

    variables = _named("model", model.variables) | _named("optimizer", model.optimizer.variables)
    path = folder / FOLDER / f"{phase}.npz"
    state, arrays = _left(path, names=variables.keys())

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
            if stopping.best_epoch != epoch:  # else they are the model's own
                kept |= _named(BEST, stopping.best_weights)
            with files.replacing(path) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, state=json.dumps(now), **kept)

    return Keeper()


def _named(kind: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{kind}{number}": value for number, value in enumerate(values)}


def _left(path: Path, *, names: Collection[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what `path` keeps of exactly these variables, or nothing.

    A power cut may leave half a file; another device, with another precision, other variables.
    """
    with suppress(FileNotFoundError, BadZipFile, EOFError, ValueError, KeyError):
        with np.load(path, allow_pickle=False) as found:
            arrays = dict(found)
        state = json.loads(str(arrays.pop("state")))
        if {name for name in arrays if not name.startswith(BEST)} == set(names):
            return state, arrays
    return {}, {}
