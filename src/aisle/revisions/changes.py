"""What changed against another git revision, product by product, and whether that is chance.

Reads params.yaml, dvc.lock, the answers of all competitors and reports/cost.json of this workspace
and, from git and DVC's cache, of the revision. Writes nothing.
"""

import contextlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.errors import AisleError
from aisle.report.wording import counted
from aisle.revisions.revision import NotCached, Revision, opened
from aisle.settings import params
from aisle.settings.sections import Compare
from aisle.statistics.paired import Verdict, holm, verdict

NO_REGRESSION, REGRESSION, NOT_COMPARABLE = 0, 1, 2
"""Exit codes of `aisle compare`."""

HERE = "this workspace"
LOCK = Path("dvc.lock")

KEY = ["product_id", "fold"]
TEXTS = ("product_id", "actual", "predicted")


@dataclass(frozen=True)
class Side:
    """What one side knows. `answers`: one table per competitor, by product_id and fold."""

    title: str
    answers: dict[str, pd.DataFrame]
    cost: dict[str, dict[str, float]]
    machine: dict[str, Any]
    train_share: float | None

    def accuracy(self, name: str) -> float:
        """Return the share of right answers of one competitor."""
        return float(_right(self.answers[name]).mean())


@dataclass(frozen=True)
class Change:
    """A competitor on both sides. `verdict` is about here; None where all answers are the same."""

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
        """Names of those that are worse for sure, and by the margin or more."""
        return [
            change.name
            for change in self.changes
            if change.verdict
            and change.verdict.word == "worse"
            and change.verdict.difference <= -self.settings.margin
        ]

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        return REGRESSION if self.regressions else NO_REGRESSION


def against(revision: str) -> Comparison:
    """Compare this workspace with a branch, tag, commit or experiment; AisleError if it cannot."""
    settings = params.read("compare", Compare)
    here = read(Path(), title=HERE)
    with opened(revision) as other, tempfile.TemporaryDirectory() as folder:
        fetch(other, into=Path(folder))
        there = read(Path(folder), title=_title(other))
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    return pair(
        there,
        here,
        groups=products.set_index("product_id")["group"],
        settings=settings,
        seed=params.seed(),
    )


def competitors(settings: Mapping[str, Any]) -> dict[str, Path]:
    """Return the table of answers of each candidate and ensemble, in the order of a params.yaml."""
    candidates, ensembles = (settings.get(key) or {} for key in ("candidates", "ensembles"))
    return {name: paths.predictions(name) for name in candidates} | {
        name: paths.ensemble_predictions(name) for name in ensembles
    }


def fetch(revision: Revision, *, into: Path) -> None:
    """Copy what `read` reads of a revision below a folder; AisleError says what cannot be had."""
    try:
        revision.tracked(paths.PARAMS, into=into)
        answers = competitors(params.load(into / paths.PARAMS))
    except FileNotFoundError:
        answers = {}
    if not answers:
        raise AisleError(
            f"'{revision.name}' has no {paths.PARAMS} with candidates: name a revision of this "
            "pipeline ('git log -- params.yaml' lists some)."
        )
    never_made, not_cached = [], []
    for name, path in answers.items():
        try:
            revision.output(path, into=into)
        except FileNotFoundError:
            never_made.append(name)
        except NotCached:
            not_cached.append(name)
    again = (
        f"Make them: 'git checkout {revision.commit} && dvc repro', then come back with "
        "'git checkout - && dvc checkout'."
    )
    if never_made:
        raise AisleError(
            f"'{revision.name}' was committed without the answers of {', '.join(never_made)}: its "
            f"{paths.PARAMS} names them, its {LOCK} does not. {again}"
        )
    if not_cached:
        raise AisleError(
            f"the answers of {', '.join(not_cached)} of '{revision.name}' are not in DVC's cache "
            f"here. {again} Where a remote has them, 'dvc fetch --all-commits' is enough ('dvc exp "
            "pull' for an experiment)."
        )
    for path in (LOCK, paths.COST, paths.LEAK_CHECKS):
        with contextlib.suppress(FileNotFoundError):
            revision.tracked(path, into=into)


def read(folder: Path, *, title: str) -> Side:
    """Return what the repository in `folder` answered; those left out have no answers.

    AisleError where there are none, or where they were made with other settings than its own.
    """
    settings = params.load(folder / paths.PARAMS)
    tables = competitors(settings)
    if (folder / LOCK).exists():
        old = outdated(params.load(folder / LOCK), settings=settings, made=tables.values())
        if old:
            raise AisleError(
                f"{paths.PARAMS} of {title} has other settings than those that the answers were "
                f"made with: {', '.join(old)}. Run 'dvc repro' on that side, or undo the change."
            )
    cost = _optional(folder / paths.COST)
    split = _optional(folder / paths.LEAK_CHECKS)
    answers = {name: files.read_table(folder / path, text=TEXTS) for name, path in tables.items()}
    return Side(
        title=title,
        answers={name: table.set_index(KEY) for name, table in answers.items() if len(table)},
        cost=cost.get("candidates", {}),
        machine=cost.get("machine", {}),
        train_share=split["train"] / split["products"] if split else None,
    )


def outdated(
    lock: Mapping[str, Any], *, settings: Mapping[str, Any], made: Iterable[Path]
) -> list[str]:
    """Return the settings, as "candidates.forest", that changed since the files were `made`.

    Of the stages that dvc.lock says the files come from, directly or not. Code is not looked at:
    'dvc status' does, and takes many times longer.
    """
    stages = lock.get("stages", {})
    makers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}
    todo, seen, found = [path.as_posix() for path in made], set(), []
    while todo:
        wanted = todo.pop()
        for path, name in makers.items():
            related = path == wanted or f"{path}/".startswith(f"{wanted}/")
            if not (related or wanted.startswith(f"{path}/")) or name in seen:
                continue
            seen.add(name)
            todo += [dependency["path"] for dependency in stages[name].get("deps", ())]
            locked = stages[name].get("params", {}).get(paths.PARAMS.name, {})
            found += [key for key, value in locked.items() if _at(settings, key, value) != value]
    return sorted(set(found))


def pair(there: Side, here: Side, *, groups: pd.Series, settings: Compare, seed: int) -> Comparison:
    """Return what changed for each competitor on both sides, in the order of here.

    `groups` says by product_id who are duplicates. Holm's correction counts those whose answers
    changed: only they could have become better or worse. AisleError unless both sides answered
    for the same products in the same folds, with the same actual categories.
    """
    common = [name for name in here.answers if name in there.answers]
    if not common:
        raise AisleError(
            f"no competitor is on both sides: {', '.join(there.answers) or 'none'} in "
            f"{there.title}; {', '.join(here.answers) or 'none'} in {here.title}."
        )
    shares = [side.train_share for side in (there, here) if side.train_share is not None]
    verdicts: dict[str, Verdict] = {}
    for name in common:
        new = here.answers[name]
        _require_same_test(there.answers[name], new, there=there.title, here=here.title)
        old = there.answers[name].loc[new.index]
        if (old["predicted"] == new["predicted"]).all():
            continue
        products, folds = (new.index.get_level_values(level) for level in KEY)
        unknown = ~products.isin(groups.index)
        if unknown.any():
            raise AisleError(
                f"'{paths.PRODUCTS}' does not have {counted(int(unknown.sum()), 'product')} of the "
                "test: it was made for another catalogue. Run 'dvc repro'."
            )
        verdicts[name] = verdict(
            _right(new),
            _right(old),
            margin=settings.margin,
            confidence=settings.confidence,
            resamples=settings.resamples,
            seed=seed,
            folds=folds.to_numpy(),
            groups=groups.loc[products].to_numpy(),
            train_share=min(shares, default=None),
        )
    tested = here.answers[common[0]].index
    verdicts = _as_a_family(verdicts, confidence=settings.confidence)
    return Comparison(
        there=there,
        here=here,
        products=len(tested),
        folds=tested.get_level_values("fold").nunique(),
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


def _as_a_family(verdicts: dict[str, Verdict], *, confidence: float) -> dict[str, Verdict]:
    """Return the verdicts with p corrected for all of them; what no longer holds is undecided."""
    if not verdicts:
        return {}
    corrected = holm(np.array([one.p for one in verdicts.values()]))
    return {
        name: replace(
            one,
            p_holm=float(p),
            word="undecided"
            if one.word in ("better", "worse") and p >= 1 - confidence
            else one.word,
        )
        for (name, one), p in zip(verdicts.items(), corrected, strict=True)
    }


def _require_same_test(old: pd.DataFrame, new: pd.DataFrame, *, there: str, here: str) -> None:
    """Raise AisleError unless both tables have the same products, folds and actual categories."""
    before, now = (set(table.index.get_level_values("product_id")) for table in (old, new))
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
    was, is_now = old["actual"].loc[new.index], new["actual"]
    other = np.flatnonzero((was != is_now).to_numpy())
    if len(other):
        first = other[0]
        raise AisleError(
            f"{len(other)} of {len(new)} test products have another category: "
            f"'{new.index[first][0]}' is '{was.iloc[first]}' in {there} and "
            f"'{is_now.iloc[first]}' in {here}. Answers to other questions do not compare: bring "
            "catalogue and extract.level in line."
        )


def _right(table: pd.DataFrame) -> np.ndarray:
    return np.asarray(table["actual"] == table["predicted"])


def _title(revision: Revision) -> str:
    if revision.name.startswith(revision.commit):
        return revision.commit
    return f"{revision.name} ({revision.commit})"


def _optional(path: Path) -> dict[str, Any]:
    return files.read_json(path) if path.exists() else {}


def _at(settings: Any, key: str, default: Any) -> Any:
    """Return the value at "a.b.c"; `default` where there is none: a removed entry is no change."""
    for part in key.split("."):
        if not (isinstance(settings, Mapping) and part in settings):
            return default
        settings = settings[part]
    return settings
