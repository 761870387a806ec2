"""Outputs of competitors, backbones and photo sizes that the settings no longer list.

Later stages depend on whole folders, such as data/predictions. A file that no stage makes any more
would make them out of date in every clone, where it is not.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from aisle import files, paths


def expected(listed: Mapping[str, Iterable[str]], *, sizes: Iterable[int]) -> dict[Path, set[str]]:
    """Return the names that may stand in each folder with one entry per competitor, or the like.

    `listed` has the names of `candidates`, `ensembles`, `refits` and `variants`.
    """
    candidates, variants = list(listed["candidates"]), list(listed["variants"])
    ensembles, refits = list(listed["ensembles"]), list(listed["refits"])
    each = {
        "resize": [str(size) for size in sizes],
        "weights": variants,
        "embed": variants,
        "train": candidates,
        "evaluate": candidates,
        "combine": ensembles,
        "refit": refits,
    }
    alone = ("catalogue", "extract", "split", "augment", "gather")
    single = [paths.timings(stage).name for stage in alone]
    several = [paths.timings(f"{stage}@{key}").name for stage, keys in each.items() for key in keys]
    found = {paths.TIMINGS: {*single, *several}, paths.MODELS: set(candidates)}
    for path in (paths.history, paths.predictions, paths.validation):
        found[path("any").parent] = {path(name).name for name in candidates}
    found[paths.ensemble_predictions("any").parent] = {
        paths.ensemble_predictions(name).name for name in ensembles
    }
    found[paths.REFITS] = {paths.NONE, *(paths.refit(name).name for name in refits)}
    for stage in ("weights", "embed", "evaluate", "combine"):
        found[paths.FACTS / stage] = {paths.facts(stage, name).name for name in each[stage]}
    return found


def leftovers(names: dict[Path, set[str]], *, root: Path = Path()) -> list[Path]:
    """Return what lies in these folders below `root` and has no name that is expected there."""
    return [
        entry
        for folder, known in names.items()
        if (root / folder).is_dir()
        for entry in sorted((root / folder).iterdir())
        if entry.name not in known
    ]


def remove(names: dict[Path, set[str]]) -> list[Path]:
    """Delete what is not expected; DVC's cache keeps it. Return what was deleted."""
    found = leftovers(names)
    for path in found:
        files.remove(path)
    return found
