"""Weights from a real local hub, bundled, from a file, or random; each says where it came from."""

import hashlib
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import write_params

from aisle import files, paths
from aisle.backbones import architecture, pretrained
from aisle.backbones.operations import multiply_additions
from aisle.errors import AisleError
from aisle.settings import params

CLOSED = "http://127.0.0.1:9/"
"""A port without a server: an unreachable hub, known at once."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real B0 weights in a file, made once."""
    folder = tmp_path_factory.mktemp("saved")
    architecture.start_keras(seed=3)
    architecture.build("b0", side=32).save_weights(folder / "b0.weights.h5")
    return folder / "b0.weights.h5"


@pytest.fixture
def hub(saved: Path, tmp_path: Path) -> Iterator[str]:
    """A hub on this machine that has the B0 file under its published name."""
    folder = tmp_path / "hub"
    folder.mkdir()
    shutil.copy(saved, folder / "efficientnetv2-b0_notop.h5")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def find(
    variant: str,
    source: params.Source,
    *,
    hub: str = CLOSED,
    file: str = "data/none",
    md5: str = "",
) -> Path | None:
    """Return the file that the stage would take."""
    return pretrained.find(
        variant,
        backbone=params.Backbone(size=32, file=Path(file)),
        settings=params.Weights(source=source, hub=hub, timeout=2),
        md5=md5,
    )


def test_published_weights_come_from_the_hub_once_and_then_from_the_cache(
    hub: str, saved: Path, own_cache: Path
) -> None:
    for address in (hub, CLOSED):
        path = find("b0", "imagenet", hub=address, md5=md5(saved))
        assert path == own_cache / "efficientnetv2-b0_notop.h5"
        assert path.read_bytes() == saved.read_bytes()


@pytest.fixture
def bundled(workspace: Path) -> Path:
    """A repository with formula weights for B0: any bytes, as nothing loads them here."""
    path = paths.pretrained("b0")
    path.parent.mkdir()
    path.write_bytes(b"weights of B0 from formulas")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    files.write_json({"sha256": digest}, paths.pretrained_card("b0"))
    write_params(workspace, {"weights": {"source": "formula"}})
    return path


def test_the_record_of_formula_weights_is_the_same_with_and_without_a_hub(
    bundled: Path, hub: str, stage: Callable[..., None]
) -> None:
    for address in (hub, CLOSED):
        write_params(Path(), {"weights": {"source": "formula", "hub": address}})
        stage("weights", "b0")
        assert paths.weights("b0").read_bytes() == bundled.read_bytes()
        assert files.read_json(paths.facts("weights", "b0")) == {
            "variant": "b0",
            "source": "formula",
            "file": "efficientnetv2-b0_formula.weights.h5",
            "sha256": hashlib.sha256(bundled.read_bytes()).hexdigest(),
            "seed": None,
            "probe": None,
        }


def test_the_bundled_weights_are_copied_without_tensorflow(bundled: Path) -> None:
    code = (
        "import sys; from aisle.stages.weights import main; sys.argv[1:] = ['b0']; main(); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert loaded[:2] == ["b0:", "formula"]
    assert not {"tensorflow", "keras", "h5py"} & set(loaded)
    assert paths.weights("b0").read_bytes() == bundled.read_bytes()


def test_what_bundled_weights_are_worth_comes_with_them(
    bundled: Path, stage: Callable[..., None]
) -> None:
    card = paths.pretrained_card("b0")
    measured = {"random": 0.48, "formula": 0.6, "food101": 0.81}
    starts = {name: {"test_accuracy": value} for name, value in measured.items()}
    probed = {"products": 840, "folds": 5, "starts": starts}
    files.write_json(files.read_json(card) | {"probe": probed}, card)
    stage("weights", "b0")
    assert files.read_json(paths.facts("weights", "b0"))["probe"] == {"products": 840} | measured


@pytest.mark.parametrize("said", [{}, [], {"products": 840, "starts": {"random": {}}}])
def test_a_card_that_says_something_else_is_named(
    bundled: Path, said: object, stage: Callable[..., None]
) -> None:
    card = paths.pretrained_card("b0")
    files.write_json(files.read_json(card) | {"probe": said}, card)
    with pytest.raises(AisleError, match="does not say what its weights are worth"):
        stage("weights", "b0")
    assert not paths.weights("b0").exists()


def test_formula_without_a_bundled_file_says_which_there_are_and_what_to_do(bundled: Path) -> None:
    with pytest.raises(AisleError) as caught:
        find("b3", "formula")
    assert str(caught.value) == (
        "no formula weights for b3: expected "
        "'data/pretrained/efficientnetv2-b3_formula.weights.h5', found those of b0. Make them with "
        "'synthetic pretrain b3 --into data/pretrained', or set weights.source to imagenet, file "
        "or random."
    )


def test_bundled_weights_that_are_not_those_of_their_card_are_refused(bundled: Path) -> None:
    digest = hashlib.sha256(bundled.read_bytes()).hexdigest()
    bundled.write_bytes(b"tampered")
    got = hashlib.sha256(b"tampered").hexdigest()
    message = (
        f"'{bundled}' is not the file of its card: expected sha256 {digest}, got {got}. Run 'git "
        "checkout data/pretrained'."
    )
    with pytest.raises(AisleError, match=f"^{re.escape(message)}$"):
        find("b0", "formula")


@pytest.mark.parametrize("content", [None, "", "[]", '{"variant": "b0"}', '{"sha256": "\udcff"}'])
def test_bundled_weights_without_a_card_that_can_be_read_are_refused(
    bundled: Path, content: str | None
) -> None:
    card = paths.pretrained_card("b0")
    card.unlink()
    if content is not None:
        card.write_text(content, encoding="utf-8", errors="surrogateescape")
    message = f"'{card}', the card of '{bundled.name}', is missing or unreadable; .* 'git checkout"
    with pytest.raises(AisleError, match=message):
        find("b0", "formula")


def test_imagenet_without_a_hub_names_the_mirror_and_formula(saved: Path) -> None:
    with pytest.raises(AisleError) as caught:
        find("b0", "imagenet", md5=md5(saved))
    message = str(caught.value)
    assert "127.0.0.1" in message and len(message.splitlines()) == 1
    assert "name a mirror in weights.hub" in message
    assert "or set weights.source to formula, which needs no network." in message


def test_a_tampered_file_is_refused(hub: str) -> None:
    with pytest.raises(AisleError, match="md5"):
        find("b0", "imagenet", hub=hub, md5="0" * 32)


def test_the_listed_hashes_are_those_of_keras() -> None:
    from keras.src.applications.efficientnet_v2 import BASE_WEIGHTS_PATH, WEIGHTS_HASHES

    theirs = {name.lstrip("-"): hashes[1] for name, hashes in WEIGHTS_HASHES.items()}
    assert theirs == pretrained.MD5
    assert params.Weights(source="imagenet", hub="keras", timeout=1).address == BASE_WEIGHTS_PATH


def test_a_file_is_taken_and_its_hash_written_down(
    workspace: Path, saved: Path, stage: Callable[..., None]
) -> None:
    shutil.copy(saved, workspace / "mine.weights.h5")
    change = {"weights": {"source": "file"}, "variants": {"b0": {"file": "mine.weights.h5"}}}
    write_params(workspace, change)
    stage("weights", "b0")
    provenance = files.read_json(paths.facts("weights", "b0"))
    assert provenance["source"] == "file"
    assert provenance["file"] == "mine.weights.h5"
    assert provenance["sha256"] == hashlib.sha256(saved.read_bytes()).hexdigest()
    kept = architecture.load("b0", side=32, path=paths.weights("b0"))
    given = architecture.load("b0", side=32, path=saved)
    pairs = zip(kept.get_weights(), given.get_weights(), strict=True)
    assert all((ours == theirs).all() for ours, theirs in pairs)


def test_a_file_for_another_architecture_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(AisleError, match=r"does not fit EfficientNetV2B1 .* expected \d+ arrays"):
        architecture.load("b1", side=32, path=saved)
    text = tmp_path / "notes.h5"
    text.write_text("hello", encoding="utf-8")
    with pytest.raises(AisleError, match="not a Keras weights file"):
        architecture.load("b0", side=32, path=text)


def test_a_file_with_as_many_arrays_of_other_shapes_is_refused(saved: Path, tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "reshaped.weights.h5"
    shutil.copy(saved, path)
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = next(n for n in names if isinstance(file[n], h5py.Dataset) and file[n].ndim == 4)
        kernel = file[name][()]
        del file[name]
        file[name] = kernel[..., :-1]
    with pytest.raises(AisleError, match=r"does not fit EfficientNetV2B0 .* Keras says"):
        architecture.load("b0", side=32, path=path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(AisleError, match=r"no weights file 'gone.h5' .*variants.b0.file"):
        find("b0", "file", file="gone.h5")


@pytest.mark.parametrize(
    ("variant", "width", "block", "trained"),
    [
        ("b0", 1280, "block6", "abcdefgh"),
        ("b1", 1280, "block6h", "hi"),
        ("b2", 1408, "block6a", "abcdefghij"),
    ],
)
def test_a_backbone_can_be_cut_and_joined_again(
    variant: str, width: int, block: str, trained: str
) -> None:
    import numpy as np

    architecture.start_keras(seed=3)
    model = architecture.build(variant, side=32)
    stem, tail = architecture.cut(model, trainable_from=block)
    in_tail = {layer.name.partition("_")[0] for layer in tail.layers if layer.name[:5] == "block"}
    assert in_tail == {f"block6{letter}" for letter in trained}
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    whole, joined = np.asarray(model(photos)), np.asarray(tail(stem(photos)))
    assert whole.shape == (2, width)
    assert joined == pytest.approx(whole, abs=1e-5)


def test_a_block_that_a_backbone_lacks_is_named_with_those_it_has() -> None:
    architecture.start_keras(seed=0)
    model = architecture.build("b0", side=32)
    with pytest.raises(
        AisleError, match=r"'block6i'; efficientnetv2-b0 has no such block.*block6h"
    ):
        architecture.cut(model, trainable_from="block6i")


@pytest.mark.parametrize(
    ("variant", "side", "published"), [("b0", 224, 0.72e9), ("b2", 260, 1.7e9)]
)
def test_a_backbone_computes_what_its_makers_say(variant: str, side: int, published: float) -> None:
    """Without the top of 1000 classes, 1.3 and 1.4 M; published to two figures."""
    architecture.start_keras(seed=0)
    counted = multiply_additions(architecture.build(variant, side=side))
    assert counted == pytest.approx(published, rel=0.05)
