"""Fitting, predicting and scoring, classical candidates and a real EfficientNetV2-B0 at 32 px."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import FULL, NETWORK, run_stages, write_params, write_shop

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.standings import scores

Stage = Callable[..., None]
Until = Callable[[str], None]
CLASSICAL_NAMES = ("majority", "random_forest", "random_forest_augmented")


def answers_on_train(name: str) -> list[list[float]]:
    found, settings = registry.candidate(name)
    train, _ = rows.fitting_rows(settings=settings, fold=0)
    model: list[list[float]] = found.load(folder=paths.model(name, 0)).probabilities(train).tolist()
    return model


@pytest.fixture
def resized(workspace: Path, until: Until) -> Path:
    until("resize")
    return workspace


def poison(partition: str, side: int) -> None:
    """Overwrite the photos of one partition's products with noise."""
    split = files.read_table(paths.SPLIT)
    order = files.read_table(paths.PRODUCTS)["product_id"]
    chosen = order.isin(split[split["partition"] == partition]["product_id"]).to_numpy()
    array = np.load(paths.resized(side))
    noise = np.random.default_rng(9).integers(0, 256, array[chosen].shape, dtype=np.uint8)
    array[chosen] = noise
    np.save(paths.resized(side), array)


def test_training_cannot_see_test_photos(resized: Path, stage: Stage) -> None:
    stage("train", "random_forest")
    before = answers_on_train("random_forest")
    poison("test", 16)
    stage("train", "random_forest")
    assert answers_on_train("random_forest") == before
    poison("train", 16)
    stage("train", "random_forest")
    assert answers_on_train("random_forest") != before


def test_the_forest_learns_what_the_control_cannot(
    workspace: Path, until: Until, stage: Stage
) -> None:
    write_params(workspace, {"split": {"scheme": "cross_test", "folds": 3}})
    until("resize")
    for name in CLASSICAL_NAMES:
        stage("train", name)
        stage("evaluate", name)
    stage("compare")
    metrics = scores.read()
    assert list(metrics) == list(CLASSICAL_NAMES)
    assert metrics["majority"].accuracy <= 1 / 3
    assert metrics["majority"].log_loss == pytest.approx(np.log(3), abs=0.02)
    assert metrics["random_forest"].accuracy_low > metrics["majority"].accuracy_high
    assert metrics["random_forest"].products == 42
    assert files.read_table(paths.history("random_forest"))["fold"].tolist() == [0, 1, 2]


def test_predictions_are_one_row_per_test_product_with_whole_probabilities(
    resized: Path, stage: Stage
) -> None:
    stage("train", "random_forest")
    stage("evaluate", "random_forest")
    table = files.read_table(paths.predictions("random_forest"))
    split = files.read_table(paths.SPLIT)
    tested = set(split[split["partition"] == "test"]["product_id"])
    assert set(table["product_id"]) == tested and len(table) == len(tested)
    shares = table[["p_Boxes", "p_Rings", "p_Stripes"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    assert (shares.idxmax(axis=1) == "p_" + table["predicted"]).all()


def test_augmented_training_sees_flipped_photos_and_plain_training_does_not(
    resized: Path, stage: Stage
) -> None:
    """A forest fitted on a view knows it by heart; on one it never saw it must guess."""
    sure = {}
    for name in ("random_forest", "random_forest_augmented"):
        stage("train", name)
        found, settings = registry.candidate(name)
        train, _ = rows.fitting_rows(settings=settings, fold=0)
        flipped = train.take(np.flatnonzero(train.views == "vertical_flip"))
        answers = found.load(folder=paths.model(name, 0)).probabilities(flipped)
        sure[name] = answers[np.arange(len(flipped)), flipped.labels].mean()
    assert sure["random_forest_augmented"] > sure["random_forest"]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    resized: Path, stage: Stage
) -> None:
    def answers() -> bytes:
        stage("train", "random_forest")
        stage("evaluate", "random_forest")
        return paths.predictions("random_forest").read_bytes()

    first = answers()
    assert answers() == first
    write_params(resized, {"seed": 7})
    assert answers() != first


def test_candidates_scored_on_other_products_are_refused(resized: Path, stage: Stage) -> None:
    for name in CLASSICAL_NAMES:
        stage("train", name)
        stage("evaluate", name)
    path = paths.predictions("random_forest")
    table = files.read_table(path)
    files.write_table(table.iloc[1:], path)
    with pytest.raises(AisleError, match="'majority' was scored on 6 products and 'random_for"):
        stage("compare")
    files.write_table(table.iloc[::-1], path)
    with pytest.raises(AisleError, match="the products are in another order"):
        stage("compare")
    assert not paths.METRICS.exists()


def test_an_unknown_candidate_is_named(resized: Path, stage: Stage) -> None:
    with pytest.raises(AisleError, match="Did you mean 'random_forest'"):
        stage("train", "random_forst")


WHOLE = FULL | {"views": "original"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a network trained, once: tracing its graphs takes half a minute."""
    folder = tmp_path_factory.mktemp("embedded")
    write_shop(folder / "shop")
    write_params(folder, candidates={"b0_staged": NETWORK})
    start = ("catalogue", "extract", "split", "augment", "resize 32", "check")
    embedding = ("weights b0", "embed b0")
    run_stages(folder, *start, *embedding, "train b0_staged", "evaluate b0_staged")
    return folder


@pytest.fixture
def network(embedded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(embedded)
    return embedded


def test_staged_leaves_batch_normalisation_and_the_stem_as_they_were(
    network: Path, stage: Stage
) -> None:
    keras = architecture.start_keras(seed=0)
    trained = keras.models.load_model(paths.model("b0_staged", 0) / "model.keras", compile=False)
    path = paths.weights("b0")
    start = architecture.load("b0", side=32, path=path)
    changed = set()
    for layer in start.layers:
        if not layer.weights:
            continue
        pairs = zip(layer.get_weights(), trained.get_layer(layer.name).get_weights(), strict=True)
        if any((before != after).any() for before, after in pairs):
            changed.add(layer.name)
    normalised = {
        layer.name for layer in start.layers if isinstance(layer, keras.layers.BatchNormalization)
    }
    assert not changed & normalised
    assert all(name.startswith(("block6", "top_conv")) for name in changed)
    phases = files.read_table(paths.history("b0_staged"))["phase"].unique().tolist()
    assert phases == ["head", "tail"]
    (fit,) = files.read_json(paths.facts("train", "b0_staged"))["fits"]
    assert fit["fold"] == 0 and {*fit["val_loss"], *fit["rolled_back"]} == {"head", "tail"}
    assert bool(changed) == ("tail" in fit["val_loss"])


@pytest.mark.slow
def test_full_trains_every_layer_from_pixels(
    embedded: Path, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(embedded, tmp_path / "full"))
    write_params(Path(), candidates={"b0_staged": NETWORK, "b0_full": WHOLE})
    stage("train", "b0_full")
    stage("evaluate", "b0_full")
    stage("compare")
    costs = files.read_json(paths.COST)["candidates"]
    assert costs["b0_staged"]["embed_seconds"] > 0 == costs["b0_full"]["embed_seconds"]
    keras = architecture.start_keras(seed=0)
    trained = keras.models.load_model(paths.model("b0_full", 0) / "model.keras", compile=False)
    assert all(layer.trainable for layer in trained.layers)
    assert files.read_table(paths.history("b0_full"))["phase"].tolist() == ["full"]
    assert (paths.model("b0_full", 0) / "summary.txt").read_text(encoding="utf-8").count("block6")


def test_networks_are_scored_like_any_candidate(network: Path, stage: Stage) -> None:
    stage("compare")
    metrics = scores.read()
    assert metrics["b0_staged"].products == 6
    costs = files.read_json(paths.COST)["candidates"]
    assert costs["b0_staged"]["embed_seconds"] > 0
    assert costs["b0_staged"]["parameters"] == 5_919_312 + 3 * 1281


@pytest.mark.slow
def test_a_network_trained_twice_is_the_same_network(network: Path, stage: Stage) -> None:
    keras = architecture.start_keras(seed=0)
    path = paths.model("b0_staged", 0) / "model.keras"
    history = paths.history("b0_staged").read_bytes()
    first = keras.models.load_model(path, compile=False).get_weights()
    stage("train", "b0_staged")
    second = keras.models.load_model(path, compile=False).get_weights()
    assert all((one == two).all() for one, two in zip(first, second, strict=True))
    assert paths.history("b0_staged").read_bytes() == history


def test_pixels_reach_the_network_from_0_to_255(network: Path) -> None:
    """The rescaling is inside the model: photos scaled twice would all look black to it."""
    keras = architecture.start_keras(seed=0)
    model = architecture.build("b0", side=32)
    after = next(layer for layer in model.layers if layer.name.startswith("normalization")).output
    rescaled = keras.Model(model.input, after)
    white = np.full((1, 32, 32, 3), 255, dtype=np.uint8)
    span = rescaled.predict_on_batch(white).max() - rescaled.predict_on_batch(0 * white).min()
    assert span > 1.9
    settings = registry.candidate("b0_staged")[1]
    train, _ = rows.fitting_rows(settings=settings, fold=0)
    assert train.photos().max() > 200


def test_random_weights_are_recorded_as_such(network: Path) -> None:
    provenance = files.read_json(paths.facts("weights", "b0"))
    assert provenance["source"] == "random"
    assert provenance["seed"] == 42
    assert pd.isna(provenance["sha256"])
