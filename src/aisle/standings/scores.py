"""Each competitor's scores: three in reports/metrics/NAME.json, the rest in comparison.json."""

from typing import Any

from aisle import files, paths
from aisle.errors import AisleError

Scores = dict[str, dict[str, Any]]

METRICS = ("accuracy", "macro_f1", "log_loss")
"""What `dvc metrics show` prints; intervals and counts would hide it."""


def details(found: Scores) -> Scores:
    """Return all scores that are in no file of metrics; comparison.json has them."""
    return {
        name: {key: value for key, value in one.items() if key not in METRICS}
        for name, one in found.items()
    }


def write_metrics(found: Scores) -> None:
    """Write one file per competitor, and remove those of other competitors."""
    with files.replacing(paths.METRICS) as folder:
        for name, one in found.items():
            files.write_json({key: one[key] for key in METRICS}, folder / f"{name}.json")


def read() -> Scores:
    """Return all scores of all competitors, in the order of the comparison."""
    content = files.read_json(paths.COMPARISON)
    if "scores" not in content:
        raise AisleError(f"'{paths.COMPARISON}' has no scores. Run 'dvc repro -f compare'.")
    return {
        name: files.read_json(paths.metrics(name)) | one for name, one in content["scores"].items()
    }
