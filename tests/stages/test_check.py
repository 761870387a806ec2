"""Mistakes in competitors, named before anything runs, and what `check` writes for other stages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import CLASSICAL, write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.stages.check import check

FUSED = {"method": "late_fusion", "members": ["majority", "random_forest"]}


def mistakes() -> str:
    with pytest.raises(AisleError) as caught:
        check()
    return str(caught.value)


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
        ({"actual": FUSED}, "ensembles.actual: 'actual' is, or looks like, another column of"),
        (
            {"transfer_finalist": FUSED},
            "ensembles.transfer_finalist: 'transfer_finalist' names what the stage finalists",
        ),
        ({"fused_p": FUSED}, "ensembles.fused_p: 'fused_p' is, or looks like, another column of"),
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
    assert message in mistakes()


@pytest.mark.parametrize(
    ("refits", "message"),
    [
        (
            {"random_forst": {"seeds": [1], "shares": []}},
            "refits: no candidate is called 'random_forst'. Did you mean 'random_forest'?",
        ),
        (
            {"text_finalist": {"seeds": [1], "shares": []}},
            "Did you mean 'transfer_finalist'? Valid: majority, random_forest, "
            "random_forest_augmented, transfer_finalist, classical_finalist.",
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
    assert message in mistakes()


@pytest.mark.parametrize(
    ("contest", "message"),
    [
        (
            ["majority", "random_forst"],
            "compare.contest: no competitor is called 'random_forst'. Did you mean "
            "'random_forest'? Valid: majority, random_forest, random_forest_augmented.",
        ),
        ("val", "compare.contest: expected validation, or a list of two competitors; got 'val'."),
        (["majority", "majority"], "or a list of two competitors; got ['majority', 'majority']."),
        (["majority"], "or a list of two competitors; got ['majority']."),
    ],
)
def test_a_mistake_in_the_contest_is_named(workspace: Path, contest: object, message: str) -> None:
    write_params(workspace, {"compare": {"contest": contest}})
    assert message in mistakes()


@pytest.mark.parametrize(
    ("ties", "message"),
    [
        (["bites"], "params.yaml: compare.ties.0 is 'bites', which is not known. Did you mean "),
        ([], "compare.ties: expected parameters, bytes or both, each once; got none."),
        (["bytes", "bytes"], "parameters, bytes or both, each once; got bytes, bytes."),
    ],
)
def test_a_mistake_in_the_costs_that_break_ties_is_named_once(
    workspace: Path, ties: list[str], message: str
) -> None:
    write_params(workspace, {"compare": {"ties": ties}})
    found = mistakes()
    assert message in found
    assert "\n" not in found


def test_roles_can_be_refitted_and_two_competitors_named(workspace: Path) -> None:
    again = {"seeds": [1], "shares": []}
    write_params(
        workspace,
        {"compare": {"contest": ["random_forest", "majority"]}},
        refits={"transfer_finalist": again, "classical_finalist": again},
    )
    found = check()
    assert list(found.refits) == ["transfer_finalist", "classical_finalist"]
    assert found.sections["compare"].contest == ("random_forest", "majority")


def test_a_variant_without_weights_from_formulas_is_named(workspace: Path) -> None:
    write_params(workspace, {"weights": {"source": "formula"}})
    found = mistakes()
    assert found.startswith("params.yaml: variants.b0: weights.source is formula, but there is no ")
    assert "synthetic pretrain b0 --into data/pretrained" in found


def test_an_ensemble_of_candidates_is_sound(workspace: Path) -> None:
    write_params(workspace, ensembles={"fused": FUSED})
    assert list(check().ensembles) == ["fused"]


def test_a_mistake_is_named_once(workspace: Path) -> None:
    wrong = CLASSICAL["random_forest"] | {"tress": 3}
    write_params(workspace, candidates={"random_forest": wrong})
    assert len(mistakes().splitlines()) == 1


PROBE = {
    "method": "classical",
    "features": "embedding",
    "model": "logistic",
    "photos": "none",
    "backbone": "b0",
}


@pytest.mark.parametrize(
    ("candidates", "views", "needed"),
    [
        (CLASSICAL, [], [16]),
        ({"probe": PROBE}, ["original"], [32]),
        ({"probe": PROBE | {"views": "all"}} | CLASSICAL, ["original", "rotate_90"], [16, 32]),
        ({"majority": CLASSICAL["majority"]}, [], []),
    ],
)
def test_what_no_competitor_reads_is_not_needed(
    workspace: Path,
    stage: Callable[..., None],
    candidates: dict[str, Any],
    views: list[str],
    needed: list[int],
) -> None:
    write_params(workspace, {"augment": {"transforms": ["rotate_90"]}}, candidates=candidates)
    stage("check")
    assert files.read_json(paths.needs("b0")) == {"views": views}
    for size in (16, 32):
        assert files.read_json(paths.needed_size(size)) == {"needed": size in needed}


def test_the_competitors_are_written_with_all_their_settings(
    workspace: Path, stage: Callable[..., None]
) -> None:
    refits = {"probe": {"seeds": [1], "shares": []}}
    ensembles = {"fused": FUSED | {"members": ["random_forest", "probe"]}}
    write_params(
        workspace, candidates=CLASSICAL | {"probe": PROBE}, ensembles=ensembles, refits=refits
    )
    stage("check")
    written = files.read_json(paths.COMPETITORS)
    probe = written["candidates"]["probe"]
    assert (probe["method"], probe["kind"], probe["reads"]) == ("classical", "transfer", "photo")
    assert probe["settings"]["layers"] == ["top"] and probe["settings"]["views"] == "original"
    assert written["candidates"]["majority"]["kind"] == "control"
    assert written["ensembles"]["fused"] == {
        "method": "late_fusion",
        "kind": "ensemble",
        "reads": "photo",
        "members": ["random_forest", "probe"],
    }
    assert written["refits"] == refits
    assert written["variants"] == {"b0": {"size": 32}}


def test_the_placeholders_are_written_and_stay_the_same(
    workspace: Path, stage: Callable[..., None]
) -> None:
    names = ["none", "embeddings/none", "resized/none.npy", "weights/none.weights.h5"]
    stage("check")
    before = [(workspace / "data" / name).read_bytes() for name in names]
    write_params(workspace, {"seed": 7})
    stage("check")
    assert [(workspace / "data" / name).read_bytes() for name in names] == before
