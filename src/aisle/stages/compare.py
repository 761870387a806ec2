"""Scores all competitors on the same products, and holds them against each other.

data/predictions → reports/metrics.json, comparison.json, comparison.csv, cost.json, and
data/suspects.csv. Competitors are the candidates and ensembles of params.yaml that were not left
out. Times, memory and the machine go to cost.json alone, so that all else is the same on every run.
"""

import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.catalogue import audit
from aisle.errors import AisleError
from aisle.parallel import cores
from aisle.settings import params
from aisle.settings.refits import refits
from aisle.settings.sections import Compare
from aisle.stages import run, took
from aisle.standings import comparison, competitors, records, verdicts
from aisle.standings.comparison import Answers
from aisle.statistics.checks import problems
from aisle.statistics.scores import scores

TEXTS = ("product_id", "actual", "predicted")
ANSWER = "p_"
"""Before a category's name: the column of its probability."""

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


def require_sound(predictions: dict[str, pd.DataFrame]) -> None:
    """Raise AisleError with everything that makes answers impossible to score, one line each."""
    found = [
        f"'{name}': {problem}"
        for name, table in predictions.items()
        for problem in problems(_column(table, "actual"), _probabilities(table))
    ]
    if found:
        found.append("Run 'dvc repro -f' for those candidates so that they are evaluated anew.")
        raise AisleError("\n".join(found))


def score(predictions: pd.DataFrame, *, settings: Compare, seed: int) -> dict[str, float | int]:
    """Return the scores of one competitor's table of answers, with their intervals."""
    probabilities = _probabilities(predictions)
    return scores(
        actual=_column(predictions, "actual"),
        predicted=_column(predictions, "predicted"),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=seed,
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


def stage_names() -> list[str]:
    """Return the stages of dvc.yaml up to this one, in its order, as DVC calls them."""
    each = {
        "resize": params.read("resize", params.Resize).sizes,
        "weights": params.variant_names(),
        "embed": params.variant_names(),
        "train": params.candidate_names(),
        "evaluate": params.candidate_names(),
        "combine": params.ensemble_names(),
        "refit": refits(),
    }
    several = [f"{stage}@{key}" for stage, keys in each.items() for key in keys]
    return ["check", "catalogue", "extract", "split", "augment", *several, "compare"]


def stages() -> dict[str, dict[str, Any]]:
    """Return what each stage took, in dvc.yaml's order; this one until now.

    By DVC all have run; one that was not run by hand is not there.
    """
    records = {name: paths.stage_record(name) for name in stage_names()}
    found = {name: files.read_json(path) for name, path in records.items() if path.exists()}
    return found | {"compare": took()}


def compare(
    tables: dict[str, pd.DataFrame],
    *,
    costs: dict[str, dict[str, Any]],
    metrics: dict[str, dict[str, float | int]],
    settings: Compare,
    seed: int,
) -> dict[str, Any]:
    """Write the verdict on each pair and the suspect labels; return all else that was found."""
    answers = aligned(tables)
    split = files.read_json(paths.LEAK_CHECKS)
    pairs = comparison.pairs(
        answers,
        settings=settings,
        seed=seed,
        train_share=split["train"] / split["products"],
    )
    verdicts.write(pairs)
    candidates = competitors.read()["candidates"]
    learners = [
        name for name in tables if name in candidates and candidates[name]["kind"] != "control"
    ]
    files.write_table(_suspects(answers, tables=tables, of=learners), paths.SUSPECTS)
    ranked = sorted(tables, key=lambda one: (-metrics[one]["correct"], metrics[one]["log_loss"]))
    watched = {name: files.read_table(paths.validation(name), text=TEXTS) for name in learners}
    again = {name: files.read_table(paths.refit(name), text=TEXTS) for name in refits()}
    right = dict(zip(answers.names, answers.right, strict=True))
    kept = {name: table for name, table in again.items() if name in right and len(table)}
    for name, table in kept.items():
        _require_refit(name, table, of=tables[name])
    found = {name: comparison.noises(right[name], table, seed=seed) for name, table in kept.items()}
    curves = {
        name: comparison.curve(
            right[name], table, trained_on=split["train"], seed=seed, settings=settings
        )
        for name, table in kept.items()
    }
    return {
        "rule": settings.model_dump(mode="json"),
        "audit": twins(seed=seed),
        "test": comparison.size_of_the_test(watched, products=answers.products, settings=settings),
        "winner": asdict(
            verdicts.winner(
                ranked, verdicts=verdicts.from_pairs(pairs), costs=costs, by=settings.ties
            )
        ),
        "noise": {name: one for name, one in found.items() if one},
        "curves": {name: one for name, one in curves.items() if one},
        "mixed_up": comparison.mixed_up(answers, of=learners),
        "categories": comparison.per_category(answers, settings=settings),
    }


def twins(*, seed: int) -> dict[str, Any]:
    """Return how many duplicates the split cuts, and a plain one would."""
    extract = params.read("extract", params.Extract)
    return audit.of_catalogue(
        files.read_table(
            paths.PRODUCTS, text=("product_id", "sha256", "phash", *get_args(params.TextColumn))
        ),
        files.read_table(paths.SPLIT, text=("product_id",)),
        texts=extract.duplicate_texts,
        bits=extract.near_duplicate_bits,
        seed=seed,
    )


def aligned(tables: dict[str, pd.DataFrame]) -> Answers:
    """Return the tables of answers as arrays, with the duplicate group of each product."""
    first = next(iter(tables.values()))
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    group = products.set_index("product_id")["group"].loc[first["product_id"]]
    return Answers(
        names=tuple(tables),
        categories=_categories(first),
        actual=_column(first, "actual"),
        predicted=np.stack([_column(table, "predicted") for table in tables.values()]),
        fold=first["fold"].to_numpy(),
        group=group.to_numpy(),
    )


def main() -> None:
    """Write scores, comparison and cost of the candidates of params.yaml, then its ensembles."""
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
    require_sound(tables)
    settings, seed = params.read("compare", Compare), params.seed()
    metrics = {name: score(table, settings=settings, seed=seed) for name, table in tables.items()}
    found = compare(tables, costs=costs, metrics=metrics, settings=settings, seed=seed)
    files.write_json(found, paths.COMPARISON)
    files.write_json(metrics, paths.METRICS)
    files.write_json({"machine": machine(), "candidates": costs, "stages": stages()}, paths.COST)


def _suspects(answers: Answers, *, tables: dict[str, pd.DataFrame], of: list[str]) -> pd.DataFrame:
    if not of:
        return pd.DataFrame(columns=comparison.SUSPECT)
    ids = tables[of[0]]["product_id"].tolist()
    given = np.stack([_probabilities(tables[name]) for name in of])
    return comparison.suspects(answers, given, ids=ids)


def _require_refit(name: str, again: pd.DataFrame, *, of: pd.DataFrame) -> None:
    for _, rows in again.groupby(["seed", "share"]):
        if rows["product_id"].tolist() != of["product_id"].tolist():
            raise AisleError(
                f"'{name}' was fitted again for {len(rows)} test products and evaluated on "
                f"{len(of)}, or they are not the same. Run 'dvc repro -f refit@{name}'."
            )


def _categories(predictions: pd.DataFrame) -> tuple[str, ...]:
    return tuple(c.removeprefix(ANSWER) for c in predictions.columns if c.startswith(ANSWER))


def _column(predictions: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column of category names as ids, int [n]."""
    ids = {category: position for position, category in enumerate(_categories(predictions))}
    return np.asarray(predictions[name].map(ids))


def _probabilities(predictions: pd.DataFrame) -> np.ndarray:
    """Return float [n, classes]; what is no number is NaN."""
    columns = predictions[[f"{ANSWER}{name}" for name in _categories(predictions)]]
    return np.asarray(columns.apply(pd.to_numeric, errors="coerce"), dtype=float)


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
    run(main, recorded=False)  # cost.json has it
