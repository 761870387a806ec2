"""Choosing a set of competitors, and merging a profile: what is written is what was meant."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from aisle import paths
from aisle.errors import AisleError
from aisle.settings import params
from aisle.settings.editing import merge, use, write_settings

COMPETITORS = paths.COMPETITORS_FILE


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the committed settings."""
    for path in (paths.PARAMS, COMPETITORS):
        shutil.copyfile(ROOT / path, tmp_path / path)
    shutil.copytree(ROOT / paths.COMPETITOR_SETS, tmp_path / paths.COMPETITOR_SETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def aisle(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aisle.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def run(*command: str) -> str:
    """Return what a command of this environment printed."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    }
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment
    ).stdout


def test_a_set_is_copied_whole(repository: Path) -> None:
    for name in ("complete", "fast"):
        use(name)
        assert COMPETITORS.read_bytes() == (paths.COMPETITOR_SETS / f"{name}.yaml").read_bytes()


def test_a_set_can_be_chosen_after_an_experiment(repository: Path) -> None:
    apply_overrides(paths.PARAMS, ["seed=7", "augment.transforms=[]"])
    use("complete")
    assert "b0_knn" in params.candidate_names()


def test_what_an_experiment_changed_is_named_before_it_is_overwritten(repository: Path) -> None:
    apply_overrides(COMPETITORS, ["candidates.random_forest.trees=7"])
    with pytest.raises(AisleError, match=r"has: candidates\.random_forest\. .*--overwrite'"):
        use("complete")
    assert params.candidate("random_forest")["trees"] == 7
    use("complete", overwrite=True)
    assert params.candidate("random_forest")["trees"] == 300


def test_own_entries_are_named_and_can_be_kept_as_a_set(repository: Path) -> None:
    own = {
        "candidates": {"mine": {"method": "majority", "photos": "none", "backbone": "none"}},
        "ensembles": {"pair": {"members": ["mine", "tfidf"], "method": "hard_vote"}},
    }
    write_settings(Path(), changes=own)
    before = COMPETITORS.read_bytes()
    with pytest.raises(AisleError, match=r"candidates\.mine, ensembles\.pair"):
        use("complete")
    assert COMPETITORS.read_bytes() == before
    shutil.copyfile(COMPETITORS, paths.COMPETITOR_SETS / "mine.yaml")
    use("complete")
    use("mine")
    assert COMPETITORS.read_bytes() == before


def test_the_command_line_chooses_a_set(repository: Path) -> None:
    assert aisle("use", "complete").returncode == 0
    assert "b0_knn" in params.candidate_names()
    refused = aisle("use", "complte")
    assert refused.returncode == 1
    assert "Did you mean 'complete'?" in refused.stderr and "Traceback" not in refused.stderr


def test_the_command_line_says_that_all_is_sound_and_how_many_compete(repository: Path) -> None:
    shutil.copytree(ROOT / paths.PRETRAINED, paths.PRETRAINED)
    done = aisle("check")
    assert (done.returncode, done.stdout) == (
        0,
        "params.yaml and competitors.yaml are sound. Competitors: 11.\n",
    )


def test_writing_without_a_change_gives_the_same_bytes(repository: Path) -> None:
    write_settings(repository, changes={})
    for path in (paths.PARAMS, COMPETITORS):
        assert path.read_bytes() == (ROOT / path).read_bytes()


def test_a_change_goes_into_the_file_of_its_key_and_keeps_the_comments(repository: Path) -> None:
    changes: dict[str, Any] = {
        "seed": 2,
        "report": {"examples": 3},
        "augment": {"transforms": []},
        "competitors": "complete",
        "candidates": {"b0_knn": {"neighbours": [3]}, "mlp": {"training": {"epochs": 1}}},
        "refits": {"tfidf": {"shares": [0.5]}},
    }
    write_settings(repository, changes=changes)
    competitors = changes.pop("competitors")
    expected = merge(params.load(paths.COMPETITOR_SETS / f"{competitors}.yaml"), {})
    for key in params.COMPETITOR_KEYS:
        expected[key] = merge(expected[key], changes.pop(key, {}))
    assert params.load(COMPETITORS) == expected
    assert params.load() == merge(params.load(ROOT / paths.PARAMS), changes)
    for path, source in (
        (paths.PARAMS, ROOT / paths.PARAMS),
        (COMPETITORS, paths.COMPETITOR_SETS / "complete.yaml"),
    ):
        assert path.read_text(encoding="utf-8").count("#") == source.read_text().count("#")


def test_merging_changes_neither_of_the_two() -> None:
    base: dict[str, Any] = {"a": {"b": [1], "c": 2}}
    change: dict[str, Any] = {"a": {"b": [3]}, "d": {}}
    assert merge(base, change) == {"a": {"b": [3], "c": 2}, "d": {}}
    assert (base, change) == ({"a": {"b": [1], "c": 2}}, {"a": {"b": [3]}, "d": {}})


@pytest.mark.parametrize("profile", sorted((ROOT / "profiles").glob("*.yaml")), ids=str)
def test_a_profile_changes_only_settings_that_there_are(repository: Path, profile: Path) -> None:
    changes = YAML(typ="safe").load(profile.read_text(encoding="utf-8"))
    for key in ("with_ablation", "with_leaks"):
        changes.pop(key, None)
    before = params.load()
    write_settings(repository, changes=changes)
    assert list(params.load()) == list(before)
    for name, section in params.load().items():
        if isinstance(section, dict):
            assert section.keys() == before[name].keys()


def test_dvc_changes_one_line_of_the_file_that_it_is_asked_to_change(repository: Path) -> None:
    """The same by DVC itself: one experiment with a value in each of the two files."""
    stage = {
        "cmd": "echo done > out",
        "params": ["seed", {str(COMPETITORS): ["candidates.tfidf"]}],
        "outs": [{"out": {"cache": False}}],
    }
    content = {"vars": [str(COMPETITORS)], "stages": {"read": stage}}
    Path("dvc.yaml").write_text(json.dumps(content), encoding="utf-8")
    git = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.org")
    tried = ("-S", "seed=7", "-S", f"{COMPETITORS}:candidates.tfidf.ngrams=1")
    for command in (
        ("git", "init", "--quiet"),
        ("dvc", "init", "--quiet"),
        ("dvc", "config", "core.analytics", "false"),
        ("git", "add", "--all"),
        (*git, "commit", "--quiet", "--message", "settings"),
        ("dvc", "exp", "run", "--quiet", *tried),
    ):
        run(*command)
    diff = run("git", "diff", "--unified=0", "--", str(paths.PARAMS), str(COMPETITORS))
    changed = [line for line in diff.splitlines() if re.match(r"[-+][^-+]", line)]
    assert changed == ["-    ngrams: 2", "+    ngrams: 1", "-seed: 42", "+seed: 7"]
