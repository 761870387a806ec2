from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import CLASSICAL, FULL, NETWORK, ROOT, write_params
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages.check import check, mistakes
from aisle.studies.publish import use


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "params.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_committed_params_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert check() == params.candidate_names()


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
        ("    weights: random", "    weights: imagnet", "Did you mean 'imagenet'?"),
        ("path: shop", "path: shap", "catalogue.path is 'shap', which does not exist."),
        ("path: shop", "path: shap", "Did you mean 'shop'?"),
        ("file: data/none", "file: b0.h5", "variants.b0.file is 'b0.h5', which does not exist."),
        ("photos: 16", "photos: 7", "params.yaml: candidates.random_forest.photos is 7. Input"),
        ("trees: 20", "trees: 0", "trees is 0. Input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_is_named_with_the_nearest_right_name(
    workspace: Path, old: str, new: str, message: str
) -> None:
    edit(workspace, old, new)
    with pytest.raises(AisleError) as caught:
        check()
    assert message in str(caught.value)


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
    with pytest.raises(AisleError) as caught:
        check()
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once(workspace: Path) -> None:
    edit(workspace, "fit: pad", "fit: padd")
    edit(workspace, "scheme: holdout", "scheme: houldout")
    assert len(mistakes()) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [1", "is not valid YAML"), ("", "should hold one key per stage"), ("- 1", "one key per")],
)
def test_a_file_that_is_no_mapping_is_refused(workspace: Path, text: str, message: str) -> None:
    (workspace / "params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AisleError, match=message):
        check()


def test_without_params_the_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AisleError, match="Run from the repository's root"):
        check()


def test_every_key_of_the_committed_file_has_a_comment() -> None:
    """Above it or behind it; a candidate's keys are explained where they first appear."""
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    explained = set()
    for above, line in pairwise(lines):
        if not line.lstrip().startswith("#") and (above.lstrip().startswith("#") or "#" in line):
            explained.add(line.split(":")[0].strip())
    content = YAML(typ="safe").load("\n".join(lines))
    sets = content["sets"]
    named = [name for one in sets.values() for kind in one.values() for name in kind]
    grouping = {*content["variants"], *sets, *named, *content["ablation"]["changes"]}
    grouping |= {"archive", "sample"}
    assert _keys(content) - explained - grouping == set()


def _keys(value: Any) -> set[str]:
    if not isinstance(value, dict):
        return set()
    return {str(key) for key in value}.union(*(_keys(inner) for inner in value.values()))


@pytest.mark.parametrize("competitors", ["fast", "complete"])
def test_an_experiment_changes_one_network_alone(tmp_path: Path, competitors: str) -> None:
    """`dvc exp run -S` writes into what entries share, so no block of settings may be shared."""
    path = tmp_path / "params.yaml"

    def steps() -> dict[str, float]:
        candidates = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["candidates"]
        return {
            name: settings["training"]["learning_rate"]
            for name, settings in candidates.items()
            if "training" in settings
        }

    path.write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    use(competitors, path=path)
    before, content = steps(), path.read_text(encoding="utf-8")
    assert before
    for name in before:
        path.write_text(content, encoding="utf-8")
        apply_overrides(path, [f"candidates.{name}.training.learning_rate=0.5"])
        assert steps() == before | {name: 0.5}


def test_a_tiny_params_file_is_sound(workspace: Path) -> None:
    assert check() == list(CLASSICAL)
