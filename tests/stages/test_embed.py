"""The frozen pass of a real EfficientNetV2-B0 with random weights, at 32 px."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSICAL, FULL, NETWORK, draw, run_stages, write_params, write_shop

from aisle import files, paths
from aisle.backbones import architecture
from aisle.backbones.cache import CARD, reusable
from aisle.errors import AisleError
from aisle.inputs.views import TRANSFORMS, apply
from aisle.stages.check import check

LAST = {"block2": "block2b_add", "block5": "block5e_add"}
"""Block → its last layer in Keras's B0."""

WIDTHS = {"block5": 112, "block2": 32, "top": 1280}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two blocks and the top kept, once: tracing the graph takes seconds."""
    folder = tmp_path_factory.mktemp("embedded")
    write_shop(folder / "shop", per_category=6)
    write_params(folder, {"embed": {"layers": list(WIDTHS)}}, candidates={"network": NETWORK})
    run_stages(folder, "check", "catalogue", "extract", "resize 32", "weights b0", "embed b0")
    return folder


@pytest.fixture
def network(embedded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(embedded)
    return embedded


def stored() -> np.ndarray:
    array: np.ndarray = np.load(paths.embeddings("b0") / paths.EMBEDDINGS)
    return array


def test_layers_lie_side_by_side_in_the_order_of_params(network: Path) -> None:
    card = files.read_json(paths.embeddings("b0") / paths.EMBEDDING_CARD)
    assert card["views"] == list(TRANSFORMS)
    assert list(card["layers"].items()) == list(WIDTHS.items())
    assert stored().shape == (18, 4, 112 + 32 + 1280)
    assert stored().dtype == np.float32


def test_each_layer_is_its_blocks_output_averaged_over_the_photo_on_every_view(
    network: Path,
) -> None:
    keras = architecture.start_keras(seed=0)
    backbone = architecture.load("b0", side=32, path=paths.weights("b0"))
    outputs = [backbone.get_layer(LAST[name]).output for name in ("block5", "block2")]
    model = keras.Model(backbone.input, [*outputs, backbone.output])
    photo = np.load(paths.resized(32))[11]
    crossing = np.load(paths.embeddings("b0") / paths.ACTIVATIONS)[11]
    for position, view in enumerate(TRANSFORMS):
        *blocks, top = model.predict_on_batch(apply(photo, view=view)[None])
        pooled = [np.asarray(block)[0].mean(axis=(0, 1)) for block in blocks]
        expected = np.concatenate([*pooled, np.asarray(top)[0]])
        assert stored()[11, position] == pytest.approx(expected, rel=1e-4, abs=1e-4)
        assert pooled[0].std() > 0
        stem = np.asarray(blocks[0])[0]  # block6 is the first that trains
        assert crossing[position] == pytest.approx(stem, rel=1e-2, abs=1e-2), "in half precision"


def test_the_record_says_what_one_pass_costs(network: Path) -> None:
    record = files.read_json(paths.facts("embed", "b0"))
    assert list(record) == ["parameters", "multiply_additions", "bytes", "engine"]
    timings = files.read_json(paths.timings("embed@b0"))
    assert timings["embed_seconds"] > 0 and timings["predict_milliseconds"] > 0
    assert record["parameters"] == 5_919_312
    assert 1e7 < record["multiply_additions"] < 0.72e9 / (224 / 32) ** 2 * 1.3, "of 32 pixels"
    assert record["engine"].startswith("tensorflow 2.")
    assert record["bytes"] == paths.weights("b0").stat().st_size
    assert 0 < timings["predict_milliseconds"] < 1000 * timings["embed_seconds"]


def test_where_openvino_cannot_be_imported_keras_embeds_the_same_and_says_so(
    embedded: Path,
    tmp_path: Path,
    stage: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shutil.copytree(embedded, tmp_path / "without"))
    made = stored()
    settings = {"layers": list(WIDTHS), "engine": "openvino"}
    write_params(Path(), {"embed": settings}, candidates={"network": NETWORK})
    monkeypatch.setitem(sys.modules, "openvino", None)
    stage("embed", "b0")
    printed = capsys.readouterr().out
    assert "embed.engine is openvino, which cannot be imported" in printed
    assert "b0: 0 of 72 views" in printed and "with tensorflow 2." in printed
    assert (stored() == made).all()


def test_a_grown_catalogue_runs_its_new_photos_alone(
    embedded: Path,
    tmp_path: Path,
    stage: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop = Path(shutil.copytree(embedded, tmp_path / "grown")) / "shop"
    monkeypatch.chdir(shop.parent)
    table = pd.read_csv(shop / "shop.csv", keep_default_na=False)
    new = table.iloc[[4, 9]].assign(uniq_id=["a0", "z0"], image=["a0.png", "z0.png"])
    new = new.assign(product_name=["first", "last"], description=["one", "two"])
    pd.concat([new.iloc[:1], table, new.iloc[1:]]).to_csv(shop / "shop.csv", index=False)
    for number, name in enumerate(new["image"]):
        photo = draw("Rings", generator=np.random.default_rng(100 + number))
        photo.save(shop / "photos" / name)
    for name, *arguments in (("catalogue",), ("extract",), ("resize", "32"), ("embed", "b0")):
        stage(name, *arguments)
    assert "b0: 8 of 80 views" in capsys.readouterr().out
    arrays = [paths.embeddings("b0") / name for name in (paths.EMBEDDINGS, paths.ACTIVATIONS)]
    grown = [path.read_bytes() for path in arrays]
    files.remove(paths.embedded("b0"))
    stage("embed", "b0")
    assert "b0: 80 of 80 views" in capsys.readouterr().out
    assert [path.read_bytes() for path in arrays] == grown


def test_what_other_weights_made_is_not_taken_over(network: Path) -> None:
    card = files.read_json(paths.embedded("b0") / CARD)
    found = reusable("b0", origin=card["origin"])
    assert found is not None and found.views == list(TRANSFORMS)
    arrays = [np.zeros((2, 1, *array.shape[2:])) for array in (found.embeddings, found.activations)]
    photos, views = ["new", found.photos[3]], ["rotate_90"]
    assert found.fill(*arrays, photos=photos, views=views) == [(0, 0)]
    assert (arrays[0][1, 0] == found.embeddings[3, 3]).all() and not arrays[1][0].any()
    assert reusable("b0", origin="other") is None
    assert reusable("b1", origin=card["origin"]) is None


LOGISTIC: dict[str, Any] = {
    "method": "classical",
    "photos": "none",
    "backbone": "b0",
    "features": "embedding",
    "model": "logistic",
    "views": "original",
    "C": [1],
}


@pytest.mark.parametrize(
    ("candidates", "views"),
    [
        ({}, []),
        ({"whole": FULL}, []),
        ({"frozen": LOGISTIC}, ["original"]),
        ({"frozen": LOGISTIC, "whole": FULL}, ["original"]),
        ({"frozen": LOGISTIC, "mean": LOGISTIC | {"views": "mean"}}, list(TRANSFORMS)),
        ({"frozen": LOGISTIC, "tail": NETWORK}, list(TRANSFORMS)),
    ],
)
def test_only_views_that_a_candidate_reads_are_embedded(
    workspace: Path, stage: Callable[..., None], candidates: dict[str, Any], views: list[str]
) -> None:
    write_params(workspace, candidates=CLASSICAL | candidates)
    stage("check")
    assert files.read_json(paths.needs("b0")) == {"views": views}


def test_a_backbone_that_no_candidate_reads_is_not_run(
    workspace: Path, stage: Callable[..., None]
) -> None:
    """There is no photo yet, and the weights are only named in the card: nothing is run."""
    stage("check")
    files.write_text("not weights", paths.weights("b0"))
    stage("embed", "b0")
    assert files.read_json(paths.facts("embed", "b0")) == {}
    assert [path.name for path in paths.embeddings("b0").iterdir()] == [paths.EMBEDDING_CARD]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "embed.layers: expected at least one of block1, block2, "),
        (["top", "block4", "top"], "each once; got top, block4, top."),
        (["block4", "block5"], "expected 'top' among them, which the networks read; got block4, b"),
        (["blok4", "top"], "embed.layers.0 is 'blok4', which is not known. Did you mean 'block4'?"),
        ("top", "embed.layers is 'top'."),
    ],
)
def test_layers_that_cannot_be_kept_are_named(
    workspace: Path, layers: object, message: str
) -> None:
    write_params(workspace, {"embed": {"layers": layers}})
    with pytest.raises(AisleError) as caught:
        check()
    assert message in str(caught.value)


@pytest.mark.parametrize("block", ["block1", "blok6", "block6A", "top"])
def test_a_block_that_no_backbone_has_is_refused(workspace: Path, block: str) -> None:
    write_params(workspace, {"embed": {"trainable_from": block}})
    with pytest.raises(AisleError, match=f"embed.trainable_from: expected block2 .* got '{block}'"):
        check()
