"""Who competes, chosen on val; and what is tested, in which order."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aisle.errors import AisleError
from aisle.settings import params
from aisle.settings.sections import Compare
from aisle.standings.comparison import confirmed, families
from aisle.standings.competitors import Kind
from aisle.standings.finalists import Finalists, Watched, choose, size_of_the_test
from aisle.standings.verdicts import FAMILIES, Family, Pair
from aisle.statistics.paired import Word


def watched(name: str, kind: Kind, right: int, **other: Any) -> Watched:
    """Return a single candidate that gets so many of 100 right on val."""
    found = Watched(
        name=name,
        kind=kind,
        single=True,
        untrained=False,
        origin=name,
        right=right,
        products=100,
        log_loss=1.0,
        size=(10, 10),
    )
    return replace(found, **other)


FIELD = (
    watched("chance", "control", 20),
    watched("colour", "control", 30),
    watched("forest", "classical", 60),
    watched("svc", "classical", 70),
    watched("cnn", "neural", 85),
    watched("b0", "transfer", 80),
    watched("words", "text", 90),
    watched("joined", "both", 88),
    watched("fused", "both", 95, single=False),
    watched("vote", "ensemble", 86, single=False),
)


def chosen(*field: Watched, contest: Any = "validation") -> Finalists:
    return choose(field, contest=contest)


def test_each_side_is_the_best_on_val_and_photos_belong_to_a_single_candidate() -> None:
    found = chosen(*FIELD)
    assert found.contest == ("b0", "svc") and found.chosen_by == "validation"
    assert (found.transfer, found.classical, found.photo) == ("b0", "svc", "cnn")
    assert (found.text, found.both) == ("words", "fused")
    assert found.ranking[:3] == ("fused", "words", "joined") and found.ranking[-1] == "chance"


@pytest.mark.parametrize(
    "better",
    [
        {"right": 71, "log_loss": 9.0, "size": (99, 99)},
        {"log_loss": 0.9, "size": (99, 99)},
        {"size": (9, 99)},
        {"size": (10, 9)},
    ],
)
def test_accuracy_decides_then_log_loss_then_parameters_then_bytes(better: dict[str, Any]) -> None:
    rival = replace(watched("rival", "classical", 70), **better)
    assert chosen(*FIELD, rival).classical == "rival"


def test_folds_are_pooled_as_shares() -> None:
    assert chosen(*FIELD, watched("half", "classical", 40, products=50)).classical == "half"


def test_random_weights_are_transfer_learning_only_if_nothing_else_is() -> None:
    lucky = watched("lucky", "transfer", 99, untrained=True)
    assert chosen(*FIELD, lucky).transfer == "b0"
    assert chosen(lucky, *FIELD[:5]).contest == ("lucky", "svc")


def test_without_a_side_the_two_best_learners_compete() -> None:
    field = [one for one in FIELD if one.kind != "transfer"]
    assert chosen(*field).contest == ("words", "joined"), "no ensemble"
    assert chosen(FIELD[0], FIELD[2]).contest == ("forest", "chance")
    assert chosen(FIELD[2]).contest == ("forest",)
    assert chosen().contest == () and chosen().photo is None


def test_the_settings_can_name_the_two() -> None:
    found = chosen(*FIELD, contest=("forest", "b0"))
    assert found.contest == ("b0", "forest") and found.chosen_by == "params"
    assert found.classical == "svc", "still the best on val"
    with pytest.raises(AisleError, match=r"compare\.contest names 'gone', which was left out"):
        chosen(*FIELD, contest=("forest", "gone"))


def asked(*field: Watched) -> dict[Family, list[tuple[str, str]]]:
    controls = [one.name for one in field if one.kind == "control"]
    return families(chosen(*field), names=[one.name for one in field], controls=controls)


def test_a_pair_is_in_the_first_family_that_asks_for_it_and_among_all() -> None:
    found = asked(*FIELD)
    assert list(found) == list(FAMILIES)
    assert found["contest"] == [("b0", "svc")]
    assert found["inputs"] == [("words", "cnn"), ("fused", "cnn")]
    learners = ("forest", "svc", "cnn", "b0", "words", "joined", "fused", "vote")
    assert found["controls"] == [(name, "colour") for name in learners]
    others = ("chance", "forest", "svc", "b0", "joined", "vote")
    assert found["finalist"] == [("cnn", name) for name in others]
    assert len(found["all"]) == 45


def test_a_family_without_a_pair_is_absent() -> None:
    assert list(asked(*FIELD[2:3])) == []
    assert asked(FIELD[2], FIELD[5]) == {"contest": [("b0", "forest")], "all": [("forest", "b0")]}


def pairs(**words: list[Word]) -> list[Pair]:
    families: Any = words
    return [
        Pair(
            family=family,
            first="a",
            second=f"b{number}",
            word=word,
            difference=0,
            low=0,
            high=0,
            only_first=0,
            only_second=0,
            both_wrong=0,
            p=1,
            p_holm=1,
        )
        for family, each in families.items()
        for number, word in enumerate(each)
    ]


def test_a_family_confirms_only_while_all_before_it_was_decided() -> None:
    found = pairs(
        contest=["better"],
        inputs=["worse", "better"],
        controls=["better", "tie"],
        finalist=["better"],
    )
    facts = confirmed([*found, *pairs(all=["better"])])
    assert [one["name"] for one in facts] == ["contest", "inputs", "controls", "finalist", "all"]
    assert [one["confirmatory"] for one in facts] == [True, True, True, False, False]
    assert [(one["decided"], one["pairs"]) for one in facts] == [
        (1, 1),
        (2, 2),
        (1, 2),
        (1, 1),
        (1, 1),
    ]
    assert [one["confirmatory"] for one in confirmed(pairs(contest=["better"], all=["tie"]))] == [
        *(True, False)
    ]


@pytest.mark.parametrize("folds", [1, 2])
def test_two_that_never_disagree_on_val_say_nothing_of_the_products_needed(folds: int) -> None:
    same = np.arange(8) < 4
    found = size_of_the_test(
        {"b0": same, "svc": same, "forest": ~same},
        contest=["b0", "svc"],
        folds=np.arange(8) % folds,
        groups=np.arange(8),
        products=30,
        settings=params.read("compare", Compare),
    )
    assert (found["discordant"], found["smallest_difference"], found["needed"]) == (0, None, {})
