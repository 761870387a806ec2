"""Predicts every test product once and measures the cost of doing so: data/predictions/, …"""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.answers import table
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.stages import REPEATS, Timings, milliseconds, run


def answer(name: str) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any], Timings]:
    """Return a candidate's answers on test and on val of all folds, its facts and its timings.

    Val is there for what combines candidates: its products were watched while this one was fitted.
    """
    found, settings = registry.candidate(name)
    names = rows.categories()
    tested: list[pd.DataFrame] = []
    watched: list[pd.DataFrame] = []
    for fold in rows.folds():
        predictor = found.load(folder=paths.model(name, fold))
        test = rows.test_rows(settings=settings, fold=fold)
        _, val = rows.fitting_rows(settings=settings, fold=fold)
        for part, tables in ((test, tested), (val.only_originals(), watched)):
            shares = predictor.probabilities(part)
            ids, actual = part.product_ids, part.labels
            made = table.make(shares, products=ids, fold=fold, actual=actual, categories=names)
            tables.append(made)
    singles = [test.take(np.asarray([at])) for at in range(min(REPEATS, len(test)))]
    facts = {
        "parameters": predictor.parameters,
        "bytes": sum(p.stat().st_size for p in paths.model(name, fold).rglob("*") if p.is_file()),
        "embedded_by": paths.NONE if found.frozen_pass(settings) == "never" else settings.backbone,
        "frozen_passes": frozen_passes(found, settings=settings, test=test),
    }
    timings = {"predict_milliseconds": milliseconds(predictor.probabilities, singles)}
    test_answers, val_answers = (pd.concat(one, ignore_index=True) for one in (tested, watched))
    return test_answers, val_answers, facts, timings


def frozen_passes(found: Method, *, settings: Any, test: rows.Rows) -> int:
    """Return how many views of a photo the backbone must see before the candidate can answer."""
    if found.frozen_pass(settings) != "to_answer":
        return 0
    return len(test.inputs.embedding["views"]) if settings.views == "mean" else 1


def main() -> Timings:
    """Write one candidate's answers, given on the command line; no rows if it was left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate")
    name = parser.parse_args().candidate
    absent, timings = paths.models(name) / paths.LEFT_OUT, Timings()
    if absent.exists():
        predictions = validation = table.empty(rows.categories())
        facts = files.read_json(absent)
        print(f"{name} was left out: {facts['left_out']}")
    else:
        predictions, validation, facts, timings = answer(name)
        print(f"{name}: {table.right(predictions).sum()} of {len(predictions)} right")
    files.write_table(predictions, paths.predictions(name))
    files.write_table(validation, paths.validation(name))
    files.write_json(facts, paths.facts("evaluate", name))
    return timings


if __name__ == "__main__":
    run(main)
