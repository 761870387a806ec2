"""Four models on three kinds of features; real handwritten digits stand in for photos."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs.rows import Inputs, Rows
from aisle.inputs.views import ORIGINAL
from aisle.methods import classical
from aisle.methods.common import registry
from aisle.methods.common.fitted import CHOICE, Classical
from aisle.stages.check import check
from aisle.standings import scores

Stage = Callable[..., None]
Until = Callable[[str], None]

OWN: dict[str, dict[str, Any]] = {
    "forest": {"trees": 30},
    "logistic": {"C": [0.01, 0.1]},
    "svc": {"C": [1, 10]},
    "knn": {"neighbours": [1, 3, 5]},
}
"""What each model is given beside its features."""


def settings(model: str, features: str = "pixels", **changes: Any) -> classical.Settings:
    reads = {"photos": 16, "backbone": "none"}
    if features == "embedding":
        reads = {"photos": "none", "backbone": "b0"}
    common = {"method": "classical", "views": "original", "features": features, "model": model}
    return classical.Settings.model_validate(common | reads | OWN[model] | changes)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Photos uint8 [1000, 16, 16, 3], dark on white, and which digit each is."""
    from sklearn.datasets import load_digits

    mixed = np.random.default_rng(0).permutation(1797)[:1000]  # a writer's digits lie together
    grey, labels = (array[mixed] for array in load_digits(return_X_y=True))
    small = (255 - grey * 15).astype(np.uint8).reshape(-1, 8, 8)
    large = small.repeat(2, axis=1).repeat(2, axis=2)
    return np.stack([large] * 3, axis=-1), labels


Parts = dict[str, Rows]


def parts(
    digits: tuple[np.ndarray, np.ndarray],
    chosen: classical.Settings,
    *,
    train: int = 500,
    val: int = 200,
) -> Parts:
    """Return train, val and test: the digits in that order, each once, as it is."""
    photos, labels = digits
    inputs = Inputs(chosen, pd.DataFrame())
    if chosen.features == "embedding":
        flat = photos[:, ::2, ::2, 0].reshape(len(photos), 1, -1).astype(np.float32)
        inputs.__dict__["embeddings"] = flat
        inputs.__dict__["embedding"] = {"views": [ORIGINAL], "layers": {"top": 64}}
    else:
        inputs.__dict__["photos"] = photos
    everything = np.arange(len(labels))
    views = np.full(len(labels), ORIGINAL, dtype=object)
    rows = Rows(everything, views, labels, inputs)
    at = np.split(everything, [train, train + val])
    return {
        name: rows.take(where) for name, where in zip(("train", "val", "test"), at, strict=True)
    }


def fitted(
    chosen: classical.Settings, rows: Parts, folder: Path, *, classes: int = 10, seed: int = 0
) -> Classical:
    folder.mkdir(exist_ok=True)
    epochs = classical.fit(
        settings=chosen,
        train=rows["train"],
        val=rows["val"],
        classes=classes,
        folder=folder,
        seed=seed,
    )
    assert epochs == []
    return classical.load(folder=folder)


def accuracy(probabilities: np.ndarray, rows: Rows) -> float:
    return float((probabilities.argmax(axis=1) == rows.labels).mean())


@pytest.mark.parametrize("model", OWN)
@pytest.mark.parametrize("features", ["pixels", "hog_hsv", "embedding"])
def test_every_model_reads_digits_it_has_not_seen(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, features: str, model: str
) -> None:
    chosen = settings(model, features)
    rows = parts(digits, chosen)
    probabilities = fitted(chosen, rows, tmp_path).probabilities(rows["test"])
    assert probabilities.shape == (300, 10)
    assert probabilities.min() >= 0
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert accuracy(probabilities, rows["test"]) > 0.85


def test_a_forest_on_pixels_is_scikit_learns_own(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    from sklearn.ensemble import RandomForestClassifier

    chosen = settings("forest")
    rows = parts(digits, chosen)
    photos, labels = digits
    own = RandomForestClassifier(n_estimators=30, random_state=0)
    own.fit(photos[:500].reshape(500, -1), labels[:500])
    expected = own.predict_proba(photos[700:].reshape(300, -1))
    found = fitted(chosen, rows, tmp_path).probabilities(rows["test"])
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("forest", [300]),
        ("logistic", [0.001, 0.01, 0.1]),
        ("svc", [1, 10]),
        ("knn", [40, 20, 10, 5, 3]),
    ],
)
def test_a_model_alone_is_a_whole_candidate(model: str, values: list[float]) -> None:
    stated = {"method": "classical", "photos": 16, "backbone": "none", "model": model}
    found = classical.Settings.model_validate(stated)
    assert (found.values, found.features, found.views) == (values, "pixels", "original")
    unused = {"trees", "C", "neighbours", "layers"} - {classical.OWN[found.model]}
    assert {getattr(found, name) for name in unused} == {None}


def noise_for(rows: Rows) -> Rows:
    """Return the same products with photos that are noise; the others keep theirs."""
    inputs = Inputs(rows.inputs.settings, rows.inputs.table)
    photos = rows.inputs.photos.copy()
    photos[rows.products] = np.random.default_rng(3).integers(
        0, 256, photos[rows.products].shape, dtype=np.uint8
    )
    inputs.__dict__["photos"] = photos
    return Rows(rows.products, rows.views, rows.labels, inputs)


@pytest.mark.parametrize("model", ["logistic", "svc", "knn"])
def test_the_scaler_is_fitted_on_train_only(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, model: str
) -> None:
    chosen = settings(model)
    rows = parts(digits, chosen)
    found = fitted(chosen, rows, tmp_path / "clean")
    of_train = rows["train"].photos().reshape(500, -1)
    assert found.model[0].mean_ == pytest.approx(of_train.mean(axis=0), abs=1e-3)
    poisoned = fitted(chosen, rows | {"val": noise_for(rows["val"])}, tmp_path / "poisoned")
    assert (poisoned.model[0].mean_ == found.model[0].mean_).all()
    assert (poisoned.model[0].scale_ == found.model[0].scale_).all()


def test_val_only_chooses_and_is_not_trained_on(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    """With one value there is nothing to choose, and what val shows changes no answer."""
    for model in ("forest", "logistic"):
        own = {"trees": 10} if model == "forest" else {"C": [0.01]}
        chosen = settings(model, **own)
        rows = parts(digits, chosen)
        clean = fitted(chosen, rows, tmp_path / f"{model}-clean")
        other = fitted(chosen, rows | {"val": noise_for(rows["val"])}, tmp_path / f"{model}-noise")
        answers = [one.probabilities(rows["test"]) for one in (clean, other)]
        assert (answers[0] == answers[1]).all()


@pytest.mark.parametrize(
    ("model", "values", "simple"),
    [
        ("logistic", {"C": [1, 1e-7]}, 1e-7),
        ("knn", {"neighbours": [3, 200]}, 200),
    ],
)
def test_the_value_with_the_lowest_loss_on_val_is_kept(
    digits: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    model: str,
    values: dict[str, Any],
    simple: float,
) -> None:
    chosen = settings(model, **values)
    rows = parts(digits, chosen, train=400)
    fitted(chosen, rows, tmp_path)
    key, given = next(iter(values.items()))
    choice = files.read_json(tmp_path / CHOICE)
    assert choice[key] == given[0] != simple
    assert min(choice["val_loss"], key=choice["val_loss"].get) == f"{given[0]:g}"
    val = rows["val"]
    wrong = Rows(val.products, val.views, (val.labels + 1) % 10, val.inputs)
    fitted(chosen, rows | {"val": wrong}, tmp_path)
    assert files.read_json(tmp_path / CHOICE)[key] == simple


@pytest.mark.parametrize("model", ["svc", "knn"])
def test_a_model_without_probabilities_is_as_sure_as_it_is_right(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, model: str
) -> None:
    chosen = settings(model, "embedding")
    rows = parts(digits, chosen, train=200, val=300)
    found = fitted(chosen, rows, tmp_path)
    probabilities = found.probabilities(rows["test"])
    right = accuracy(probabilities, rows["test"])
    assert right < 0.97  # too few digits to read them all, or sureness would be no art
    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.05)


@pytest.mark.parametrize("truth", [0.25, 3.0])
def test_the_temperature_of_scores_with_a_known_one_is_found(truth: float) -> None:
    generator = np.random.default_rng(1)
    margins = generator.normal(size=(4000, 5)) * 4 * truth
    chances = np.exp(margins / truth)
    chances /= chances.sum(axis=1, keepdims=True)
    labels = np.array([generator.choice(5, p=chance) for chance in chances])
    found = classical.temperature(margins, of=np.arange(5), labels=labels)
    assert found == pytest.approx(truth, rel=0.1)
    strangers = np.concatenate([labels, np.full(500, 7)])
    padded = np.concatenate([margins, margins[:500]])
    assert classical.temperature(padded, of=np.arange(5), labels=strangers) == found


@pytest.mark.parametrize("model", OWN)
def test_a_category_unseen_in_train_gets_no_chance(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, model: str
) -> None:
    chosen = settings(model, "embedding")
    rows = parts(digits, chosen, train=300)
    train = rows["train"]
    without = train.take(np.flatnonzero(~np.isin(train.labels, (0, 4))))
    found = fitted(chosen, rows | {"train": without}, tmp_path, classes=11)
    probabilities = found.probabilities(rows["test"])
    assert (probabilities[:, [0, 4, 10]] == 0).all()
    others = rows["test"].take(np.flatnonzero(~np.isin(rows["test"].labels, (0, 4))))
    assert accuracy(found.probabilities(others), others) > 0.8


@pytest.mark.parametrize("model", OWN)
def test_two_categories_are_enough(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, model: str
) -> None:
    chosen = settings(model, "embedding")
    rows = {
        name: part.take(np.flatnonzero(np.isin(part.labels, (3, 8))))
        for name, part in parts(digits, chosen).items()
    }
    found = fitted(chosen, rows, tmp_path)
    assert accuracy(found.probabilities(rows["test"]), rows["test"]) > 0.9


@pytest.mark.parametrize("model", OWN)
def test_the_same_seed_gives_the_same_answers(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, model: str
) -> None:
    chosen = settings(model, "embedding")
    rows = parts(digits, chosen, train=300)
    runs = [
        fitted(chosen, rows, tmp_path / str(run), seed=seed).probabilities(rows["test"])
        for run, seed in enumerate((5, 5, 6))
    ]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] == runs[2]).all() == (model != "forest")


def test_parameters_count_what_was_fitted(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    scaler, width, seen = 2 * 64, 64, 300
    counts = {}
    for model in OWN:
        chosen = settings(model, "embedding")
        rows = parts(digits, chosen, train=seen)
        found = fitted(chosen, rows, tmp_path / model)
        counts[model] = found.parameters
        if model == "svc":
            vectors = len(found.model[-1].support_vectors_)
            assert vectors <= seen
            assert counts[model] == vectors * (width + 9) + 45 + scaler
    assert counts["logistic"] == 10 * (width + 1) + scaler
    assert counts["knn"] == seen * width + scaler
    assert counts["forest"] > OWN["forest"]["trees"] * 10


@pytest.fixture
def two_layers(
    digits: tuple[np.ndarray, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> np.ndarray:
    """Digits' pixels on disk as two layers of two views: their upper and lower halves, noisy."""
    monkeypatch.chdir(tmp_path)
    photos, labels = digits
    flat = photos[:, ::2, ::2, 0].reshape(len(photos), 1, -1).astype(np.float32)
    noise = np.random.default_rng(4).normal(scale=60, size=(len(labels), 2, 64))
    array = (flat + noise).astype(np.float32)
    folder = paths.embeddings("b0")
    folder.mkdir(parents=True)
    np.save(folder / paths.EMBEDDINGS, array)
    card = {"views": [ORIGINAL, "vertical_flip"], "layers": {"block4": 32, "top": 32}}
    files.write_json(card, folder / paths.EMBEDDING_CARD)
    return array


def both_views(labels: np.ndarray, chosen: classical.Settings) -> Parts:
    """Return train, val and test of the digits, each in both of its views."""
    products = np.repeat(np.arange(len(labels)), 2)
    views = np.tile(np.array([ORIGINAL, "vertical_flip"], dtype=object), len(labels))
    rows = Rows(products, views, labels[products], Inputs(chosen, pd.DataFrame()))
    at = np.split(np.arange(len(rows)), [1000, 1400])
    return {
        name: rows.take(where) for name, where in zip(("train", "val", "test"), at, strict=True)
    }


def test_embeddings_are_read_in_the_rows_own_view_and_nothing_else_is_opened(
    digits: tuple[np.ndarray, np.ndarray], two_layers: np.ndarray
) -> None:
    chosen = settings("knn", "embedding", views="all")
    views = np.array(["vertical_flip", ORIGINAL, ORIGINAL], dtype=object)
    inputs = Inputs(chosen, pd.DataFrame())
    rows = Rows(np.array([2, 2, 0]), views, np.array([1, 1, 0]), inputs)
    found = classical.features_of(rows, by="embedding")
    assert (found == two_layers[[2, 2, 0], [1, 0, 0], 32:]).all()
    assert classical.frozen_pass(chosen) == "to_answer"
    assert classical.frozen_pass(settings("knn", "pixels")) == "never"


@pytest.mark.parametrize("model", OWN)
def test_layers_and_mean_are_those_it_was_fitted_on(
    digits: tuple[np.ndarray, np.ndarray], two_layers: np.ndarray, tmp_path: Path, model: str
) -> None:
    layers = ["top", "block4"]
    chosen = settings(model, "embedding", views="mean", layers=layers)
    rows = both_views(digits[1], chosen)
    found = fitted(chosen, rows, tmp_path / "fitted")
    test = rows["test"].only_originals()
    means = two_layers.mean(axis=1)[:, [*range(32, 64), *range(32)]]
    assert found.read(test) == pytest.approx(means[test.products])
    answers = found.probabilities(test)
    assert answers == pytest.approx(found.answers(means[test.products]))
    one_view = settings(model, "embedding", views="original", layers=layers)
    alone = fitted(one_view, both_views(digits[1], one_view), tmp_path / "alone")
    assert accuracy(answers, test) > accuracy(alone.probabilities(test), test)


def test_on_the_mean_a_product_is_one_row(
    digits: tuple[np.ndarray, np.ndarray], two_layers: np.ndarray, tmp_path: Path
) -> None:
    stored = {}
    for views in ("original", "all", "mean"):
        chosen = settings("knn", "embedding", views=views)
        found = fitted(chosen, both_views(digits[1], chosen), tmp_path / views)
        stored[views] = found.model[-1].n_samples_fit_
    assert stored == {"original": 500, "all": 1000, "mean": 500}


EMBEDDED = {"features": "embedding", "photos": "none", "backbone": "b0"}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"features": "embedding"}, "backbone is none, and 'features: embedding' needs it"),
    (
        {"features": "embedding", "backbone": "b0"},
        "photos is 16, and 'features: embedding' does not read it; expected photos: none",
    ),
    ({"photos": "none"}, "photos is none, and 'features: pixels' needs it"),
    ({"backbone": "b0"}, "backbone is b0, and 'features: pixels' does not read it"),
    ({"neighbours": []}, r"neighbours is \[\]. Tuple should have at least 1 item"),
    ({"trees": 5}, "'trees' has no effect with 'model: knn', only with forest; remove it"),
    ({"C": [1]}, "'C' has no effect with 'model: knn', only with logistic or svc; remove it"),
    ({"model": "svc"}, "'neighbours' has no effect with 'model: svc', only with knn"),
    ({"features": "hog"}, "Did you mean 'hog_hsv'"),
    ({"neighbors": [3]}, "Did you mean 'neighbours'"),
    ({"layers": ["top"]}, "'layers' has no effect with 'features: pixels', only with embedding"),
    ({"views": "mean"}, "views is mean, and 'features: pixels' has none; expected original or all"),
    (EMBEDDED | {"layers": ["block4", "tpo"]}, "layers.1 is 'tpo', .* Did you mean 'top'"),
    (EMBEDDED | {"layers": ["top", "top"]}, "each once; got top, top"),
    (EMBEDDED | {"layers": []}, "layers: expected at least one of block1, .*; got none"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_combination_that_cannot_be_is_named(
    workspace: Path, change: dict[str, Any], message: str
) -> None:
    write_params(workspace, candidates={"near": CANDIDATES["knn_pixels"] | change})
    with pytest.raises(AisleError, match=message):
        registry.candidate("near")


def test_a_layer_that_is_not_kept_is_named_before_anything_runs(workspace: Path) -> None:
    candidate = CANDIDATES["knn_pixels"] | EMBEDDED
    write_params(workspace, candidates={"near": candidate})
    check()
    write_params(workspace, candidates={"near": candidate | {"layers": ["top", "block3"]}})
    with pytest.raises(AisleError, match=r"near.layers holds block3, which is not kept. Add"):
        check()


SHOP: list[tuple[str, str, dict[str, Any]]] = [
    ("knn", "pixels", {"neighbours": [1, 3]}),
    ("svc", "hog_hsv", {"C": [1]}),
    ("logistic", "hog_hsv", {"C": [0.001, 0.1]}),
    ("forest", "hog_hsv", {"trees": 50}),
]
CANDIDATES: dict[str, Any] = {
    f"{model}_{features}": {
        "method": "classical",
        "photos": 16 if features == "pixels" else 32,
        "backbone": "none",
        "features": features,
        "model": model,
        "views": "original",
        **own,
    }
    for model, features, own in SHOP
}


@pytest.fixture
def resized(workspace: Path, until: Until) -> Path:
    write_params(workspace, {"split": {"scheme": "cross_test", "folds": 3}}, candidates=CANDIDATES)
    until("resize")
    return workspace


def test_edges_tell_the_shops_categories_apart(resized: Path, stage: Stage) -> None:
    for name in CANDIDATES:
        stage("train", name)
        stage("evaluate", name)
    stage("compare")
    metrics = scores.read()
    assert [metrics[name].products for name in CANDIDATES] == [42] * 4
    for name in ("logistic_hog_hsv", "forest_hog_hsv"):
        assert metrics[name].accuracy_low > 1 / 3
    assert files.read_json(paths.facts("evaluate", "svc_hog_hsv"))["embedded_by"] == "none"


def test_all_views_are_trained_on_only_if_requested(resized: Path, stage: Stage) -> None:
    stored = {}
    for views in ("original", "all"):
        candidate = CANDIDATES["knn_pixels"] | {"views": views}
        write_params(resized, candidates={"near": candidate})
        stage("train", "near")
        stored[views] = classical.load(folder=paths.model("near", 0)).model[-1].n_samples_fit_
    assert stored["all"] == 4 * stored["original"]


def test_more_neighbours_than_train_has_are_refused(resized: Path, stage: Stage) -> None:
    candidate = CANDIDATES["knn_pixels"] | {"neighbours": [3, 500]}
    write_params(resized, candidates={"near": candidate})
    with pytest.raises(
        AisleError, match=r"candidate near: neighbours holds 500, but train has \d+"
    ):
        stage("train", "near")
    assert not paths.model("near", 0).exists()
