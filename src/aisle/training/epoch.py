"""One row of a training's history."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """Scores after one pass over train; epochs count from 1 in each phase.

    `phase` is fit, head, tail, full, or progressive1, progressive2 … (each on photos of its own
    size, for train and val: losses of two such phases do not compare).
    """

    phase: str
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
