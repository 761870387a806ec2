"""Fits one candidate on train, watching val: data/models/CANDIDATE/, data/history/CANDIDATE.csv."""

import argparse
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.errors import AisleError, LeftOut
from aisle.methods.common import fitting, registry
from aisle.stages import Timings, run
from aisle.training.epoch import Epoch

DIGITS = 3
"""Decimals kept in a history: on another processor, networks differ in finer ones."""

COLUMNS = ["fold", *(field.name for field in fields(Epoch))]


def train(name: str) -> float:
    """Write one candidate's models and their history; return the mean seconds of a fit.

    A candidate that is left out leaves a reason in place of models, and a history without rows.
    """
    found, settings = registry.candidate(name)
    folder = paths.interrupted(name)
    history: list[dict[str, Any]] = []
    seconds: list[float] = []
    try:
        for fold, epochs, taken in fitting.fit_folds(name, found=found, settings=settings):
            history += [{"fold": fold, **epoch} for epoch in epochs]
            seconds.append(taken)
    except LeftOut as reason:
        print(f"{name} was left out: {reason}")
        for fitted in folder.glob("fold_*"):
            files.remove(fitted)
        history, seconds = [], []
        files.write_json({"left_out": str(reason)}, folder / paths.LEFT_OUT)
    except AisleError as error:
        raise AisleError(f"candidate {name}: {error}") from None
    files.write_table(pd.DataFrame(history, columns=COLUMNS).round(DIGITS), paths.history(name))
    with files.replacing(paths.models(name)) as temporary:
        folder.rename(temporary)
    files.remove(folder.with_suffix(".json"))
    return round(float(np.mean(seconds or [0.0])), 2)


def main() -> Timings:
    """Train one candidate, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    # DVC may have been killed, and what it started may still run
    with files.exclusive(paths.interrupted(name).parent, what="its training in this folder"):
        return {"fit_seconds": train(name)}


if __name__ == "__main__":
    run(main)
