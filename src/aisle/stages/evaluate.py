"""Predicts every test product once and measures the cost of doing so: data/predictions/, …"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.backbones.timing import REPEATS, milliseconds
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.stages import run
from aisle.standings import records

DIGITS = 6
"""Decimals kept of a probability."""

SCORES = ("precision", "recall", "f1", "support")


def answer(name: str, *, names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return a candidate's answers on test and on val, and what answering costs, of all folds.

    Val is there for what combines candidates: its products were watched while this one was fitted.
    """
    found, settings = registry.candidate(name)
    ids = files.read_table(paths.PRODUCTS, text=("product_id",))["product_id"].to_numpy()
    tested: list[pd.DataFrame] = []
    watched: list[pd.DataFrame] = []
    for fold in rows.folds():
        predictor = found.load(folder=paths.model(name, fold))
        test = rows.test_rows(settings=settings, fold=fold)
        _, val = rows.fitting_rows(settings=settings, fold=fold)
        for part, tables in ((test, tested), (val.only_originals(), watched)):
            probabilities = predictor.probabilities(part)
            tables.append(table(probabilities, part=part, ids=ids, names=names, fold=fold))
    singles = [test.take(np.asarray([at])) for at in range(min(REPEATS, len(test)))]
    cost = {
        "predict_milliseconds": milliseconds(predictor.probabilities, singles),
        "parameters": predictor.parameters,
        "bytes": size(paths.model(name, fold)),
        "frozen_passes": frozen_passes(found, settings=settings, test=test),
    }
    return pd.concat(tested, ignore_index=True), pd.concat(watched, ignore_index=True), cost


def columns(names: list[str]) -> list[str]:
    """Return the columns of a table of answers."""
    return ["product_id", "fold", "actual", "predicted", *(f"p_{name}" for name in names)]


def table(
    probabilities: np.ndarray, *, part: rows.Rows, ids: np.ndarray, names: list[str], fold: int
) -> pd.DataFrame:
    """Return one row per product: product_id, fold, actual, predicted, p_<category> …"""
    labels = np.asarray(names, dtype=object)
    answers = {
        "product_id": ids[part.products],
        "fold": fold,
        "actual": labels[part.labels],
        "predicted": labels[probabilities.argmax(axis=1)],
    }
    shares = dict(zip(columns(names)[len(answers) :], probabilities.round(DIGITS).T, strict=True))
    return pd.DataFrame(answers | shares, columns=columns(names))


def report(predictions: pd.DataFrame, *, names: list[str]) -> pd.DataFrame:
    """Return category, precision, recall, f1, support of each category; 0 where nothing counts.

    What scikit-learn's `precision_recall_fscore_support` gives, whose import takes longer than
    most candidates need to answer. No rows for no predictions.
    """
    if predictions.empty:
        return pd.DataFrame(columns=["category", *SCORES])
    actual, predicted = (
        pd.Categorical(predictions[column], categories=names).codes
        for column in ("actual", "predicted")
    )
    right, support, given = (
        np.bincount(found, minlength=len(names))
        for found in (actual[actual == predicted], actual, predicted)
    )
    found = (
        right / np.maximum(given, 1),
        right / np.maximum(support, 1),
        2 * right / np.maximum(support + given, 1),
        support,
    )
    frame = pd.DataFrame(dict(zip(SCORES, found, strict=True)))
    frame.insert(0, "category", names)
    return frame.round(4)


def frozen_passes(found: Method, *, settings: Any, test: rows.Rows) -> int:
    """Return how many views of a photo the backbone must see before the candidate can answer."""
    if found.frozen_pass(settings) != "to_answer":
        return 0
    return len(test.inputs.embedding["views"]) if settings.views == "mean" else 1


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Write one candidate's answers, given on the command line, with report and cost.

    A candidate that was left out gets tables without rows.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    names, reason = rows.categories(), records.left_out(name)
    if reason is None:
        predictions, validation, record = answer(name, names=names)
        right = (predictions["actual"] == predictions["predicted"]).sum()
        print(f"{name}: {right} of {len(predictions)} right")
    else:
        predictions = validation = pd.DataFrame(columns=columns(names))
        record = {"left_out": reason}
        print(f"{name} was left out: {reason}")
    files.write_table(predictions, paths.predictions(name))
    files.write_table(validation, paths.validation(name))
    files.write_table(report(predictions, names=names), paths.classification(name))
    files.write_json(record, paths.record("evaluate", name))


if __name__ == "__main__":
    run(main)
