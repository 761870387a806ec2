"""The table of answers: columns, read, write, as arrays, and whether two tables match.

One row per product and fold: `product_id`, `fold`, `actual`, `predicted`, and `p_<category>` for
each category in the order of its id. No other module spells these columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from aisle import files
from aisle.errors import AisleError

PRODUCT, FOLD, ACTUAL, PREDICTED, PROBABILITY = "product_id", "fold", "actual", "predicted", "p_"
ROW = [PRODUCT, FOLD, ACTUAL]
"""What a row is about; the answer and its probabilities follow."""

SEED, SHARE, TRAINED_ON = "seed", "share", "trained_on"
REFIT = [SEED, SHARE, TRAINED_ON, *ROW, PREDICTED]
"""Columns of the answers of refits."""

SIGNIFICANT = 9
"""Digits of a probability in a table, from its first that is not 0: decimals would turn a small one
into 0. Log loss is exact to 1e-8."""

DIGITS = 6
"""Decimals of what is found beside the answers: accuracies, weights, temperatures."""

SCORES = ["precision", "recall", "f1", "support"]


@dataclass(frozen=True)
class Answers:
    """What all competitors answered on the same test products.

    `actual`, `fold`, `group` int [n]; `predicted` int [competitors, n], in the order of `names`;
    `products` str [n].
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    products: np.ndarray
    actual: np.ndarray
    predicted: np.ndarray
    fold: np.ndarray
    group: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Bool [competitors, n]."""
        return np.asarray(self.predicted == self.actual)


def columns(categories: Iterable[str]) -> list[str]:
    """Return the columns of a table of answers."""
    return [*ROW, PREDICTED, *(f"{PROBABILITY}{name}" for name in categories)]


def empty(categories: Iterable[str]) -> pd.DataFrame:
    """Return the table of a competitor that was left out."""
    return pd.DataFrame(columns=columns(categories))


def make(
    probabilities: np.ndarray,
    *,
    products: Sequence[str] | np.ndarray,
    fold: int | np.ndarray,
    actual: np.ndarray,
    categories: Sequence[str],
) -> pd.DataFrame:
    """Return the table of some answers; `actual` int [n], `probabilities` [n, categories]."""
    names = np.asarray(categories, dtype=object)
    answers = {
        PRODUCT: products,
        FOLD: fold,
        ACTUAL: names[actual],
        PREDICTED: names[probabilities.argmax(axis=1)],
    }
    shares = dict(zip(columns(names)[len(answers) :], rounded(probabilities).T, strict=True))
    return pd.DataFrame(answers | shares, columns=columns(names))


def rounded(probabilities: np.ndarray) -> np.ndarray:
    """Return float of the same shape: the probabilities as a table holds them."""
    return np.char.mod(f"%.{SIGNIFICANT}g", probabilities).astype(float)


def read(path: Path) -> pd.DataFrame:
    """Return a table of answers, or of refits."""
    return files.read_table(path, text=(PRODUCT, ACTUAL, PREDICTED))


def categories(table: pd.DataFrame) -> list[str]:
    """Return the categories in the order of their ids: that of the probabilities' columns."""
    return [
        name.removeprefix(PROBABILITY) for name in table.columns if name.startswith(PROBABILITY)
    ]


def ids(table: pd.DataFrame, column: str, *, names: Sequence[str] | None = None) -> np.ndarray:
    """Return a column of category names as ids, int [n]; `names` where the table lacks them."""
    known = categories(table) if names is None else names
    positions = {category: at for at, category in enumerate(known)}
    return np.asarray(table[column].map(positions))


def probabilities(table: pd.DataFrame) -> np.ndarray:
    """Return float [n, categories] as stored in the table; NaN where it has no number."""
    shares = table[[f"{PROBABILITY}{name}" for name in categories(table)]]
    return np.asarray(shares.apply(pd.to_numeric, errors="coerce"), dtype=float)


def normalised(table: pd.DataFrame) -> np.ndarray:
    """Return float [n, categories] whose rows sum to 1: the table's are rounded."""
    shares = probabilities(table)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def right(table: pd.DataFrame) -> np.ndarray:
    """Return which answers are right, bool [n]."""
    return np.asarray(table[ACTUAL] == table[PREDICTED])


def as_arrays(tables: Mapping[str, pd.DataFrame], *, groups: pd.Series) -> Answers:
    """Return tables of the same products as arrays; `groups` says what the split keeps together."""
    first = next(iter(tables.values()))
    return Answers(
        names=tuple(tables),
        categories=tuple(categories(first)),
        products=first[PRODUCT].to_numpy(dtype=object),
        actual=ids(first, ACTUAL),
        predicted=np.stack([ids(table, PREDICTED) for table in tables.values()]),
        fold=first[FOLD].to_numpy(),
        group=groups.loc[first[PRODUCT]].to_numpy(),
    )


def difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Return in what the rows of two tables differ; nothing where they match."""
    if categories(one) != categories(other):
        return "the categories differ"
    if sorted(one[PRODUCT]) != sorted(other[PRODUCT]):
        missing = len(set(one[PRODUCT]) ^ set(other[PRODUCT]))
        return f"{missing} are not in both" if missing else "some are there twice"
    for column, found in (
        (PRODUCT, "the products are in another order"),
        (FOLD, "the folds differ"),
        (ACTUAL, "the actual categories differ"),
    ):
        if one[column].tolist() != other[column].tolist():
            return found
    return ""


def check_same_products(tables: Mapping[str, pd.DataFrame], *, where: str = "") -> None:
    """Raise AisleError unless all tables have the same products, in the same order.

    Folds, actual categories and the list of categories must be the same too. `where` says what the
    tables are for.
    """
    (name, first), *others = tables.items()
    for another, table in others:
        found = difference(first, table)
        if found:
            raise AisleError(
                f"{where + ': ' if where else ''}'{name}' was scored on {len(first)} products and "
                f"'{another}' on {len(table)}: {found}. A comparison needs the same products in "
                "the same order: 'dvc repro' evaluates what is out of date."
            )


def per_category(table: pd.DataFrame, *, names: Sequence[str]) -> pd.DataFrame:
    """Return category, precision, recall, f1, support of each category; 0 where nothing counts.

    What scikit-learn's `precision_recall_fscore_support` gives, whose import takes longer than all
    else in most stages.
    """
    actual, predicted = ids(table, ACTUAL, names=names), ids(table, PREDICTED, names=names)
    hits, support, given = (
        np.bincount(found, minlength=len(names))
        for found in (actual[actual == predicted], actual, predicted)
    )
    found = (
        hits / np.maximum(given, 1),
        hits / np.maximum(support, 1),
        2 * hits / np.maximum(support + given, 1),
        support,
    )
    frame = pd.DataFrame(dict(zip(SCORES, found, strict=True)))
    frame.insert(0, "category", names)
    return frame.round(4)


def write_all(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write what all competitors answered to the same products as one table, for git.

    `product_id`, `fold`, `actual`, then per competitor NAME (the predicted category) and NAME_p
    (the probability given to the actual one).
    """
    first = next(iter(tables.values()))
    parts = [first[ROW]]
    for name, table in tables.items():
        of_truth = normalised(table)[np.arange(len(table)), ids(table, ACTUAL)]
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
