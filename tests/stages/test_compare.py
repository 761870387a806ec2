"""Scores and costs of candidates and ensembles, from tables and records as stages write them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSICAL, write_params

from aisle import files, paths
from aisle.answers import table
from aisle.errors import AisleError
from aisle.standings import scores, verdicts

Stage = Callable[..., None]

MAJORITY = {"method": "majority", "photos": "none", "backbone": "none"}
NAMES = ("forest", "b0_logistic", "b0_mean", "b1_staged", "words")
ENSEMBLES: dict[str, Any] = {
    "vote": {"method": "soft_vote", "members": ["b0_logistic", "b0_mean", "forest"]},
    "votes": {"method": "hard_vote", "members": ["b0_logistic", "b1_staged"]},
    "silent": {"method": "hard_vote", "members": ["forest", "words"]},
}
EMBED = {
    "b0": (
        {"parameters": 5000, "bytes": 24000},
        {"embed_seconds": 40.0, "predict_milliseconds": 20.0},
    ),
    "b1": (
        {"parameters": 7000, "bytes": 28000},
        {"embed_seconds": 60.5, "predict_milliseconds": 30.0},
    ),
}
"""Variant → facts and timings of `embed`."""

EVALUATED: dict[str, tuple[float, float, dict[str, Any]]] = {
    "forest": (
        *(1.5, 2.25),
        {"parameters": 900, "bytes": 100, "embedded_by": "none", "frozen_passes": 0},
    ),
    "b0_logistic": (
        *(0.5, 0.125),
        {"parameters": 30, "bytes": 10, "embedded_by": "b0", "frozen_passes": 1},
    ),
    "b0_mean": (
        *(0.25, 0.5),
        {"parameters": 40, "bytes": 20, "embedded_by": "b0", "frozen_passes": 4},
    ),
    "b1_staged": (
        *(90.0, 33.0),
        {"parameters": 7100, "bytes": 29000, "embedded_by": "b1", "frozen_passes": 0},
    ),
}
"""Candidate → seconds of a fit, milliseconds of a prediction, facts. B1 is fine-tuned: its model
holds the backbone."""


VARIANTS = {"variants": {"b1": {"size": 32, "file": "data/none"}}}
USED = {"seconds": 2.5, "peak_megabytes": 120.0}
HISTORY = pd.DataFrame({"fold": [0, 0], "val_loss": [0.5, 0.25], "val_accuracy": [0.5, 0.75]})


def answers(*predicted: str) -> pd.DataFrame:
    """Return a table of three answers, each sure to 80 %."""
    made = pd.DataFrame(
        {
            "product_id": ["a", "b", "c"],
            "fold": 0,
            "actual": ["Boxes", "Rings", "Rings"],
            "predicted": predicted,
        }
    )
    for name in ("Boxes", "Rings"):
        made[f"p_{name}"] = [0.8 if name == one else 0.2 for one in predicted]
    return made


@pytest.fixture
def evaluated(workspace: Path) -> Path:
    """Four candidates and two ensembles, evaluated; a candidate and its ensemble left out."""
    write_params(
        workspace, VARIANTS, candidates=dict.fromkeys(NAMES, MAJORITY), ensembles=ENSEMBLES
    )
    for variant, (facts, timings) in EMBED.items():
        files.write_json(facts, paths.facts("embed", variant))
        files.write_json(USED | timings, paths.timings(f"embed@{variant}"))
    for name, (fit, predict, facts) in EVALUATED.items():
        files.write_json(USED | {"fit_seconds": fit}, paths.timings(f"train@{name}"))
        timings = USED | {"predict_milliseconds": predict}
        files.write_json(timings, paths.timings(f"evaluate@{name}"))
        files.write_json(facts, paths.facts("evaluate", name))
        files.write_table(answers("Boxes", "Rings", "Boxes"), paths.predictions(name))
        files.write_table(answers("Boxes", "Rings", "Boxes"), paths.validation(name))
        files.write_table(HISTORY, paths.history(name))
    for name in ("vote", "votes"):
        files.write_json({"disagree": 0.5}, paths.facts("combine", name))
        files.write_table(answers("Boxes", "Rings", "Rings"), paths.ensemble_predictions(name))
    products = pd.DataFrame({"product_id": ["a", "b", "c"], "category_id": [0, 1, 1]})
    products = products.assign(group=[0, 1, 1], sha256=["1", "2", "2"], phash=["0", "f", "f"])
    products = products.assign(name="", description="", specifications="")
    files.write_table(products, paths.PRODUCTS)
    split = products[["product_id", "group"]].assign(fold=0, partition="test")
    files.write_table(split, paths.SPLIT)
    near = pd.DataFrame({"product_id": ["a", "b", "c"], "fold": 0, "nearest": "d"})
    files.write_table(near.assign(similarity=[0.5, 0.7, 0.9], backbone="b0"), paths.REACH)
    files.write_json({"train": 6, "products": 12}, paths.LEAK_CHECKS)
    left_out = {"left_out": "it reads texts, and there are none"}
    for path in (paths.facts("evaluate", "words"), paths.facts("combine", "silent")):
        files.write_json(left_out, path)
    for path in (paths.predictions("words"), paths.ensemble_predictions("silent")):
        files.write_table(answers("Boxes", "Rings", "Rings").iloc[:0], path)
    return workspace


def costs() -> dict[str, Any]:
    found: dict[str, Any] = files.read_json(paths.COST)["candidates"]
    return found


def test_candidates_come_first_then_ensembles_without_those_left_out(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    found = scores.read()
    assert list(found) == [*EVALUATED, "vote", "votes"]
    assert list(costs()) == list(found)
    assert found["forest"].correct == 2
    assert found["vote"].correct == 3


def test_a_competitors_metrics_are_three_and_those_of_a_removed_one_go(
    evaluated: Path, stage: Stage
) -> None:
    files.write_json({"accuracy": 1.0}, paths.metrics("removed"))
    stage("compare")
    assert {path.stem for path in paths.METRICS.iterdir()} == {*EVALUATED, "vote", "votes"}
    assert files.read_json(paths.metrics("forest")) == {
        "accuracy": 0.6667,
        "macro_f1": 0.6667,
        "log_loss": 0.6852,
    }
    details = files.read_json(paths.COMPARISON)["scores"]["forest"]
    assert {"accuracy_low", "log_loss_high", "calibration_error", "products"} <= details.keys()
    assert not {"accuracy", "macro_f1", "log_loss"} & details.keys()


def test_the_committed_answers_give_the_same_log_loss(evaluated: Path, stage: Stage) -> None:
    stage("compare")
    found = table.read_all(paths.ANSWERS)
    assert list(found) == [*EVALUATED, "vote", "votes"]
    assert found["forest"]["predicted"].tolist() == ["Boxes", "Rings", "Boxes"]
    assert found["forest"]["p"].tolist() == [0.8, 0.8, 0.2]
    loss = -np.log(found["forest"]["p"]).mean()
    assert loss == pytest.approx(files.read_json(paths.metrics("forest"))["log_loss"], abs=5e-5)


def test_the_finalists_change_only_with_their_answers(evaluated: Path, stage: Stage) -> None:
    candidates = dict.fromkeys(NAMES, MAJORITY) | dict.fromkeys(
        ("forest", "b0_logistic"), CLASSICAL["random_forest"]
    )
    write_params(evaluated, VARIANTS, candidates=candidates, ensembles=ENSEMBLES)
    stage("compare")
    before = paths.FINALISTS.read_bytes()
    assert list(files.read_json(paths.FINALISTS)) == ["forest", "b0_logistic"]
    slower = USED | {"fit_seconds": 100.0}
    files.write_json(slower, paths.timings("train@forest"))
    files.write_table(answers("Rings", "Rings", "Rings"), paths.predictions("b0_mean"))
    stage("compare")
    assert paths.FINALISTS.read_bytes() == before
    files.write_table(answers("Rings", "Rings", "Boxes"), paths.predictions("forest"))
    stage("compare")
    assert paths.FINALISTS.read_bytes() != before


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
    for name in ("train@removed", "resize@16"):
        files.write_json(USED, paths.timings(name))
    stage("compare")
    stages = files.read_json(paths.COST)["stages"]
    each = [f"{stage}@{name}" for stage in ("train", "evaluate") for name in EVALUATED]
    assert list(stages) == ["check", "resize@16", "embed@b0", "embed@b1", *each, "compare"]
    assert stages["train@forest"] == USED
    assert min(stages["compare"].values()) > 0


def test_an_ensemble_scored_on_other_products_is_refused(evaluated: Path, stage: Stage) -> None:
    path = paths.ensemble_predictions("vote")
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
    made = answers("Boxes", "Rings", "Boxes")
    made.loc[1, ["p_Boxes", "p_Rings"]] = shares
    files.write_table(made, paths.predictions("forest"))
    with pytest.raises(AisleError, match=message):
        stage("compare")
    assert not paths.METRICS.exists() and not paths.COMPARISON.exists()


def test_every_pair_has_a_verdict_and_a_test_of_three_products_is_called_small(
    evaluated: Path, stage: Stage
) -> None:
    stage("compare")
    found, names = verdicts.read(), list(scores.read())
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
