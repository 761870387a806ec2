"""OpenVINO in the place of Keras, where it is installed: requirements.txt does not have it."""

from importlib.util import find_spec

import numpy as np
import pytest

from aisle.backbones import architecture, engines
from aisle.backbones.frozen_pass import frozen
from aisle.settings import params


@pytest.mark.skipif(not find_spec("openvino"), reason="needs `pip install --editable .[fast]`")
@pytest.mark.slow
def test_openvino_gives_what_keras_gives_however_many_photos_at_once() -> None:
    architecture.start_keras(seed=0)
    settings = params.Embed(
        trainable_from="block6", layers=["block5", "top"], batch_size=8, engine="openvino"
    )
    model = frozen(architecture.build("b0", side=32), settings=settings)
    photos = np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3), dtype=np.uint8)
    answer = engines.as_function(model, engine="openvino")
    (answered,) = answer([photos])
    (expected,) = engines.as_function(model, engine="keras")([photos])
    single = [np.concatenate(arrays) for arrays in zip(*answer(photos[:, None]), strict=True)]
    nearly = 1e-4 if engines.describe("openvino").endswith("f32") else 5e-2
    for mine, one_by_one, keras in zip(answered, single, expected, strict=True):
        assert mine.dtype == np.float32 and mine.shape == keras.shape
        assert np.linalg.norm(mine - keras) < nearly * np.linalg.norm(keras)
        assert np.linalg.norm(keras - keras.mean(axis=0)) > 10 * np.linalg.norm(mine - keras)
        assert (mine == one_by_one).all()
