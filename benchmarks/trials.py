"""What other settings of a candidate would do on val: `python -m benchmarks.trials NAME CHANGES …`.

Run where the pipeline has embedded (`dvc repro embed`). Each of CHANGES is one trial, such as
`training.learning_rate=1e-4,training.epochs=6`; `-` is params.yaml as it is. The products of train
and val of fold 0, none of test, are dealt out anew in five parts by category and duplicate group;
each part is val once, fitted on the other four (`--first 2`: two parts alone). Prints a Markdown
table, a line as each trial ends: log loss and right answers over these parts, after each phase, at
each fit's epoch of lowest loss so far, which is the one kept (`monitor: val_loss`).
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
from aisle.settings import params
from aisle.stages.train import fit
from aisle.training.epoch import Epoch

PARTS = 5
AS_IT_IS = "-"
COMMA = re.compile(r",(?![^\[]*\])")
"""Between two changes, not within the brackets of a list."""


@dataclass(frozen=True)
class Fitted:
    """One fit: all its epochs, the products of its val, and what it took in seconds."""

    epochs: list[Epoch]
    products: int
    seconds: float

    @property
    def phases(self) -> dict[str, int]:
        """How many epochs each phase ran, in order."""
        return {epoch.phase: epoch.epoch for epoch in self.epochs}

    def kept(self, *, after: str) -> Epoch:
        """Return the epoch of lowest loss on val of this phase and those before."""
        last = max(at for at, epoch in enumerate(self.epochs) if epoch.phase == after)
        return min(self.epochs[: last + 1], key=lambda epoch: epoch.val_loss)


def parts(train: Rows, val: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield train and val of each part; the original views of all rows, dealt out anew."""
    pool = Rows(
        np.r_[train.products, val.products],
        np.r_[train.views, val.views],
        np.r_[train.labels, val.labels],
        train.inputs,
    ).only_originals()
    groups = pool.inputs.table["group"].to_numpy()[pool.products]
    dealer = StratifiedGroupKFold(PARTS, shuffle=True, random_state=0)
    for fitted, watched in dealer.split(pool.products, pool.labels, groups):
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
    """Return a trial's line of the table."""
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
    """Return the fits of a candidate with these settings, one for each of the `first` parts."""
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
    """Try all that the command line names, one after the other."""
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
