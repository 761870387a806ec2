"""The `training` settings that all networks share, and the Keras objects made from them.

Nothing is read or written; Keras is imported inside the functions.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
from pydantic import Field, model_validator

from aisle.errors import AisleError
from aisle.settings import params

if TYPE_CHECKING:
    import keras

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, lt=1)]
StepSize = Annotated[float, Field(gt=0, allow_inf_nan=False)]

# Fields whose default differs between methods.
LearningRate = Annotated[
    StepSize, Field(description="Step size of the optimizer; with a schedule, the first one.")
]
Dropout = Annotated[
    Part, Field(description="Share of the features dropped before the last layer, 0 to 1.")
]
BatchSize = Annotated[params.Positive, Field(description="Photos per gradient step.")]
Epochs = Annotated[
    params.Positive,
    Field(description="Most passes over the training photos; early stopping usually ends before."),
]
Patience = Annotated[
    int,
    Field(
        ge=0,
        description="Epochs without improvement before training stops; 0 = never. The best epoch "
        "is kept in any case.",
    ),
]

Loss = Literal[
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "kl_divergence",
    "poisson",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "hinge",
    "squared_hinge",
]
"""Keras's classification losses, without ctc (for sequences), dice and tversky (for masks) and the
regressions. The three hinges measure margins. On the probabilities of a softmax they are
almost linear and lowest at full certainty: expect overconfident answers and a bad log loss."""

HARD: tuple[Loss, ...] = (
    "sparse_categorical_crossentropy",
    "categorical_hinge",
    "hinge",
    "squared_hinge",
)
"""Losses that take one category per product and no mixture of several."""

TWO_CATEGORIES: tuple[Loss, ...] = (
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "hinge",
    "squared_hinge",
)

BELONGS_TO = {
    "momentum": ("sgd", "rmsprop"),
    "nesterov": ("sgd",),
    "weight_decay": ("adamw",),
}
"""Setting → the only optimizers that use it."""

MODES = {"val_loss": "min", "val_accuracy": "max"}
"""Monitored score → the direction of improvement."""


class Training(params.Section):
    """How the weights of a network are fitted. A method may have other defaults."""

    optimizer: Annotated[
        Literal["adam", "adamw", "sgd", "rmsprop"], Field(description="Optimizer.")
    ] = "adam"
    learning_rate: LearningRate = 1e-3
    schedule: Annotated[
        Literal["constant", "cosine", "exponential", "inverse_time"],
        Field(
            description="How the step size falls: not at all; cosine, to 0 "
            "([arXiv 1608.03983](https://arxiv.org/abs/1608.03983), without restarts); "
            "exponential, halved again and again; inverse_time, to a half, a third, …"
        ),
    ] = "constant"
    decay: Annotated[
        Amount,
        Field(
            description="Epochs. cosine: until the step is 0; exponential: until it halves; "
            "inverse_time: until it is half. 0 with constant."
        ),
    ] = 0.0
    momentum: Annotated[
        Part, Field(description="sgd, rmsprop: share of the last step kept in the next, 0 to 1.")
    ] = 0.0
    nesterov: Annotated[bool, Field(description="sgd: Nesterov's momentum, which looks ahead.")] = (
        False
    )
    weight_decay: Annotated[
        Amount, Field(description="adamw: share of each weight removed per step, times the step.")
    ] = 0.0
    loss: Annotated[
        Loss,
        Field(
            description="Loss that is minimised. Those with binary or hinge in their name, except "
            "categorical_hinge, need two categories; the hinges give overconfident probabilities."
        ),
    ] = "categorical_crossentropy"
    label_smoothing: Annotated[
        Part,
        Field(
            description="Share of each training label spread over all categories, 0 to 1. Not with "
            "sparse labels or hinges."
        ),
    ] = 0.0
    mixup: Annotated[
        Amount,
        Field(
            description="MixUp: alpha of the Beta distribution by which two photos and their "
            "labels are mixed; 0 = off. Not with sparse labels or hinges."
        ),
    ] = 0.0
    dropout: Dropout = 0.2
    l1: Annotated[
        Amount, Field(description="Penalty on the sum of the new layers' absolute weights.")
    ] = 0.0
    l2: Annotated[
        Amount, Field(description="Penalty on the sum of the new layers' squared weights.")
    ] = 0.0
    activity_l1: Annotated[
        Amount, Field(description="Penalty on the sum of the new layers' absolute outputs.")
    ] = 0.0
    activity_l2: Annotated[
        Amount, Field(description="Penalty on the sum of the new layers' squared outputs.")
    ] = 0.0
    max_norm: Annotated[
        Amount,
        Field(description="Largest norm of the weights into one unit of the new layers; 0 = off."),
    ] = 0.0
    batch_size: BatchSize = 16
    epochs: Epochs = 10
    monitor: Annotated[
        Literal["val_loss", "val_accuracy"],
        Field(description="Validation score that decides which epoch is kept."),
    ] = "val_loss"
    mode: Annotated[
        Literal["auto", "min", "max"],
        Field(description="Which way the monitored score improves; auto knows."),
    ] = "auto"
    patience: Patience = 2
    precision: Annotated[
        Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"],
        Field(
            description="Number format. auto: float32 on a CPU, where mixed precision is not "
            "faster; on a GPU mixed_bfloat16 from compute capability 8.0, mixed_float16 from 7.0."
        ),
    ] = "auto"

    @model_validator(mode="after")
    def _the_optimizer_has_its_own_settings(self) -> "Training":
        for key, owners in BELONGS_TO.items():
            value = getattr(self, key)
            if value and self.optimizer not in owners:
                raise ValueError(
                    f"'{key}' belongs to {' and '.join(owners)}, and optimizer is "
                    f"{self.optimizer}; expected {key}: {_off(value)}"
                )
        if self.nesterov and not self.momentum:
            raise ValueError(
                "nesterov looks ahead along the momentum, and momentum is 0; expected a momentum "
                "above 0, such as 0.9, or nesterov: false"
            )
        if self.optimizer == "adamw" and not self.weight_decay:
            raise ValueError(
                "adamw is adam with weight decay, and weight_decay is 0; expected one above 0, "
                "or optimizer: adam"
            )
        return self

    @model_validator(mode="after")
    def _the_schedule_has_its_decay(self) -> "Training":
        if self.schedule == "constant" and self.decay:
            raise ValueError(
                f"decay is {self.decay:g}, and schedule is constant; expected decay: 0, or "
                f"schedule: cosine, exponential or inverse_time"
            )
        if self.schedule != "constant" and not self.decay:
            raise ValueError(
                f"decay is 0, and 'schedule: {self.schedule}' needs it; expected a number of epochs"
            )
        check_length(self, epochs=self.epochs)
        return self

    @model_validator(mode="after")
    def _the_loss_takes_these_labels(self) -> "Training":
        for key in ("label_smoothing", "mixup"):
            check_soft(self, key=key, value=getattr(self, key))
        return self

    @model_validator(mode="after")
    def _the_mode_is_that_of_the_monitor(self) -> "Training":
        if self.mode not in ("auto", MODES[self.monitor]):
            raise ValueError(
                f"mode is {self.mode}, which would keep the worst epoch by {self.monitor}; "
                f"expected auto or {MODES[self.monitor]}"
            )
        return self

    @model_validator(mode="after")
    def _activities_fit_the_precision(self) -> "Training":
        for key in ("activity_l1", "activity_l2"):
            if getattr(self, key) and self.precision == "mixed_float16":
                raise ValueError(
                    f"{key} adds up a batch's activities, which easily overflows float16 (65504); "
                    f"expected {key}: 0, or precision: float32 or mixed_bfloat16"
                )
        return self


def check_soft(training: Training, *, key: str, value: float) -> None:
    """Raise ValueError if a setting mixes labels and the loss takes one category per product."""
    if value and training.loss in HARD:
        soft = ", ".join(loss for loss in get_args(Loss) if loss not in HARD)
        raise ValueError(
            f"{key} is {value:g}, and 'loss: {training.loss}' takes one category per product; "
            f"expected {key}: 0, or one of the losses {soft}"
        )


def check_length(training: Training, *, epochs: int) -> None:
    """Raise ValueError if a cosine schedule reaches a step of 0 before the last of `epochs`."""
    if training.schedule == "cosine" and training.decay < epochs:
        raise ValueError(
            f"decay is {training.decay:g}, after which a cosine's step is 0, and epochs is "
            f"{epochs}; expected decay: {epochs} or more"
        )


def check_categories(training: Training, *, classes: int) -> None:
    """Raise AisleError if the loss needs another number of categories."""
    if training.loss in TWO_CATEGORIES and classes != 2:
        raise AisleError(
            f"training.loss is {training.loss}, which is made for 2 categories; the "
            f"catalogue has {classes}. Use categorical_crossentropy."
        )


def precision(training: Training, *, capabilities: Sequence[tuple[int, int]]) -> str:
    """Return Keras's name of the precision for GPUs of these compute capabilities; () means CPU.

    NVIDIA's tensor cores support float16 from 7.0 on and bfloat16 from 8.0 on ("CUDA C++
    programming guide", compute capabilities).
    """
    if training.precision != "auto":
        return training.precision
    least = min(capabilities, default=(0, 0))
    if least >= (8, 0):
        return "mixed_bfloat16"
    # sums of activities easily overflow float16
    if least >= (7, 0) and not (training.activity_l1 or training.activity_l2):
        return "mixed_float16"
    return "float32"


def step_size(training: Training, *, steps_per_epoch: int) -> Any:
    """Return the learning rate: a number, or a Keras schedule by step."""
    import keras

    first, steps = training.learning_rate, max(1, round(training.decay * steps_per_epoch))
    schedules = keras.optimizers.schedules
    if training.schedule == "cosine":
        return schedules.CosineDecay(first, decay_steps=steps)
    if training.schedule == "exponential":
        return schedules.ExponentialDecay(first, decay_steps=steps, decay_rate=0.5)
    if training.schedule == "inverse_time":
        return schedules.InverseTimeDecay(first, decay_steps=steps, decay_rate=1.0)
    return first


def optimizer(training: Training, *, steps_per_epoch: int) -> "keras.optimizers.Optimizer":
    """Return a new optimizer; its schedule counts epochs of `steps_per_epoch` steps."""
    import keras

    step, kinds = step_size(training, steps_per_epoch=steps_per_epoch), keras.optimizers
    if training.optimizer == "adamw":
        return kinds.AdamW(step, weight_decay=training.weight_decay)
    if training.optimizer == "sgd":
        return kinds.SGD(step, momentum=training.momentum, nesterov=training.nesterov)
    if training.optimizer == "rmsprop":
        return kinds.RMSprop(step, momentum=training.momentum)
    return kinds.Adam(step)


def targets(labels: np.ndarray, *, training: Training, classes: int) -> np.ndarray:
    """Return the targets of val: float32 [n, classes], with a column for each category.

    For sparse_categorical_crossentropy the labels themselves, int [n].
    """
    if training.loss == "sparse_categorical_crossentropy":
        return labels
    return np.asarray(np.eye(classes, dtype=np.float32)[labels])


def smoothed(wanted: np.ndarray, *, training: Training) -> np.ndarray:
    """Return the targets of train after label smoothing (arXiv 1512.00567).

    Labels are smoothed here and not in the loss, so that the loss on val uses the true labels.
    """
    share = training.label_smoothing
    return np.asarray(wanted * (1 - share) + share / wanted.shape[1]) if share else wanted


def mixed(
    inputs: np.ndarray, wanted: np.ndarray, *, alpha: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch mixed with itself in another order: float32 inputs, and targets.

    One share for the whole batch, drawn from Beta(alpha, alpha): Zhang et al. 2018, "mixup:
    Beyond empirical risk minimization", arXiv 1710.09412, figure 1. Rows of targets [k, classes]
    keep their sum.
    """
    share = np.float32(generator.beta(alpha, alpha))
    other = generator.permutation(len(inputs))
    first = inputs.astype(np.float32)
    return (
        share * first + (1 - share) * first[other],
        share * wanted + (1 - share) * wanted[other],
    )


def accuracy(training: Training) -> "keras.metrics.Metric":
    """Return the accuracy metric; a mixed row counts as its larger category."""
    import keras

    if training.loss == "sparse_categorical_crossentropy":
        return keras.metrics.SparseCategoricalAccuracy("accuracy")
    return keras.metrics.CategoricalAccuracy("accuracy")


def penalties(training: Training, *, unit_axes: int | list[int] = 0) -> dict[str, Any]:
    """Return the regularisation keywords of a Dense layer, or of a convolution.

    `unit_axes` are the axes over which the norm of one unit's weights is taken: [0, 1, 2] for a
    convolution.
    """
    import keras

    def both(l1: float, l2: float) -> Any:
        return keras.regularizers.L1L2(l1, l2) if l1 or l2 else None

    bound = keras.constraints.MaxNorm(training.max_norm, axis=unit_axes)
    return {
        "kernel_regularizer": both(training.l1, training.l2),
        "activity_regularizer": both(training.activity_l1, training.activity_l2),
        "kernel_constraint": bound if training.max_norm else None,
    }


def _off(value: object) -> str:
    return "false" if isinstance(value, bool) else "0"
