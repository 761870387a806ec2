"""The table of answers: its columns, and the committed reports/answers.csv."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aisle import files

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
"""Decimals kept of a probability."""

PREFIX = "p_"
"""Before a category: the column of the probability given to it."""

KEYS = ["product_id", "fold", "actual"]
"""The first columns of reports/answers.csv; two per competitor follow: NAME and NAME_p."""


def columns(names: Iterable[str]) -> list[str]:
    """Return the columns of one competitor's table, `names` being the categories."""
    return ["product_id", "fold", "actual", "predicted", *(f"{PREFIX}{name}" for name in names)]


def read_answers(path: Path) -> "pd.DataFrame":
    """Return reports/answers.csv: product_id, fold, actual, and per competitor NAME and NAME_p."""
    table = files.read_table(path, all_text=True)
    types = {f"{name}_p": float for name in competitors(table)}
    return table.astype({"fold": int} | types)


def competitors(answers: "pd.DataFrame") -> list[str]:
    """Return the names of the competitors that reports/answers.csv has columns of."""
    return [str(name) for name in answers.columns[len(KEYS) :: 2]]
