"""Scores and costs of candidates and ensembles, from tables and records as stages write them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.standings import verdicts

Stage = Callable[..., None]

MAJORITY = {"method": "majority", "photos": "none", "backbone": "none"}
NAMES = ("forest", "b0_logistic", "b0_mean", "b1_staged", "words")
ENSEMBLES: dict[str, Any] = {
    "vote": {"method": "soft_vote", "members": ["b0_logistic", "b0_mean", "forest"]},
    "votes": {"method": "hard_vote", "members": ["b0_logistic", "b1_staged"]},
    "silent": {"method": "hard_vote", "members": ["forest", "words"]},
}
EMBED = {
    "b0": {"seconds": 40.0, "predict_milliseconds": 20.0, "parameters": 5000, "bytes": 24000},
    "b1": {"seconds": 60.5, "predict_milliseconds": 30.0, "parameters": 7000, "bytes": 28000},
}
RECORDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "forest": (
        {"fit_seconds": 1.5, "fits": 1, "embedded_by": "none"},
        {"predict_milliseconds": 2.25, "parameters": 900, "bytes": 100, "frozen_passes": 0},
    ),
    "b0_logistic": (
        {"fit_seconds": 0.5, "fits": 1, "embedded_by": "b0"},
        {"predict_milliseconds": 0.125, "parameters": 30, "bytes": 10, "frozen_passes": 1},
    ),
    "b0_mean": (
        {"fit_seconds": 0.25, "fits": 1, "embedded_by": "b0"},
        {"predict_milliseconds": 0.5, "parameters": 40, "bytes": 20, "frozen_passes": 4},
    ),
    "b1_staged": (
        {"fit_seconds": 90.0, "fits": 1, "embedded_by": "b1"},
        {"predict_milliseconds": 33.0, "parameters": 7100, "bytes": 29000, "frozen_passes": 0},
    ),
}
"""Candidate → what `train` and `evaluate` noted. B1 is fine-tuned: its model holds the backbone."""


def answers(*predicted: str) -> pd.DataFrame:
    """Return a table of three answers, each sure to 80 %."""
    table = pd.DataFrame(
        {
            "product_id": ["a", "b", "c"],
            "fold": 0,
            "actual": ["Boxes", "Rings", "Rings"],
            "predicted": predicted,
        }
    )
    for name in ("Boxes", "Rings"):
        table[f"p_{name}"] = [0.8 if name == one else 0.2 for one in predicted]
    return table


@pytest.fixture
def evaluated(workspace: Path) -> Path:
    """Four candidates and two ensembles, evaluated; a candidate and its ensemble left out."""
    write_params(workspace, candidates=dict.fromkeys(NAMES, MAJORITY), ensembles=ENSEMBLES)
    for variant, record in EMBED.items():
        files.write_json(record, paths.record("embed", variant))
    for name, (train, evaluate) in RECORDS.items():
        files.write_json(train, paths.record("train", name))
        files.write_json(evaluate, paths.record("evaluate", name))
        files.write_table(answers("Boxes", "Rings", "Boxes"), paths.predictions(name))
    for name in ("vote", "votes"):
        files.write_json({"disagree": 0.5}, paths.ensemble("records", name))
        files.write_table(answers("Boxes", "Rings", "Rings"), paths.ensemble("predictions", name))
    products = pd.DataFrame({"product_id": ["a", "b", "c"], "category_id": [0, 1, 1]})
    products = products.assign(group=[0, 1, 1], sha256=["1", "2", "2"], phash=["0", "f", "f"])
    products = products.assign(name="", description="", specifications="")
    files.write_table(products, paths.PRODUCTS)
    split = products[["product_id"]].assign(fold=0, partition="test")
    files.write_table(split, paths.SPLIT)
    files.write_json({"train": 6, "products": 12}, paths.LEAK_CHECKS)
    left_out = {"left_out": "it reads texts, and there are none"}
    for path in (paths.record("train", "words"), paths.ensemble("records", "silent")):
        files.write_json(left_out, path)
    for path in (paths.predictions("words"), paths.ensemble("predictions", "silent")):
        files.write_table(answers("Boxes", "Rings", "Rings").iloc[:0], path)
    return workspace


def costs() -> dict[str, Any]:
    found: dict[str, Any] = files.read_json(paths.COST)["candidates"]
    return found


def test_candidates_come_first_then_ensembles_without_those_left_out(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    metrics = files.read_json(paths.METRICS)
    assert list(metrics) == [*RECORDS, "vote", "votes"]
    assert list(costs()) == list(metrics)
    assert metrics["forest"]["correct"] == 2
    assert metrics["vote"]["correct"] == 3


def test_what_answers_from_embeddings_is_charged_for_its_backbones_passes(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    assert costs()["b0_logistic"] == {
        "fit_seconds": 0.5,
        "embed_seconds": 40.0,
        "predict_milliseconds": 20.125,
        "parameters": 5030,
        "bytes": 24010,
    }
    assert costs()["b0_mean"] == {
        "fit_seconds": 0.25,
        "embed_seconds": 40.0,
        "predict_milliseconds": 80.5,
        "parameters": 5040,
        "bytes": 24020,
    }


def test_what_answers_from_photos_is_charged_for_its_own_model_alone(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    assert costs()["b1_staged"] == {
        "fit_seconds": 90.0,
        "embed_seconds": 60.5,
        "predict_milliseconds": 33.0,
        "parameters": 7100,
        "bytes": 29000,
    }
    assert costs()["forest"]["embed_seconds"] == 0
    assert costs()["forest"]["parameters"] == 900


def test_an_ensemble_costs_what_its_members_cost_and_a_shared_backbone_once(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    assert costs()["vote"] == {
        "fit_seconds": 2.25,
        "embed_seconds": 40.0,
        "predict_milliseconds": 82.875,
        "parameters": 5970,
        "bytes": 24_130,
    }
    assert costs()["votes"]["embed_seconds"] == 100.5
    assert costs()["votes"]["predict_milliseconds"] == 53.125


def test_what_stages_took_stands_in_their_order_and_without_those_of_removed_candidates(
    evaluated: Path, stage: Stage
) -> None:
    spent = {"seconds": 2.5, "peak_megabytes": 120.0}
    for name in ("train@removed", "train@forest", "resize@16", "check"):
        files.write_json(spent, paths.stage_record(name))
    stage("compare")
    stages = files.read_json(paths.COST)["stages"]
    assert list(stages) == ["check", "resize@16", "train@forest", "compare"]
    assert stages["train@forest"] == spent
    assert min(stages["compare"].values()) > 0


def test_an_ensemble_scored_on_other_products_is_refused(evaluated: Path, stage: Stage) -> None:
    path = paths.ensemble("predictions", "vote")
    files.write_table(answers("Boxes", "Rings", "Rings").iloc[1:], path)
    with pytest.raises(AisleError, match="'forest' was scored on 3 products and 'vote' on 2"):
        stage("compare")
    assert not paths.METRICS.exists()


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ((0.9, 0.9), r"'forest': 1 of 3 products have probabilities that do not add up to 1"),
        ((float("nan"), 0.2), r"'forest': 1 of 3 products have a probability that is not a number"),
        ((-0.5, 1.5), r"'forest': 1 of 3 products have a probability below 0"),
    ],
)
def test_answers_that_are_no_probabilities_are_refused_by_name(
    evaluated: Path, stage: Stage, shares: tuple[float, float], message: str
) -> None:
    table = answers("Boxes", "Rings", "Boxes")
    table.loc[1, ["p_Boxes", "p_Rings"]] = shares
    files.write_table(table, paths.predictions("forest"))
    with pytest.raises(AisleError, match=message):
        stage("compare")
    assert not paths.METRICS.exists() and not paths.COMPARISON.exists()


def test_every_pair_has_a_verdict_and_a_test_of_three_products_is_called_small(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    found, names = verdicts.read(), list(files.read_json(paths.METRICS))
    assert len(list(found)) == 15 and len(names) == 6
    assert found.between("vote", "forest").difference == 0.3333
    assert found.between("forest", "vote").difference == -0.3333
    assert {pair.word for pair in found} == {"undecided"}
    comparison = files.read_json(paths.COMPARISON)
    assert comparison["test"]["few"] is True
    assert comparison["winner"]["best"] == "vote"
    assert comparison["audit"]["pairs"] == {"file": 1, "look": 0, "text": 0, "any": 1}
    assert comparison["audit"]["plain"] is None, "one product of a category cannot be divided"


def test_without_any_candidate_left_there_is_nothing_to_compare(
    evaluated: Path, stage: Stage
) -> None:
    write_params(evaluated, candidates={"words": MAJORITY})
    with pytest.raises(AisleError, match="every candidate was left out"):
        stage("compare")
    assert not paths.METRICS.exists()
