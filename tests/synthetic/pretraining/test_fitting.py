"""A pretraining lowers the loss, resumes after a kill, and writes weights that Keras loads."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest
import tiny_pretraining as tiny
from conftest import CLASSICAL, write_params

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError
from synthetic import cli
from synthetic.pretraining import fitting, saving


def kept(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / tiny.DONE) as found:
        return dict(found)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run, drawn in this process."""
    folder = tmp_path_factory.mktemp("whole")
    tiny.run(folder, workers=0)
    return folder


@pytest.mark.slow
def test_a_killed_run_ends_with_the_same_result(whole: Path, tmp_path: Path) -> None:
    command = [sys.executable, tiny.__file__, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("b0: 384 of 640 images, 40 px, "):
            children = psutil.Process(process.pid).children()
            process.send_signal(signal.SIGKILL)
            break
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert children
    psutil.wait_procs(children, timeout=20)
    assert not [child for child in children if child.is_running()], "workers end with their parent"
    assert (tmp_path / tiny.UNFINISHED).exists() and not (tmp_path / tiny.DONE).exists()

    tiny.run(tmp_path, workers=0)
    wanted, found = kept(whole), kept(tmp_path)
    assert wanted.keys() == found.keys()
    assert all((wanted[name] == found[name]).all() for name in wanted)


def test_the_loss_falls(whole: Path) -> None:
    losses, errors = (kept(whole)[name] for name in ("losses", "errors"))
    assert len(losses) == len(errors) == 10
    assert losses[-1] < 0.9 * np.log(tiny.SETTINGS.classes) < losses[0]
    assert errors[4] < errors[0], "the last of the first side"


def test_an_unfinished_run_of_other_settings_is_not_lost(whole: Path, tmp_path: Path) -> None:
    shutil.copy(whole / tiny.UNFINISHED, tmp_path)
    before = (tmp_path / tiny.UNFINISHED).read_bytes()
    architecture.start_keras(seed=0)
    with pytest.raises(AisleError, match="with other settings, classes 3, now 4; seed 5, now 6"):
        fitting.train(
            tiny.network(),
            settings=replace(tiny.SETTINGS, classes=4, seed=6),
            unfinished=tmp_path / tiny.UNFINISHED,
            workers=0,
            pace=tiny.PACE,
            score=None,
        )
    assert (tmp_path / tiny.UNFINISHED).read_bytes() == before


def test_a_truncated_checkpoint_is_ignored(whole: Path, tmp_path: Path) -> None:
    content = (whole / tiny.UNFINISHED).read_bytes()
    (tmp_path / tiny.UNFINISHED).write_bytes(content[: len(content) // 2])
    architecture.start_keras(seed=0)
    history = fitting.train(
        tiny.network(),
        settings=replace(tiny.SETTINGS, images=32, sides=((32, 1.0),)),
        unfinished=tmp_path / tiny.UNFINISHED,
        workers=0,
        pace=tiny.PACE,
        score=None,
    )
    assert [row["images"] for row in history] == [32]


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    architecture.start_keras(seed=0)
    backbone = tiny.network()
    backbone.set_weights([np.full_like(array, np.nan) for array in backbone.get_weights()])
    with pytest.raises(AisleError, match="the loss became NaN or infinite after 0 images"):
        fitting.train(
            backbone,
            settings=tiny.SETTINGS,
            unfinished=tmp_path / tiny.UNFINISHED,
            workers=0,
            pace=tiny.PACE,
            score=None,
        )


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    architecture.start_keras(seed=0)
    model = tiny.network()
    path = tmp_path / "x.weights.h5"
    saving.save(model, path)
    before = path.read_bytes()
    weights = model.get_weights()
    model.set_weights([np.full_like(weights[0], 1e6), *weights[1:]])
    with pytest.raises(AisleError, match="are not finite, or beyond 65504"):
        saving.save(model, path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_without_a_catalogue_there_is_no_probe_and_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fitting.scorer(tiny.network(), "b0") is None
    assert capsys.readouterr().out.startswith("No probe during training: 'params.yaml' is missing")


@pytest.mark.slow
def test_the_command_leaves_weights_that_keras_applications_loads(
    workspace: Path,
    until: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """End to end with B0: it learns to classify three formulas within some steps."""
    # the probe needs photos of the backbone's size, which are made if a competitor reads them
    write_params(workspace, candidates={"forest": CLASSICAL["random_forest"] | {"photos": 32}})
    until("resize")
    capsys.readouterr()
    words = "pretrain b0 --images 3200 --classes 3 --sides 32:1 --batch 32 --report-every 800 "
    words += "--learning-rate 0.004 --probe-every 1600 --into here"
    monkeypatch.setattr(sys, "argv", ["synthetic", *words.split()])
    cli.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" of ")[0] for line in lines[:-1]] == [
        f"b0: {images:,}" for images in (800, 1600, 2400, 3200)
    ]
    assert all(" px, " in line and line.endswith(" left") for line in lines[:-1])
    assert ["probe on val" in line for line in lines[:-1]] == [False, True, False, True]

    path = paths.pretrained("b0", folder=Path("here"))
    beside = paths.pretrained_card("b0", folder=Path("here"))
    card = files.read_json(beside)
    assert sorted(Path("here").iterdir()) == sorted([path, beside])
    assert path.stat().st_size < 14e6
    losses = [row["loss"] for row in card["history"]]
    assert losses[-1] < losses[0] and losses[-1] < 0.85 * np.log(3)
    assert card["sha256"] == fitting.name_and_hash(path)[1] and card["images_seen"] == 3200
    assert 0 < card["history"][-1]["probe_accuracy"] <= 1
    assert card["licence"] == saving.LICENCE
    assert str(workspace) not in str(card)

    import keras

    loaded = keras.applications.EfficientNetV2B0(
        include_top=False, weights=str(path), input_shape=(32, 32, 3), pooling="avg"
    )
    own = architecture.load("b0", side=None, path=path)
    with h5py.File(path, "r") as file:
        kernel = file["layers/conv2d/vars/0"]
        assert kernel.dtype == np.float16 and kernel.compression == "gzip"
        assert file["layers/batch_normalization/vars/0"].dtype == np.float32
        stem = np.asarray(kernel)
    assert (loaded.get_layer("stem_conv").get_weights()[0] == stem).all()
    pairs = zip(loaded.get_weights(), own.get_weights(), strict=True)
    assert all(one.dtype == np.float32 and (one == other).all() for one, other in pairs)

    monkeypatch.setattr(
        sys, "argv", ["synthetic", *f"pretrain b1 --images 0 --from {path} --into grown".split()]
    )
    cli.main()
    grown = paths.pretrained("b1", folder=Path("grown"))
    assert architecture.load("b1", side=None, path=grown).count_params() > own.count_params()
    card = files.read_json(paths.pretrained_card("b1", folder=Path("grown")))
    assert card["images_seen"] == 0 and card["history"] == []
    assert card["settings"]["start"] == [path.name, fitting.name_and_hash(path)[1]]
