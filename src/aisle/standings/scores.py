"""The scores of the competitors, as the stage `compare` wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aisle import paths
from aisle.errors import AisleError
from aisle.files import read_json


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


def read() -> dict[str, Score]:
    """Return the score of each competitor by name."""
    return from_json(read_json(paths.METRICS))


def from_json(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    """Return the content of metrics.json as scores; AisleError names a missing one."""
    return {name: _score(name, one) for name, one in metrics.items()}


def _score(name: str, metrics: Mapping[str, Any]) -> Score:
    try:
        return Score(**{key: metrics[key] for key in Score.__dataclass_fields__})
    except KeyError as error:
        raise AisleError(
            f"'{paths.METRICS}': {name} has no {error}. Run 'dvc repro -f compare'."
        ) from None
