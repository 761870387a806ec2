"""Makes one answer of several candidates': data/ensembles/. What is fitted is fitted on val."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.answers import combining
from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages import run
from aisle.stages.evaluate import DIGITS, report
from aisle.standings import records

ROW = ["product_id", "fold", "actual"]
"""What a row of answers is about; a member's answer and its probabilities follow."""


def require_same_rows(tables: dict[str, pd.DataFrame], *, ensemble: str, partition: str) -> None:
    """Raise AisleError unless all members answered for the same rows and categories, in order."""
    first, *others = tables
    for other in others:
        difference = _difference(tables[first], tables[other])
        if difference:
            raise AisleError(
                f"ensemble '{ensemble}': its members '{first}' and '{other}' were scored on "
                f"{difference} ({len(tables[first])} and {len(tables[other])} rows of {partition})."
                " An ensemble needs the same rows from each member, in the same order: run "
                "'dvc repro', which evaluates anew what is out of date."
            )


def combine(
    settings: params.Ensemble,
    *,
    predictions: dict[str, pd.DataFrame],
    validation: dict[str, pd.DataFrame],
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the ensemble's scores, float [test rows, categories], and its record.

    Each fold's pool is fitted on the val rows of that fold alone; votes do not look at val.
    """
    probabilities, answers, _ = _arrays(predictions)
    record: dict[str, Any] = {"disagree": round(combining.disagreement(answers), DIGITS)}
    if settings.method == "soft_vote":
        return combining.soft_vote(probabilities), record
    if settings.method == "hard_vote":
        return combining.hard_vote(probabilities, answers=answers), record
    val_probabilities, _, val_labels = _arrays(validation)
    folds = next(iter(predictions.values()))["fold"].to_numpy()
    val_folds = next(iter(validation.values()))["fold"].to_numpy()
    scores = np.empty(probabilities.shape[1:])
    pools = []
    for fold in np.unique(folds):
        here, val = folds == fold, val_folds == fold
        if not val.any():
            raise AisleError(f"members have no answers on val in fold {fold}. Run 'dvc repro'.")
        pools.append(combining.fit_pool(val_probabilities[:, val], labels=val_labels[val]))
        scores[here] = combining.late_fusion(probabilities[:, here], pool=pools[-1])
    fitted = {
        "weights": [pool.weights.round(DIGITS).tolist() for pool in pools],
        "temperature": [round(pool.temperature, DIGITS) for pool in pools],
    }
    return scores, fitted | record


def table(scores: np.ndarray, *, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the answers with the columns and rounding of a candidate's; `rows` is a member's."""
    names = _categories(rows)
    answers = rows[ROW].assign(predicted=np.asarray(names, dtype=object)[scores.argmax(axis=1)])
    answers[[f"p_{name}" for name in names]] = scores.round(DIGITS)
    return answers


def answer(settings: params.Ensemble, *, name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return an ensemble's answers and record from its members' tables.

    No rows, and the reason, where a member was left out. AisleError where the members' tables do
    not fit each other.
    """
    predictions = {member: _read(paths.predictions(member)) for member in settings.members}
    first = predictions[settings.members[0]]
    for member in settings.members:
        reason = records.left_out(member)
        if reason is not None:
            return first.iloc[:0], {"left_out": f"its member '{member}' was left out: {reason}"}
    validation = {member: _read(paths.validation(member)) for member in settings.members}
    require_same_rows(predictions, ensemble=name, partition="test")
    require_same_rows(validation, ensemble=name, partition="val")
    scores, record = combine(settings, predictions=predictions, validation=validation)
    return table(scores, rows=first), record


def main() -> None:
    """Write one ensemble's answers, given on the command line, with report and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ensemble")
    name = parser.parse_args().ensemble
    settings = params.ensemble(name)
    for member in settings.members:
        params.candidate(member)  # the tables of one removed from params.yaml may still lie there
    answers, record = answer(settings, name=name)
    files.write_table(answers, paths.ensemble("predictions", name))
    per_category = report(answers, names=_categories(answers))
    files.write_table(per_category, paths.ensemble("classification", name))
    files.write_json(record, paths.ensemble("records", name))
    right = (answers["actual"] == answers["predicted"]).sum()
    print(f"{name}: {record.get('left_out', f'{right} of {len(answers)} right')}")


def _read(path: Path) -> pd.DataFrame:
    return files.read_table(path, text=("product_id", "actual", "predicted"))


def _categories(answers: pd.DataFrame) -> list[str]:
    """Return the categories in the order of their ids: that of the probabilities' columns."""
    return [name.removeprefix("p_") for name in answers.columns if name.startswith("p_")]


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Return in what the rows of two tables differ; nothing where they are the same."""
    if list(one.columns) != list(other.columns):
        return "other categories"
    if sorted(one["product_id"]) != sorted(other["product_id"]):
        return "other products"
    for column, difference in (
        ("product_id", "the same products in another order"),
        ("fold", "other folds"),
        ("actual", "other labels"),
    ):
        if one[column].tolist() != other[column].tolist():
            return difference
    return ""


def _arrays(tables: dict[str, pd.DataFrame]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities [members, rows, categories], answers [members, rows], labels [rows]."""
    first = next(iter(tables.values()))
    names = _categories(first)
    ids = {name: position for position, name in enumerate(names)}
    rounded = np.stack([one[[f"p_{name}" for name in names]] for one in tables.values()])
    answers = np.stack([one["predicted"].map(ids) for one in tables.values()])
    labels = first["actual"].map(ids).to_numpy()
    return rounded / rounded.sum(axis=2, keepdims=True), answers, labels


if __name__ == "__main__":
    run(main)
