"""Scores all competitors on the same products: data/predictions → reports/metrics.json, cost.json.

Competitors are the candidates and ensembles of params.yaml that were not left out.
Times and the machine go to cost.json alone, so that metrics.json is the same on every run.
"""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from aisle import files, params, paths, records
from aisle.errors import AisleError
from aisle.parallel import cores
from aisle.stages import run
from aisle.statistics.scores import scores

TEXTS = ("product_id", "actual", "predicted")
COSTS = ("fit_seconds", "embed_seconds", "predict_milliseconds", "parameters", "bytes")
LIBRARIES = ("tensorflow", "keras", "scikit-learn", "numpy")


def require_same_products(predictions: dict[str, pd.DataFrame]) -> None:
    """Raise AisleError unless all competitors answered for the same products in the same order."""
    names = list(predictions)
    first = predictions[names[0]]
    keys = ["product_id", "fold", "actual"]
    for name in names[1:]:
        other = predictions[name]
        if not first[keys].equals(other[keys]):
            missing = set(first["product_id"]) ^ set(other["product_id"])
            raise AisleError(
                f"'{names[0]}' was scored on {len(first)} products and '{name}' on {len(other)}; "
                f"{len(missing)} are not in both, or the order or labels differ. A comparison "
                "needs the same test products: run 'dvc repro' so that both are evaluated anew."
            )


def score(predictions: pd.DataFrame) -> dict[str, float | int]:
    """Return the scores of one competitor's table of answers."""
    columns = [column for column in predictions.columns if column.startswith("p_")]
    ids = {column.removeprefix("p_"): position for position, column in enumerate(columns)}
    probabilities = predictions[columns].to_numpy(dtype=float)
    return scores(
        actual=predictions["actual"].map(ids).to_numpy(),
        predicted=predictions["predicted"].map(ids).to_numpy(),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
    )


def cost(*members: str) -> dict[str, Any]:
    """Return what fitting, embedding and predicting cost for a candidate, or for several at once.

    Sums over the members. What is predicted from embeddings needs the backbone: its parameters,
    bytes and passes count, once for all members that read it.
    """
    totals: dict[str, float] = dict.fromkeys(COSTS, 0)
    passes: dict[str, int] = {}
    for name in members:
        fit = files.read_json(paths.record("train", name))
        predict = files.read_json(paths.record("evaluate", name))
        backbone, needed = fit["embedded_by"], predict.pop("frozen_passes")
        passes[backbone] = max(needed, passes.get(backbone, 0))
        for key, value in {"fit_seconds": fit["fit_seconds"], **predict}.items():
            totals[key] += value
    for backbone, needed in passes.items():
        frozen = _frozen(backbone)
        totals["embed_seconds"] += frozen["seconds"]
        if needed:
            totals["predict_milliseconds"] += needed * frozen["predict_milliseconds"]
            totals["parameters"] += frozen["parameters"]
            totals["bytes"] += frozen["bytes"]
    return {key: round(value, 3) for key, value in totals.items()}


def _frozen(backbone: str) -> dict[str, Any]:
    """Return what a backbone's frozen pass cost; none, nothing."""
    if backbone == paths.NONE:
        return {"seconds": 0.0}
    return files.read_json(paths.record("embed", backbone))


def machine() -> dict[str, Any]:
    """Return what the timings were measured on."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": _memory_gigabytes(),
        "python": platform.python_version(),
        **{library: _version(library) for library in LIBRARIES},
    }


def main() -> None:
    """Write metrics and cost of the candidates of params.yaml, then its ensembles, in its order."""
    answers = {
        name: paths.predictions(name)
        for name in params.candidate_names()
        if records.left_out(name) is None
    }
    if not answers:
        raise AisleError(
            "every candidate was left out, so there is nothing to compare. 'dvc repro' says why as "
            "each is trained; give the catalogue what they read, or add one that reads photos."
        )
    costs = {name: cost(name) for name in answers}
    for name in params.ensemble_names():
        if records.left_out(name, ensemble=True) is None:
            answers[name] = paths.ensemble("predictions", name)
            costs[name] = cost(*params.ensemble(name).members)
    tables = {name: files.read_table(path, text=TEXTS) for name, path in answers.items()}
    require_same_products(tables)
    files.write_json({name: score(table) for name, table in tables.items()}, paths.METRICS)
    files.write_json({"machine": machine(), "candidates": costs}, paths.COST)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gigabytes() -> float:
    information = Path("/proc/meminfo")
    if not information.exists():
        return 0.0
    kilobytes = int(information.read_text(encoding="utf-8").split("MemTotal:")[1].split()[0])
    return round(kilobytes / 1e6, 1)


def _version(library: str) -> str:
    """Return an installed version; TensorFlow's package has two names."""
    names = (library, f"{library}-cpu") if library == "tensorflow" else (library,)
    for name in names:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return "not installed"


if __name__ == "__main__":
    run(main)
