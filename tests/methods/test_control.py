"""Controls see what their name says and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CLASSICAL, write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs.rows import fitting_rows
from aisle.methods.common import registry

Stage = Callable[..., None]
Until = Callable[[str], None]

CONTROLS: dict[str, dict[str, Any]] = {
    sees: {"method": "control", "photos": photos, "backbone": "none", "sees": sees, "trees": 20}
    for sees, photos in (("shuffled_labels", 16), ("mean_colour", 16), ("file_facts", "none"))
}


@pytest.fixture
def shop(workspace: Path, until: Until) -> Path:
    write_params(workspace, candidates=CONTROLS | CLASSICAL)
    until("resize")
    return workspace


def answers_on_train(name: str) -> np.ndarray:
    method, settings = registry.candidate(name)
    train, _ = fitting_rows(settings=settings, fold=0)
    predictor = method.load(folder=paths.model(name, 0))
    return predictor.probabilities(train.only_originals())


def right_on_train(name: str) -> float:
    train, _ = fitting_rows(settings=registry.candidate(name)[1], fold=0)
    return float((answers_on_train(name).argmax(axis=1) == train.only_originals().labels).mean())


def right_on_test(name: str, stage: Stage) -> int:
    stage("train", name)
    stage("evaluate", name)
    table = files.read_table(paths.predictions(name))
    assert len(table) == 6
    return int((table["predicted"] == table["actual"]).sum())


def test_mean_colour_knows_a_category_by_its_colour(shop: Path, stage: Stage) -> None:
    categories = files.read_table(paths.PRODUCTS)["category_id"].to_numpy()
    photos = np.load(paths.resized(16))
    colours = np.array([[250, 10, 10], [10, 250, 10], [10, 10, 250]], dtype=np.uint8)
    photos[:] = colours[categories][:, None, None]
    np.save(paths.resized(16), photos)
    assert right_on_test("mean_colour", stage) == 6


def test_mean_colour_is_blind_to_where_the_pixels_are(shop: Path, stage: Stage) -> None:
    stage("train", "mean_colour")
    stage("train", "random_forest")
    before = {name: answers_on_train(name) for name in ("mean_colour", "random_forest")}
    photos = np.load(paths.resized(16))
    pixels = photos.reshape(len(photos), -1, 3)
    mixed = np.random.default_rng(1).permutation(pixels, axis=1)
    np.save(paths.resized(16), mixed.reshape(photos.shape))
    assert (answers_on_train("mean_colour") == before["mean_colour"]).all()
    assert (answers_on_train("random_forest") != before["random_forest"]).any()


@pytest.mark.parametrize("fact", ["width", "height", "bytes"])
def test_file_facts_know_a_category_by_its_files_and_open_no_photo(
    shop: Path, stage: Stage, fact: str
) -> None:
    paths.resized(16).unlink()
    table = files.read_table(paths.PRODUCTS, text=("name", "description", "specifications"))
    facts = {"width": 64, "height": 64, "bytes": 900, fact: 1000 * table["category_id"]}
    files.write_table(table.assign(**facts), paths.PRODUCTS)
    assert right_on_test("file_facts", stage) == 6


def test_shuffled_labels_learn_by_heart_what_is_wrong(shop: Path, stage: Stage) -> None:
    stage("train", "shuffled_labels")
    stage("train", "random_forest")
    assert right_on_train("random_forest") > 0.9
    assert right_on_train("shuffled_labels") < 0.7
    assert answers_on_train("shuffled_labels").max(axis=1).mean() > 0.6


def test_the_seed_decides_the_shuffled_labels(shop: Path, stage: Stage) -> None:
    stage("train", "shuffled_labels")
    first = answers_on_train("shuffled_labels")
    stage("train", "shuffled_labels")
    assert (answers_on_train("shuffled_labels") == first).all()
    write_params(shop, {"seed": 7}, candidates=CONTROLS)
    stage("train", "shuffled_labels")
    assert (answers_on_train("shuffled_labels").argmax(axis=1) != first.argmax(axis=1)).sum() > 5


@pytest.mark.parametrize("sees", CONTROLS)
def test_a_control_has_a_row_like_any_candidate(shop: Path, stage: Stage, sees: str) -> None:
    right_on_test(sees, stage)
    shares = files.read_table(paths.predictions(sees))[["p_Boxes", "p_Rings", "p_Stripes"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("sees", "change", "message"),
    [
        ("file_facts", {"photos": 16}, "photos is 16, and 'sees: file_facts' opens none"),
        ("mean_colour", {"photos": "none"}, "photos is none, and 'sees: mean_colour' needs them"),
        ("shuffled_labels", {"photos": "none"}, "expected a size of resize.sizes"),
        ("mean_colour", {"sees": "mean_color"}, "Did you mean 'mean_colour'?"),
        ("mean_colour", {"backbone": "b0"}, "backbone is 'b0', which is not known. Valid: none"),
        ("file_facts", {"trees": 0}, "trees is 0"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    workspace: Path, sees: str, change: dict[str, Any], message: str
) -> None:
    write_params(workspace, candidates={"control": CONTROLS[sees] | change})
    with pytest.raises(AisleError) as caught:
        registry.candidate("control")
    assert "candidates.control" in str(caught.value)
    assert message in str(caught.value)
