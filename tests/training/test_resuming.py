"""An interrupted fit resumes to the same result; without a checkpoint it starts over."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TRAINING
from digits import parts

from aisle.backbones import architecture
from aisle.inputs.rows import Rows
from aisle.methods import network
from aisle.settings import params
from aisle.training import networks, progressive, resuming
from aisle.training.epoch import Epoch

STAGES = (
    {"size": 8, "augmentation": 0.0, "dropout": 0.1, "mixup": 0.0, "epochs": 2},
    {"size": 16, "augmentation": 0.2, "dropout": 0.3, "mixup": 0.2, "epochs": 6},
)
RAW = {
    "method": "network",
    "architecture": "cnn_sequential",
    "photos": 16,
    "backbone": "none",
    "views": "original",
    "training": TRAINING
    | {
        "schedule": "cosine",
        "decay": 8.0,
        "learning_rate": 0.03,
        "patience": 3,
        "batch_size": 32,
        "monitor": "val_accuracy",
    },
}
"""All that a fit could forget: two phases, one optimizer and its schedule, the order of batches,
what is drawn for MixUp, augmentation and dropout, BatchNorm's statistics, early stopping."""


def kept(path: Path) -> int:
    """Return how many epochs a checkpoint has."""
    if not path.exists():
        return 0
    with np.load(path) as found:
        return len(json.loads(str(found["state"]))["history"]["loss"])


@dataclass(frozen=True)
class FailingDisk(Rows):
    """Rows that fail once the checkpoint `path` has three epochs."""

    path: Path

    def photos(self, at: np.ndarray | None = None) -> np.ndarray:
        if kept(self.path) >= 3:
            raise OSError("no more")
        return super().photos(at)


Fit = Callable[..., tuple[list[Epoch], list[np.ndarray]]]


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    monkeypatch.chdir(tmp_path)

    def call(*, folder: Path, failing: bool = False) -> Any:
        settings = params.parse(RAW, shape=network.Settings, where="candidates.x")
        keras = networks.start(settings.training, classes=10, seed=3)
        stages = tuple(progressive.Stage.model_validate(stage) for stage in STAGES)
        training = progressive.strongest(settings.training, stages=stages)
        photos = keras.Input((None, None, 3))
        filtered = keras.layers.Conv2D(8, 3)(keras.layers.Rescaling(1 / 255)(photos))
        means = keras.layers.GlobalAveragePooling2D()(keras.layers.BatchNormalization()(filtered))
        model = keras.Model(photos, networks.softmax_head(means, training=training, classes=10))
        train, val, _ = parts(settings, scale=2)
        few = train.take(np.arange(100))
        if failing:
            path = folder / resuming.FOLDER / "progressive2.npz"
            few = FailingDisk(few.products, few.views, few.labels, few.inputs, path)
        history = progressive.train(
            model,
            phase="fit",
            stages=stages,
            head=model,
            training=training,
            train=few,
            val=val.take(np.arange(40)),
            classes=10,
            folder=folder,
            generator=np.random.default_rng(3),
        )
        return history, model.get_weights()

    return call


@pytest.mark.slow
def test_a_fit_interrupted_in_its_second_phase_ends_the_same(tmp_path: Path, fit: Fit) -> None:
    whole, weights = fit(folder=tmp_path / "whole")
    assert not (tmp_path / "whole").exists(), "nothing requested that it be kept"

    folder = tmp_path / "broken"
    assert resuming.begin(folder) == 0
    with pytest.raises(Exception, match="no more"):
        fit(folder=folder, failing=True)
    assert kept(folder / resuming.FOLDER / "progressive2.npz") == 3
    assert resuming.begin(folder) > 0
    history, again = fit(folder=folder)
    assert history == whole
    assert all((one == other).all() for one, other in zip(weights, again, strict=True))

    # once more, from the end: nothing is left to do, and early stopping has stopped already
    history, again = fit(folder=folder)
    assert history == whole
    assert all((one == other).all() for one, other in zip(weights, again, strict=True))


def test_a_truncated_checkpoint_or_one_of_other_variables_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keras = architecture.start_keras(seed=0)
    resuming.begin(tmp_path)
    stopping = keras.callbacks.EarlyStopping("val_loss", restore_best_weights=True)

    def fit(optimizer: str) -> int:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(optimizer, "mse")
        model.optimizer.build(model.trainable_variables)
        keeper = resuming.keeper(model, phase="fit", stopping=stopping, folder=tmp_path)
        data = np.ones((4, 2)), np.ones((4, 1))
        model.fit(*data, validation_data=data, callbacks=[stopping, keeper], verbose=0)
        return int(keeper.epochs)

    assert fit("adam") == 0
    assert fit("adam") == 1
    assert fit("sgd") == 0
    (tmp_path / resuming.FOLDER / "fit.npz").write_bytes(b"PK\x03\x04half")
    assert fit("sgd") == 0
