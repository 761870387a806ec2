"""Mistakes in ensembles and in the sets of competitors, named before anything runs."""

from pathlib import Path
from typing import Any

import pytest
from conftest import CLASSICAL, write_params

from aisle.stages.check import check, mistakes

FUSED = {"method": "late_fusion", "members": ["majority", "random_forest"]}


@pytest.mark.parametrize(
    ("ensembles", "message"),
    [
        (
            {"fused": FUSED | {"members": ["majority", "random_forst"]}},
            "ensembles.fused.members: no candidate is called 'random_forst'. Did you mean "
            "'random_forest'?",
        ),
        (
            {"fused": FUSED, "again": FUSED | {"members": ["fused", "majority"]}},
            "ensembles.again.members: 'fused' is an ensemble; members are candidates. Name its own "
            "members instead: majority, random_forest.",
        ),
        ({"majority": FUSED}, "ensembles.majority: a candidate is called 'majority' too"),
        ({"my fusion": FUSED}, "ensembles.my fusion: a name holds letters, digits, _ and - only"),
        ({"fused": FUSED | {"method": "late_fushion"}}, "Did you mean 'late_fusion'?"),
        ({"fused": FUSED | {"member": []}}, "'ensembles.fused.member' is not a setting. Did you"),
        (
            {"fused": FUSED | {"members": ["majority", "majority"]}},
            "ensembles.fused.members: expected two candidates or more, each once; got majority, ma",
        ),
    ],
)
def test_a_mistake_in_an_ensemble_is_named(
    workspace: Path, ensembles: dict[str, Any], message: str
) -> None:
    write_params(workspace, ensembles=ensembles)
    assert message in "\n".join(mistakes())


@pytest.mark.parametrize(
    ("refits", "message"),
    [
        (
            {"random_forst": {"seeds": [1], "shares": []}},
            "refits: no candidate is called 'random_forst'. Did you mean 'random_forest'?",
        ),
        ({"majority": {"seeds": [1]}}, "'refits.majority.shares' is missing"),
        ({"majority": {"seeds": [1], "shares": [1.5]}}, "refits.majority.shares.0 is 1.5"),
        ({"majority": {"seeds": [3, 42], "shares": []}}, "expected seeds other than `seed` (42, "),
        ({"majority": {"seeds": [3, 3], "shares": []}}, "each once; got 3, 3."),
        ({"majority": {"seed": [3], "shares": []}}, "is not a setting. Did you mean 'seeds'?"),
    ],
)
def test_a_mistake_in_a_refit_is_named(
    workspace: Path, refits: dict[str, Any], message: str
) -> None:
    write_params(workspace, refits=refits)
    assert message in "\n".join(mistakes())


def test_a_variant_without_weights_from_formulas_is_named(workspace: Path) -> None:
    write_params(workspace, {"variants": {"b0": {"weights": "formula"}}})
    (found,) = mistakes()
    assert found.startswith("params.yaml: variants.b0.weights is formula, but there is no 'data/pr")
    assert "synthetic pretrain b0 --into data/pretrained" in found


def test_an_ensemble_of_candidates_is_sound(workspace: Path) -> None:
    write_params(workspace, ensembles={"fused": FUSED})
    assert check() == list(CLASSICAL)


FOREST = CLASSICAL["random_forest"]
SOUND = {
    "candidates": {"forest": FOREST | {"trees": 30}},
    "ensembles": {"fused": FUSED},
    "refits": {},
}


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([], "sets is []; expected sets of competitors by name"),
        ({"fast": []}, "sets.fast is []; expected keys and values below it"),
        ({"fast": {"candidates": {}}}, "'sets.fast.ensembles' is missing"),
        ({"fast": SOUND | {"candidate": {}}}, "'sets.fast.candidate' is not a setting. Did you"),
        ({"fast": SOUND | {"candidates": {"forest": 3}}}, "sets.fast.candidates.forest is 3"),
        (
            {"fast": SOUND | {"candidates": {"forest": FOREST | {"tress": 3}}}},
            "'sets.fast.candidates.forest.tress' is not a setting. Did you mean 'trees'?",
        ),
        (
            {"fast": SOUND | {"candidates": {"forest": {"photos": 16}}}},
            "'sets.fast.candidates.forest.method' is missing",
        ),
        (
            {"fast": SOUND, "slow": SOUND | {"ensembles": {"fused": FUSED | {"metod": 1}}}},
            "'sets.slow.ensembles.fused.metod' is not a setting. Did you mean 'method'?",
        ),
    ],
)
def test_a_mistake_in_a_set_that_is_not_run_is_named(
    workspace: Path, sets: object, message: str
) -> None:
    write_params(workspace, {"sets": sets})
    assert message in "\n".join(mistakes())


def test_sets_may_name_what_is_not_there_for_the_run(workspace: Path) -> None:
    """Sizes, backbones and members are looked up for what is run; a set is only well-formed."""
    forest = FOREST | {"photos": 64}
    write_params(workspace, {"sets": {"other": SOUND | {"candidates": {"forest": forest}}}})
    assert mistakes() == []


def test_a_mistake_in_the_set_that_is_run_is_told_once(workspace: Path) -> None:
    wrong = {"random_forest": FOREST | {"tress": 3}}
    sets = {"fast": {"candidates": wrong, "ensembles": {}, "refits": {}}}
    write_params(workspace, {"sets": sets | {"complete": sets["fast"]}}, candidates=wrong)
    assert len(mistakes()) == 1


def test_a_mistake_in_the_training_block_is_named(workspace: Path) -> None:
    write_params(workspace, {"training": {"optimiser": "adam"}})
    assert "'training.optimiser' is not a setting. Did you mean 'optimizer'?" in mistakes()[0]
