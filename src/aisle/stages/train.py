"""Fits one candidate on train, watching val: data/models/CANDIDATE/, data/history/CANDIDATE.csv."""

import argparse
import time
from dataclasses import asdict, fields
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import aisle
from aisle import files, paths
from aisle.errors import AisleError, LeftOut
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.settings import params
from aisle.stages import run
from aisle.training import resuming
from aisle.training.epoch import Epoch

DIGITS = 6
"""Decimals kept in a history: finer differences are rounding, not learning."""

COLUMNS = ["fold", *(field.name for field in fields(Epoch))]

LEFT_OUT = "left_out.json"
"""In a model's folder where there is no model."""


def fit_folds(
    name: str, *, found: Method, settings: Any
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the history of all folds and what the fits cost; the models lie in data/interrupted.

    What an interrupted run left there is not fitted again, if it comes from the same.
    """
    folder, card = paths.interrupted(name), paths.interrupted(name).with_suffix(".json")
    origin = _origin(settings)
    left = files.read_json(card) if card.exists() else {}
    if left.get("origin") != origin or not folder.is_dir():
        files.remove(folder)
        left = {"origin": origin, "folds": {}}
        files.write_json(left, card)
    classes = len(rows.categories())
    history: list[dict[str, Any]] = []
    seconds: list[float] = []
    for fold in rows.folds():
        here = folder / paths.model(name, fold).name
        if str(fold) not in left["folds"]:
            before = resuming.begin(here)
            train, val = rows.fitting_rows(settings=settings, fold=fold)
            epochs, fold_seconds = fit(
                found,
                settings=settings,
                train=train,
                val=val,
                classes=classes,
                folder=here,
                seed=params.seed() + fold,
            )
            left["folds"][str(fold)] = {
                "epochs": [asdict(epoch) for epoch in epochs],
                "seconds": before + fold_seconds,
            }
            files.write_json(left, card)
            print(f"{name}, fold {fold}: {asdict(epochs[-1])} in {fold_seconds:.1f} s", flush=True)
        resuming.end(here)
        fitted = left["folds"][str(fold)]
        history += [{"fold": fold, **epoch} for epoch in fitted["epochs"]]
        seconds.append(fitted["seconds"])
    needs_pass = found.frozen_pass(settings) != "never"
    return history, {
        "fit_seconds": round(float(np.mean(seconds)), 2),
        "fits": len(seconds),
        "embedded_by": settings.backbone if needs_pass else paths.NONE,
    }


def fit(
    found: Method,
    *,
    settings: Any,
    train: rows.Rows,
    val: rows.Rows,
    classes: int,
    folder: Path,
    seed: int,
) -> tuple[list[Epoch], float]:
    """Return the history of one fit, never empty, and its seconds; the model lies in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    epochs = found.fit(
        settings=settings, train=train, val=val, classes=classes, folder=folder, seed=seed
    )
    seconds = time.perf_counter() - started
    return epochs or [_scores(found, train=train, val=val, folder=folder)], seconds


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


def _origin(settings: params.Candidate) -> str:
    """Return one hash of all that a candidate's fits come from: settings, data, code, versions."""
    data = [paths.PRODUCTS, paths.SPLIT, paths.VIEWS, paths.resized(settings.photos)]
    data += [paths.weights(settings.backbone)]
    data += sorted(paths.embeddings(settings.backbone).glob("*"))
    code = sorted(Path(aisle.__file__).parent.rglob("*.py"))
    versions = [f"{name} {metadata.version(name)}" for name in ("keras", "numpy", "scikit-learn")]
    return files.origin(
        read=[path for path in (*data, *code) if path.exists()],
        said=[settings.model_dump_json(), str(params.seed()), *versions],
    )


def train(name: str, *, found: Method, settings: Any) -> None:
    """Write one candidate's models, with their history and cost.

    A candidate that is left out leaves a reason in place of a model, and a history without rows.
    """
    history: list[dict[str, Any]] = []
    folder = paths.interrupted(name)
    try:
        history, record = fit_folds(name, found=found, settings=settings)
    except LeftOut as reason:
        print(f"{name} was left out: {reason}")
        record = {"left_out": str(reason)}
        files.remove(folder)
        files.write_json({"reason": str(reason)}, folder / LEFT_OUT)
    except AisleError as error:
        raise AisleError(f"candidate {name}: {error}") from None
    files.write_table(pd.DataFrame(history, columns=COLUMNS).round(DIGITS), paths.history(name))
    files.write_json(record, paths.record("train", name))
    with files.replacing(paths.model(name, 0).parent) as temporary:
        folder.rename(temporary)
    files.remove(folder.with_suffix(".json"))


def main() -> None:
    """Train one candidate, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    found, settings = registry.candidate(name)
    # DVC may have been killed, and what it started may still run
    with files.exclusive(paths.interrupted(name).parent, what="its training in this folder"):
        train(name, found=found, settings=settings)


if __name__ == "__main__":
    run(main)
