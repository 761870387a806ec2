"""What the recipes train, keep and undo; on networks of a few layers, as it depends on no size."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FULL, NETWORK, TRAINING, write_params
from digits import digits, parts

from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.methods import efficientnetv2
from aisle.methods.common import fitting, registry
from aisle.settings import params
from aisle.training.epoch import Epoch


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


def staged(step: float, *, folder: Path) -> tuple[list[Epoch], bool]:
    """Return the epochs of both phases, and whether the last block's weights changed."""
    raw: dict[str, Any] = NETWORK | {
        "views": "original",
        "head_learning_rate": 0.01,
        "head_epochs": 10,
        "training": TRAINING | {"learning_rate": step, "epochs": 4, "dropout": 0.0},
    }
    settings = params.parse(raw, shape=efficientnetv2.Settings, where="candidates.x")
    keras = architecture.start_keras(seed=0)
    photos = keras.Input((8, 8, 3))
    stem = keras.layers.Rescaling(1 / 255)(photos)
    block = keras.layers.Conv2D(16, 3, activation="relu", name="block6a")
    backbone = keras.Model(photos, keras.layers.GlobalAveragePooling2D()(block(stem)))
    train, val, _ = parts(settings)
    every = digits()[0]
    arrays = {
        "embedding": {"views": ["original"], "layers": {"top": 16}, "trainable_from": "block6"},
        "embeddings": np.asarray(backbone(every))[:, np.newaxis],
        "activations": (every / 255)[:, np.newaxis],
    }
    train.inputs.__dict__.update(arrays)
    before = block.get_weights()
    _, epochs = efficientnetv2.staged(
        backbone,
        settings=settings,
        train=train.take(np.arange(300)),
        val=val.take(np.arange(100)),
        classes=10,
        folder=folder,
        generator=np.random.default_rng(0),
    )
    after = block.get_weights()
    return epochs, any((one != two).any() for one, two in zip(before, after, strict=True))


def test_a_tail_that_improves_is_kept_and_one_that_cannot_leaves_the_head_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    epochs, moved = staged(0.01, folder=tmp_path / "good")
    found, tail = fitting.outcome(epochs), [one for one in epochs if one.phase == "tail"]
    lowest = round(min(one.val_loss for one in tail), 3)
    assert moved and found["kept"] == "tail" and not found["rolled_back"]
    assert found["val_loss"]["tail"] == lowest < found["val_loss"]["head"]
    assert "(tail)" in fitting.kept(epochs) and "rolled back" not in fitting.kept(epochs)

    epochs, moved = staged(1e3, folder=tmp_path / "bad")
    found, tail = fitting.outcome(epochs), [one for one in epochs if one.phase == "tail"]
    lowest = round(min(one.val_loss for one in tail), 3)
    assert not moved and found["kept"] == "head"
    assert found["rolled_back"] == {"tail": lowest} and lowest > found["val_loss"]["head"]
    assert not any(one.kept for one in tail)
    said = fitting.kept(epochs)
    assert "(head)" in said and said.endswith(f"; rolled back: tail (best {lowest:.3f})")
