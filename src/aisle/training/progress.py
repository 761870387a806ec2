"""Training progress: one line per epoch, in a terminal only."""

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def lines(
    what: str, *, epochs: int, stopping: "keras.callbacks.EarlyStopping"
) -> list["keras.callbacks.Callback"]:
    """Return the callback that prints progress to stderr; none if stderr is not a terminal.

    Place it after `stopping`, whose monitor and best value it prints. The remaining time is an
    upper bound, because early stopping may end before `epochs`.
    """
    import keras

    if not sys.stderr.isatty():
        return []

    class Lines(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            self.began, self.done = time.monotonic(), 0

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.done += 1
            each = (time.monotonic() - self.began) / self.done
            left = timedelta(seconds=round(each * (epochs - epoch - 1)))
            now = (logs or {})[stopping.monitor]
            print(
                f"{what}: epoch {epoch + 1} of at most {epochs}, {stopping.monitor} {now:.4f}, "
                f"best {stopping.best:.4f}, at most {left} left",
                file=sys.stderr,
                flush=True,
            )

    return [Lines()]
