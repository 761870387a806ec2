"""Fits one candidate on train, watching val: data/models/CANDIDATE/, data/history/CANDIDATE.csv."""

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, params, paths
from aisle.candidates import registry, rows
from aisle.candidates.contract import Epoch, Method
from aisle.stages import run

DIGITS = 6
"""Decimals kept in a history: finer differences are rounding, not learning."""


def fit_fold(
    found: Method, *, settings: Any, fold: int, classes: int, folder: Path, seed: int
) -> tuple[list[dict[str, Any]], float]:
    """Return one fold's history and the seconds its fit took; the model lies in `folder`."""
    train, val = rows.fitting_rows(settings=settings, fold=fold)
    folder.mkdir(parents=True)
    started = time.perf_counter()
    epochs = found.fit(
        settings=settings, train=train, val=val, classes=classes, folder=folder, seed=seed
    )
    seconds = time.perf_counter() - started
    if not epochs:
        epochs = [_scores(found, train=train, val=val, folder=folder)]
    return [{"fold": fold, **asdict(epoch)} for epoch in epochs], seconds


def _scores(found: Method, *, train: rows.Rows, val: rows.Rows, folder: Path) -> Epoch:
    """Return the scores of a method without epochs, on the original photos of train and val."""
    predictor = found.load(folder=folder)
    values = []
    for part in (train.only_originals(), val.only_originals()):
        probabilities = predictor.probabilities(part)
        of_truth = probabilities[np.arange(len(part)), part.labels]
        values.append(float(-np.log(of_truth.clip(np.finfo(float).eps)).mean()))
        values.append(float((probabilities.argmax(axis=1) == part.labels).mean()))
    return Epoch("fit", 1, *values)


def main() -> None:
    """Write one candidate's models, given on the command line, with their history and cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    found, settings = registry.candidate(name)
    history: list[dict[str, Any]] = []
    seconds: list[float] = []
    models = paths.model(name, 0).parent
    with files.replacing(models) as temporary:
        for fold in rows.folds():
            fold_history, fold_seconds = fit_fold(
                found,
                settings=settings,
                fold=fold,
                classes=len(rows.categories()),
                folder=temporary / paths.model(name, fold).name,
                seed=params.seed() + fold,
            )
            history += fold_history
            seconds.append(fold_seconds)
            print(f"{name}, fold {fold}: {fold_history[-1]} in {fold_seconds:.1f} s", flush=True)
    files.write_table(pd.DataFrame(history).round(DIGITS), paths.history(name))
    cost = {
        "fit_seconds": round(float(np.mean(seconds)), 2),
        "fits": len(seconds),
        "embedded_by": settings.backbone if found.reads_embeddings(settings) else paths.NONE,
    }
    files.write_json(cost, paths.record("train", name))


if __name__ == "__main__":
    run(main)
