"""A grown network first computes what the smaller one does, and every weight is trainable."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aisle.backbones import architecture
from aisle.errors import AisleError
from synthetic.pretraining import growing, stream

if TYPE_CHECKING:
    import keras

SIDE = 32


def photos() -> np.ndarray:
    images, *_ = stream.draw_batch(0, SIDE, size=16, seed=1, classes=16)
    return images.astype(np.float32)


@pytest.fixture(scope="module")
def small() -> "keras.Model":
    """B0 as if trained: its BatchNormalization has seen images, no vector is constant."""
    architecture.start_keras(seed=1)
    model = architecture.build("b0", side=None)
    generator = np.random.default_rng(0)
    for layer in model.layers:
        if layer.name.endswith("bn"):
            scale, offset, *moving = layer.get_weights()
            scale = generator.uniform(0.5, 1.5, scale.shape)
            layer.set_weights([scale, generator.normal(0, 0.3, offset.shape), *moving])
    for _ in range(3):
        model(photos(), training=True)
    return model


@pytest.mark.parametrize(
    ("variant", "noise", "tolerance"), [("b1", 0.01, 1e-4), ("b2", 0.0, 1e-4), ("b2", 0.01, 0.02)]
)
def test_a_grown_network_gives_the_same_features(
    small: "keras.Model",
    variant: str,
    noise: float,
    tolerance: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(growing, "NOISE", noise)
    large, origins = growing.grown(small, variant=variant, seed=3)
    wanted = np.asarray(small(photos(), training=False))
    found = np.asarray(large(photos(), training=False))
    assert sorted(set(origins)) == list(range(wanted.shape[1]))
    assert found.shape[1] == len(origins) == {"b1": 1280, "b2": 1408}[variant]
    error = np.sqrt(((found - wanted[:, origins]) ** 2).mean())
    assert error / wanted.std() < tolerance


def test_an_untrained_network_starts_shallow_and_deepens_in_training() -> None:
    import keras

    architecture.start_keras(seed=1)
    model = growing.shallow("b1")
    sums = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
    assert len(sums) == 21  # 27 blocks, of which 6 change the size or the number of the maps
    branches = keras.Model(model.input, [layer.input for layer in sums])
    for pair in branches(photos(), training=False):
        added, kept = sorted(float(np.abs(one).max()) for one in pair)
        assert added == 0 < kept


def test_weights_of_the_variant_are_loaded_and_unfitting_ones_refused(
    small: "keras.Model", tmp_path: Path
) -> None:
    path = tmp_path / "b0.weights.h5"
    small.save_weights(path)
    begun = growing.load_or_grow("b0", path=path, seed=0)
    pairs = zip(begun.get_weights(), small.get_weights(), strict=True)
    assert all((one == other).all() for one, other in pairs)
    path.write_bytes(b"no weights")
    with pytest.raises(AisleError, match="holds no weights without top of EfficientNetV2 B0"):
        growing.load_or_grow("b0", path=path, seed=0)
