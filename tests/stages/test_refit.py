"""Candidates fitted again, on a tiny catalogue in two folds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CLASSICAL, SILENT, write_params

from aisle import files, paths
from aisle.answers.table import REFIT
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.standings import scores

Stage = Callable[..., None]
FOLDS = {"split": {"scheme": "cross_test", "folds": 2}}
AGAIN: dict[str, Any] = {"random_forest": {"seeds": [1, 2], "shares": [0.25, 0.5]}}


@pytest.fixture
def refitted(workspace: Path, until: Callable[[str], None], stage: Stage) -> Path:
    write_params(workspace, FOLDS, refits=AGAIN)
    until("resize")
    stage("refit", "random_forest")
    return workspace


def test_every_refit_answers_for_every_test_product_once(refitted: Path) -> None:
    table = files.read_table(paths.refit("random_forest"), text=("product_id",))
    assert list(table.columns) == REFIT
    kinds = table.groupby(["seed", "share"])
    assert sorted(kinds.groups) == [(1, 1.0), (2, 1.0), (42, 0.25), (42, 0.5)]
    for _, answers in kinds:
        assert len(answers) == answers["product_id"].nunique() == 42


def test_a_refit_is_scored_on_the_products_and_in_the_order_of_the_evaluation(
    refitted: Path, stage: Stage
) -> None:
    for name in CLASSICAL:
        stage("train", name)
        stage("evaluate", name)
    stage("compare")
    found = files.read_json(paths.COMPARISON)
    assert list(found["noise"]["random_forest"]["accuracies"]) == ["42", "1", "2"]
    points = found["curves"]["random_forest"]["points"]
    trained = scores.read()["random_forest"]
    assert points[-1]["right"] == trained.correct
    assert [point["trained_on"] for point in points] == sorted(
        point["trained_on"] for point in points
    )


def test_answers_for_other_products_are_refused(refitted: Path, stage: Stage) -> None:
    for name in CLASSICAL:
        stage("train", name)
        stage("evaluate", name)
    table = files.read_table(paths.refit("random_forest"), text=("product_id",))
    files.write_table(table.iloc[1:], paths.refit("random_forest"))
    with pytest.raises(AisleError, match=r"fitted again for 41 test products and evaluated on 42"):
        stage("compare")


def test_the_same_seed_gives_the_same_answers(refitted: Path, stage: Stage) -> None:
    before = paths.refit("random_forest").read_bytes()
    stage("refit", "random_forest")
    assert paths.refit("random_forest").read_bytes() == before


def test_fewer_products_are_a_part_of_more_with_all_their_views_and_every_category(
    refitted: Path,
) -> None:
    _, settings = registry.candidate("random_forest_augmented")
    train, _ = rows.fitting_rows(settings=settings, fold=0)
    few, more = (rows.thinned(train, share=share, seed=3) for share in (0.2, 0.6))
    assert set(few.products) < set(more.products) < set(train.products)
    assert set(few.labels) == set(train.labels)
    assert len(more) == 4 * len(np.unique(more.products))


def test_a_candidate_left_out_is_not_fitted_again(
    workspace: Path, until: Callable[[str], None], stage: Stage
) -> None:
    again = {"words": {"seeds": [], "shares": [0.5]}}
    write_params(workspace, candidates=CLASSICAL | {"words": SILENT}, refits=again)
    until("resize")
    stage("refit", "words")
    assert len(files.read_table(paths.refit("words"))) == 0
    for name in (*CLASSICAL, "words"):
        stage("train", name)
        stage("evaluate", name)
    stage("compare")
    assert files.read_json(paths.COMPARISON)["curves"] == {}
