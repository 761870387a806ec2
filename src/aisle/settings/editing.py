"""Change the settings files: merge a profile into them, choose a set of competitors.

Both files stay as DVC writes them after `dvc exp run -S`, so that a diff shows what was changed.
"""

import copy
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aisle import files, paths
from aisle.errors import AisleError, did_you_mean
from aisle.settings import params

COMPETITORS = "competitors"
"""The key of a profile that names its set of competitors."""


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` on top, level by level; neither of the two is changed."""
    merged = copy.deepcopy(dict(base))
    _put(merged, changes)
    return merged


def write_settings(
    folder: Path, *, changes: Mapping[str, Any], sets: Path = paths.COMPETITOR_SETS
) -> None:
    """Merge `changes` into params.yaml and competitors.yaml in `folder`; comments survive.

    `candidates`, `ensembles` and `refits` go into competitors.yaml, after `competitors: NAME` has
    chosen one of `sets` to start from.
    """
    rest = dict(changes)
    chosen = rest.pop(COMPETITORS, None)
    if chosen is not None:
        shutil.copyfile(_set(chosen, sets=sets), folder / paths.COMPETITORS_FILE)
    of_competitors = {key: rest.pop(key) for key in params.COMPETITOR_KEYS if key in rest}
    _rewrite(folder / paths.PARAMS, rest)
    _rewrite(folder / paths.COMPETITORS_FILE, of_competitors)


def use(name: str, *, overwrite: bool = False) -> None:
    """Copy competitors/NAME.yaml to competitors.yaml.

    Unless `overwrite`: AisleError, which names the entries of competitors.yaml that would be lost.
    """
    source = _set(name)
    own = [] if overwrite else own_entries()
    if own:
        raise AisleError(
            f"'{paths.COMPETITORS_FILE}' has entries, of your own or changed, that no file in "
            f"'{paths.COMPETITOR_SETS}' has: {', '.join(own)}. Keep them as a set of your own ('cp "
            f"{paths.COMPETITORS_FILE} {paths.COMPETITOR_SETS}/mine.yaml'), or replace them: "
            f"'aisle use {name} --overwrite'."
        )
    shutil.copyfile(source, paths.COMPETITORS_FILE)


def own_entries() -> list[str]:
    """Return the entries of competitors.yaml that no set of competitors has with this content."""
    if not paths.COMPETITORS_FILE.exists():
        return []
    sets = [params.load(path) for path in sorted(paths.COMPETITOR_SETS.glob("*.yaml"))]
    return [
        f"{section}.{name}"
        for section, entries in params.load(paths.COMPETITORS_FILE).items()
        for name, entry in (entries if isinstance(entries, dict) else {}).items()
        if all((one.get(section) or {}).get(name) != entry for one in sets)
    ]


def _set(name: str, *, sets: Path = paths.COMPETITOR_SETS) -> Path:
    path = sets / f"{name}.yaml"
    if not path.is_file():
        there = [one.stem for one in sorted(sets.glob("*.yaml"))]
        raise AisleError(f"no set of competitors '{path}'. {did_you_mean(str(name), there)}")
    return path


def _rewrite(path: Path, changes: Mapping[str, Any]) -> None:
    yaml = YAML()  # as DVC writes it
    yaml.default_flow_style = False
    content = yaml.load(path.read_text(encoding="utf-8"))
    _put(content, changes)
    with files.replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def _put(base: Any, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            _put(base[key], value)
        else:
            base[key] = copy.deepcopy(value)
