"""Fits one candidate on train, watching val: data/models/CANDIDATE/, data/history/CANDIDATE.csv.

data/facts/train/CANDIDATE.json says what each fold kept of its phases.
"""

import argparse
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.errors import AisleError, LeftOut
from aisle.methods.common import fitting, registry
from aisle.stages import Timings, run
from aisle.training.epoch import Epoch

COLUMNS = ["fold", *(field.name for field in fields(Epoch))]


def train(name: str) -> float:
    """Write one candidate's models, history and facts; return the mean seconds of a fit.

    A candidate that is left out leaves a reason in place of models, and no rows in the others.
    """
    found, settings = registry.candidate(name)
    folder = paths.interrupted(name)
    history: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    seconds: list[float] = []
    try:
        for fold, epochs, taken in fitting.fit_folds(name, found=found, settings=settings):
            history += [{"fold": fold, **asdict(epoch)} for epoch in epochs]
            fits.append({"fold": fold, **fitting.outcome(epochs)})
            seconds.append(taken)
    except LeftOut as reason:
        print(f"{name} was left out: {reason}")
        for fitted in folder.glob("fold_*"):
            files.remove(fitted)
        history, fits, seconds = [], [], []
        files.write_json({"left_out": str(reason)}, folder / paths.LEFT_OUT)
    except AisleError as error:
        raise AisleError(f"candidate {name}: {error}") from None
    rows = pd.DataFrame(history, columns=COLUMNS).round(fitting.LOSS_DIGITS)
    files.write_table(rows, paths.history(name))
    files.write_json({"fits": fits}, paths.facts("train", name))
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
