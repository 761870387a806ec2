"""Mistakes in the settings are named, each with the nearest right name."""

from pathlib import Path
from typing import Any

import pytest
from conftest import CLASSICAL, FULL, NETWORK, write_params

from aisle.errors import AisleError
from aisle.stages.check import check


def edit(folder: Path, old: str, new: str) -> None:
    """Replace a text in the settings file that has it."""
    for name in ("params.yaml", "competitors.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        if old in text:
            (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
            return
    raise AssertionError(f"neither file holds '{old}'")


def mistakes() -> str:
    with pytest.raises(AisleError) as caught:
        check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 42", "sead: 42", "'sead' is not a setting. Did you mean 'seed'?"),
        ("scheme: holdout", "scheme: crosstest", "Did you mean 'cross_test'?"),
        ("  test: 0.15", "  tset: 0.15", "'split.tset' is not a setting. Did you mean 'test'?"),
        ("train: 0.7", "train: 0.8", "train + val + test are 1.1; expected 1"),
        ("- horizontal_flip", "- vertical_flop", "Did you mean 'vertical_flip'?"),
        ("source: table", "source: tabel", "Did you mean 'table'?"),
        ("fit: pad", "fit: padd", "Did you mean 'pad'?"),
        ("    image: image", "    imgae: image", "Did you mean 'image'?"),
        ("trees: 20", "tress: 20", "'candidates.random_forest.tress' is not a setting"),
        ("method: classical", "method: clasical", "Did you mean 'classical'?"),
        ("photos: 16", "photos: 64", "candidates.random_forest.photos is 64. Add 64 to"),
        ("photos: 16", "photos: twelve", "candidates.random_forest.photos"),
        ("seed: 42", "seed: many", "seed is 'many'; expected a whole number"),
        ("source: random", "source: imagnet", "Did you mean 'imagenet'?"),
        ("source: random", "source: auto", "weights.source is 'auto', which is not known."),
        ("path: shop", "path: shap", "catalogue.path is 'shap', which does not exist."),
        ("path: shop", "path: shap", "Did you mean 'shop'?"),
        (
            "photos: 16",
            "photos: 7",
            "competitors.yaml: candidates.random_forest.photos is 7. Input",
        ),
        ("candidates:\n  majority", "candidate:\n  majority", "'candidates' is missing. It holds:"),
        ("seed: 42", "seed: 42\ntraining: {}", "under candidates.NAME.training"),
        ("trees: 20", "trees: 0", "trees is 0. Input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_is_named_with_the_nearest_right_name(
    workspace: Path, old: str, new: str, message: str
) -> None:
    edit(workspace, old, new)
    assert message in mistakes()


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            NETWORK | {"backbone": "b7"},
            "candidates.efficientnetv2_b0.backbone is 'b7', which is not known",
        ),
        (NETWORK | {"backbone": "b1"}, "backbone 'b1' is not in variants. Valid: b0."),
        (NETWORK | {"recipe": "stagd"}, "Did you mean 'staged'?"),
        (
            FULL | {"progressive": [{"size": 32, "epoch": 1}]},
            "progressive.0.epoch' is not a setting. Did you mean 'epochs'?",
        ),
        (NETWORK | {"photos": 48}, "photos is 48, but variants.b0.size is 32"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused(
    workspace: Path, network: dict[str, Any], message: str
) -> None:
    write_params(workspace, candidates={"efficientnetv2_b0": network})
    assert message in mistakes()


def test_all_mistakes_are_named_at_once(workspace: Path) -> None:
    edit(workspace, "fit: pad", "fit: padd")
    edit(workspace, "scheme: holdout", "scheme: houldout")
    edit(workspace, "trees: 20", "trees: 0")
    assert len(mistakes().splitlines()) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"variants": {"b0": {"file": "b0.h5"}}},
            "variants.b0.file is 'b0.h5', and weights.source is random, which does not read it",
        ),
        (
            {"weights": {"source": "file"}, "variants": {"b0": {"file": "b0.h5"}}},
            "variants.b0.file is 'b0.h5', which does not exist.",
        ),
        ({"weights": {"source": "file"}}, "variants.b0.file is data/none, and weights.source is"),
        ({"weights": {"hub": "files"}}, "weights.hub is 'files'"),
        (
            {"candidates": {"random_forest": {"trees": 3}}},
            "'candidates' is not a setting. It belongs in competitors.yaml. To try a value: dvc "
            "exp run -S competitors.yaml:candidates.NAME.key=value",
        ),
        ({"refits": {}}, "params.yaml: 'refits' is not a setting. It belongs in competitors.yaml."),
        ({"ablation": {"network": {"hidden": [3]}}}, "ablation.network: 'hidden' has no effect"),
        (
            {"ablation": {"changes": {"early_stopping": {"training": {"patiense": 5}}}}},
            "'ablation.changes.early_stopping.training.patiense' is not a setting. Did you mean",
        ),
        ({"leaks": {"candidates": {"forest": {"C": [1]}}}}, "leaks.candidates.forest: 'C' has no"),
    ],
)
def test_a_setting_without_effect_is_refused(
    workspace: Path, changes: dict[str, Any], message: str
) -> None:
    write_params(workspace, changes)
    assert message in mistakes()


def test_alternatives_that_are_not_chosen_are_sound(workspace: Path) -> None:
    write_params(workspace, {"split": {"folds": 7}, "weights": {"hub": "https://mirror.example/"}})
    assert list(check().candidates) == list(CLASSICAL)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [1", "is not valid YAML"), ("", "should hold keys"), ("- 1", "should hold keys")],
)
@pytest.mark.parametrize("file", ["params.yaml", "competitors.yaml"])
def test_a_file_that_is_no_mapping_is_refused(
    workspace: Path, file: str, text: str, message: str
) -> None:
    (workspace / file).write_text(text, encoding="utf-8")
    with pytest.raises(AisleError, match=f"'{file}' {message}"):
        check()


def test_without_params_the_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AisleError, match="Run from the repository's root"):
        check()


def test_a_tiny_params_file_is_sound(workspace: Path) -> None:
    assert list(check().candidates) == list(CLASSICAL)
