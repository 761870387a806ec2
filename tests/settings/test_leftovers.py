"""Outputs of what is no longer in the settings go; all else in the same folders stays."""

from pathlib import Path
from typing import Any

import pytest

from aisle import files, paths
from aisle.settings import leftovers

CURRENT = ("train@forest", "resize@32")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The content of dvc.lock after runs with more competitors and sizes, with all outputs."""
    monkeypatch.chdir(tmp_path)
    outs = {
        f"train@{name}": [paths.models(name), paths.history(name), paths.timings(f"train@{name}")]
        for name in ("forest", "cnn")
    }
    outs |= {f"resize@{side}": [paths.resized(side)] for side in (32, 64)}
    outs |= {"split": [paths.SPLIT], "deploy@cnn": [Path("data/deployed/cnn")]}
    for path in (one for each in outs.values() for one in each):
        files.write_text("content", path / "fold_0" if path.parent == paths.MODELS else path)
    entries = {
        name: {"outs": [{"path": path.as_posix()} for path in each]} for name, each in outs.items()
    }
    return {"schema": "2.0", "stages": entries}


def everything() -> set[str]:
    return {path.as_posix() for path in Path().rglob("*") if path.is_file()}


def test_only_outputs_of_stages_that_are_gone_are_removed(lock: dict[str, Any]) -> None:
    own = [paths.predictions("notes"), paths.MODELS / "notes" / "read.me"]
    for path in own:
        files.write_text("mine", path)
    before = everything()
    assert leftovers.remove(lock, current=CURRENT) == ["train@cnn", "resize@64"]
    gone = ("data/models/cnn/fold_0", "data/history/cnn.csv", "data/timings/train@cnn.json")
    assert before - everything() == {*gone, "data/resized/64.npy"}
    assert leftovers.remove(lock, current=CURRENT) == [], "there is nothing left to remove"


def test_a_path_outside_data_is_never_removed(lock: dict[str, Any]) -> None:
    lock["stages"]["train@cnn"]["outs"] = [{"path": "mine.txt"}, {"path": "../other"}]
    files.write_text("mine", Path("mine.txt"))
    assert leftovers.remove(lock, current=[*CURRENT, "resize@64"]) == []
    assert Path("mine.txt").exists()


def test_nothing_is_removed_before_there_is_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert leftovers.remove({}, current=CURRENT) == []
