"""Photo size and regularisation never decrease from stage to stage."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FULL, NETWORK, TRAINING
from digits import digits, parts

from aisle.errors import AisleError
from aisle.methods import network
from aisle.methods.common import registry
from aisle.settings import params
from aisle.training import progressive

SMALL = {"size": 8, "augmentation": 0.0, "dropout": 0.0, "mixup": 0.0, "epochs": 2}
LARGE = {"size": 16, "augmentation": 0.2, "dropout": 0.3, "mixup": 0.2, "epochs": 2}

SEQUENTIAL: dict[str, Any] = {
    "method": "network",
    "architecture": "cnn_sequential",
    "photos": 16,
    "backbone": "none",
    "views": "original",
    "batch_normalisation": True,
    "progressive": [SMALL, LARGE],
    "training": TRAINING | {"batch_size": 64},
}


def parsed(raw: dict[str, Any]) -> Any:
    shape = registry.method(raw["method"]).settings
    return params.parse(raw, shape=shape, where="candidates.x")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"progressive": [LARGE, SMALL]}, "size falls from 16 to 8 in stage 2"),
        ({"progressive": [SMALL | {"dropout": 0.4}, LARGE]}, "dropout falls from 0.4 to 0.3"),
        ({"progressive": [SMALL | {"mixup": 1}, LARGE]}, "mixup falls from 1 to 0.2"),
        ({"progressive": [SMALL | {"augmentation": 1}, LARGE]}, "augmentation falls from 1"),
        ({"progressive": [SMALL]}, "ends with size 8, and photos, .* is 16"),
        ({"progressive": [LARGE | {"augmentation": 1.5}]}, "progressive.0.augmentation is 1.5"),
        (
            {"training": TRAINING | {"loss": "categorical_hinge"}},
            "progressive's mixup is 0.2, and 'loss: categorical_hinge'",
        ),
        (
            {"training": TRAINING | {"schedule": "cosine", "decay": 3, "epochs": 2}},
            "decay is 3, .* epochs is 4",
        ),
    ],
)
def test_stages_that_do_not_grow_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AisleError, match=f"candidates.x.*{message}"):
        parsed(SEQUENTIAL | changes)


def test_only_networks_that_take_any_size_learn_progressively() -> None:
    stages = {"progressive": [SMALL | {"size": 32}]}
    with pytest.raises(AisleError, match=r"no effect with 'recipe: staged', only with full"):
        parsed(NETWORK | stages)
    assert parsed(FULL | stages).progressive
    raw = {key: SEQUENTIAL[key] for key in ("method", "photos", "backbone", "training")}
    with pytest.raises(AisleError, match=r"'progressive' has no effect with 'architecture: cnn'"):
        parsed(raw | {"architecture": "cnn"} | stages)


@pytest.mark.slow
def test_one_set_of_weights_goes_through_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = parsed(SEQUENTIAL)
    train, val, _ = parts(settings, scale=2)
    few, some = train.take(np.arange(400)), val.take(np.arange(100))
    folder = tmp_path / "progressive" / "0"
    folder.mkdir(parents=True)
    history = network.fit(settings=settings, train=few, val=some, classes=10, folder=folder, seed=0)
    predictor = network.load(folder=folder)
    assert [epoch.phase for epoch in history] == ["progressive1"] * 2 + ["progressive2"] * 2
    # the last stage is watched at the size of the answers: what is kept is never worse than it
    loss = -np.log(predictor.probabilities(some)[np.arange(100), some.labels]).mean()
    assert loss <= min(epoch.val_loss for epoch in history[2:]) + 1e-4
    dropouts = [layer.rate for layer in predictor.model.layers if "dropout" in layer.name]
    assert dropouts == [LARGE["dropout"]]


def test_photos_are_resized_and_unchanged_at_their_own_size() -> None:
    photos = digits()[0][:5].repeat(2, axis=1).repeat(2, axis=2)
    assert progressive.resized(photos, size=16) is photos
    small = progressive.resized(photos, size=8)
    assert small.shape == (5, 8, 8, 3)
    assert small.astype(float) == pytest.approx(digits()[0][:5].astype(float), abs=40)


def test_a_stronger_augmentation_changes_more_and_from_a_seed() -> None:
    photos = digits()[0][:200]

    def change(strength: float) -> float:
        first, second = (
            progressive.augmented(photos, np.random.default_rng(1), strength=strength) for _ in "ab"
        )
        assert (first == second).all()
        assert first.shape == photos.shape and first.dtype == np.uint8
        return float(np.abs(first.astype(float) - photos).mean())

    weak, strong = change(0.1), change(1.0)
    assert change(0.0) == 0 < weak < strong


def test_areas_outside_the_photo_repeat_the_edge() -> None:
    white = np.full((50, 16, 16, 3), 255, dtype=np.uint8)
    mild = progressive.augmented(white, np.random.default_rng(2), strength=1.0)
    assert all(len(np.unique(photo)) == 1 for photo in mild)
