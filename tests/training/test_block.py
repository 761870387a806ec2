"""The training settings: each has its effect, and contradictions are refused."""

from typing import Any, get_args

import numpy as np
import pytest
from conftest import TRAINING

from aisle.errors import AisleError
from aisle.settings import params
from aisle.training import block
from aisle.training.block import Training

MOMENTUM = {"optimizer": "sgd", "momentum": 0.9}
FALLING = {"epochs": 4, "decay": 4.0, "learning_rate": 0.1}


def training(**changes: Any) -> Training:
    return params.parse(TRAINING | changes, shape=Training, where="training")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"momentum": 0.9}, "'momentum' belongs to sgd and rmsprop, and optimizer is adam"),
        ({"optimizer": "rmsprop", "nesterov": True}, "'nesterov' belongs to sgd"),
        ({"optimizer": "sgd", "nesterov": True}, "momentum is 0"),
        ({"weight_decay": 0.01}, "'weight_decay' belongs to adamw"),
        ({"optimizer": "adamw"}, "weight_decay is 0"),
        ({"decay": 5}, "decay is 5, and schedule is constant"),
        ({"schedule": "exponential"}, "decay is 0, and 'schedule: exponential' needs it"),
        ({"schedule": "cosine", "decay": 5, "epochs": 6}, "expected decay: 6 or more"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "label_smoothing is 0.1, and 'loss: hinge'"),
        ({"mixup": 0.2, "loss": "sparse_categorical_crossentropy"}, "mixup is 0.2, and 'loss: sp"),
        ({"monitor": "val_accuracy", "mode": "min"}, "worst epoch by val_accuracy; .* max"),
        ({"mode": "max"}, "worst epoch by val_loss; .* min"),
        ({"activity_l2": 0.1, "precision": "mixed_float16"}, "overflows float16"),
        ({"optimizer": "adamm"}, "Did you mean 'adam'"),
        ({"loss": "mean_squared_error"}, "training.loss is 'mean_squared_error'"),
        ({"dropout": 1.0}, "training.dropout is 1.0"),
        ({"learning_rate": 0}, "training.learning_rate is 0"),
        ({"decay_steps": 3}, "'training.decay_steps' is not a setting"),
    ],
)
def test_contradicting_settings_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AisleError, match=f"params.yaml: .*{message}"):
        training(**changes)


def test_a_key_that_is_not_stated_has_its_default() -> None:
    found = params.parse({"epochs": 3}, shape=Training, where="training")
    assert (found.epochs, found.batch_size, found.optimizer) == (3, 16, "adam")


@pytest.mark.parametrize(
    ("schedule", "steps"),
    [
        ("constant", [0.1, 0.1, 0.1]),
        ("cosine", [0.1, 0.05, 0.0]),
        ("exponential", [0.1, 0.1 * 0.5**0.5, 0.05]),
        ("inverse_time", [0.1, 0.1 / 1.5, 0.05]),
    ],
)
def test_the_learning_rate_follows_the_schedule(schedule: str, steps: list[float]) -> None:
    decay = 0.0 if schedule == "constant" else 4.0
    step = block.step_size(
        training(**FALLING | {"schedule": schedule, "decay": decay}), steps_per_epoch=10
    )
    of = step if callable(step) else lambda _: step
    assert [float(of(at)) for at in (0, 20, 40)] == pytest.approx(steps, abs=1e-7)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"beta_1": 0.9}),
        ({"optimizer": "adamw", "weight_decay": 0.02}, {"weight_decay": 0.02}),
        (MOMENTUM | {"nesterov": True}, {"momentum": 0.9, "nesterov": True}),
        (MOMENTUM | {"optimizer": "rmsprop"}, {"momentum": 0.9}),
    ],
)
def test_the_optimizer_is_the_configured_one(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    chosen = training(**changes)
    made = block.optimizer(chosen, steps_per_epoch=10)
    assert type(made).__name__.lower() == chosen.optimizer
    found = made.get_config()
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    assert found["learning_rate"] == pytest.approx(TRAINING["learning_rate"])


@pytest.mark.parametrize("loss", get_args(block.Loss))
def test_a_loss_for_two_categories_is_refused_with_three(loss: str) -> None:
    chosen = training(loss=loss)
    block.check_categories(chosen, classes=2)
    if loss in ("binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"):
        with pytest.raises(AisleError, match=f"training.loss is {loss}.* catalogue has 3"):
            block.check_categories(chosen, classes=3)
    else:
        block.check_categories(chosen, classes=3)


def test_smoothing_spreads_a_share_of_the_certainty() -> None:
    wanted = block.targets(np.array([2, 0]), training=training(), classes=4)
    assert wanted.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    soft = block.smoothed(wanted, training=training(label_smoothing=0.2))
    assert soft == pytest.approx(np.array([[0.05, 0.05, 0.85, 0.05], [0.85, 0.05, 0.05, 0.05]]))


def test_mixup_blends_photos_and_labels_by_the_same_share() -> None:
    labels = np.eye(5, dtype=np.float32)
    photos = (labels * 255).astype(np.uint8)
    first, second = (
        block.mixed(photos, labels, alpha=1.0, generator=np.random.default_rng(3)) for _ in "ab"
    )
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    inputs, wanted = first
    assert wanted.sum(axis=1) == pytest.approx(1) and wanted.min() >= 0
    assert 0 < wanted[wanted > 0].min() < 1
    assert inputs == pytest.approx(255 * wanted, abs=1e-3)


def test_penalties_are_the_configured_ones_and_none_by_default() -> None:
    assert set(block.penalties(training()).values()) == {None}
    made = block.penalties(training(l1=0.1, activity_l2=0.3, max_norm=2.0), unit_axes=[0, 1, 2])
    kernel = np.full((1, 1, 3, 1), 2.0, dtype=np.float32)
    assert float(made["kernel_regularizer"](kernel)) == pytest.approx(0.1 * 6)
    assert float(made["activity_regularizer"](kernel)) == pytest.approx(0.3 * 12)
    bounded = np.asarray(made["kernel_constraint"](kernel))
    assert np.linalg.norm(bounded) == pytest.approx(2, abs=1e-5)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ([], "float32"),
        ([(0, 0)], "float32"),
        ([(6, 1)], "float32"),
        ([(7, 5)], "mixed_float16"),
        ([(9, 0)], "mixed_bfloat16"),
        ([(9, 0), (7, 0)], "mixed_float16"),
    ],
)
def test_the_precision_is_the_devices_unless_it_is_named(
    capabilities: list[tuple[int, int]], expected: str
) -> None:
    assert block.precision(training(precision="auto"), capabilities=capabilities) == expected
    named = training(precision="mixed_bfloat16")
    assert block.precision(named, capabilities=capabilities) == "mixed_bfloat16"
    if expected == "mixed_float16":  # its sums would overflow
        penalised = training(precision="auto", activity_l2=0.1)
        assert block.precision(penalised, capabilities=capabilities) == "float32"
