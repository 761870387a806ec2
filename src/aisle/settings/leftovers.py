"""Outputs of competitors, backbones and photo sizes that the settings no longer list.

Later stages depend on whole folders, such as data/predictions. A file that no stage makes any more
would make them out of date in every clone, where it is not.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from aisle import files

STAGES = ("resize", "weights", "embed", "train", "evaluate", "combine", "refit")
"""The stages of dvc.yaml that run once for each competitor, backbone or photo size."""


def leftovers(lock: Mapping[str, Any], *, current: Collection[str]) -> dict[str, list[Path]]:
    """Return the outputs of stages in dvc.lock that are not among the current ones, by stage.

    DVC keeps the entry of a stage that is gone. What no entry names, such as a file of the user's,
    is none of its outputs.
    """
    stages: Mapping[str, Any] = lock.get("stages") or {}
    made = {
        name: [Path(out["path"]) for out in stage.get("outs") or []]
        for name, stage in stages.items()
    }
    kept = {path for name in made if name in current for path in made[name]}
    return {
        name: [path for path in outs if path not in kept and path.is_relative_to("data")]
        for name, outs in made.items()
        if name not in current and name.partition("@")[0] in STAGES
    }


def remove(lock: Mapping[str, Any], *, current: Collection[str]) -> list[str]:
    """Delete the leftovers that exist; DVC's cache keeps them. Return the stages that made them."""
    removed = []
    for name, outs in leftovers(lock, current=current).items():
        existing = [path for path in outs if path.exists()]
        for path in existing:
            files.remove(path)
        removed += [name] if existing else []
    return removed
