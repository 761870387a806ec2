"""What the recipes do to BatchNorm; on a network of three layers, as it does not depend on size."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FULL, TRAINING, write_params
from digits import parts

from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.methods import efficientnetv2
from aisle.methods.common import registry
from aisle.settings import params


def fitted(mode: str, *, folder: Path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return BatchNorm's arrays before and after a fit by `full`."""
    raw: dict[str, Any] = FULL | {
        "views": "original",
        "batch_normalisation": mode,
        "training": TRAINING | {"learning_rate": 0.01},
    }
    settings = params.parse(raw, shape=efficientnetv2.Settings, where="candidates.x")
    keras = architecture.start_keras(seed=0)
    photos = keras.Input((8, 8, 3))
    normalise = keras.layers.BatchNormalization()
    filtered = normalise(keras.layers.Conv2D(4, 3)(photos))
    backbone = keras.Model(photos, keras.layers.GlobalAveragePooling2D()(filtered))
    train, val, _ = parts(settings)
    before = normalise.get_weights()
    efficientnetv2.full(
        backbone,
        settings=settings,
        train=train.take(np.arange(100)),
        val=val.take(np.arange(30)),
        classes=10,
        folder=folder,
        generator=np.random.default_rng(0),
    )
    return before, normalise.get_weights()


STATED = {"method": "efficientnetv2", "photos": 32, "backbone": "b0"}


@pytest.mark.parametrize(
    ("source", "step"), [("formula", 1e-3), ("random", 1e-3), ("imagenet", 1e-5), ("file", 1e-5)]
)
def test_the_step_follows_from_the_weights_unless_it_is_stated(
    workspace: Path, source: str, step: float
) -> None:
    write_params(workspace, {"weights": {"source": source}})

    def learning_rate(**training: Any) -> float:
        settings = registry.parse(STATED | training, where="candidates.x")[1]
        return float(settings.training.learning_rate)

    assert learning_rate() == learning_rate(training={"epochs": 3}) == step
    assert learning_rate(training={"learning_rate": "auto"}) == step
    assert learning_rate(training={"learning_rate": 0.5}) == 0.5


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (
            {"batch_normalisation": "training"},
            "'batch_normalisation' has no effect with 'recipe: s",
        ),
        ({"recipe": "full", "head_epochs": 3}, "'head_epochs' has no effect with 'recipe: full'"),
    ],
)
def test_a_setting_of_the_other_recipe_is_refused(
    workspace: Path, stated: dict[str, Any], message: str
) -> None:
    with pytest.raises(AisleError, match=message):
        registry.parse(STATED | stated, where="candidates.x")


@pytest.mark.parametrize("mode", ["training", "inference"])
def test_full_trains_batch_normalisation_or_leaves_it_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = fitted(mode, folder=tmp_path / "full")
    same = [bool((one == other).all()) for one, other in zip(before, after, strict=True)]
    assert same == [mode == "inference"] * 4
