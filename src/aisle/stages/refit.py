"""Fits one candidate again, from other seeds and on fewer products: data/refits/ENTRY.csv.

The entry is a candidate's name or a role, such as `transfer_finalist`. Nothing is chosen by these
answers: they measure seed-to-seed noise and the effect of less training data.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from aisle import files, parallel, paths
from aisle.answers import table
from aisle.errors import AisleError, LeftOut
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.settings import params
from aisle.settings.refits import refit as settings_of
from aisle.stages import run
from aisle.standings import records


def refits(entry: str) -> pd.DataFrame:
    """Return the answers on test of each refit of a candidate, one row per product and refit.

    Columns as in table.REFIT: `share` is that of train's products, `trained_on` their number. No
    rows where no candidate has the role.
    """
    import skops.io  # noqa: F401  # and scikit-learn: each process below would take seconds for it

    chosen, name = settings_of(entry), records.refitted(entry)
    if name is None:
        return pd.DataFrame(columns=table.REFIT)
    plan = [(seed, 1.0) for seed in chosen.seeds]
    plan += [(params.seed(), share) for share in chosen.shares]
    found = [pd.DataFrame(columns=table.REFIT)]
    for seed, share in plan:
        # a process each: TensorFlow keeps the graph and the weights of every network it has trained
        again = parallel.in_new_process(partial(refit, name, seed=seed, share=share))
        right = table.right(again).sum()
        print(f"{name}, seed {seed}, {share:.0%} of train: {right} of {len(again)}", flush=True)
        found.append(again)
    return pd.concat(found[1:] or found, ignore_index=True)


def refit(name: str, *, seed: int, share: float) -> pd.DataFrame:
    """Return a candidate's answers on the test products of all folds, of one seed and one share."""
    found, settings = registry.candidate(name)
    names, made = rows.categories(), []
    for fold in rows.folds():
        train, val = rows.fitting_rows(settings=settings, fold=fold)
        at = seed + fold
        train = rows.thinned(train, share=share, seed=at) if share < 1 else train
        test = rows.test_rows(settings=settings, fold=fold)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / name
            folder.mkdir()
            found.fit(
                settings=settings, train=train, val=val, classes=len(names), folder=folder, seed=at
            )
            probabilities = found.load(folder=folder).probabilities(test)
        ids = test.product_ids
        answers = table.make(
            probabilities, products=ids, fold=fold, actual=test.labels, categories=names
        )
        trained_on = len(np.unique(train.products))
        said = {table.SEED: seed, table.SHARE: share, table.TRAINED_ON: trained_on}
        made.append(answers.assign(**said)[table.REFIT])
    return pd.concat(made, ignore_index=True)


def main() -> None:
    """Write the answers of the refits of one entry, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entry")
    entry = parser.parse_args().entry
    try:
        found = refits(entry)
    except LeftOut as reason:
        print(f"{entry} was left out: {reason}")
        found = pd.DataFrame(columns=table.REFIT)
    except AisleError as error:
        raise AisleError(f"refits of {entry}: {error}") from None
    files.write_table(found, paths.refit(entry))


if __name__ == "__main__":
    run(main, workers=1)
