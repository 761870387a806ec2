"""Fits one candidate again, from other seeds and on fewer products: data/refits/CANDIDATE.csv.

Nothing is chosen by these answers: they measure seed-to-seed noise and the effect of less training
data.
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
from aisle.stages.evaluate import answers


def thinned(train: rows.Rows, *, share: float, seed: int) -> rows.Rows:
    """Return all views of a share of the products of each category, at least one.

    Of the same seed, a smaller share is a part of a larger one, so that a curve over shares has no
    noise from drawing anew.
    """
    products, first = np.unique(train.products, return_index=True)
    labels = train.labels[first]
    order = np.random.default_rng(seed).permutation(len(products))
    kept = []
    for label in np.unique(labels):
        members = order[labels[order] == label]
        kept.append(members[: max(1, round(share * len(members)))])
    chosen = products[np.concatenate(kept)]
    return train.take(np.flatnonzero(np.isin(train.products, chosen)))


def refits(name: str) -> pd.DataFrame:
    """Return the answers on test of each refit of a candidate, one row per product and refit.

    Columns as in table.REFIT: `share` is that of train's products, `trained_on` their number.
    """
    import skops.io  # noqa: F401  # and scikit-learn: each process below would take seconds for it

    chosen = settings_of(name)
    plan = [(seed, 1.0) for seed in chosen.seeds]
    plan += [(params.seed(), share) for share in chosen.shares]
    found = [pd.DataFrame(columns=table.REFIT)]
    for seed, share in plan:
        # a process each: TensorFlow keeps the graph and the weights of every network it has trained
        again = parallel.alone(partial(refit, name, seed=seed, share=share))
        right = table.right(again).sum()
        print(f"{name}, seed {seed}, {share:.0%} of train: {right} of {len(again)}", flush=True)
        found.append(again)
    return pd.concat(found[1:] or found, ignore_index=True)


def refit(name: str, *, seed: int, share: float) -> pd.DataFrame:
    """Return a candidate's answers on the test products of all folds, of one seed and one share."""
    each = [refit_fold(name, fold=fold, seed=seed + fold, share=share) for fold in rows.folds()]
    made = pd.concat(each, ignore_index=True)
    return made.assign(**{table.SEED: seed, table.SHARE: share})[table.REFIT]


def refit_fold(name: str, *, fold: int, seed: int, share: float) -> pd.DataFrame:
    """Return a candidate's answers on the test products of one fold, and what it was fitted on."""
    found, settings = registry.candidate(name)
    train, val = rows.fitting_rows(settings=settings, fold=fold)
    if share < 1:
        train = thinned(train, share=share, seed=seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        found.fit(
            settings=settings,
            train=train,
            val=val,
            classes=len(rows.categories()),
            folder=folder,
            seed=seed,
        )
        test = rows.test_rows(settings=settings, fold=fold)
        probabilities = found.load(folder=folder).probabilities(test)
    made = answers(test, probabilities, fold=fold)
    return made.assign(**{table.TRAINED_ON: len(np.unique(train.products))})


def main() -> None:
    """Write the answers of one candidate's refits, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    try:
        found = refits(name)
    except LeftOut as reason:
        print(f"{name} was left out: {reason}")
        found = pd.DataFrame(columns=table.REFIT)
    except AisleError as error:
        raise AisleError(f"refits of {name}: {error}") from None
    files.write_table(found, paths.refit(name))


if __name__ == "__main__":
    run(main, workers=1)
