"""What is left of a candidate: its answers on test and on val, its cost, or why it took no part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SILENT, write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.inputs.views import TRANSFORMS
from aisle.methods.common import registry
from aisle.standings import scores

Stage = Callable[..., None]
Until = Callable[[str], None]

PIXELS: dict[str, Any] = {
    "method": "classical",
    "photos": 16,
    "backbone": "none",
    "features": "pixels",
    "model": "logistic",
    "views": "original",
    "C": [0.001],
}
FROZEN = PIXELS | {"photos": "none", "backbone": "b0", "features": "embedding"}
CANDIDATES: dict[str, Any] = {
    "pixels": PIXELS,
    "frozen": FROZEN,
    "frozen_mean": FROZEN | {"views": "mean", "layers": ["block4", "top"]},
}
FOLDS = {"split": {"scheme": "cross_test", "folds": 3}}


@pytest.fixture
def resized(workspace: Path, until: Until) -> Path:
    """Photos, and two layers of B0 in their place: the pixels of every view."""
    write_params(workspace, FOLDS, candidates=CANDIDATES | {"silent": SILENT})
    until("resize")
    photos = np.load(paths.resized(16)).astype(np.float32)
    views = np.stack([[view(photo) for view in TRANSFORMS.values()] for photo in photos])
    array = views.reshape(len(photos), len(TRANSFORMS), -1)
    folder = paths.embeddings("b0")
    folder.mkdir(parents=True)
    np.save(folder / paths.EMBEDDINGS, array)
    card = {"views": list(TRANSFORMS), "layers": {"block4": 256, "top": 512}}
    files.write_json(card, folder / paths.EMBEDDING_CARD)
    return workspace


def test_the_answers_on_val_are_those_of_each_folds_model_on_the_products_it_watched(
    resized: Path, stage: Stage
) -> None:
    stage("train", "pixels")
    stage("evaluate", "pixels")
    table = files.read_table(paths.validation("pixels"))
    split = files.read_table(paths.SPLIT)
    catalogue = files.read_table(paths.PRODUCTS)
    assert list(table) == list(files.read_table(paths.predictions("pixels")))
    expected = []
    for fold in (0, 1, 2):
        of_fold = split[(split["fold"] == fold) & (split["partition"] == "val")]["product_id"]
        in_order = catalogue[catalogue["product_id"].isin(of_fold)]["product_id"]
        expected += [(fold, product) for product in in_order]
    assert list(zip(table["fold"], table["product_id"], strict=True)) == expected
    categories = catalogue.set_index("product_id")["category"]
    assert table["actual"].tolist() == categories[table["product_id"]].tolist()
    found, settings = registry.candidate("pixels")
    _, val = rows.fitting_rows(settings=settings, fold=1)
    answers = found.load(folder=paths.model("pixels", 1)).probabilities(val.only_originals())
    shares = table[table["fold"] == 1].filter(like="p_").to_numpy()
    assert shares == pytest.approx(answers, abs=1e-6)


@pytest.mark.parametrize(("name", "passes"), [("pixels", 0), ("frozen", 1), ("frozen_mean", 4)])
def test_the_record_counts_the_views_a_backbone_must_see_to_answer(
    resized: Path, stage: Stage, name: str, passes: int
) -> None:
    stage("train", name)
    stage("evaluate", name)
    facts = files.read_json(paths.facts("evaluate", name))
    assert facts["frozen_passes"] == passes
    assert facts["embedded_by"] == ("b0" if passes else "none")
    assert files.read_json(paths.timings(f"evaluate@{name}"))["predict_milliseconds"] > 0


def test_a_candidate_left_out_leaves_its_reason_and_tables_without_rows(
    resized: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pixels", "silent"):
        stage("train", name)
        stage("evaluate", name)
    reason = files.read_json(paths.facts("evaluate", "silent"))["left_out"]
    assert "(specifications) are empty for all" in reason
    assert f"silent was left out: {reason}\n" in capsys.readouterr().out
    model = paths.model("silent", 0).parent
    assert sorted(path.name for path in model.iterdir()) == ["left_out.json", "origin.json"]
    assert files.read_json(model / "left_out.json") == {"left_out": reason}
    assert files.read_json(paths.facts("train", "silent")) == {"fits": []}
    fits = files.read_json(paths.facts("train", "pixels"))["fits"]
    assert [(one["fold"], one["kept"]) for one in fits] == [(0, "fit"), (1, "fit"), (2, "fit")]
    for path in (paths.history, paths.predictions, paths.validation):
        empty, full = files.read_table(path("silent")), files.read_table(path("pixels"))
        assert list(empty) == list(full)
        assert len(empty) == 0 < len(full)


def test_what_was_left_out_is_not_compared_nor_is_an_ensemble_with_it(
    resized: Path, stage: Stage
) -> None:
    kept, silent = {"pixels": PIXELS, "again": PIXELS}, {"silent": SILENT}
    ensembles = {
        name: {"method": "soft_vote", "members": ["pixels", other]}
        for name, other in (("vote", "again"), ("silent_vote", "silent"))
    }
    write_params(resized, FOLDS, candidates=kept | silent, ensembles=ensembles)
    for name in kept | silent:
        stage("train", name)
        stage("evaluate", name)
    stage("gather")
    for name in ensembles:
        stage("combine", name)
    stage("compare")
    assert list(scores.read()) == ["pixels", "again", "vote"]
    costs = files.read_json(paths.COST)["candidates"]
    assert list(costs) == ["pixels", "again", "vote"]
    assert costs["vote"]["parameters"] == 2 * costs["pixels"]["parameters"]


def test_a_candidate_with_texts_again_takes_part_again(resized: Path, stage: Stage) -> None:
    stage("train", "silent")
    write_params(resized, FOLDS, candidates={"silent": SILENT | {"texts": ["name"]}})
    stage("train", "silent")
    stage("evaluate", "silent")
    assert "left_out" not in files.read_json(paths.facts("evaluate", "silent"))
    assert not (paths.model("silent", 0).parent / "left_out.json").exists()
    assert len(files.read_table(paths.predictions("silent"))) == 42


def test_a_mistake_found_while_fitting_names_the_candidate(resized: Path, stage: Stage) -> None:
    stage("train", "silent")
    kept = paths.models("silent") / paths.LEFT_OUT
    before = kept.read_bytes()
    write_params(resized, FOLDS, candidates={"silent": SILENT | {"without_text": "stop"}})
    with pytest.raises(AisleError, match=r"^candidate silent: the texts it reads"):
        stage("train", "silent")
    assert kept.read_bytes() == before
