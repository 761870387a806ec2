"""Fit a candidate on each fold: resumed where it was interrupted, with its history and seconds."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import aisle
from aisle import files, paths
from aisle.inputs import rows
from aisle.methods.common.contract import Method
from aisle.settings import params
from aisle.statistics.log_loss import losses
from aisle.training import resuming
from aisle.training.epoch import Epoch

CODE = (
    *("stages/train.py", "methods/common", "training", "inputs"),
    *("backbones/architecture.py", "statistics/log_loss.py"),
)
"""The code that every fit comes from, beside its method, as in dvc.yaml."""

ORIGIN = "origin.json"
"""In a folder of models: one hash of all that they come from. What reads a model depends on that
folder alone."""


def fit_folds(
    name: str, *, found: Method, settings: Any
) -> Iterator[tuple[int, list[dict[str, Any]], float]]:
    """Yield each fold, the rows of its history and its seconds; models lie in data/interrupted.

    Folds that an interrupted run completed are not fitted again, if they have the same origin.
    """
    folder, card = paths.interrupted(name), paths.interrupted(name).with_suffix(".json")
    done = _begin(folder, card=card, origin=origin(settings))
    classes = len(rows.categories())
    for fold in rows.folds():
        here = folder / paths.model(name, fold).name
        if str(fold) not in done:
            before = resuming.begin(here)
            train, val = rows.fitting_rows(settings=settings, fold=fold)
            epochs, seconds = fit(
                found,
                settings=settings,
                train=train,
                val=val,
                classes=classes,
                folder=here,
                seed=params.seed() + fold,
            )
            done[str(fold)] = {
                "epochs": [asdict(epoch) for epoch in epochs],
                "seconds": before + seconds,
            }
            files.write_json(done, card)
            print(f"{name}, fold {fold}: {kept(epochs, settings=settings)}", flush=True)
        resuming.end(here)
        fitted = done[str(fold)]
        yield fold, fitted["epochs"], fitted["seconds"]


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


def origin(settings: params.Candidate) -> str:
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


def _begin(folder: Path, *, card: Path, origin: str) -> dict[str, Any]:
    """Return history and seconds of the folds fitted before, from `card`; of another origin, none.

    What comes from another origin is deleted.
    """
    marker = folder / ORIGIN
    if not marker.exists() or files.read_json(marker)["origin"] != origin:
        files.remove(folder)
        files.remove(card)
        files.write_json({"origin": origin}, marker)
    return files.read_json(card) if card.exists() else {}


def _scores(found: Method, *, train: rows.Rows, val: rows.Rows, folder: Path) -> Epoch:
    """Return the scores of a method without epochs, on the original photos of train and val."""
    predictor = found.load(folder=folder)
    values = []
    for part in (train.only_originals(), val.only_originals()):
        probabilities = predictor.probabilities(part)
        values.append(float(losses(actual=part.labels, probabilities=probabilities).mean()))
        values.append(float((probabilities.argmax(axis=1) == part.labels).mean()))
    return Epoch("fit", 1, *values)
