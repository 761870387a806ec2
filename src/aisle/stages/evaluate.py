"""Predicts every test product once and measures the cost of doing so: data/predictions/, …"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.candidates import registry, rows
from aisle.candidates.contract import Predictor
from aisle.stages import run

DIGITS = 6
"""Decimals kept of a probability."""

TIMED_PRODUCTS = 30
"""Products predicted one at a time for the latency; their median is reported."""


def table(
    probabilities: np.ndarray, *, test: rows.Rows, ids: np.ndarray, names: list[str], fold: int
) -> pd.DataFrame:
    """Return one row per test product: product_id, fold, actual, predicted, p_<category> …"""
    labels = np.asarray(names, dtype=object)
    answers = {
        "product_id": ids[test.products],
        "fold": fold,
        "actual": labels[test.labels],
        "predicted": labels[probabilities.argmax(axis=1)],
    }
    shares = pd.DataFrame(probabilities.round(DIGITS), columns=[f"p_{name}" for name in names])
    return pd.concat([pd.DataFrame(answers), shares], axis=1)


def report(predictions: pd.DataFrame, *, names: list[str]) -> pd.DataFrame:
    """Return scikit-learn's classification report: category, precision, recall, f1, support."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        predictions["actual"], predictions["predicted"], labels=names, zero_division=0.0
    )
    frame = pd.DataFrame(dict(zip(("precision", "recall", "f1", "support"), columns, strict=True)))
    frame.insert(0, "category", names)
    return frame.round(4)


def milliseconds(predictor: Predictor, *, test: rows.Rows) -> float:
    """Return the median time from one resized photo to its probabilities, one product at a time."""
    singles = [test.take(np.asarray([at])) for at in range(min(TIMED_PRODUCTS, len(test)))]
    predictor.probabilities(singles[0])  # the first call traces the graph
    times = []
    for single in singles:
        started = time.perf_counter()
        predictor.probabilities(single)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Write one candidate's predictions, given on the command line, with report and cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    found, settings = registry.candidate(name)
    names = rows.categories()
    ids = files.read_table(paths.PRODUCTS, text=("product_id",))["product_id"].to_numpy()
    parts = []
    for fold in rows.folds():
        predictor = found.load(folder=paths.model(name, fold))
        test = rows.test_rows(settings=settings, fold=fold)
        probabilities = predictor.probabilities(test)
        parts.append(table(probabilities, test=test, ids=ids, names=names, fold=fold))
    predictions = pd.concat(parts, ignore_index=True)
    cost = {
        "predict_milliseconds": round(milliseconds(predictor, test=test), 3),
        "parameters": predictor.parameters,
        "bytes": size(paths.model(name, fold)),
    }
    files.write_table(predictions, paths.predictions(name))
    files.write_table(report(predictions, names=names), paths.classification(name))
    files.write_json(cost, paths.record("evaluate", name))
    right = (predictions["actual"] == predictions["predicted"]).sum()
    print(f"{name}: {right} of {len(predictions)} right")


if __name__ == "__main__":
    run(main)
