"""The effect of leaks, measured where it is known: on photos unrelated to their category.

A candidate can only recognise products it was trained on. On an honest split it guesses; with a
leak it is right. Every photo looks the same in each of its views.
"""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSICAL, write_params
from PIL import Image
from ruamel.yaml import YAML

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs.views import TRANSFORMS
from aisle.studies import leaks as study
from aisle.studies.leaks import CUT, DUPLICATES, HONEST, TOGETHER, VIEWS, leaks, mean
from aisle.studies.publish import LEAKS

CATEGORIES = ("Boxes", "Rings", "Stripes")
PRODUCTS, REPETITIONS, FOLDS, SEED = 60, 3, 3, 42
FILES, LOOKS, TEXTS = [(0, 3), (1, 4), (2, 5), (6, 9), (7, 10), (8, 11)], [(12, 15)], [(13, 16)]
"""Planted duplicates, each pair in one category: the same file, the file saved again, one text."""

FOREST: dict[str, Any] = CLASSICAL["random_forest_augmented"] | {"trees": 30}
PROBE: dict[str, Any] = {
    "method": "classical",
    "photos": "none",
    "backbone": "b0",
    "features": "embedding",
    "model": "logistic",
    "views": "original",
    "C": [1],
}


def photo(generator: np.random.Generator) -> Image.Image:
    """Return 32 by 32 noise that is nearly symmetric under flips and turns by 90 degrees.

    A little asymmetry prevents different photos from sharing a perceptual hash.
    """
    quarter = generator.integers(0, 256, size=(4, 4, 3)).repeat(4, axis=0).repeat(4, axis=1)
    quarter = (quarter + quarter.swapaxes(0, 1)) // 2
    half = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    little = generator.integers(-8, 9, size=(8, 8, 3)).repeat(4, axis=0).repeat(4, axis=1)
    whole = np.concatenate([half, half[::-1]]) + little
    return Image.fromarray(whole.clip(0, 255).astype(np.uint8))


def write_shop(folder: Path) -> None:
    generator = np.random.default_rng(0)
    (folder / "photos").mkdir(parents=True)
    description = [f"A thing, number {number}, to look at" for number in range(PRODUCTS)]
    drawn = [photo(generator) for _ in range(PRODUCTS)]
    levels = [6] * PRODUCTS
    for first, twin in (*FILES, *LOOKS):
        drawn[twin] = drawn[first]
    levels[LOOKS[0][1]] = 0  # other bytes, the same pixels
    for first, twin in TEXTS:
        description[twin] = description[first].upper() + "!"
    rows = []
    for number in range(PRODUCTS):
        image = f"{number}.png"
        drawn[number].save(folder / "photos" / image, compress_level=levels[number])
        rows.append(
            {
                "uniq_id": f"id{number}",
                "product_category_tree": f'["{CATEGORIES[number % 3]} >> Kind"]',
                "image": image,
                "product_name": f"thing {number}",
                "description": description[number],
                "product_specifications": "",
            }
        )
    pd.DataFrame(rows).to_csv(folder / "shop.csv", index=False)


def write_embeddings(views: list[str]) -> None:
    """Write embeddings of the photos: noise that all views of a product share."""
    names = files.read_table(paths.PRODUCTS)["sha256"].tolist()
    of_photo = {name: np.random.default_rng(int(name[:8], 16)).normal(size=64) for name in names}
    stored = np.stack([of_photo[name] for name in names]).astype(np.float32)
    with files.replacing(paths.embeddings("b0")) as folder:
        folder.mkdir()
        np.save(folder / paths.EMBEDDINGS, stored[:, np.newaxis].repeat(len(views), axis=1))
        card = {"views": views, "layers": {"top": 64}, "trainable_from": "block6"}
        files.write_json(card, folder / paths.EMBEDDING_CARD)
    source = {"variant": "b0", "source": "file", "file": "own_b0.h5"}
    unsaid = dict.fromkeys(("sha256", "seed", "probe"))
    files.write_json(source | unsaid, paths.facts("weights", "b0"))


def write_settings(
    folder: Path, changes: dict[str, Any] | None = None, *, candidates: dict[str, Any]
) -> None:
    split = {"split": {"scheme": "cross_test", "folds": FOLDS}}
    write_params(folder, split | (changes or {}))
    path = folder / "params.yaml"
    content = YAML().load(path.read_text(encoding="utf-8"))
    content["leaks"] = {"repetitions": REPETITIONS, "pictured": 8, "candidates": candidates}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)


STAGES = [("catalogue",), ("extract",), ("split",), ("augment",), ("resize", "16")]


def state(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace after `aisle leaks`, once."""
    folder = tmp_path_factory.mktemp("leaks")
    write_shop(folder / "shop")
    both = PROBE | {"views": "all"}
    write_settings(folder, candidates={"forest": FOREST, "probe": PROBE, "probe_all": both})
    (folder / "data").mkdir()
    (folder / "data" / "none").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, *arguments in STAGES:
            patch.setattr(sys, "argv", [name, *arguments])
            importlib.import_module(f"aisle.stages.{name}").main()
        write_embeddings(list(TRANSFORMS))
        before = state(Path("data"))
        leaks()
        assert state(Path("data")) == before  # it is all in memory
    yield folder


@pytest.fixture
def facts(priced: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(priced)
    return files.read_json(paths.LEAK_PRICE)


def row(facts: dict[str, Any], candidate: str, set_up: str) -> dict[str, Any]:
    (found,) = (
        one
        for one in facts["accuracies"]
        if (one["candidate"], one["set_up"]) == (candidate, set_up)
    )
    return dict(found)


def test_the_audit_finds_the_pairs_a_plain_split_separates_and_none_in_the_honest_one(
    facts: dict[str, Any],
) -> None:
    planted = {"file": len(FILES), "look": len(LOOKS), "text": len(TEXTS)}
    assert facts["pairs"] == planted | {"any": sum(planted.values())}
    assert set(facts["audit"]["as_it_is"].values()) == {0, PRODUCTS}
    assert facts["cut_as_it_is"] == []
    plain = facts["audit"]["plain"]
    assert plain["any"] >= 4 and plain["test_with_twin"] >= 4
    assert plain["test"] == facts["audit"]["as_it_is"]["test"] == PRODUCTS


def test_views_split_at_random_make_guessing_look_accurate(facts: dict[str, Any]) -> None:
    for candidate in ("forest", "probe_all"):
        honest, leaking = row(facts, candidate, HONEST), row(facts, candidate, VIEWS)
        assert honest["accuracy"] < 0.5 and honest["seen"] == 0
        assert leaking["accuracy"] > 0.85
        assert leaking["seen"] > 0.9 * leaking["products"]
        assert leaking["products"] == honest["products"] == REPETITIONS * PRODUCTS
        assert leaking["train"] == pytest.approx(honest["train"], rel=0.05)
        (price,) = (
            one
            for one in facts["differences"]
            if (one["candidate"], one["leak"]) == (candidate, VIEWS)
        )
        assert price["difference"] > 0.4 and price["low"] > 0.2


def test_a_separated_duplicate_is_recognised_by_its_twin(facts: dict[str, Any]) -> None:
    for candidate in ("forest", "probe", "probe_all"):
        honest, leaking = row(facts, candidate, HONEST), row(facts, candidate, DUPLICATES)
        twins = 2 * (len(FILES) + len(LOOKS) + len(TEXTS))
        assert honest["twins"] == leaking["twins"] == REPETITIONS * twins
        assert leaking["twins_correct"] > 1.4 * honest["twins_correct"]
        assert 0.3 < leaking["seen"] / leaking["twins"] <= 1


def test_a_candidate_that_reads_originals_has_no_leak_of_views(facts: dict[str, Any]) -> None:
    of_probe = [one["set_up"] for one in facts["accuracies"] if one["candidate"] == "probe"]
    assert of_probe == [HONEST, DUPLICATES]
    assert row(facts, "probe", HONEST)["train"] < row(facts, "probe_all", HONEST)["train"] / 2
    table = paths.LEAK_PRICE.with_suffix(".md").read_text(encoding="utf-8")
    assert "`probe` does not learn from views" in table
    assert "`probe_all` does not learn from views" not in table


def test_the_first_honest_split_is_the_pipelines(
    facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is its fit: the same candidate of the pipeline is right as often."""
    content = {"candidates": {"again": dict(FOREST)}, "ensembles": {}, "refits": {}}
    files.write_json(content, paths.COMPETITORS_FILE)
    for stage in ("train", "evaluate"):
        monkeypatch.setattr(sys, "argv", [stage, "again"])
        importlib.import_module(f"aisle.stages.{stage}").main()
    answers = files.read_table(paths.predictions("again"))
    first = facts["by_seed"][0]
    assert (first["candidate"], first["set_up"], first["seed"]) == ("forest", HONEST, SEED)
    assert first["correct"] == (answers["actual"] == answers["predicted"]).sum()


def test_page_and_file_agree(facts: dict[str, Any]) -> None:
    page = paths.LEAK_PRICE.with_suffix(".md").read_text(encoding="utf-8")
    for one in facts["accuracies"]:
        line = rf"\| `{one['candidate']}` \| {one['set_up']} \| {one['accuracy']:.3f} \|"
        assert re.search(line, page)
        assert f"| {one['correct']}/{one['products']} |" in page
        by_seed = [
            seed["correct"]
            for seed in facts["by_seed"]
            if (seed["candidate"], seed["set_up"]) == (one["candidate"], one["set_up"])
        ]
        assert sum(by_seed) == one["correct"] and len(by_seed) == REPETITIONS
        assert one["accuracy"] == pytest.approx(one["correct"] / one["products"], abs=1e-4)
        assert one["accuracy_low"] < one["accuracy"] < one["accuracy_high"]
    for one in facts["differences"]:
        signed = f"{one['difference']:+.3f}".replace("-", "−").replace("+0.000", "0.000")
        assert f"| {one['leak']} | `{one['candidate']}` | {signed} |" in page
    kinds = (facts["audit"]["plain"][kind] for kind in ("file", "look", "text", "any"))
    assert f"| cut by a plain stratified split | {' | '.join(map(str, kinds))} |" in page
    assert "The split cuts no pair of duplicates." in page
    assert "Weights of b0 (file own\\_b0.h5) were given as files; they are not known" in page
    assert "{" not in page and "\n\n\n" not in page


def test_what_is_published_is_what_is_written(facts: dict[str, Any]) -> None:
    written = {path.name for path in paths.LEAK_PRICE.parent.glob("leaks*")}
    assert written == set(LEAKS) - {study.LOOKS.name}  # where a backbone says what looks alike


def test_the_same_seed_gives_the_same_bytes(facts: dict[str, Any]) -> None:
    write_settings(Path(), candidates={"probe": PROBE})
    leaks()
    first = state(paths.LEAK_PRICE.parent)
    leaks()
    assert state(paths.LEAK_PRICE.parent) == first


def test_a_leaking_split_is_reported_with_the_pair(facts: dict[str, Any]) -> None:
    split = files.read_table(paths.SPLIT, text=("product_id",))
    fold = split["fold"] == 0
    for name, partition in (("id0", "train"), ("id3", "test")):
        split.loc[fold & (split["product_id"] == name), "partition"] = partition
    clean = paths.SPLIT.read_bytes()
    files.write_table(split, paths.SPLIT)
    write_settings(Path(), candidates={"probe": PROBE})
    try:
        found = leaks()
    finally:
        paths.SPLIT.write_bytes(clean)
    assert found["cut_as_it_is"] == [["id0", "id3", "same file"]]
    assert found["audit"]["as_it_is"]["test_with_twin"] == 1
    page = paths.LEAK_PRICE.with_suffix(".md").read_text(encoding="utf-8")
    assert "**The split cuts 1 pair of duplicates.**" in page
    assert "- id0 and id3: same file" in page


def test_without_a_pair_to_show_there_is_no_picture(facts: dict[str, Any]) -> None:
    write_settings(Path(), candidates={"probe": PROBE})
    content = YAML().load(Path("params.yaml").read_text(encoding="utf-8"))
    content["leaks"]["pictured"] = 0
    with Path("params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    leaks()
    assert not paths.LEAK_PRICE.with_suffix(".png").exists()
    assert ".png" not in paths.LEAK_PRICE.with_suffix(".md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kept", "other"), [("duplicates", TOGETHER), ("look", CUT)])
def test_look_alikes_are_priced_and_pictured(facts: dict[str, Any], kept: str, other: str) -> None:
    """Products 30 to 59 look alike three by three, to the backbone alone."""
    write_embeddings(["original"])
    stored = np.load(paths.embeddings("b0") / paths.EMBEDDINGS)
    ids = files.read_table(paths.PRODUCTS)["product_id"].str.removeprefix("id").astype(int)
    at = np.argsort(ids.to_numpy())
    for first in (30, 31, 32, 39, 40, 41, 48, 49, 50):
        near = stored[at[first]] + np.random.default_rng(first).normal(0, 0.3, size=(2, 1, 64))
        stored[at[[first + 3, first + 6]]] = near
    np.save(paths.embeddings("b0") / paths.EMBEDDINGS, stored)
    look = {"keep_together": kept, "look": {"backbone": "b0", "similarity": 0.6}}
    cross = {"scheme": "cross_test", "folds": FOLDS}
    write_settings(Path(), {"split": cross | look}, candidates={"probe": PROBE})
    clean = paths.SPLIT.read_bytes()
    importlib.import_module("aisle.stages.split").main()
    try:
        found = leaks()
    finally:
        paths.SPLIT.write_bytes(clean)
    assert (found["look"]["largest"], found["look"]["pictured"]) == (3, 8)
    assert {one["set_up"] for one in found["accuracies"]} == {HONEST, DUPLICATES, other}
    (price,) = (one for one in found["differences"] if one["leak"] == CUT)
    assert price["difference"] > 0.1
    page = paths.LEAK_PRICE.with_suffix(".md").read_text(encoding="utf-8")
    assert f"- **{other}**: the pipeline's, but " in page
    assert f"]({study.LOOKS.name})" in page and study.LOOKS.exists()
    write_settings(Path(), candidates={"probe": PROBE})
    leaks()
    assert not study.LOOKS.exists()


@pytest.mark.parametrize(
    ("candidate", "changes", "message"),
    [
        (FOREST | {"photos": 48}, {}, "leaks.candidates.one.photos is 48, and"),
        (FOREST, {"augment": {"transforms": []}}, "augment gives train no view beside"),
        (FOREST, {"augment": {"partitions": ["val"]}}, "augment gives train no view beside"),
        (PROBE | {"backbone": "b1"}, {}, "the embeddings of b1, which hold no view; missing: orig"),
        (PROBE | {"views": "all"}, {}, "which hold original; missing: horizontal_flip, vert"),
        (PROBE | {"method": "clasical"}, {}, "Did you mean 'classical'?"),
        (FOREST | {"tree": 3}, {}, "'leaks.candidates.one.tree' is not a setting"),
        (PROBE, {"split": {"folds": 4}}, "has 3 folds, and params.yaml says split.scheme"),
    ],
)
def test_a_mistake_is_named_before_anything_is_fitted_or_written(
    facts: dict[str, Any], candidate: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    before = state(paths.LEAK_PRICE.parent)
    write_embeddings(["original"])
    write_settings(Path(), changes, candidates={"one": candidate})
    with pytest.raises(AisleError, match=re.escape(message)):
        leaks()
    assert state(paths.LEAK_PRICE.parent) == before


def test_a_holdout_is_measured_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Callable[..., None]
) -> None:
    write_shop(tmp_path / "shop")
    holdout = {"split": {"scheme": "holdout", "train": 0.6, "val": 0.2, "test": 0.2}}
    write_settings(tmp_path, holdout, candidates={"forest": FOREST})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "none").touch()
    monkeypatch.chdir(tmp_path)
    for name, *arguments in STAGES:
        stage(name, *arguments)
    found = leaks()
    honest, leaking = row(found, "forest", HONEST), row(found, "forest", VIEWS)
    assert leaking["accuracy"] > honest["accuracy"] + 0.3
    assert found["weights"] == []
    assert leaking["train"] == row(found, "forest", DUPLICATES)["train"] == honest["train"]
    assert leaking["products"] == honest["products"] > 20


def test_a_mean_difference_is_checked_by_hand() -> None:
    found = mean(np.asarray([0.1, 0.2, 0.3]), ratio=0.0, confidence=0.95)
    assert (found["difference"], found["standard_error"]) == (0.2, 0.0577)
    assert found["high"] - 0.2 == pytest.approx(4.3027 * 0.0577, abs=2e-4)  # Student, 2 degrees
    wider = mean(np.asarray([0.1, 0.2, 0.3]), ratio=2 / 3, confidence=0.95)
    assert wider["standard_error"] == 0.1
