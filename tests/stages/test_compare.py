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
from aisle.settings.refits import ROLES
from aisle.standings import scores, verdicts
from aisle.standings.verdicts import FAMILIES

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
        files.write_json({"origin": f"fit of {name}"}, paths.origin(name))
    for name in ("vote", "votes"):
        files.write_json({"disagree": 0.5}, paths.facts("combine", name))
        files.write_table(answers("Boxes", "Rings", "Rings"), paths.ensemble_predictions(name))
        files.write_table(answers("Boxes", "Rings", "Boxes"), paths.ensemble_validation(name))
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
    assert not {"accuracy", "macro_f1"} & details.keys()
    exact = -np.log([0.8, 0.8, 0.2]).mean()
    assert scores.read()["forest"].log_loss == pytest.approx(exact, rel=1e-8), "decides ties"


def test_the_committed_answers_give_the_same_log_loss(evaluated: Path, stage: Stage) -> None:
    stage("compare")
    found = table.read_all(paths.ANSWERS)
    assert list(found) == [*EVALUATED, "vote", "votes"]
    assert found["forest"]["predicted"].tolist() == ["Boxes", "Rings", "Boxes"]
    assert found["forest"]["p"].tolist() == [0.8, 0.8, 0.2]
    loss = -np.log(found["forest"]["p"]).mean()
    assert loss == pytest.approx(files.read_json(paths.metrics("forest"))["log_loss"], abs=5e-5)


def finalist(role: str) -> dict[str, Any]:
    return files.read_json(paths.finalist(role))


def competing(folder: Path, *, contest: str | list[str] = "validation", **methods: Any) -> None:
    """Write settings with these methods of candidates; the others stay controls."""
    candidates = dict.fromkeys(NAMES, MAJORITY) | methods
    changes = VARIANTS | {"compare": {"contest": contest}}
    refits: dict[str, Any] = {role: {"seeds": [1], "shares": []} for role in ROLES}
    write_params(folder, changes, candidates=candidates, ensembles=ENSEMBLES, refits=refits)


FOREST = CLASSICAL["random_forest"]
ON_B0 = {
    "method": "classical",
    "features": "embedding",
    "model": "knn",
    "photos": "none",
    "backbone": "b0",
}
KINDS = {"forest": FOREST, "b0_logistic": ON_B0, "b0_mean": ON_B0}


@pytest.fixture
def both_sides(evaluated: Path, stage: Stage) -> Path:
    """A classical candidate and two with transfer learning; `b0_mean` is the best on val."""
    competing(evaluated, **KINDS)
    files.write_json({"source": "formula"}, paths.facts("weights", "b0"))
    files.write_table(answers("Boxes", "Rings", "Rings"), paths.validation("b0_mean"))
    for role in ROLES:
        files.write_table(pd.DataFrame(columns=table.REFIT), paths.refit(role))
    stage("check")
    return evaluated


def test_the_contest_is_between_the_best_on_val_whatever_test_says(
    both_sides: Path, stage: Stage
) -> None:
    files.write_table(answers("Boxes", "Rings", "Rings"), paths.predictions("b0_logistic"))
    files.write_table(answers("Rings", "Boxes", "Boxes"), paths.predictions("b0_mean"))
    stage("finalists")
    assert finalist("contest") == {
        "first": "b0_mean",
        "second": "forest",
        "chosen_by": "validation",
    }
    found = finalist("transfer")
    assert (found["name"], found["kind"], found["origin"]) == (
        "b0_mean",
        "transfer",
        "fit of b0_mean",
    )
    assert found["validation"]["right"] == found["validation"]["products"] == 3
    assert finalist("photo")["name"] == "b0_mean"
    assert finalist("text") == {"name": None, "kind": None, "origin": None, "validation": None}


def test_one_competitor_has_no_contest(
    workspace: Path, stage: Stage, until: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write_params(workspace, candidates={"majority": CLASSICAL["majority"]})
    until("resize")
    for name in ("train", "evaluate"):
        stage(name, "majority")
    stage("finalists")
    assert "no contest: majority is the only competitor" in capsys.readouterr().out
    assert finalist("contest") == {"first": "majority", "second": None, "chosen_by": "validation"}


def test_two_named_competitors_are_the_contest_transfer_learning_first(
    both_sides: Path, stage: Stage
) -> None:
    competing(both_sides, contest=["forest", "b0_logistic"], **KINDS)
    stage("finalists")
    assert list(finalist("contest").values()) == ["b0_logistic", "forest", "params"]
    assert finalist("transfer")["name"] == "b0_mean", "still the best on val"
    competing(both_sides, contest=["forest", "words"], **KINDS)
    with pytest.raises(AisleError, match=r"compare\.contest names 'words', which was left out"):
        stage("finalists")


def test_random_weights_are_no_transfer_finalist_while_others_are(
    both_sides: Path, stage: Stage
) -> None:
    competing(both_sides, **KINDS | {"b1_staged": {**ON_B0, "backbone": "b1"}})
    stage("check")
    for variant, source in (("b0", "random"), ("b1", "formula")):
        files.write_json({"source": source}, paths.facts("weights", variant))
    stage("finalists")
    assert finalist("transfer")["name"] == "b1_staged"
    assert "b0_mean" not in finalist("explained")
    files.write_json({"source": "random"}, paths.facts("weights", "b1"))
    stage("finalists")
    assert finalist("transfer")["name"] == "b0_mean"


def test_a_roles_file_changes_with_its_candidates_fit_alone(both_sides: Path, stage: Stage) -> None:
    stage("finalists")
    role = paths.refitted("transfer_finalist")
    assert files.read_json(role) == {"name": "b0_mean", "origin": "fit of b0_mean"}
    before = role.read_bytes(), paths.finalist("explained").read_bytes()
    files.write_json({"origin": "another"}, paths.origin("b0_logistic"))
    files.write_table(answers("Rings", "Rings", "Rings"), paths.predictions("b0_mean"))
    stage("finalists")
    assert (role.read_bytes(), paths.finalist("explained").read_bytes()) == before
    files.write_json({"origin": "another"}, paths.origin("b0_mean"))
    stage("finalists")
    assert role.read_bytes() != before[0]
    assert paths.finalist("explained").read_bytes() != before[1]


def test_refits_of_a_role_are_those_of_its_candidate(both_sides: Path, stage: Stage) -> None:
    stage("finalists")
    again = answers("Boxes", "Rings", "Rings").assign(seed=1, share=1.0, trained_on=6)
    files.write_table(again[table.REFIT], paths.refit("transfer_finalist"))
    stage("compare")
    noise = files.read_json(paths.COMPARISON)["noise"]
    assert list(noise) == ["b0_mean"]
    assert noise["b0_mean"]["accuracies"] == {"42": 0.6667, "1": 1.0}


def test_what_is_tested_has_its_families_in_the_order_of_the_tests(
    both_sides: Path, stage: Stage
) -> None:
    write_params(
        both_sides,
        VARIANTS,
        candidates=dict.fromkeys(NAMES, MAJORITY) | KINDS,
        ensembles={"vote": ENSEMBLES["vote"]},
    )
    stage("compare")
    found = verdicts.read()
    tested = {family: [(p.first, p.second) for p in found.of(family)] for family in FAMILIES}
    learners = ("forest", "b0_logistic", "b0_mean", "vote")
    assert tested["contest"] == [("b0_mean", "forest")]
    assert tested["inputs"] == []
    assert tested["controls"] == [(name, "b1_staged") for name in learners]
    assert tested["finalist"] == [("b0_mean", "b0_logistic"), ("b0_mean", "vote")]
    assert len(tested["all"]) == 10
    assert files.read_json(paths.COMPARISON)["families"] == [
        {"name": "contest", "confirmatory": True, "pairs": 1, "decided": 0},
        {"name": "controls", "confirmatory": False, "pairs": 4, "decided": 0},
        {"name": "finalist", "confirmatory": False, "pairs": 2, "decided": 0},
        {"name": "all", "confirmatory": False, "pairs": 10, "decided": 0},
    ]


def test_the_winner_is_the_best_on_val_not_on_test(both_sides: Path, stage: Stage) -> None:
    stage("compare")
    won = files.read_json(paths.COMPARISON)["winner"]
    assert scores.read()["vote"].correct > scores.read()["b0_mean"].correct
    assert (won["winner"], won["best"]) == ("b0_mean", "b0_mean")
    assert "vote" in won["undecided"] and "b1_staged" not in won["undecided"], "it is a control"


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
    assert list(stages) == [
        "check",
        "resize@16",
        "embed@b0",
        "embed@b1",
        "reach",
        *each,
        "finalists",
        "compare",
    ]
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
    assert len(found.of("all")) == 15 and len(names) == 6
    assert found.between("vote", "forest").difference == 0.3333
    assert found.between("forest", "vote").difference == -0.3333
    assert {pair.word for pair in found} == {"undecided"}
    comparison = files.read_json(paths.COMPARISON)
    assert comparison["test"]["few"] is True
    assert comparison["audit"]["pairs"] == {"file": 1, "look": 0, "text": 0, "any": 1}
    assert comparison["audit"]["plain"] is None, "one product of a category cannot be divided"


def test_without_any_candidate_left_there_is_nothing_to_compare(
    evaluated: Path, stage: Stage
) -> None:
    write_params(evaluated, candidates={"words": MAJORITY})
    with pytest.raises(AisleError, match="every candidate was left out"):
        stage("compare")
    assert not paths.METRICS.exists()


def test_a_share_that_is_all_products_makes_no_learning_curve(
    both_sides: Path, stage: Stage
) -> None:
    stage("finalists")
    trained = files.read_json(paths.LEAK_CHECKS)["train"]
    again = answers("Boxes", "Rings", "Rings").assign(seed=42, share=0.5, trained_on=trained)
    files.write_table(again[table.REFIT], paths.refit("transfer_finalist"))
    stage("compare")
    assert files.read_json(paths.COMPARISON)["curves"] == {}
    again = again.assign(trained_on=trained - 1)
    files.write_table(again[table.REFIT], paths.refit("transfer_finalist"))
    stage("compare")
    assert list(files.read_json(paths.COMPARISON)["curves"]) == ["b0_mean"]
