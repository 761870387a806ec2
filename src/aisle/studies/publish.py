"""Run the committed pipeline on another catalogue, in a clone, and keep its reports.

profiles/NAME.yaml holds what differs from params.yaml and, under `candidates`, `ensembles` and
`refits`, from competitors.yaml; `competitors: NAME` chooses the set of competitors to start from. A
`$PLACE` in it is given on the command line, so that no path of one machine is ever committed. With
`with_ablation: true` the table of `aisle ablation` is made too, and with `with_leaks: true` the
page of `aisle leaks`. Reads HEAD; writes reports/NAME/.
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
from aisle.settings.editing import write_settings

RUNS = Path(".runs")
PROFILES = Path("profiles")
KEPT = (
    *("note.md", "note.html", "figures", paths.METRICS.name, "comparison.json"),
    *("comparison.csv", "cost.json", "split.json"),
)
"""What is published: results, never rows of a user's catalogue (rejects.csv stays behind)."""

ABLATION = (paths.ABLATION.name, paths.ABLATION.with_suffix(".md").name)
LEAKS = ("leaks.json", "leaks.md", "leaks.png", "leaks-look.png")

SETTINGS = (paths.PARAMS, paths.COMPETITORS_FILE)


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
    changes = YAML(typ="safe").load(profile.read_text(encoding="utf-8")) or {}
    ablation, leaks = changes.pop("with_ablation", False), changes.pop("with_leaks", False)
    given = {place: str(Path(path).resolve()) for place, path in values.items() if path}
    filled = fill(changes, values=given)
    clone = _clone(RUNS / name)
    committed = {path: (clone / path).read_text(encoding="utf-8") for path in SETTINGS}
    sets = clone / paths.COMPETITOR_SETS
    write_settings(clone, changes=filled, sets=sets)
    _run("dvc", "repro", folder=clone)
    if ablation:
        _run("python", "-m", "aisle.cli", "ablation", folder=clone)
    if leaks:
        _run("python", "-m", "aisle.cli", "leaks", folder=clone)
    with files.replacing(paths.NOTE.parent / name) as temporary:
        temporary.mkdir()
        for kept in (*KEPT, *(ABLATION if ablation else ()), *(LEAKS if leaks else ())):
            source = clone / paths.NOTE.parent / kept
            if kept in LEAKS[2:] and not source.exists():
                continue  # there is no pair to show
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, temporary / kept)
        for path, text in committed.items():
            files.write_text(text, temporary / path)
        # with $PLACE instead of paths of this machine
        write_settings(temporary, changes=changes, sets=sets)
        shutil.copyfile(clone / paths.COMPETITORS, temporary / paths.COMPETITORS.name)
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
