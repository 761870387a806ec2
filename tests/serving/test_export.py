"""`aisle export`: what other programs read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CLASSICAL, TRAINING, write_params
from PIL import Image

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.serving import export

LINEAR: dict[str, Any] = {
    "method": "network",
    "architecture": "linear",
    "photos": 32,
    "backbone": "none",
    "views": "original",
    "training": TRAINING | {"epochs": 3},
}


@pytest.fixture
def resized(workspace: Path, until: Callable[[str], None]) -> Path:
    write_params(workspace, candidates={"majority": CLASSICAL["majority"], "linear": LINEAR})
    until("resize")
    return workspace


@pytest.mark.parametrize("partition", ["train", "test"])
def test_keras_reads_the_photos_of_a_partition_as_they_were_trained_on(
    resized: Path, partition: str
) -> None:
    keras = architecture.start_keras(seed=0)
    split = files.read_table(paths.SPLIT)
    wanted = set(split[split["partition"] == partition]["product_id"])
    number = export.photo_tree(resized / "tree", partition=partition, side=32, fold=0)
    assert number == len(wanted)
    read = keras.utils.image_dataset_from_directory(
        resized / "tree", image_size=(32, 32), shuffle=False, batch_size=None, verbose=False
    )
    assert read.class_names == rows.categories()
    products = files.read_table(paths.PRODUCTS)
    order = [int(Path(path).name[:6]) for path in read.file_paths]
    assert set(products["product_id"][order]) == wanted
    stored = np.load(paths.resized(32))
    for at, (photo, label) in zip(order, read, strict=True):
        assert (np.asarray(photo) == stored[at]).all()
        assert int(label) == products["category_id"][at]


def test_any_size_can_be_had(resized: Path) -> None:
    export.photo_tree(resized / "tree", partition="val", side=24, fold=0)
    with Image.open(next((resized / "tree").rglob("*.png"))) as photo:
        assert photo.size == (24, 24)


def test_names_that_no_directory_can_have_are_made_ones_that_it_can(resized: Path) -> None:
    products = files.read_table(paths.PRODUCTS)
    products["category"] = products["category"].replace({"Boxes": "Boxes / Crates: all?"})
    products["product_id"] = ["../" + name for name in products["product_id"]]
    files.write_table(products, paths.PRODUCTS)
    split = files.read_table(paths.SPLIT)
    split["product_id"] = ["../" + name for name in split["product_id"]]
    files.write_table(split, paths.SPLIT)
    export.photo_tree(resized / "tree", partition="test", side=16, fold=0)
    assert sorted(path.name for path in (resized / "tree").iterdir()) == [
        *("Boxes _ Crates_ all_", "Rings", "Stripes")
    ]
    products["category"] = products["category"].replace({"Rings": "Boxes | Crates: all?"})
    files.write_table(products, paths.PRODUCTS)
    with pytest.raises(AisleError, match="two categories would share a directory"):
        export.photo_tree(resized / "other", partition="test", side=16, fold=0)
    assert not (resized / "other").exists()


def test_what_a_folder_holds_is_not_overwritten(resized: Path) -> None:
    mine = resized / "tree" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious", encoding="utf-8")
    with pytest.raises(AisleError, match="exists and is not empty"):
        export.photo_tree(resized / "tree", partition="test", side=16, fold=0)
    assert mine.read_text(encoding="utf-8") == "precious"


def test_there_is_no_other_fold(resized: Path) -> None:
    with pytest.raises(AisleError, match="no fold 3"):
        export.photo_tree(resized / "tree", partition="test", side=16, fold=3)


def test_a_network_and_its_card_are_enough_to_answer(
    resized: Path, stage: Callable[..., None]
) -> None:
    for name in ("majority", "linear"):
        stage("train", name)
        stage("evaluate", name)
    stage("compare")
    card = export.model(resized / "linear", name="linear", fold=0)
    assert files.read_json(resized / "linear" / export.CARD) == card
    assert "padded with white to 32 x 32 pixels" in card["input"]["photo"]
    fit = files.read_json(paths.facts("train", "linear"))["fits"][0]
    assert {"fold": 0, **card["kept"]} == fit
    history = files.read_table(paths.history("linear"))
    kept = history[history["kept"]]
    assert kept["phase"].tolist() == ([] if fit["kept"] is None else [fit["kept"]])
    keras = architecture.start_keras(seed=0)
    assert card["made_with"]["keras"] == keras.__version__
    network = keras.models.load_model(resized / "linear" / "model.keras", compile=False)
    answers = files.read_table(paths.predictions("linear"))
    products = files.read_table(paths.PRODUCTS)
    at = products.index[products["product_id"] == answers["product_id"][0]][0]
    probabilities = network.predict(np.load(paths.resized(32))[[at]], verbose=0)[0]
    assert card["labels"][probabilities.argmax()] == answers["predicted"][0]
    named = [answers[f"p_{label}"][0] for label in card["labels"]]
    assert probabilities == pytest.approx(np.array(named), abs=1e-5)
    assert card["accuracy"]["accuracy"] == files.read_json(paths.metrics("linear"))["accuracy"]


def test_an_ensemble_is_exported_member_by_member(
    resized: Path, stage: Callable[..., None]
) -> None:
    members = {name: CLASSICAL[name] for name in ("majority", "random_forest")}
    both = {"both": {"method": "late_fusion", "members": list(members)}}
    write_params(resized, candidates=members, ensembles=both)
    stage("check")
    stage("resize", "16")
    for name in members:
        stage("train", name)
        stage("evaluate", name)
    stage("gather")
    stage("combine", "both")
    stage("compare")
    card = export.competitor(resized / "both", name="both", fold=0)
    assert files.read_json(resized / "both" / export.CARD) == card
    assert card["members"] == list(members) and len(card["weights"]) == 2
    assert "temperature" in card["combined"] and card["temperature"] > 0
    for name in members:
        inner = files.read_json(resized / "both" / name / export.CARD)
        assert inner["candidate"] == name and inner["labels"] == card["labels"]


def test_what_was_not_fitted_is_not_exported(resized: Path) -> None:
    with pytest.raises(AisleError, match="holds no fitted 'linear'"):
        export.model(resized / "linear", name="linear", fold=0)
    assert not (resized / "linear").exists()
