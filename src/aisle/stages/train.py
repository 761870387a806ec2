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
from aisle.stages import Timings, run
from aisle.training import resuming
from aisle.training.epoch import Epoch

DIGITS = 3
"""Decimals kept in a history: on another processor, networks differ in finer ones."""

CODE = ("stages/train.py", "methods/common", "training", "inputs", "backbones/architecture.py")
"""The code that every fit comes from, beside its method, as in dvc.yaml."""

COLUMNS = ["fold", *(field.name for field in fields(Epoch))]


ORIGIN = "origin.json"
"""In a candidate's folder of models: changes with its data, settings and code."""


def fit_folds(name: str, *, found: Method, settings: Any) -> tuple[list[dict[str, Any]], float]:
    """Return the history of all folds and a fit's mean seconds; models lie in data/interrupted.

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
            print(f"{name}, fold {fold}: {kept(epochs, settings=settings)}", flush=True)
        resuming.end(here)
        fitted = left["folds"][str(fold)]
        history += [{"fold": fold, **epoch} for epoch in fitted["epochs"]]
        seconds.append(fitted["seconds"])
    return history, round(float(np.mean(seconds)), 2)


def kept(epochs: list[Epoch], *, settings: Any) -> str:
    """Return which epoch of a fit was kept, and its scores on val, as a line to print.

    The best one by what the training monitors, over all phases: a phase that never improves on its
    start is undone. Phases of progressive learning do not compare, so there it is the last one's.
    """
    training = getattr(settings, "training", None)
    if training is None:
        return f"{epochs[-1].val_accuracy:.3f} of val right, log loss {epochs[-1].val_loss:.3f}"
    progressive = bool(getattr(settings, "progressive", ()))
    those = [one for one in epochs if not progressive or one.phase == epochs[-1].phase]
    highest = training.mode == "max" or (training.mode == "auto" and "acc" in training.monitor)
    best = (max if highest else min)(those, key=lambda one: getattr(one, training.monitor))
    last = max(one.epoch for one in epochs if one.phase == best.phase)
    return (
        f"kept epoch {best.epoch} of {last} ({best.phase}): "
        f"{best.val_accuracy:.3f} of val right, log loss {best.val_loss:.3f}"
    )


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
    data = [paths.PRODUCTS, paths.VIEWS, paths.resized(settings.photos)]
    data += [paths.weights(settings.backbone)]
    data += sorted(paths.embeddings(settings.backbone).glob("*"))
    package = Path(aisle.__file__).parent
    code = [package / one for one in (*CODE, f"methods/{settings.method}.py")]
    modules = [path for one in code for path in (sorted(one.rglob("*.py")) or [one])]
    versions = [f"{name} {metadata.version(name)}" for name in ("keras", "numpy", "scikit-learn")]
    return files.origin(
        read=[path for path in (*data, *modules) if path.exists()],
        said=[settings.model_dump_json(), str(params.seed()), *versions],
    )


def train(name: str, *, found: Method, settings: Any) -> float:
    """Write one candidate's models and their history; return the mean seconds of a fit.

    A candidate that is left out leaves a reason in place of a model, and a history without rows.
    """
    history: list[dict[str, Any]] = []
    seconds = 0.0
    folder = paths.interrupted(name)
    try:
        history, seconds = fit_folds(name, found=found, settings=settings)
    except LeftOut as reason:
        print(f"{name} was left out: {reason}")
        files.remove(folder)
        files.write_json({"left_out": str(reason)}, folder / paths.LEFT_OUT)
    except AisleError as error:
        raise AisleError(f"candidate {name}: {error}") from None
    # so `evaluate` depends on the model alone, not on all that it comes from
    files.write_json({"origin": _origin(settings)}, folder / ORIGIN)
    files.write_table(pd.DataFrame(history, columns=COLUMNS).round(DIGITS), paths.history(name))
    with files.replacing(paths.models(name)) as temporary:
        folder.rename(temporary)
    files.remove(folder.with_suffix(".json"))
    return seconds


def main() -> Timings:
    """Train one candidate, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    found, settings = registry.candidate(name)
    # DVC may have been killed, and what it started may still run
    with files.exclusive(paths.interrupted(name).parent, what="its training in this folder"):
        return {"fit_seconds": train(name, found=found, settings=settings)}


if __name__ == "__main__":
    run(main)
