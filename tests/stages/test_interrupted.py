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

from aisle import files, paths
from aisle.backbones import architecture
from aisle.methods.common import fitting, registry

Stage = Callable[..., None]

LINEAR: dict[str, Any] = {
    "method": "network",
    "architecture": "linear",
    "photos": 32,
    "backbone": "none",
    "views": "original",
    "training": TRAINING | {"epochs": 6, "patience": 4, "mixup": 0.2},
}

FOREST = CLASSICAL["random_forest"]

FOLDS = {"split": {"scheme": "cross_test", "folds": 2}}


@pytest.fixture
def shop(workspace: Path, until: Callable[[str], None]) -> Path:
    write_params(workspace, FOLDS, candidates={"random_forest": FOREST, "linear": LINEAR})
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
    keras = architecture.start_keras(seed=0)
    return [
        array
        for fold in (0, 1)
        for array in keras.models.load_model(
            paths.model(name, fold) / "model.keras", compile=False
        ).get_weights()
    ]


@pytest.mark.slow
def test_a_killed_training_ends_as_if_nothing_had_been(
    shop: Path, stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    stage("train", "linear")
    told = capfd.readouterr().err
    assert "epoch" not in told, "quiet where stderr is no terminal"
    history, whole = paths.history("linear").read_bytes(), weights("linear")
    seconds = files.read_json(paths.timings("train@linear"))["fit_seconds"]
    for path in (paths.history("linear"), paths.model("linear", 0).parent):
        files.remove(path)

    lines = train_and_kill("linear", at="fold_1 fit: epoch 3 of")
    assert not paths.model("linear", 0).exists()
    last = [line for line in lines if "fold_1 fit: epoch" in line][-1]
    assert "epoch 3 of at most 6, val_loss " in last
    assert ", best " in last and last.endswith(" left")
    first = paths.interrupted("linear") / "fold_0" / "model.keras"
    fitted_before = first.stat().st_mtime_ns

    stage("train", "linear")
    assert ", fold 0:" not in capfd.readouterr().out
    assert paths.history("linear").read_bytes() == history
    resumed = weights("linear")
    assert len(resumed) == len(whole)
    assert all((one == other).all() for one, other in zip(whole, resumed, strict=True))
    models = paths.model("linear", 0).parent
    assert (models / "fold_0" / "model.keras").stat().st_mtime_ns == fitted_before
    assert sorted(path.name for path in models.rglob("*") if path.is_file()) == [
        *["model.keras"] * 2,
        "origin.json",
        *["summary.txt"] * 2,
    ]
    assert not list(paths.interrupted("linear").parent.iterdir())
    assert files.read_json(paths.timings("train@linear"))["fit_seconds"] > seconds / 10


def test_what_was_kept_of_other_data_or_settings_is_not_used(shop: Path, stage: Stage) -> None:
    """Here the run ends after its last fold, before the models are in their place."""

    def broken_off() -> list[int]:
        found, settings = registry.candidate("random_forest")
        list(fitting.fit_folds("random_forest", found=found, settings=settings))
        assert not paths.model("random_forest", 0).exists()
        return fits(paths.interrupted("random_forest"))

    def fits(folder: Path) -> list[int]:
        return [path.stat().st_mtime_ns for path in sorted(folder.glob("fold_*/model.skops"))]

    def trained() -> list[int]:
        stage("train", "random_forest")
        models = paths.model("random_forest", 0).parent
        now = fits(models)
        assert len(now) == 2
        files.remove(models)
        return now

    assert broken_off() == trained()
    before = broken_off()
    np.save(paths.resized(16), 255 - np.load(paths.resized(16)))
    assert not set(before) & set(trained())
    before = broken_off()
    write_params(shop, FOLDS, candidates={"random_forest": FOREST | {"trees": 10}})
    assert not set(before) & set(trained())
