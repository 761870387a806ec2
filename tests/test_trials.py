"""Trials of other settings: split from train and val only, each product is val once."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from aisle.errors import AisleError
from aisle.inputs.rows import Inputs, Rows
from aisle.settings import params
from aisle.training.epoch import Epoch
from benchmarks.trials import Fitted, changed, line, parts

RAW: dict[str, Any] = {
    "method": "network",
    "architecture": "mlp",
    "hidden": [8],
    "training": {"epochs": 10, "learning_rate": 1e-3},
}


def rows(products: np.ndarray) -> Rows:
    """Return two views of each product; neighbours 0 and 1, 2 and 3, … are duplicates."""
    table = pd.DataFrame({"group": np.arange(60) // 2})
    settings = params.Candidate(method="any", photos="none", backbone="none")
    return Rows(
        np.repeat(products, 2),
        np.tile(np.array(["original", "rotate_90"], dtype=object), len(products)),
        np.repeat(products // 2 % 3, 2),
        Inputs(settings, table),
    )


def test_every_product_of_train_and_val_is_val_once_and_never_beside_its_duplicate() -> None:
    watched = []
    for train, val in parts(rows(np.arange(40)), rows(np.arange(40, 50))):
        assert not {*train.products // 2} & {*val.products // 2}
        assert {*train.views, *val.views} == {"original"}
        watched += val.products.tolist()
    assert sorted(watched) == list(range(50)), "50 to 59 are test"


def test_a_change_reaches_the_setting_it_names_and_no_other() -> None:
    entry = changed(RAW, "hidden=[16,8],training.epochs=6")
    assert entry == RAW | {"hidden": [16, 8], "training": RAW["training"] | {"epochs": 6}}
    assert RAW["training"]["epochs"] == 10
    assert changed(RAW, "training.dropout=0.1")["training"] == RAW["training"] | {"dropout": 0.1}
    assert changed(RAW, "-") == RAW


@pytest.mark.parametrize(
    "changes", ["method.x=6", "training.epochs.most=6", "training.epochs", "training.epochs="]
)
def test_a_change_that_is_no_setting_and_value_is_refused(changes: str) -> None:
    with pytest.raises(AisleError, match="changes nothing"):
        changed(RAW, changes)


def test_a_line_sums_over_parts_what_each_kept() -> None:
    def fitted(head: list[float], tail: list[float], products: int) -> Fitted:
        epochs = [
            Epoch(phase, number, 0.0, 1.0, loss, 1 - loss)
            for phase, losses in (("head", head), ("tail", tail))
            for number, loss in enumerate(losses, start=1)
        ]
        return Fitted(epochs, products=products, seconds=2.0)

    row = line("-", [fitted([0.8], [0.9, 0.5, 0.7], 30), fitted([0.5, 0.2], [0.3], 10)])
    assert row == (
        "| `-` | head: 0.650, 14 (1, 2 epochs); tail: 0.425, 23 (3, 1 epochs) | 40 | 2 |"
    ), "the tail that made val worse is undone"
