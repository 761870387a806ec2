"""Ablation: one network plain, with each single change, and with all changes together.

Fits on train and scores on val of the first fold; test is never opened. Writes
reports/ablation.md and reports/ablation.json.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.report.rendering import markdown_templates
from aisle.settings import params, sections
from aisle.settings.editing import merge
from aisle.standings.costs import machine
from aisle.studies.energy import joules

PLAIN, ALL = "plain", "all together"
DIGITS = 4


def networks(settings: sections.Ablation) -> dict[str, dict[str, Any]]:
    """Return each network of the table by name, as a candidate's entry in params.yaml."""
    found = {PLAIN: _changed(settings.network)}
    for name, change in settings.changes.items():
        found[name.replace("_", " ")] = _changed(settings.network, change)
    found[ALL] = _changed(settings.network, *settings.changes.values())
    return found


def measure(
    method: Method, *, settings: Any, train: rows.Rows, val: rows.Rows, classes: int, seed: int
) -> dict[str, Any]:
    """Return scores and cost of one fit.

    The time per step excludes the first epoch, in which Keras builds its graph: the time of a fit
    of one epoch is subtracted.
    """
    once = settings.model_copy(update={"training": _one_epoch(settings.training)})
    with tempfile.TemporaryDirectory() as folder:

        def fit(chosen: Any) -> tuple[list[Any], float]:
            started = time.perf_counter()
            epochs = method.fit(
                settings=chosen,
                train=train,
                val=val,
                classes=classes,
                folder=Path(folder),
                seed=seed,
            )
            return epochs, time.perf_counter() - started

        _, first = fit(once)
        before = joules()
        epochs, seconds = fit(settings)
        after = joules()
    by_accuracy = settings.training.monitor == "val_accuracy"
    kept = min(epochs, key=lambda e: -e.val_accuracy if by_accuracy else e.val_loss)
    steps = -(-len(train) // settings.training.batch_size) * (len(epochs) - 1)
    return {
        "val_loss": round(kept.val_loss, DIGITS),
        "val_accuracy": round(kept.val_accuracy, DIGITS),
        "epochs": len(epochs),
        "step_milliseconds": round(1000 * max(seconds - first, 0) / max(steps, 1), 2),
        "fit_seconds": round(seconds, 2),
        "joules": None if before is None or after is None else round(after - before, 1),
    }


def ablation() -> list[dict[str, Any]]:
    """Fit every network of `ablation` in params.yaml, write the table and JSON, return the rows."""
    chosen = networks(params.read("ablation", sections.Ablation))
    parsed = {name: registry.parse(raw, where="ablation.network") for name, raw in chosen.items()}
    folds, classes = rows.folds(), len(rows.categories())
    found = []
    for name, (method, settings) in parsed.items():
        if not hasattr(settings, "training"):
            raise AisleError(
                f"params.yaml: ablation.network has method {settings.method}, which has no "
                "epochs; expected network or efficientnetv2."
            )
        train, val = (
            part.only_originals() if settings.views == "original" else part
            for part in rows.fitting_rows(settings=settings, fold=folds[0])
        )
        measured = measure(
            method, settings=settings, train=train, val=val, classes=classes, seed=params.seed()
        )
        found.append({"network": name, **measured})
        print(f"{name}: {measured}", flush=True)
    facts = {
        "method": settings.method,
        "batch_size": settings.training.batch_size,
        "train": len(train),
        "val": len(val),
        "machine": machine(),
        "rows": found,
    }
    files.write_json(facts, paths.ABLATION)
    table = markdown_templates().get_template("ablation.md.j2").render(facts)
    files.write_text(table, paths.ABLATION.with_suffix(".md"))
    return found


def _changed(network: Mapping[str, Any], *changes: Mapping[str, Any]) -> dict[str, Any]:
    for change in changes:
        network = merge(network, change)
    return dict(network)


def _one_epoch(training: Any) -> Any:
    return training.model_copy(update={"epochs": 1})
