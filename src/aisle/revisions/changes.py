"""Compare the answers here with those of another git revision, product by product.

Reads reports/answers.csv, reports/cost.json, the settings and dvc.lock: of this workspace, and of
the revision from git alone. Writes nothing.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.answers import table
from aisle.answers.table import ACTUAL, FOLD, PREDICTED, PRODUCT
from aisle.catalogue import partitions
from aisle.errors import AisleError
from aisle.report.wording import counted
from aisle.revisions import revision
from aisle.settings import params
from aisle.settings.sections import Compare
from aisle.statistics import paired
from aisle.statistics.paired import Verdict

NO_REGRESSION, REGRESSION, NOT_COMPARABLE = 0, 1, 2
"""Exit codes of `aisle compare`."""

HERE = "this workspace"
SETTINGS = (paths.PARAMS, paths.COMPETITORS_FILE)

KEY = [PRODUCT, FOLD]


@dataclass(frozen=True)
class Side:
    """The answers and costs of one side. `answers`: one table per competitor, indexed by KEY."""

    title: str
    answers: dict[str, pd.DataFrame]
    cost: dict[str, dict[str, float]]
    machine: dict[str, Any]

    def accuracy(self, name: str) -> float:
        """Return the share of one competitor's answers that are right."""
        return float(table.right(self.answers[name]).mean())


@dataclass(frozen=True)
class Change:
    """A competitor on both sides. `verdict` is about here; None if all answers are the same."""

    name: str
    there: float
    here: float
    verdict: Verdict | None


@dataclass(frozen=True)
class Comparison:
    """Two sides, paired on the same test products."""

    there: Side
    here: Side
    products: int
    folds: int
    changes: list[Change]
    settings: Compare

    @property
    def regressions(self) -> list[str]:
        """Names of the competitors that are significantly worse, by the margin or more."""
        return [
            change.name
            for change in self.changes
            if change.verdict
            and change.verdict.word == "worse"
            and change.verdict.difference <= -self.settings.margin
        ]

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return REGRESSION if self.regressions else NO_REGRESSION


def compare_revision(name: str) -> Comparison:
    """Compare this workspace with a branch, tag, commit or experiment; AisleError if it cannot."""
    settings = params.read("compare", Compare)
    here = read(Path(), title=HERE)
    with tempfile.TemporaryDirectory() as folder:
        found = revision.find(name)
        copy_files(found, into=Path(folder))
        there = read(Path(folder), title=found.title)
    split = files.read_table(paths.SPLIT, text=(PRODUCT,))
    return pair(there, here, groups=partitions.groups_of(split), settings=settings)


def copy_files(found: revision.Revision, *, into: Path) -> None:
    """Copy the files of a revision that `read` reads; AisleError if it has no answers."""
    if not found.copy(paths.ANSWERS, into=into):
        raise AisleError(
            f"'{found.name}' has no {paths.ANSWERS}: it was committed before answers were kept "
            f"there, or without a run. 'git log --all -- {paths.ANSWERS}' lists revisions that "
            "have it; or run 'dvc repro' on that branch and commit reports/."
        )
    for path in (*SETTINGS, paths.LOCK, paths.COST):
        found.copy(path, into=into)


def read(folder: Path, *, title: str) -> Side:
    """Return the answers and costs of the repository in `folder`.

    Raises AisleError if there are no answers, or if its settings have changed since they were made.
    """
    answers = table.read_all(folder / paths.ANSWERS)
    settings = {
        path.name: params.load(folder / path) for path in SETTINGS if (folder / path).exists()
    }
    names = competitors(settings)
    if (folder / paths.LOCK).exists():
        lock = params.load(folder / paths.LOCK)
        changed = [*not_run(lock, names=names), *outdated(lock, settings=settings, names=names)]
        if changed:
            raise AisleError(
                f"{title} has answers that were made before these settings were changed: "
                f"{', '.join(dict.fromkeys(changed))}. Run 'dvc repro' on that side, or undo the "
                "change."
            )
    cost = _optional(folder / paths.COST)
    return Side(
        title=title,
        answers={name: answers[name].set_index(KEY) for name in names if name in answers},
        cost=cost.get("candidates", {}),
        machine=cost.get("machine", {}),
    )


def competitors(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the key of each competitor in the settings files, such as "candidates.forest"."""
    return {
        name: f"{section}.{name}"
        for section in ("candidates", "ensembles")
        for content in settings.values()
        for name in content.get(section) or {}
    }


def not_run(lock: Mapping[str, Any], *, names: Mapping[str, str]) -> list[str]:
    """Return the keys of the competitors for which no stage in dvc.lock has answers."""
    made = {out["path"] for stage in _stages(lock).values() for out in stage.get("outs", ())}
    return [key for name, key in names.items() if not made & set(_tables([name]))]


def outdated(
    lock: Mapping[str, Any], *, settings: Mapping[str, Mapping[str, Any]], names: Iterable[str]
) -> list[str]:
    """Return the settings, as "candidates.forest", that changed since the answers were made.

    Looks at the stages that dvc.lock says the competitors' answers come from, directly or not.
    Code is not checked: 'dvc status' does that, and takes many times longer.
    """
    stages = _current(_stages(lock), settings=settings)
    makers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}
    todo, seen, found = _tables(names), set(), []
    while todo:
        wanted = todo.pop()
        for path, name in makers.items():
            related = path == wanted or f"{path}/".startswith(f"{wanted}/")
            if not (related or wanted.startswith(f"{path}/")) or name in seen:
                continue
            seen.add(name)
            todo += [dependency["path"] for dependency in stages[name].get("deps", ())]
            for file, locked in stages[name].get("params", {}).items():
                found += [
                    key
                    for key, value in locked.items()
                    if _setting(settings.get(file), key=key, default=value) != value
                ]
    return sorted(set(found))


def pair(there: Side, here: Side, *, groups: pd.Series, settings: Compare) -> Comparison:
    """Return the change of each competitor on both sides, in the order of this side.

    `groups` has the duplicate group of each product_id. Holm's correction counts the competitors
    whose answers changed: only they could have become better or worse. Raises AisleError unless
    both sides have the same products in the same folds, with the same actual categories.
    """
    common = [name for name in here.answers if name in there.answers]
    if not common:
        raise AisleError(
            f"no competitor is on both sides: {', '.join(there.answers) or 'none'} in "
            f"{there.title}; {', '.join(here.answers) or 'none'} in {here.title}."
        )
    tested = here.answers[common[0]]
    _check_same_test(there.answers[common[0]], tested, there=there.title, here=here.title)
    products, folds = (tested.index.get_level_values(level) for level in KEY)
    unknown = ~products.isin(groups.index)
    if unknown.any():
        lacking = counted(int(unknown.sum()), "product", "products")
        raise AisleError(
            f"'{paths.SPLIT}' lacks {lacking} of the test: it was made for another catalogue. "
            "Run 'dvc repro'."
        )
    changed = [
        name
        for name in common
        if (here.answers[name][PREDICTED] != _old(there, here, name)[PREDICTED]).any()
    ]
    verdicts: dict[str, Verdict] = {}
    if changed:
        new = [table.right(here.answers[name]) for name in changed]
        old = [table.right(_old(there, here, name)) for name in changed]
        found = paired.verdicts(
            np.stack(new + old),
            pairs=[(at, at + len(changed)) for at in range(len(changed))],
            margin=settings.margin,
            confidence=settings.confidence,
            folds=folds.to_numpy(),
            groups=groups.loc[products].to_numpy(),
        )
        verdicts = dict(zip(changed, found, strict=True))
    return Comparison(
        there=there,
        here=here,
        products=len(tested),
        folds=folds.nunique(),
        changes=[
            Change(
                name=name,
                there=there.accuracy(name),
                here=here.accuracy(name),
                verdict=verdicts.get(name),
            )
            for name in common
        ],
        settings=settings,
    )


def _old(there: Side, here: Side, name: str) -> pd.DataFrame:
    """Return a competitor's answers there, in the order of those here."""
    return there.answers[name].loc[here.answers[name].index]


def _check_same_test(old: pd.DataFrame, new: pd.DataFrame, *, there: str, here: str) -> None:
    """Raise AisleError unless both tables have the same products, folds and actual categories."""
    before, now = (set(table.index.get_level_values(PRODUCT)) for table in (old, new))
    if before != now:
        raise AisleError(
            f"of the test products {len(before - now)} are only in {there}, {len(now - before)} "
            f"only in {here} and {len(before & now)} in both; a comparison needs the same on both "
            "sides. 'dvc params diff' says which setting of catalogue, extract, split or seed "
            "differs."
        )
    if set(old.index) != set(new.index):
        moved = len(set(new.index) - set(old.index))
        raise AisleError(
            f"the test products are the same, but {moved} of {len(new)} were tested in another "
            f"fold in {there} than in {here}: split or seed differs. Undo that, then 'dvc repro'."
        )
    was, is_now = old[ACTUAL].loc[new.index], new[ACTUAL]
    other = np.flatnonzero((was != is_now).to_numpy())
    if len(other):
        first = other[0]
        raise AisleError(
            f"{len(other)} of {len(new)} test products have another category: "
            f"'{new.index[first][0]}' is '{was.iloc[first]}' in {there} and "
            f"'{is_now.iloc[first]}' in {here}. Make catalogue and extract.level the same on both "
            "sides."
        )


def _stages(lock: Mapping[str, Any]) -> dict[str, Any]:
    return dict(lock.get("stages") or {})


def _current(
    stages: Mapping[str, Any], *, settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the stages that the settings still name: dvc.lock keeps those of removed entries."""
    keys = {
        str(key)
        for content in settings.values()
        for section in ("candidates", "ensembles", "refits", "variants")
        for key in content.get(section) or {}
    }
    keys |= {
        str(size)
        for size in _setting(settings.get(paths.PARAMS.name), key="resize.sizes", default=[])
    }
    return {name: stage for name, stage in stages.items() if name.partition("@")[2] in {"", *keys}}


def _tables(names: Iterable[str]) -> list[str]:
    """Return the files with these competitors' answers, for each as a candidate or an ensemble."""
    kinds = (paths.predictions, paths.ensemble_predictions)
    return [path(name).as_posix() for name in names for path in kinds]


def _optional(path: Path) -> dict[str, Any]:
    return files.read_json(path) if path.exists() else {}


def _setting(settings: Any, *, key: str, default: Any) -> Any:
    """Return the value at "a.b.c"; the default if there is none: a removed entry is no change."""
    for part in key.split("."):
        if not (isinstance(settings, Mapping) and part in settings):
            return default
        settings = settings[part]
    return settings
