"""The tables behind `dvc plots`: learning curves, confusion of the champion, accuracy and time."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from aisle import files, paths
from aisle.answers import table

LEARNING = ["candidate", "epoch", "val_loss", "val_accuracy"]


def learning_curves(histories: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the scores on val per candidate and epoch, the mean over folds.

    Epochs are counted over all phases of a training. Candidates without epochs are left out.
    """
    found = [pd.DataFrame(columns=LEARNING)]
    for name, history in histories.items():
        epoch = history.groupby("fold").cumcount() + 1
        if len(history) and epoch.max() > 1:
            means = history.assign(epoch=epoch).groupby("epoch")[LEARNING[2:]].mean().round(3)
            found.append(means.reset_index().assign(candidate=name)[LEARNING])
    return pd.concat(found[1:] or found, ignore_index=True)


def accuracy_and_time(
    scores: Mapping[str, Mapping[str, Any]], costs: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return each competitor's accuracy beside the seconds of one fit and of one prediction."""
    return pd.DataFrame(
        {
            "competitor": list(scores),
            "accuracy": [one["accuracy"] for one in scores.values()],
            "training_seconds": [
                round(costs[name]["fit_seconds"] + costs[name]["embed_seconds"], 2)
                for name in scores
            ],
            "predict_milliseconds": [costs[name]["predict_milliseconds"] for name in scores],
        }
    )


def write(
    *,
    candidates: Iterable[str],
    champion: pd.DataFrame,
    scores: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, float]],
    folder: Path = paths.PLOTS,
) -> None:
    """Write data/plots; `champion` is a table of answers."""
    histories = {name: files.read_table(paths.history(name)) for name in candidates}
    with files.replacing(folder) as temporary:
        files.write_table(learning_curves(histories), temporary / "learning.csv")
        files.write_table(champion[[table.ACTUAL, table.PREDICTED]], temporary / "confusion.csv")
        files.write_table(accuracy_and_time(scores, costs), temporary / "cost.csv")
