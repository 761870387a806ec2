"""A training that is killed goes on where it was, and ends as if nothing had been."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CLASSICAL, TRAINING, write_params

from aisle import backbones, files, paths

Stage = Callable[..., None]

GROWING: dict[str, Any] = {
    "method": "cnn_sequential",
    "photos": 32,
    "backbone": "none",
    "views": "original",
    "batch_normalisation": True,
    "progressive": [
        {"size": 16, "augmentation": 0.0, "dropout": 0.1, "mixup": 0.0, "epochs": 2},
        {"size": 32, "augmentation": 0.2, "dropout": 0.3, "mixup": 0.2, "epochs": 6},
    ],
    "training": TRAINING | {"schedule": "cosine", "decay": 8.0, "patience": 4},
}
"""Everything at once that a fit could forget: two phases, one optimizer and its schedule, the order
of the batches, what is drawn for MixUp, augmentation and dropout, BatchNorm's statistics."""


@pytest.fixture
def shop(workspace: Path, until: Callable[[str], None]) -> Path:
    changes = {"split": {"scheme": "cross_test", "folds": 2}}
    write_params(workspace, changes, candidates=CLASSICAL | {"growing": GROWING})
    until("resize")
    return workspace


def train_and_kill(name: str, *, at: str) -> list[str]:
    """Train in a process of its own, on a terminal, and kill it at a line; return the lines."""
    terminal, inside = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aisle.stages.train", name], stdout=subprocess.PIPE, stderr=inside
    )
    os.close(inside)
    lines = []
    with os.fdopen(terminal, encoding="utf-8") as told:
        for line in told:
            lines.append(line.strip())
            if at in line:
                process.send_signal(signal.SIGKILL)
                break
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    return lines


def weights(name: str) -> list[np.ndarray]:
    keras = backbones.start_keras(seed=0)
    return [
        array
        for fold in (0, 1)
        for array in keras.models.load_model(
            paths.model(name, fold) / "model.keras", compile=False
        ).get_weights()
    ]


def test_a_killed_training_ends_as_if_nothing_had_been(
    shop: Path, stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    stage("train", "growing")
    told = capfd.readouterr().err
    assert "epoch" not in told, "quiet where stderr is no terminal"
    history, whole = paths.history("growing").read_bytes(), weights("growing")
    seconds = files.read_json(paths.record("train", "growing"))["fit_seconds"]
    for path in (paths.history("growing"), paths.model("growing", 0).parent):
        files.remove(path)

    lines = train_and_kill("growing", at="fold_1 progressive2: epoch 3 of")
    assert not paths.model("growing", 0).exists()
    last = [line for line in lines if "fold_1 progressive2: epoch" in line][-1]
    assert "epoch 3 of at most 6, val_loss " in last
    assert ", best " in last and last.endswith(" left")
    first = paths.interrupted("growing") / "fold_0" / "model.keras"
    fitted_before = first.stat().st_ino

    stage("train", "growing")
    assert paths.history("growing").read_bytes() == history
    resumed = weights("growing")
    assert len(resumed) == len(whole)
    assert all((one == other).all() for one, other in zip(whole, resumed, strict=True))
    models = paths.model("growing", 0).parent
    assert (models / "fold_0" / "model.keras").stat().st_ino == fitted_before
    assert sorted(path.name for path in models.rglob("*") if path.is_file()) == [
        *["model.keras"] * 2,
        *["summary.txt"] * 2,
    ]
    assert not list(paths.interrupted("growing").parent.iterdir())
    assert files.read_json(paths.record("train", "growing"))["fit_seconds"] > seconds / 10
