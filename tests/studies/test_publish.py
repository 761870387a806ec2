"""Choosing a set, and merging a profile into params.yaml: what is written is what was meant."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from aisle.errors import AisleError
from aisle.studies.publish import use, write_params

PARAMS = """\
seed: 1  # a number

training: &training
  optimizer: adam  # or sgd
  epochs: 10

sets:
  # Quick.
  fast:
    candidates: &fast
      # The baseline.
      forest: &forest
        trees: 300
      network: &network
        views: original
        training:
          <<: *training
          epochs: 5  # enough
      wider:
        <<: *network
        photos: 240
      other:
        training:
          <<: *training
    ensembles: &fast_ensembles {}
    refits: &fast_refits {}
  # All.
  complete:
    candidates: &complete
      <<: *fast
      augmented:
        <<: *forest
        views: all
    ensembles: &complete_ensembles
      # One of each.
      fused:
        members: [forest, network]
    refits: &complete_refits
      # Seeds.
      forest:
        seeds: [1]

# What is run.
candidates: *fast
ensembles: *fast_ensembles
refits: *fast_refits

report:
  # Photos a category.
  examples: 5
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written = tmp_path / "params.yaml"
    written.write_text(PARAMS, encoding="utf-8")
    return written


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def test_a_set_is_chosen_by_three_lines_and_nothing_else_changes(path: Path) -> None:
    use("complete", path=path)
    content = load(path)
    assert list(content["ensembles"]) == ["fused"] and list(content["refits"]) == ["forest"]
    assert set(content["candidates"]) == {"forest", "network", "wider", "other", "augmented"}
    expected = PARAMS.replace("candidates: *fast", "candidates: *complete")
    expected = expected.replace("ensembles: *fast_", "ensembles: *complete_")
    expected = expected.replace("refits: *fast_", "refits: *complete_")
    assert path.read_text(encoding="utf-8") == expected
    use("fast", path=path)
    assert path.read_text(encoding="utf-8") == PARAMS


def test_the_committed_sets_can_be_chosen(tmp_path: Path) -> None:
    copy = tmp_path / "params.yaml"
    copy.write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    for name, competitors in load(copy)["sets"].items():
        use(name, path=copy)
        assert load(copy)["candidates"] == competitors["candidates"]
        assert load(copy)["ensembles"] == competitors["ensembles"]


def test_an_unknown_set_is_named(path: Path) -> None:
    with pytest.raises(AisleError, match=r"no set 'complet'\. Did you mean 'complete'"):
        use("complet", path=path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("candidates: *fast\n", "candidates:\n  mine: {trees: 3}\n"),
        ("ensembles: &complete_ensembles", "ensembles:"),
    ],
)
def test_entries_of_ones_own_are_not_lost(path: Path, old: str, new: str) -> None:
    path.write_text(PARAMS.replace(old, new), encoding="utf-8")
    with pytest.raises(AisleError, match="Entries of your own go into a set"):
        use("complete", path=path)
    assert path.read_text(encoding="utf-8") == PARAMS.replace(old, new)


def aisle(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aisle.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def test_the_command_line_chooses_a_set(path: Path) -> None:
    assert aisle("use", "complete").returncode == 0
    assert "candidates: *complete\n" in path.read_text(encoding="utf-8")
    refused = aisle("use", "complte")
    assert refused.returncode == 1
    assert "Did you mean 'complete'?" in refused.stderr and "Traceback" not in refused.stderr


def test_a_place_without_a_path_is_refused(path: Path) -> None:
    refused = aisle("publish", "flipkart", "--set", "CATALOGUE")
    assert refused.returncode != 0 and "Traceback" not in refused.stderr
    assert "expected PLACE=PATH, got 'CATALOGUE'" in refused.stderr


@pytest.mark.parametrize("file", [PARAMS, (ROOT / "params.yaml").read_text(encoding="utf-8")])
def test_writing_without_a_change_gives_the_same_bytes(path: Path, file: str) -> None:
    path.write_text(file, encoding="utf-8")
    write_params(path, changes={})
    assert path.read_text(encoding="utf-8") == file


def test_a_change_reaches_what_is_run_and_keeps_the_comments(path: Path) -> None:
    use("complete", path=path)
    changes = {
        "seed": 2,
        "report": {"examples": 3},
        "candidates": {"wider": {"photos": 260}, "augmented": {"views": "original"}},
        "training": {"optimizer": "sgd"},
    }
    write_params(path, changes=changes)
    content = load(path)
    assert (content["seed"], content["report"]["examples"]) == (2, 3)
    run = content["candidates"]
    assert run["wider"]["photos"] == 260 and run["augmented"]["views"] == "original"
    assert run["network"]["training"] == {"optimizer": "sgd", "epochs": 5}
    assert run["other"]["training"] == {"optimizer": "sgd", "epochs": 10}
    text = path.read_text(encoding="utf-8")
    assert text.count("#") == PARAMS.count("#")
    assert "candidates: *complete\nensembles: *complete_ensembles\nrefits: *complete_" in text


def test_what_takes_an_entry_over_follows_its_change_and_not_the_reverse(path: Path) -> None:
    write_params(path, changes={"candidates": {"network": {"training": {"epochs": 3}}}})
    run = load(path)["candidates"]
    assert run["network"]["training"]["epochs"] == run["wider"]["training"]["epochs"] == 3
    assert run["other"]["training"]["epochs"] == 10
    before = path.read_text(encoding="utf-8")
    with pytest.raises(AisleError, match=r"below 'candidates.wider.training' would change other"):
        write_params(path, changes={"candidates": {"wider": {"training": {"epochs": 4}}}})
    assert path.read_text(encoding="utf-8") == before
