"""The table of answers: written and read, matched with another, scored by category."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aisle import files
from aisle.answers import table
from aisle.errors import AisleError
from aisle.statistics.log_loss import FLOOR, losses

NAMES = ("Boxes", "Rings")


def made(*shares: tuple[float, float], fold: int = 0) -> pd.DataFrame:
    """Return the answers for products a, b, …; the actual categories alternate."""
    return table.make(
        np.array(shares),
        products=[chr(ord("a") + at) for at in range(len(shares))],
        fold=fold,
        actual=np.arange(len(shares)) % 2,
        categories=NAMES,
    )


def test_a_table_says_what_was_answered_with_which_probabilities() -> None:
    found = made((0.25, 0.75), (0.1234567, 0.8765433))
    assert list(found) == ["product_id", "fold", "actual", "predicted", "p_Boxes", "p_Rings"]
    assert found["predicted"].tolist() == ["Rings", "Rings"]
    assert table.right(found).tolist() == [False, True]
    assert found["p_Boxes"].tolist() == [0.25, 0.1234567]
    assert table.categories(found) == list(NAMES)
    assert list(table.empty(NAMES)) == list(found)


def test_a_small_probability_is_written_with_all_its_digits(tmp_path: Path) -> None:
    """With decimals, 3e-7 was a 0, and cost 36 nats instead of 15."""
    path = tmp_path / "answers.csv"
    files.write_table(made((1 - 3e-7, 3e-7), (3e-7, 1 - 3e-7), (1 / 3, 2 / 3)), path)
    assert path.read_text(encoding="utf-8").splitlines()[3].endswith("0.333333333,0.666666667")
    found = table.normalised(table.read(path))
    assert found[1, 0] == pytest.approx(3e-7, rel=1e-8)
    nats = losses(actual=np.array([0, 0, 0]), probabilities=found)
    assert nats[1] == pytest.approx(15.02, abs=0.01)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = made((0.25, 0.75), (1.0, 0.0)).assign(product_id=["007", "NA"])
    path = tmp_path / "answers.csv"
    found.to_csv(path, index=False)
    assert table.read(path).equals(found)


def test_all_answers_in_one_table_keep_log_loss_to_six_decimals(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    tables = {
        name: made(*generator.dirichlet((0.1, 0.1), size=20)) for name in ("cnn", "cnn_p", "forest")
    }
    path = tmp_path / "answers.csv"
    table.write_all(tables, path)
    head = path.read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("product_id,fold,actual,cnn,cnn_p,cnn_p,cnn_p_p,forest,forest_p")
    found = table.read_all(path)
    assert list(found) == list(tables)
    for name, answers in tables.items():
        assert found[name][table.ROW].equals(answers[table.ROW])
        assert found[name]["predicted"].equals(answers["predicted"])
        of_truth = table.normalised(answers)[range(20), table.ids(answers, "actual")]
        shares = (of_truth, found[name]["p"].to_numpy())
        nats = [-np.log(p.clip(FLOOR)).mean() for p in shares]
        assert nats[0] == pytest.approx(nats[1], abs=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.iloc[1:], "on 3 products and 'other' on 2: 1 are not in both"),
        (lambda one: one.iloc[::-1], "the products are in another order"),
        (lambda one: one.assign(fold=1), "the folds differ"),
        (lambda one: one.assign(actual="Rings"), "the actual categories differ"),
        (lambda one: one.drop(columns="p_Rings"), "the categories differ"),
    ],
)
def test_tables_that_do_not_match_are_refused(change: object, message: str) -> None:
    first = made((1, 0), (1, 0), (0, 1))
    table.check_same_products({"first": first, "other": first.copy()})
    with pytest.raises(AisleError, match=f"the test: 'first' was scored .*{message}"):
        table.check_same_products({"first": first, "other": change(first)}, where="the test")  # type: ignore[operator]


def test_the_scores_of_each_category_are_scikit_learns() -> None:
    """One category that is never given, and one that has no product."""
    from sklearn.metrics import precision_recall_fscore_support

    names = ["a", "b", "never given", "no product"]
    drawn = np.random.default_rng(0).integers(0, 3, size=60)
    given = np.where(np.arange(60) % 3 == 0, 3, drawn % 2)
    answers = pd.DataFrame(
        {"actual": np.array(names)[drawn], "predicted": np.array(names)[given]}, dtype=object
    )
    expected = precision_recall_fscore_support(
        answers["actual"], answers["predicted"], labels=names, zero_division=0.0
    )
    found = table.per_category(answers, names=names)
    assert found["category"].tolist() == names
    scores = found[table.SCORES].to_numpy().T
    assert scores == pytest.approx(np.array(expected), abs=5e-5)
