"""One row of a training's history."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Epoch:
    """Scores after one pass over train; epochs count from 1 in each phase.

    `phase` is fit, head, tail, full, or progressive1, progressive2 … Progressive phases use photos
    of different sizes for train and val, so their losses are not comparable. `kept`: whether the
    phase ended with the weights after this epoch; of a phase that is rolled back, no epoch's are.
    """

    phase: str
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    kept: bool = field(default=False, kw_only=True)
