"""Ensembles of real tables of answers, written as `evaluate` writes them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import CATEGORIES, CLASSICAL, write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.standings import records

Combine = Callable[[str], None]
FOLDS = (0, 1)
ENSEMBLES: dict[str, Any] = {
    "fused": {"method": "late_fusion", "members": ["random_forest", "majority"]},
    "voted": {
        "method": "hard_vote",
        "members": ["random_forest", "majority", "random_forest_augmented"],
    },
    "averaged": {"method": "soft_vote", "members": ["random_forest", "majority"]},
}


def answers(member: str, *, rows: Iterable[tuple[str, int]], skill: float) -> pd.DataFrame:
    """Return a table of answers, the truth ahead of chance by `skill`; rows are (product, fold)."""
    generator = np.random.default_rng([*member.encode()])
    columns = [f"p_{category}" for category in CATEGORIES]
    lines = []
    for number, (product, fold) in enumerate(rows):
        probabilities = generator.dirichlet(np.ones(3)) * (1 - skill)
        probabilities[number % 3] += skill
        lines.append([product, fold, CATEGORIES[number % 3], "", *probabilities.round(6)])
    table = pd.DataFrame(lines, columns=["product_id", "fold", "actual", "predicted", *columns])
    table["predicted"] = table[columns].idxmax(axis=1).str.removeprefix("p_")
    return table


def write_answers(member: str, *, skill: float) -> None:
    test = [(f"00{fold}{number}", fold) for fold in FOLDS for number in range(12)]
    val = [(f"00{1 - fold}{number}", fold) for fold in FOLDS for number in range(9)]
    files.write_table(answers(member, rows=test, skill=skill), paths.predictions(member))
    files.write_table(answers(member, rows=val, skill=skill), paths.validation(member))
    files.write_json({"parameters": 1}, paths.facts("evaluate", member))


def edit(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    files.write_table(change(read(path)), path)


def read(path: Path) -> pd.DataFrame:
    return files.read_table(path, text=("product_id", "actual", "predicted"))


@pytest.fixture
def evaluated(workspace: Path) -> Path:
    """A workspace in which three candidates were evaluated on two folds."""
    write_params(workspace, ensembles=ENSEMBLES)
    for member, skill in zip(CLASSICAL, (0.0, 0.5, 0.3), strict=True):
        write_answers(member, skill=skill)
    return workspace


@pytest.fixture
def combine(stage: Callable[..., None]) -> Combine:
    """Gather the members' answers and combine those of one ensemble."""

    def call(name: str) -> None:
        stage("gather")
        stage("combine", name)

    return call


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensembles_answers_look_like_a_candidates(
    evaluated: Path, combine: Combine, name: str
) -> None:
    combine(name)
    for of_ensemble, of_candidate in (
        (paths.ensemble_predictions, paths.predictions),
        (paths.ensemble_validation, paths.validation),
    ):
        table, member = read(of_ensemble(name)), read(of_candidate("majority"))
        assert list(table.columns) == list(member.columns)
        keys = ["product_id", "fold", "actual"]
        assert table[keys].equals(member[keys])
        shares = table[[f"p_{category}" for category in CATEGORIES]]
        assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=2e-6)
        assert (shares.idxmax(axis=1) == "p_" + table["predicted"]).all()


def test_a_val_of_one_product_is_answered_with_equal_weights(
    evaluated: Path, combine: Combine
) -> None:
    for member in ENSEMBLES["fused"]["members"]:
        edit(paths.validation(member), lambda table: table.groupby("fold").head(1))
    combine("fused")
    found = read(paths.ensemble_validation("fused"))
    shares = [f"p_{category}" for category in CATEGORIES]
    first, second = (read(paths.validation(one))[shares] for one in ENSEMBLES["fused"]["members"])
    mean = np.sqrt(first.clip(lower=1e-6) * second.clip(lower=1e-6)).to_numpy()
    expected = mean / mean.sum(axis=1, keepdims=True)
    assert found[shares].to_numpy() == pytest.approx(expected, abs=2e-6)


def test_a_fusion_says_what_it_fitted_in_each_fold(evaluated: Path, combine: Combine) -> None:
    combine("fused")
    record = files.read_json(paths.facts("combine", "fused"))
    assert list(record) == ["weights", "temperature", "disagree"]
    assert len(record["weights"]) == len(record["temperature"]) == len(FOLDS)
    for weights in record["weights"]:
        assert sum(weights) == pytest.approx(1, abs=1e-5)
        assert weights[0] > weights[1]
    assert record["weights"][0] != record["weights"][1]
    forest, majority = (read(paths.predictions(name)) for name in ENSEMBLES["fused"]["members"])
    assert record["disagree"] == pytest.approx(
        (forest["predicted"] != majority["predicted"]).mean(), abs=1e-6
    )
    assert records.left_out("fused", ensemble=True) is None


@pytest.mark.parametrize("name", ["voted", "averaged"])
def test_a_vote_fits_nothing(evaluated: Path, combine: Combine, name: str) -> None:
    combine(name)
    assert list(files.read_json(paths.facts("combine", name))) == ["disagree"]


def test_a_hard_vote_follows_what_members_answered(evaluated: Path, combine: Combine) -> None:
    combine("voted")
    given = pd.concat([read(paths.predictions(name))["predicted"] for name in CLASSICAL], axis=1)
    chosen = read(paths.ensemble_predictions("voted"))["predicted"]
    votes = pd.DataFrame({one: (given == one).sum(axis=1) for one in CATEGORIES})
    won = [votes.loc[row, category] for row, category in chosen.items()]
    assert won == votes.max(axis=1).tolist()


def test_what_is_fitted_depends_on_val_alone_and_fold_by_fold(
    evaluated: Path, combine: Combine
) -> None:
    combine("fused")
    before = files.read_json(paths.facts("combine", "fused"))

    def turned(table: pd.DataFrame) -> pd.DataFrame:
        here = table["fold"] == 1
        columns = [f"p_{category}" for category in CATEGORIES]
        table.loc[here, columns] = table.loc[here, columns[1:] + columns[:1]].to_numpy()
        return table

    edit(paths.predictions("random_forest"), turned)
    combine("fused")
    after = files.read_json(paths.facts("combine", "fused"))
    assert after["weights"] == before["weights"]
    assert after["temperature"] == before["temperature"]
    edit(paths.validation("random_forest"), turned)
    combine("fused")
    after = files.read_json(paths.facts("combine", "fused"))
    assert after["weights"][0] == before["weights"][0]
    assert after["weights"][1] != before["weights"][1]


def test_the_same_answers_give_the_same_bytes(evaluated: Path, combine: Combine) -> None:
    def result() -> list[bytes]:
        combine("fused")
        made = (paths.ensemble_predictions("fused"), paths.facts("combine", "fused"))
        return [path.read_bytes() for path in made]

    assert result() == result()


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda table: table.iloc[1:], "1 are not in both"),
        (lambda table: table.iloc[::-1], "the products are in another order"),
        (lambda table: table.assign(fold=1 - table["fold"]), "the folds differ"),
        (lambda table: table.assign(actual="Boxes"), "the actual categories differ"),
        (lambda table: table.drop(columns="p_Rings"), "the categories differ"),
    ],
)
def test_members_scored_on_something_else_are_refused(
    evaluated: Path,
    combine: Combine,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    difference: str,
) -> None:
    edit(paths.predictions("majority"), change)
    expected = rf"'fused' on test: 'random_forest' was scored on 24 products .*{difference}"
    with pytest.raises(AisleError, match=expected) as caught:
        combine("fused")
    assert "dvc repro" in str(caught.value) and "\n" not in str(caught.value)
    assert not paths.ENSEMBLES.exists()


def test_members_with_another_val_are_refused(evaluated: Path, combine: Combine) -> None:
    edit(paths.validation("majority"), lambda table: table.iloc[:-1])
    with pytest.raises(
        AisleError, match=r"'fused' on val: 'random_forest' was scored on 18 .* on 17"
    ):
        combine("fused")
    edit(paths.validation("random_forest"), lambda table: table[table["fold"] == 0])
    edit(paths.validation("majority"), lambda table: table[table["fold"] == 0])
    with pytest.raises(AisleError, match="no answers on val in fold 1"):
        combine("fused")


@pytest.mark.parametrize("absent", ["random_forest", "majority"])
def test_without_a_member_the_ensemble_is_left_out_too(
    evaluated: Path, combine: Combine, absent: str
) -> None:
    columns = read(paths.predictions("majority")).columns.tolist()
    files.write_json({"left_out": "no texts"}, paths.facts("evaluate", absent))
    for path in (paths.predictions(absent), paths.validation(absent)):
        edit(path, lambda table: table.iloc[:0])
    combine("fused")
    reason = records.left_out("fused", ensemble=True)
    assert reason == f"its member '{absent}' was left out: no texts"
    table = read(paths.ensemble_predictions("fused"))
    assert table.empty and table.columns.tolist() == columns


def test_an_ensembles_folder_changes_only_with_its_members(
    evaluated: Path, stage: Callable[..., None]
) -> None:
    def content(name: str) -> dict[str, bytes]:
        found = sorted(paths.members(name).rglob("*.csv"))
        return {str(path): path.read_bytes() for path in found}

    stage("gather")
    fused, voted = content("fused"), content("voted")
    edit(paths.predictions("random_forest_augmented"), lambda table: table.iloc[::-1])
    stage("gather")
    assert content("fused") == fused and content("voted") != voted


def test_without_ensembles_the_folder_of_members_is_not_empty(
    evaluated: Path, stage: Callable[..., None]
) -> None:
    write_params(evaluated)
    stage("gather")
    assert [path.name for path in paths.MEMBERS.iterdir()] == ["ensembles.json"]


def test_an_unknown_ensemble_or_member_is_named(evaluated: Path, combine: Combine) -> None:
    with pytest.raises(AisleError, match="Did you mean 'fused'"):
        combine("fusd")
    members = {"fused": {"method": "soft_vote", "members": ["majority", "random_forst"]}}
    write_params(evaluated, ensembles=members)
    with pytest.raises(AisleError, match="Did you mean 'random_forest'"):
        combine("fused")
