"""Batches lose no row, the best epoch is kept, and the training settings reach Keras."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from conftest import TRAINING
from digits import parts

from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.inputs.rows import Rows
from aisle.methods import network
from aisle.settings import params
from aisle.training import block, networks
from aisle.training.block import Training


def settings(architecture: str = "linear", **changes: Any) -> network.Settings:
    raw = {"method": "network", "architecture": architecture, "photos": 8, "backbone": "none"}
    return network.Settings.model_validate(raw | {"training": TRAINING | changes})


Fit = Callable[..., tuple[list[Any], networks.Network, Rows]]


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """Fit `linear` on a few digits; return history, network and val."""
    monkeypatch.chdir(tmp_path)

    def call(*, classes: int = 10, seen: int = 10, seed: int = 0, **changes: Any) -> Any:
        chosen = settings(**{"batch_size": 32, "dropout": 0.0} | changes)
        train, val, _ = parts(chosen)
        train = train.take(np.flatnonzero(train.labels < seen)[:200])
        val = val.take(np.flatnonzero(val.labels < classes))
        folder = tmp_path / "linear" / "0"
        folder.mkdir(parents=True, exist_ok=True)
        history = network.fit(
            settings=chosen, train=train, val=val, classes=classes, folder=folder, seed=seed
        )
        return history, network.load(folder=folder), val

    return call


def right(network: networks.Network, rows: Rows) -> float:
    return float((network.probabilities(rows).argmax(axis=1) == rows.labels).mean())


def loss_of(network: networks.Network, rows: Rows) -> float:
    of_truth = network.probabilities(rows)[np.arange(len(rows)), rows.labels]
    return float(-np.log(of_truth).mean())


def test_a_partial_last_batch_is_counted() -> None:
    data = networks.batches(
        lambda at: at,
        targets=np.arange(37),
        batch_size=16,
        generator=np.random.default_rng(0),
    )
    for _ in range(2):
        seen = np.concatenate([data[index][0] for index in range(len(data))])
        assert sorted(seen.tolist()) == list(range(37))
        data.on_epoch_end()


def test_batches_are_mixed_by_a_seed_and_differently_in_each_epoch() -> None:
    def epochs(mixup: float) -> list[list[float]]:
        data = networks.batches(
            lambda at: at[:, None],
            targets=np.eye(8, dtype=np.float32),
            batch_size=8,
            generator=np.random.default_rng(5),
            mixup=mixup,
        )
        assert (data[0][1] == data[0][1]).all()
        first = data[0][0].ravel().tolist()
        data.on_epoch_end()
        return [first, data[0][0].ravel().tolist()]

    assert epochs(0.4) == epochs(0.4) != epochs(0.0)
    assert epochs(0.4)[0] != epochs(0.4)[1]
    assert sorted(epochs(0.0)[0]) == list(range(8))


def test_val_keeps_its_photos_and_its_labels() -> None:
    train, val, _ = parts(settings())
    chosen = settings(mixup=0.5, label_smoothing=0.2).training
    data = networks.datasets(
        train,
        val,
        read=lambda rows: rows.photos,
        training=chosen,
        classes=10,
        generator=np.random.default_rng(0),
        change=lambda photos, _: photos // 2,
    )
    photos, wanted = data["val"][0]
    assert (photos == val.photos(np.arange(16))).all()
    assert (wanted == np.eye(10)[val.labels[:16]]).all()
    _, soft = data["train"][0]
    assert soft.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert soft.max() < 0.83


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
def test_the_best_epoch_is_what_is_loaded(fit: Fit, monitor: str) -> None:
    """The learning rate is high, so that the last epoch is not the best."""
    history, network, val = fit(learning_rate=0.1, epochs=8, patience=0, monitor=monitor)
    assert len(history) == 8
    if monitor == "val_loss":
        losses = [epoch.val_loss for epoch in history]
        kept, best = loss_of(network, val), min(losses)
        assert losses[-1] > best
    else:
        kept, best = right(network, val), max(epoch.val_accuracy for epoch in history)
    assert kept == pytest.approx(best, abs=1e-4)


def test_training_stops_when_patience_ends(fit: Fit) -> None:
    history, _, _ = fit(learning_rate=1.0, epochs=30, patience=1)
    assert len(history) < 30
    losses = [epoch.val_loss for epoch in history]
    assert losses[-1] >= min(losses[:-1])


@pytest.mark.parametrize("loss", get_args(block.Loss))
def test_accuracy_is_right_whatever_the_loss(fit: Fit, loss: str) -> None:
    history, network, val = fit(loss=loss, classes=2, seen=2, epochs=2, learning_rate=0.01)
    best = min(history, key=lambda epoch: epoch.val_loss)
    assert right(network, val) == pytest.approx(best.val_accuracy, abs=1e-6)
    assert best.val_accuracy > 0.9


def test_a_loss_for_two_categories_is_refused_before_training(fit: Fit) -> None:
    with pytest.raises(AisleError, match=r"training.loss is hinge.* has 10"):
        fit(loss="hinge")


def test_a_category_never_seen_in_train_gets_a_probability(fit: Fit) -> None:
    _, network, val = fit(seen=9, epochs=2, mixup=0.2)
    probabilities = network.probabilities(val)
    assert probabilities.shape == (len(val), 10)
    assert probabilities[:, 9].min() > 0
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-9)


def test_the_same_seed_gives_the_same_answers_and_another_does_not(fit: Fit) -> None:
    changes = {"mixup": 0.2, "dropout": 0.2}
    answers = []
    for seed in (0, 0, 1):
        _, network, val = fit(seed=seed, **changes)
        answers.append(network.probabilities(val))
    assert (answers[0] == answers[1]).all()
    assert (answers[0] != answers[2]).any()


def test_a_loss_that_is_not_finite_is_a_message(fit: Fit) -> None:
    with pytest.raises(
        AisleError, match=r"phase 'fit' became NaN or infinite .* Lower its learning r"
    ):
        fit(optimizer="sgd", learning_rate=1e38, l2=1.0, epochs=3)


def test_max_norm_bounds_every_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    norms = {}
    for bound in (0.0, 0.3):
        chosen = settings("cnn", max_norm=bound, epochs=3)
        train, val, _ = parts(chosen)
        folder = tmp_path / f"{bound}" / "0"
        folder.mkdir(parents=True)
        network.fit(settings=chosen, train=train, val=val, classes=10, folder=folder, seed=0)
        model = network.load(folder=folder).model
        kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
        norms[bound] = [
            np.linalg.norm(np.asarray(kernel).reshape(-1, kernel.shape[-1]), axis=0).max()
            for kernel in kernels
        ]
    assert len(norms[0.3]) == 4
    assert max(norms[0.3]) <= 0.3 + 1e-5
    assert min(norms[0.0]) > 0.3


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_warns_on_a_cpu_and_answers_in_float32(
    fit: Fit, precision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import tensorflow

    history, network, val = fit(precision=precision, epochs=3, learning_rate=0.01)
    if not tensorflow.config.list_physical_devices("GPU"):
        assert f"warning: training.precision is {precision}" in capsys.readouterr().err
    assert network.model.layers[-2].compute_dtype == precision.removeprefix("mixed_")
    assert network.model.layers[-1].compute_dtype == "float32"
    assert network.probabilities(val).sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert history[-1].val_accuracy > 0.5
    _, network, _ = fit()
    assert {layer.compute_dtype for layer in network.model.layers} == {"float32"}
    assert not capsys.readouterr().err


def test_a_summary_of_the_layers_lies_beside_the_model(fit: Fit, tmp_path: Path) -> None:
    fit()
    text = (tmp_path / "linear" / "0" / "summary.txt").read_text(encoding="utf-8")
    assert "Normalization" in text and "1,930" in text  # 8 * 8 * 3 * 10 weights, 10 biases


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
def test_a_phase_that_never_improves_is_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, monitor: str
) -> None:
    monkeypatch.chdir(tmp_path)
    keras = architecture.start_keras(seed=0)
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(inputs))
    points = np.array([[0.0, 1.0], [1.0, 0.0]] * 8, dtype=np.float32)
    truth = np.eye(2, dtype=np.float32)[[0, 1] * 8]
    changes = {"learning_rate": 0.5, "epochs": 40, "monitor": monitor}
    chosen = params.parse(TRAINING | changes, shape=Training, where="training")
    right, wrong = (
        networks.batches(points.__getitem__, targets=targets, batch_size=16)
        for targets in (truth, 1 - truth)
    )
    common: dict[str, Any] = {"phase": "fit", "training": chosen, "folder": tmp_path}
    networks.train(model, train=right, val=right, **common)
    good = model.get_weights()
    networks.train(model, train=wrong, val=right, **common)
    assert (model.predict_on_batch(points).argmax(axis=1) == truth.argmax(axis=1)).all()
    if monitor == "val_loss":  # an epoch that is as right as the start is no worse: it is kept
        assert all((a == b).all() for a, b in zip(good, model.get_weights(), strict=True))


def test_each_epoch_reads_each_row_once_in_another_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keras = architecture.start_keras(seed=0)
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(inputs))
    points = np.random.default_rng(0).random((37, 2)).astype(np.float32)
    asked: list[int] = []

    def read(at: np.ndarray) -> np.ndarray:
        asked.extend(at.tolist())
        return np.asarray(points[at])

    data = {
        name: networks.batches(
            reader,
            targets=np.eye(2, dtype=np.float32)[[0, 1] * 18 + [0]],
            batch_size=16,
            generator=generator,
        )
        for name, reader, generator in (
            ("train", read, np.random.default_rng(1)),
            ("val", points.__getitem__, None),
        )
    }
    chosen = params.parse(TRAINING | {"epochs": 3, "patience": 0}, shape=Training, where="training")
    history = networks.train(model, phase="fit", **data, training=chosen, folder=tmp_path)
    assert len(history) == 3
    epochs = [asked[16:][start:][:37] for start in (0, 37, 74)]  # a first batch tells the shapes
    assert len(asked) == 16 + 3 * 37
    assert all(sorted(epoch) == list(range(37)) for epoch in epochs)
    assert epochs[0][:16] == asked[:16] and epochs[0] != epochs[1] != epochs[2]


TWO_DEVICES = """
import json, sys
from pathlib import Path
import numpy as np
import tensorflow

halves = [tensorflow.config.LogicalDeviceConfiguration()] * 2
tensorflow.config.set_logical_device_configuration(
    tensorflow.config.list_physical_devices("CPU")[0], halves
)
from aisle.settings import params
from aisle.training import networks, resuming
from aisle.training.block import Training

settings = json.loads(sys.argv[1])
training = params.parse(settings, shape=Training, where="training")
points = np.random.default_rng(0).normal(size=(37, 4)).astype(np.float32)
targets = np.eye(3, dtype=np.float32)[points[:, :3].argmax(axis=1)]


def fit(devices, folder):
    keras = networks.start(training, classes=3, seed=0)
    with networks.across(devices):
        inputs = keras.Input((4,))
        model = keras.Model(inputs, networks.softmax_head(inputs, training=training, classes=3))
        data = {
            name: networks.batches(
                points.__getitem__, targets=targets, batch_size=16, generator=generator
            )
            for name, generator in (("train", np.random.default_rng(1)), ("val", None))
        }
        history = networks.train(model, phase="fit", **data, training=training, folder=folder)
    answers = networks.architecture.as_function(model)(points)
    return {
        "steps": int(keras.ops.convert_to_numpy(model.optimizer.iterations)),
        "losses": [epoch.val_loss for epoch in history],
        "kept": float(-np.log((answers * targets).sum(axis=1)).mean()),
    }


resuming.begin(Path("two"))
both = ["CPU:0", "CPU:1"]
print(json.dumps([fit([], Path("one")), fit(both, Path("two")), fit(both, Path("two"))]))
"""


@pytest.mark.slow
def test_on_two_devices_each_batch_is_shared_and_nothing_is_lost(tmp_path: Path) -> None:
    """On two halves of a CPU; 37 rows in batches of 16 end in one that does not split evenly."""
    settings = TRAINING | {"optimizer": "sgd", "learning_rate": 0.5, "dropout": 0.0, "epochs": 5}
    ran = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES, json.dumps(settings)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    one, two, again = json.loads(ran.stdout.splitlines()[-1])
    assert one["steps"] == two["steps"] == 5 * 3
    assert two["losses"] == pytest.approx(one["losses"], rel=0.05)
    assert two["losses"][-1] < two["losses"][0]
    assert two["kept"] == pytest.approx(min(two["losses"]), abs=1e-4)
    assert again == two, "what was kept of it is what goes on"
