"""Fit a candidate on each fold: resumed where it was interrupted, with its history and seconds."""

import time
from collections.abc import Iterator, Sequence
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

LOSS_DIGITS = 3
"""Decimals kept of a loss: on another processor, networks differ in finer ones."""

ORIGIN = "origin.json"
"""In a folder of models: one hash of all that they come from. What reads a model depends on that
folder alone."""


def fit_folds(
    name: str, *, found: Method, settings: Any
) -> Iterator[tuple[int, list[Epoch], float]]:
    """Yield each fold, its epochs and its seconds; models lie in data/interrupted.

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
            print(f"{name}, fold {fold}: {kept(epochs)}", flush=True)
        resuming.end(here)
        fitted = done[str(fold)]
        yield fold, [Epoch(**epoch) for epoch in fitted["epochs"]], fitted["seconds"]


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


def kept(epochs: Sequence[Epoch]) -> str:
    """Return which epoch of a fit was kept, its scores on val, and what was rolled back: a line."""
    length = {one.phase: one.epoch for one in epochs}
    best = next((one for one in reversed(epochs) if one.kept), None)
    said = (
        "kept no epoch"
        if best is None
        else f"kept epoch {best.epoch} of {length[best.phase]} ({best.phase}): "
        f"{best.val_accuracy:.3f} of val right, log loss {best.val_loss:.3f}"
    )
    found = outcome(epochs)
    undone = [f"{phase} (best {loss:.3f})" for phase, loss in found["rolled_back"].items()]
    return f"{said}; rolled back: {', '.join(undone)}" if undone else said


def outcome(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """Return what a fit kept: the last phase that improved on its start, and losses on val.

    `kept` is that phase, or None; `val_loss` and `rolled_back` hold the loss of the epoch that each
    phase kept, and the lowest loss of each phase that kept none.
    """
    found: dict[str, Any] = {"kept": None, "val_loss": {}, "rolled_back": {}}
    for phase in dict.fromkeys(one.phase for one in epochs):
        those = [one for one in epochs if one.phase == phase]
        best = next((one for one in those if one.kept), None)
        if best is None:
            found["rolled_back"][phase] = round(min(one.val_loss for one in those), LOSS_DIGITS)
        else:
            found["kept"] = phase
            found["val_loss"][phase] = round(best.val_loss, LOSS_DIGITS)
    return found


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
    return Epoch("fit", 1, *values, kept=True)
