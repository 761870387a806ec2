"""Each competitor's scores: three in reports/metrics/NAME.json, the rest in comparison.json.

The log loss is in both: rounded to be read, and with all its digits, by which ties are decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aisle import files, paths
from aisle.errors import AisleError

METRICS = ("accuracy", "macro_f1", "log_loss")
"""What `dvc metrics show` prints; intervals and counts would hide it."""

DIGITS = 4
"""Decimals of those; the numbers in comparison.json have theirs from `statistics.scores`."""


@dataclass(frozen=True)
class Score:
    """The scores of one competitor: shares from 0 to 1, the log loss in nats."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    correct: int
    products: int


def details(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what comparison.json has: the scores that no file of metrics has, and the log loss."""
    rounded = {*METRICS} - {"log_loss"}
    return {
        name: {key: value for key, value in one.items() if key not in rounded}
        for name, one in found.items()
    }


def write_metrics(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write one file per competitor, and remove those of other competitors."""
    with files.replacing(paths.METRICS) as folder:
        for name, one in found.items():
            short = {key: round(one[key], DIGITS) for key in METRICS}
            files.write_json(short, folder / f"{name}.json")


def read() -> dict[str, Score]:
    """Return the score of each competitor by name, in the order of the comparison.

    None before the first comparison.
    """
    if not paths.COMPARISON.exists():
        return {}
    found = files.read_json(paths.COMPARISON).get("scores", {})
    return from_json({name: files.read_json(paths.metrics(name)) | found[name] for name in found})


def from_json(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    """Return all scores as objects; AisleError names a missing one."""
    return {name: _score(name, one) for name, one in found.items()}


def _score(name: str, found: Mapping[str, Any]) -> Score:
    try:
        return Score(**{key: found[key] for key in Score.__dataclass_fields__})
    except KeyError as error:
        raise AisleError(
            f"'{paths.COMPARISON}': {name} has no {error}. Run 'dvc repro -f compare'."
        ) from None
