from typing import Any

import numpy as np
import pandas as pd
import pytest

from aisle.errors import AisleError
from aisle.settings.sections import Compare
from aisle.standings.reach import reach

SETTINGS = Compare(
    contest="validation",
    metric="accuracy",
    margin=0.02,
    confidence=0.95,
    resamples=200,
    more_products=10,
    ties=["bytes"],
)

GROUPS = pd.Series({f"p{n}": n for n in range(100)})


def answers(right: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame({"product_id": [f"p{n}" for n in range(len(right))], "fold": 0})
    return table.assign(actual="a", predicted=np.where(right, "a", "b"))


def near(similarity: np.ndarray) -> pd.DataFrame:
    """Return a table as the stage writes it, in another order than the answers."""
    table = pd.DataFrame({"product_id": [f"p{n}" for n in range(len(similarity))], "fold": 0})
    table = table.assign(nearest="t", similarity=similarity, backbone="b0")
    return table.iloc[::-1]


def found(similarity: list[float], right: list[bool]) -> dict[str, Any]:
    tables = {"one": answers(np.array(right))}
    result = reach(tables, near(np.array(similarity)), groups=GROUPS, twin=0.6, settings=SETTINGS)
    assert result is not None
    return result


def test_accuracy_by_similarity() -> None:
    result = found([0.1] * 20 + [0.5] * 20 + [0.65] * 20 + [0.9] * 40, [False] * 30 + [True] * 70)
    assert (result["products"], result["with_twin"], result["backbone"]) == (100, 60, "b0")
    assert [(one["low"], one["high"], one["products"]) for one in result["bins"]] == [
        *((None, 0.4, 20), (0.5, 0.6, 20), (0.6, 0.7, 20), (0.7, None, 40)),
    ]
    one = result["competitors"]["one"]
    assert [each["share"] for each in one["bins"]] == [0, 0.5, 1, 1]
    assert (one["near"]["share"], one["far"]["share"]) == (1, 0.25)
    assert one["p"] < 1e-10
    assert one["far"]["low"] < 0.25 < one["far"]["high"]


def test_equal_accuracy_is_no_gap() -> None:
    result = found([0.1, 0.9] * 50, [True, True, False, False] * 25)
    assert result["competitors"]["one"]["p"] == 1


def test_where_all_have_a_twin_there_is_nothing_to_compare() -> None:
    one = found([0.9] * 4, [True] * 4)["competitors"]["one"]
    assert one["far"] is None and one["p"] is None and one["near"]["products"] == 4


def test_without_embeddings_there_is_nothing_to_say() -> None:
    tables = {"one": answers(np.ones(3, dtype=bool))}
    assert (
        reach(tables, near(np.ones(3)).iloc[:0], groups=GROUPS, twin=0.6, settings=SETTINGS) is None
    )


def test_a_product_without_similarity_is_refused() -> None:
    tables = {"one": answers(np.ones(3, dtype=bool))}
    with pytest.raises(AisleError, match="lacks 1 of 3 test products"):
        reach(tables, near(np.ones(2)), groups=GROUPS, twin=0.6, settings=SETTINGS)
