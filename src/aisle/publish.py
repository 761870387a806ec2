"""Runs the committed pipeline on another catalogue, in a clone, and keeps its reports.

profiles/NAME.yaml holds what differs from params.yaml; a `$PLACE` in it is given on the command
line, so that no path of one machine is ever committed. Reads HEAD; writes reports/NAME/.
"""

import os
import shutil
import string
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aisle import files, paths
from aisle.errors import AisleError, did_you_mean

RUNS = Path(".runs")
PROFILES = Path("profiles")
KEPT = ("note.md", "figures", "metrics.json", "cost.json", "split.json")
"""What is published: results, never rows of somebody's catalogue (rejects.csv stays behind)."""


def merge(base: Any, changes: Mapping[str, Any]) -> None:
    """Put `changes` over `base`, in place, level by level; comments in `base` survive."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            merge(base[key], value)
        else:
            base[key] = value


def write_params(path: Path, *, changes: Mapping[str, Any]) -> None:
    """Rewrite a params.yaml with `changes` merged in; its comments survive."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    content = yaml.load(path.read_text(encoding="utf-8"))
    merge(content, changes)
    with files.replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def fill(content: Any, *, values: Mapping[str, str]) -> Any:
    """Return `content` with every `$PLACE` in its texts replaced; AisleError for one not given."""
    if isinstance(content, Mapping):
        return {key: fill(value, values=values) for key, value in content.items()}
    if isinstance(content, list):
        return [fill(value, values=values) for value in content]
    if not isinstance(content, str):
        return content
    try:
        return string.Template(content).substitute(values)
    except KeyError as missing:
        place = missing.args[0]
        raise AisleError(f"'{content}' needs --set {place}=PATH, which was not given.") from None


def publish(*, name: str, values: Mapping[str, str]) -> None:
    """Clone HEAD to .runs/NAME, apply the profile, run, and copy the reports to reports/NAME/."""
    profile = PROFILES / f"{name}.yaml"
    if not profile.is_file():
        there = [path.stem for path in sorted(PROFILES.glob("*.yaml"))]
        raise AisleError(f"no '{profile}'. {did_you_mean(name, there)}")
    changes = YAML(typ="safe").load(profile.read_text(encoding="utf-8"))
    given = {place: str(Path(path).resolve()) for place, path in values.items() if path}
    filled = fill(changes, values=given)
    clone = _clone(RUNS / name)
    write_params(clone / paths.PARAMS, changes=filled)
    _run("dvc", "repro", folder=clone)
    with files.replacing(paths.NOTE.parent / name) as temporary:
        temporary.mkdir()
        for kept in KEPT:
            source = clone / paths.NOTE.parent / kept
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, temporary / kept)
        shutil.copyfile(paths.PARAMS, temporary / paths.PARAMS)
        write_params(temporary / paths.PARAMS, changes=changes)
    print(f"published in {paths.NOTE.parent / name}")


def _clone(folder: Path) -> Path:
    """Return a fresh clone of HEAD that shares this repository's DVC cache."""
    files.remove(folder)
    folder.parent.mkdir(exist_ok=True)
    _run("git", "clone", "--quiet", ".", str(folder))
    cache = Path(".dvc/cache").resolve()
    _run("dvc", "cache", "dir", "--local", str(cache), folder=folder)
    return folder


def _run(*command: str, folder: Path = Path()) -> None:
    """Run a command of this environment in `folder`, with the code that lies there."""
    beside = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str((folder / "src").resolve()),
    }
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
        raise AisleError(f"'{' '.join(command)}' failed in '{folder}'; its message is above.")
