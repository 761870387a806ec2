"""The committed settings files: sound, documented, and one changed line for each tried setting."""

import difflib
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from dvc.utils.hydra import apply_overrides

from aisle import paths
from aisle.settings import params
from aisle.stages.check import check

PARAMS = ROOT / paths.PARAMS
SETS = {name: ROOT / "competitors" / f"{name}.yaml" for name in ("fast", "complete")}

OTHER: dict[str, Any] = {
    "scheme": "cross_test",
    "source": "folder",
    "layout": "folder",
    "fit": "stretch",
    "engine": "openvino",
    "language": "fr",
    "published": "flipkart",
    "trainable_from": "block5",
    "recipe": "full",
    "precision": "mixed_float16",
    "without_text": "leave_out",
}
"""Another valid value for keys of text; of a number, another number will do."""


EITHER = {"all": "original", "original": "all", "mean": "original", "late_fusion": "soft_vote"}

STAGE = r"(augmentation|dropout|mixup|epochs): [0-9.]+"
"""A line of a stage of progressive learning, an item of several lines."""


def leaves(content: Any, *, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield key and value of each setting, `a.b.c` and a number, text or list."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from leaves(value, before=(*before, str(key)))
    else:
        yield ".".join(before), content


def other(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return [*value[1:], *value[:1], *value[:1]] if value else [3]
    if value in EITHER:
        return EITHER[value]
    return OTHER.get(key.rpartition(".")[2], "another")


def written(value: Any) -> str:
    """Return a value as Hydra's overrides spell it."""
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{written(inner)}' for key, inner in value.items())}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("path", [PARAMS, *SETS.values()], ids=lambda path: path.stem)
def test_a_tried_setting_is_one_changed_line(path: Path, tmp_path: Path) -> None:
    """`dvc exp run -S key=value` rewrites the file: everything else stays, comments included."""
    before = path.read_text(encoding="utf-8").splitlines()
    copy = tmp_path / path.name
    for key, value in leaves(params.load(path)):
        shutil.copyfile(path, copy)
        new = other(key, value)
        apply_overrides(copy, [f"{key}={written(new)}"])
        after = copy.read_text(encoding="utf-8").splitlines()
        changes = [line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- "))]
        if isinstance(value, list):
            own = re.compile(rf"[-+] +(- .+|{key.rpartition('.')[2]}:.*|{STAGE})")
            assert changes and all(own.fullmatch(line) for line in changes), (key, changes)
        else:
            assert len(changes) == 2, (key, changes)
        tried = dict(leaves(params.load(copy)))
        assert tried == dict(leaves(params.load(path))) | {key: new}


def test_the_committed_settings_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert list(check().candidates) == params.candidate_names()


@pytest.mark.parametrize("name", SETS)
def test_both_sets_of_competitors_are_sound(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(PARAMS, tmp_path / paths.PARAMS)
    shutil.copyfile(SETS[name], tmp_path / paths.COMPETITORS_FILE)
    shutil.copytree(ROOT / paths.PRETRAINED, tmp_path / paths.PRETRAINED)
    monkeypatch.chdir(tmp_path)
    assert list(check().candidates) == list(params.load(SETS[name])["candidates"])


def test_the_committed_competitors_are_the_set_fast() -> None:
    assert (ROOT / paths.COMPETITORS_FILE).read_bytes() == SETS["fast"].read_bytes()


def test_params_is_at_most_300_lines_and_no_line_is_long() -> None:
    lines = PARAMS.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300
    assert [line for line in lines if len(line) > 124] == []


def test_every_key_of_params_is_explained() -> None:
    """Above it; where it follows a list, above that list and by its name."""
    lines = PARAMS.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if line.lstrip().startswith("#"))
    explained = {line.split(":")[0].strip() for above, line in pairwise(lines) if "#" in above}
    content = params.load(PARAMS)
    entries = {*content["variants"], *content["ablation"]["changes"], "sample", "archive"}
    entries |= {"resize", *content["leaks"]["candidates"]}
    # the settings of a candidate are explained in docs/methods.md
    documented = {key for key, value in content.items() if key not in ("ablation", "leaks")}
    keys = {key for name in documented for key in (name, *keys_of(content[name]))}
    keys |= {*content["ablation"], *content["leaks"]}
    assert {key for key in keys - explained - entries if f"{key}: " not in text} == set()


def keys_of(value: Any) -> set[str]:
    if not isinstance(value, dict):
        return set()
    return {str(key) for key in value}.union(*(keys_of(inner) for inner in value.values()))
