"""What the finalists' answers rely on, with models fitted on a tiny catalogue."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSICAL, SILENT, write_params

from aisle import files, paths
from aisle.serving import explaining, occlusion, predict

Stage = Callable[..., None]

CANDIDATES: dict[str, Any] = {
    "majority": CLASSICAL["majority"],
    "forest": CLASSICAL["random_forest"],
    "words": SILENT | {"texts": ["name", "description"]},
}


@pytest.fixture
def scored(workspace: Path, until: Callable[[str], None], stage: Stage) -> Path:
    table = pd.read_csv(workspace / "shop/shop.csv")
    # "rings 3", not "rings3": a word that many products share
    table["product_name"] = table["uniq_id"].str.replace(r"(\d+)", r" \1", regex=True)
    table.to_csv(workspace / "shop/shop.csv", index=False)
    fused = {"fused": {"method": "soft_vote", "members": ["forest", "words"]}}
    write_params(workspace, candidates=CANDIDATES, ensembles=fused)
    until("resize")
    for name in CANDIDATES:
        stage("train", name)
        stage("evaluate", name)
    stage("gather")
    stage("combine", "fused")
    stage("compare")
    return workspace


def facts() -> dict[str, Any]:
    found: dict[str, Any] = files.read_json(paths.EXPLANATIONS)["competitors"]
    return found


def test_the_best_on_photos_on_text_and_on_both_are_asked(scored: Path, stage: Stage) -> None:
    stage("explain")
    found = facts()
    assert set(found) == {"words", "forest", "fused"}
    assert list(found["forest"]["without"]) == ["colour", "layout", "photo"]
    assert list(found["words"]["without"]) == ["name", "description"]
    assert len(found["fused"]["without"]) == 5
    for name, told in found.items():
        assert told["accuracy"] == pytest.approx(
            files.read_json(paths.metrics(name))["accuracy"], abs=5e-5
        )
        assert 0 <= min(told["without"].values()) <= told["accuracy"]
    answers = files.read_table(paths.predictions("forest")).set_index("product_id")
    for one in found["forest"]["products"]:
        assert answers["predicted"][one["product_id"]] == one["predicted"]
        assert answers[f"p_{one['predicted']}"][one["product_id"]] == pytest.approx(
            one["probability"], abs=5e-4
        )
    maps = np.load(paths.EXPLAINED / "forest.maps.npy")
    assert maps.shape == (len(found["forest"]["products"]), 8, 8)
    assert not list(paths.EXPLAINED.glob("words.*.npy")), "it reads no photo"
    assert not list(paths.EXPLAINED.glob("fused.*.npy")), "asked about the photo as a whole"
    assert not any("words" in one for one in found["fused"]["products"])
    assert all(len(one["words"]) <= 5 for one in found["words"]["products"])


def test_names_of_the_products_say_what_they_are(scored: Path, stage: Stage) -> None:
    """Each name of the tiny shop begins with its category: shuffled, few answers are right."""
    stage("explain")
    without = facts()["words"]["without"]
    assert without["name"] < without["description"]


def test_the_same_seed_gives_the_same_bytes(scored: Path, stage: Stage) -> None:
    def written() -> dict[str, bytes]:
        stage("explain")
        return {path.name: path.read_bytes() for path in paths.EXPLAINED.iterdir()}

    assert written() == written()


def test_nobody_is_asked_where_that_is_not_wanted(scored: Path, stage: Stage) -> None:
    write_params(scored, {"explain": {"per_category": 0}}, candidates=CANDIDATES)
    stage("explain")
    assert facts() == {}


def test_right_and_wrong_answers_are_taken_in_turns() -> None:
    actual = np.array([0, 0, 0, 0, 1, 1, 1])

    def sample(predicted: list[int], *, per_category: int) -> list[int]:
        right = np.array(predicted) == actual
        found = explaining.sample(actual=actual, right=right, per_category=per_category)
        return [int(place) for place in found]

    assert sample([0, 0, 0, 1, 1, 1, 1], per_category=2) == [0, 3, 4, 5]
    some = [0, 0, 0, 1, 1, 1, 0]
    assert sample(some, per_category=1) == [0, 6], "one right, one wrong"
    assert sample(some, per_category=3) == [0, 1, 3, 4, 5, 6]


class Reader:
    """Says yes to a product that is called a ring, or whose photo shows red."""

    sides = frozenset({8})
    texts = ("name", "description")

    def probabilities(self, shown: predict.Products) -> np.ndarray:
        texts = shown.facts["name"].astype(str) + " " + shown.facts["description"].astype(str)
        red = shown.squares[8][..., 0].mean(axis=(1, 2)) > shown.squares[8][..., 1].mean(
            axis=(1, 2)
        )
        yes = 0.5 * texts.str.lower().str.contains("ring").to_numpy() + 0.4 * red
        return np.stack([yes, 1 - yes], axis=1)


def shown() -> predict.Products:
    photos = np.zeros((4, 8, 8, 3), dtype=np.uint8)
    photos[:2, ..., 0] = 200
    facts = pd.DataFrame(
        {
            "name": ["Ring", "a box", "RING ring", "c++ (1)"],
            "description": ["ring of gold"] + [""] * 3,
        }
    )
    return predict.Products(facts, {8: photos})


class Words:
    """Counts its calls; reads names only."""

    sides = frozenset[int]()
    texts = ("name",)
    asked = 0

    def probabilities(self, shown: predict.Products) -> np.ndarray:
        self.asked += 1
        return np.asarray(shown.facts["name"].str.len(), dtype=float)[:, np.newaxis]


def test_a_candidate_answers_anew_only_where_what_it_reads_has_changed() -> None:
    given = shown()
    given = replace(given, facts=given.facts.assign(width=8, height=8, bytes=[1, 2, 3, 4]))
    words = Words()
    remembering = explaining.Remembering(words)
    first = remembering.probabilities(given)
    dealt = given.facts.assign(description=given.facts["description"][::-1].to_numpy())
    others = {side: array[::-1] for side, array in given.squares.items()}
    again = remembering.probabilities(replace(given, facts=dealt, squares=others))
    assert (again == first).all() and words.asked == 1
    named = given.facts.assign(name=given.facts["name"][::-1].to_numpy())
    assert (remembering.probabilities(replace(given, facts=named)) == first[::-1]).all()
    remembering.probabilities(replace(given, facts=given.facts.assign(bytes=5)))
    assert words.asked == 3
    photos = explaining.Remembering(Reader())
    assert (
        photos.probabilities(given) != photos.probabilities(replace(given, squares=others))
    ).any()


def test_a_word_is_left_out_wherever_it_stands() -> None:
    found = occlusion.words(Reader(), shown(), at=0, category=0)
    assert found == pytest.approx({"gold": 0, "of": 0, "ring": 0.5})
    assert occlusion.words(Reader(), shown(), at=3, category=0) == pytest.approx({"1": 0, "c": 0})


def test_one_thing_at_a_time_is_taken_from_all_products() -> None:
    given = shown()
    taken = occlusion.changed(Reader(), given, generator=np.random.default_rng(1))
    assert list(taken) == ["colour", "layout", "photo", "name", "description"]
    grey = taken["colour"].squares[8]
    assert (grey[..., 0] == grey[..., 1]).all() and grey[0, 0, 0, 0] == 60
    layout = taken["layout"].squares[8]
    assert (np.sort(layout.reshape(4, -1)) == np.sort(given.squares[8].reshape(4, -1))).all()
    assert sorted(taken["name"].facts["name"]) == sorted(given.facts["name"])
    assert taken["name"].facts["description"].equals(given.facts["description"])
    assert taken["photo"].facts is given.facts
    assert (given.squares[8] == shown().squares[8]).all(), "what was given is as it was"


def test_tiles_keep_their_pixels_and_change_their_places() -> None:
    photo = np.arange(8 * 8, dtype=np.uint8).reshape(1, 8, 8, 1).repeat(3, axis=3)
    given = predict.Products(shown().facts.head(1), {8: photo})
    mixed = occlusion.changed(Reader(), given, generator=np.random.default_rng(0))
    tiles = mixed["layout"].squares[8][0, :2, :2, 0]
    corner = int(tiles[0, 0])
    assert (tiles == np.array([[corner, corner + 1], [corner + 8, corner + 9]])).all()
    assert (mixed["layout"].squares[8] != photo).any()
