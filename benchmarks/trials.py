"""Try other settings of a candidate on val: `python -m benchmarks.trials NAME CHANGES …`.

Run it after the pipeline has embedded (`dvc repro embed`). Each of CHANGES is one trial, such as
`training.learning_rate=1e-4,training.epochs=6`; `-` means no change. The train and val products of
fold 0 (no test products) are split again into five parts by category and duplicate group; each part
is val once, fitted on the other four (`--first 2`: only two of the parts). Prints a Markdown table,
one row per trial: log loss and right answers over these parts after each phase, at the epoch with
the lowest loss so far, which is the one kept (`monitor: val_loss`).
"""

import argparse
import re
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from sklearn.model_selection import StratifiedGroupKFold

from aisle.errors import AisleError
from aisle.inputs.rows import Rows, categories, fitting_rows
from aisle.methods.common import registry
from aisle.methods.common.fitting import fit
from aisle.settings import params
from aisle.training.epoch import Epoch

PARTS = 5
AS_IT_IS = "-"
COMMA = re.compile(r",(?![^\[]*\])")
"""A comma between two changes, not inside the brackets of a list."""


@dataclass(frozen=True)
class Fitted:
    """One fit: its epochs, its number of val products, and its seconds."""

    epochs: list[Epoch]
    products: int
    seconds: float

    @property
    def phases(self) -> dict[str, int]:
        """Number of epochs of each phase, in order."""
        return {epoch.phase: epoch.epoch for epoch in self.epochs}

    def kept(self, *, after: str) -> Epoch:
        """Return the epoch with the lowest val loss in this phase and those before."""
        last = max(at for at, epoch in enumerate(self.epochs) if epoch.phase == after)
        return min(self.epochs[: last + 1], key=lambda epoch: epoch.val_loss)


def parts(train: Rows, val: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield train and val of each part: the original views of all rows, split again."""
    pool = Rows(
        np.r_[train.products, val.products],
        np.r_[train.views, val.views],
        np.r_[train.labels, val.labels],
        train.inputs,
    ).only_originals()
    groups = pool.inputs.table["group"].to_numpy()[pool.products]
    splitter = StratifiedGroupKFold(PARTS, shuffle=True, random_state=0)
    for fitted, watched in splitter.split(pool.products, pool.labels, groups):
        yield pool.take(fitted), pool.take(watched)


def changed(raw: dict[str, Any], changes: str) -> dict[str, Any]:
    """Return a candidate's entry with `a.b=value,…` in it; its method refuses unknown settings."""
    entry = deepcopy(raw)
    for change in [] if changes == AS_IT_IS else COMMA.split(changes):
        key, _, value = change.partition("=")
        *above, last = key.split(".")
        place: Any = entry
        for name in above:
            place = place.setdefault(name, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict) or not value:
            raise AisleError(f"'{change}' changes nothing; expected SETTING=VALUE, as in {entry}.")
        place[last] = YAML(typ="safe").load(value)
    return entry


def line(changes: str, fits: list[Fitted]) -> str:
    """Return a trial's row of the table."""
    answered = sum(one.products for one in fits)
    found = []
    for phase in fits[0].phases:
        kept = [one.kept(after=phase) for one in fits]
        weights = [one.products for one in fits]
        loss = np.average([epoch.val_loss for epoch in kept], weights=weights)
        right = np.dot([epoch.val_accuracy for epoch in kept], weights)
        epochs = ", ".join(str(one.phases[phase]) for one in fits)
        found.append(f"{phase}: {loss:.3f}, {right:.0f} ({epochs} epochs)")
    seconds = np.mean([one.seconds for one in fits])
    return f"| `{changes}` | {'; '.join(found)} | {answered} | {seconds:.0f} |"


def trial(name: str, *, raw: dict[str, Any], first: int) -> list[Fitted]:
    """Return the fits of a candidate with these settings, one for each of `first` parts."""
    found, settings = registry.parse(raw, where=f"candidates.{name}")
    classes = len(categories())
    fits = []
    for train, val in islice(parts(*fitting_rows(settings=settings, fold=0)), first):
        with tempfile.TemporaryDirectory() as folder:
            epochs, seconds = fit(
                found,
                settings=settings,
                train=train,
                val=val,
                classes=classes,
                folder=Path(folder) / name,
                seed=params.seed(),
            )
        fits.append(Fitted(epochs, products=len(val), seconds=seconds))
    return fits


def main() -> None:
    """Run the trials on the command line, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials", description=__doc__)
    parser.add_argument("candidate")
    parser.add_argument("changes", nargs="+")
    parser.add_argument("--first", type=int, choices=range(1, PARTS + 1), default=PARTS)
    given = parser.parse_args()
    raw = params.candidate(given.candidate)
    entries = {changes: changed(raw, changes) for changes in given.changes}
    print(f"| {given.candidate} | log loss, right answers (epochs) | of | seconds a fit |")
    print("|---|---|---:|---:|")
    for changes, entry in entries.items():
        fits = trial(given.candidate, raw=entry, first=given.first)
        print(line(changes, fits), flush=True)


if __name__ == "__main__":
    try:
        main()
    except AisleError as error:
        raise SystemExit(f"aisle: {error}") from None
