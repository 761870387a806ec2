"""Checks of predictions, reported as sentences: the caller decides whether to stop or to warn."""

import numpy as np

TOLERANCE = 1e-3
"""How far a row's sum may be from 1: a method may compute in half precision."""

FEW_PRODUCTS = 20


def problems(actual: np.ndarray, probabilities: np.ndarray) -> list[str]:
    """Return one sentence for each problem that makes the scores meaningless.

    `actual`: category ids [n]; `probabilities`: [n, classes].
    """
    actual, probabilities = np.asarray(actual), np.asarray(probabilities)
    if len(actual) == 0:
        return ["there are no test products; expected at least one."]
    if probabilities.ndim != 2 or len(probabilities) != len(actual):
        return [
            f"probabilities have the shape {probabilities.shape}; expected one row for each of "
            f"the {len(actual)} products and one column per category."
        ]
    found = []
    unknown = ~np.isfinite(probabilities)
    # NaN and infinity are reported separately, so exclude them from the other two checks.
    known = np.where(unknown, np.nan, probabilities)
    troubles = {
        "a probability that is not a number": unknown.any(axis=1),
        "a probability below 0": (known < 0).any(axis=1),
        "probabilities that do not add up to 1": np.abs(known.sum(axis=1) - 1) > TOLERANCE,
    }
    found += [_rows(np.asarray(bad), what) for what, bad in troubles.items() if np.any(bad)]
    if (actual < 0).any() or (actual >= probabilities.shape[1]).any():
        found.append(
            f"a product has the category id {int(actual.max())} or one below 0; expected ids from "
            f"0 to {probabilities.shape[1] - 1}, one per column of probabilities."
        )
    if len(np.unique(actual)) == 1:
        found.append(
            f"all {len(actual)} test products are of one category; expected at least two, since "
            "otherwise the same answer is always right."
        )
    return found


def too_few(n: int) -> bool:
    """Return whether n test products are too few for a meaningful verdict."""
    return n < FEW_PRODUCTS


def _rows(bad: np.ndarray, what: str) -> str:
    first = np.flatnonzero(bad)[:3].tolist()
    return (
        f"{int(bad.sum())} of {len(bad)} products have {what}; "
        f"the first are rows {', '.join(str(row) for row in first)} (counted from 0)."
    )
