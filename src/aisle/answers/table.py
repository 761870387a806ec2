"""The table of answers: columns, and the committed table of all competitors."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from aisle import files
from aisle.errors import AisleError

PRODUCT, FOLD, ACTUAL, PREDICTED, PROBABILITY = "product_id", "fold", "actual", "predicted", "p_"
ROW = [PRODUCT, FOLD, ACTUAL]
"""What a row is about; the answer and its probabilities follow."""

DIGITS = 6
"""Decimals of a probability in a table."""

SIGNIFICANT = 9
"""Digits of the probabilities in the table of all competitors: log loss is exact to 1e-6."""


def columns(categories: Iterable[str]) -> list[str]:
    """Return the columns of a table of answers."""
    return [*ROW, PREDICTED, *(f"{PROBABILITY}{name}" for name in categories)]


def right(table: pd.DataFrame) -> np.ndarray:
    """Return which answers are right, bool [n]."""
    return np.asarray(table[ACTUAL] == table[PREDICTED])


def write_all(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write what all competitors answered to the same products as one table, for git.

    `product_id`, `fold`, `actual`, then per competitor NAME (the predicted category) and NAME_p
    (the probability given to the actual one).
    """
    first = next(iter(tables.values()))
    parts = [first[ROW]]
    for name, table in tables.items():
        shares = table[[column for column in table if str(column).startswith(PROBABILITY)]]
        names = [str(column).removeprefix(PROBABILITY) for column in shares]
        at = [names.index(actual) for actual in table[ACTUAL]]
        of_truth = (shares.to_numpy() / shares.to_numpy().sum(axis=1, keepdims=True))[
            np.arange(len(table)), at
        ]
        digits = [f"{share:.{SIGNIFICANT}g}" for share in of_truth]
        parts.append(pd.DataFrame({name: table[PREDICTED], f"{name}_p": digits}))
    files.write_table(pd.concat(parts, axis=1), path)


def read_all(path: Path) -> dict[str, pd.DataFrame]:
    """Return what `write_all` wrote, by competitor: ROW, `predicted` and `p`, that of the truth.

    Columns are taken by their place: one competitor may be called as another's probabilities.
    """
    if not path.exists():
        raise AisleError(f"'{path}' is missing: the stage 'compare' writes it. Run 'dvc repro'.")
    whole = pd.read_csv(path, header=None, dtype=str, keep_default_na=False)
    names, body = list(whole.iloc[0]), whole.iloc[1:].reset_index(drop=True)
    rows = body.iloc[:, : len(ROW)].set_axis(ROW, axis=1).astype({FOLD: int})
    return {
        names[at]: rows.assign(
            **{PREDICTED: body.iloc[:, at], "p": body.iloc[:, at + 1].astype(float)}
        )
        for at in range(len(ROW), len(names), 2)
    }
