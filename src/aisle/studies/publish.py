"""Runs the committed pipeline on another catalogue, in a clone, and keeps its reports.

profiles/NAME.yaml holds what differs from params.yaml; a `$PLACE` in it is given on the command
line, so that no path of one machine is ever committed. Its key `set` says which of params.yaml's
`sets` is run; with `with_ablation: true` the table of `aisle ablation` is made too, and with
`with_leaks: true` the page of `aisle leaks`. Reads HEAD; writes reports/NAME/.
"""

import os
import re
import shutil
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from aisle import files, paths
from aisle.errors import AisleError, did_you_mean
from aisle.settings import params

RUNS = Path(".runs")
PROFILES = Path("profiles")
KEPT = (
    *("note.md", "note.html", "figures", "metrics.json", "comparison.json", "comparison.csv"),
    *("cost.json", "split.json"),
)
"""What is published: results, never rows of somebody's catalogue (rejects.csv stays behind)."""

ABLATION = (paths.ABLATION.name, paths.ABLATION.with_suffix(".md").name)
LEAKS = tuple(paths.LEAK_PRICE.with_suffix(suffix).name for suffix in (".json", ".md", ".png"))

SET_KEYS = ("candidates", "ensembles", "refits")
"""What a set holds, and the top-level keys of params.yaml that point into the one that is run."""


def merge(base: Any, changes: Mapping[str, Any]) -> None:
    """Put `changes` over `base`, in place, level by level; comments in `base` survive.

    As by hand, what takes an entry over (`<<`) follows its change. AisleError for a change below an
    entry that is itself taken over, as that would change where it came from.
    """
    _merge(base, changes, repeated=_repeated(base), where=())


def write_params(path: Path, *, changes: Mapping[str, Any]) -> None:
    """Rewrite a params.yaml with `changes` merged in; its comments, anchors and aliases survive."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(path.read_text(encoding="utf-8"))
    _keep_anchors(content)
    merge(content, changes)
    with files.replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def use(name: str, *, path: Path = paths.PARAMS) -> None:
    """Point `candidates`, `ensembles`, `refits` of a params.yaml to one of its `sets`.

    Nothing else changes. AisleError for a set there is not, and where one of them is written out
    instead of pointing to a set: somebody's own entries would be lost.
    """
    sets = params.load(path).get("sets") or {}
    if name not in sets:
        raise AisleError(f"'{path}' has no set '{name}'. {did_you_mean(name, sets)}")
    text = path.read_text(encoding="utf-8")
    competitors = YAML().load(text)["sets"][name]
    for key in SET_KEYS:
        entries = competitors.get(key) if isinstance(competitors, Mapping) else None
        anchor = getattr(getattr(entries, "anchor", None), "value", None)
        alias = re.compile(rf"^{key}:[ ]*\*\S+", re.MULTILINE)
        if anchor is None or not alias.search(text):
            raise AisleError(
                f"'{path}': expected a line '{key}: *NAME' that points to sets.{name}.{key}, which "
                "has that '&NAME'. Entries of your own go into a set, so that none is lost."
            )
        text = alias.sub(f"{key}: *{anchor}", text, count=1)
    files.write_text(text, path)


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
    competitors, ablation = changes.pop("set", None), changes.pop("with_ablation", False)
    leaks = changes.pop("with_leaks", False)
    given = {place: str(Path(path).resolve()) for place, path in values.items() if path}
    filled = fill(changes, values=given)
    clone = _clone(RUNS / name)
    settings = clone / paths.PARAMS
    if competitors is not None:
        use(str(competitors), path=settings)
    without_places = settings.read_text(encoding="utf-8")
    write_params(settings, changes=filled)
    _run("dvc", "repro", folder=clone)
    if ablation:
        _run("python", "-m", "aisle.cli", "ablation", folder=clone)
    if leaks:
        _run("python", "-m", "aisle.cli", "leaks", folder=clone)
    with files.replacing(paths.NOTE.parent / name) as temporary:
        temporary.mkdir()
        for kept in (*KEPT, *(ABLATION if ablation else ()), *(LEAKS if leaks else ())):
            source = clone / paths.NOTE.parent / kept
            if kept == LEAKS[-1] and not source.exists():
                continue  # a plain split cuts no pair, so there is none to show
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, temporary / kept)
        shutil.copyfile(clone / paths.COMPETITORS, temporary / paths.COMPETITORS.name)
        files.write_text(without_places, temporary / paths.PARAMS)
        write_params(temporary / paths.PARAMS, changes=changes)
    print(f"published in {paths.NOTE.parent / name}")


def _repeated(content: Any) -> set[int]:
    """Return the `id` of each mapping that several entries of what is run hold, by `<<` or alias.

    `sets` is passed by: its entries are run as `candidates` and `ensembles`.
    """
    seen: Counter[int] = Counter()

    def count(value: Any) -> None:
        if isinstance(value, Mapping):
            seen[id(value)] += 1
            for inner in value.values():
                count(inner)

    for key in content.keys() - {"sets"}:
        count(content[key])
    return {mapping for mapping, times in seen.items() if times > 1}


def _merge(
    base: Any, changes: Mapping[str, Any], *, repeated: set[int], where: tuple[str, ...]
) -> None:
    for key, value in changes.items():
        inner, place = base.get(key), (*where, str(key))
        if not (isinstance(value, Mapping) and isinstance(inner, Mapping)):
            base[key] = value
            continue
        if id(inner) in repeated and not _written_there(base, key):
            raise AisleError(
                f"a change below '{'.'.join(place)}' would change other entries too: params.yaml "
                "takes it over from elsewhere ('<<' or '*NAME'). Write it there as a block of its "
                "own, such as {<<: *NAME}."
            )
        _merge(inner, value, repeated=repeated, where=place)


def _written_there(base: Any, key: str) -> bool:
    """Return whether a value's lines begin at its key, and not at another that it repeats."""
    lines = getattr(base, "lc", None)
    place = lines.data.get(key) if lines else None
    return place is not None and base[key].lc.line >= place[0]


def _keep_anchors(value: Any) -> None:
    """Have ruamel write each `&NAME`, also one that nothing points to now: `use` reads them."""
    if isinstance(value, CommentedMap | CommentedSeq):
        if value.anchor.value:
            value.yaml_set_anchor(value.anchor.value, always_dump=True)
        for inner in value.values() if isinstance(value, CommentedMap) else value:
            _keep_anchors(inner)


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
