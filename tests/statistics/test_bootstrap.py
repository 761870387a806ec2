import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from aisle.statistics import stratified
from aisle.statistics.bootstrap import confusion, macro_f1, score_intervals
from aisle.statistics.calibration import calibration_error
from aisle.statistics.log_loss import FLOOR, losses
from aisle.statistics.stratified import Means, resampled_means

CLASSES = 4


def predictions(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actual, predicted, probabilities of an overconfident candidate."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (n, CLASSES))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    actual = (probabilities.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)
    sharp = probabilities**2 / (probabilities**2).sum(axis=1, keepdims=True)
    return actual, sharp.argmax(axis=1), sharp


def test_each_interval_holds_its_score() -> None:
    actual, predicted, probabilities = predictions(300)
    intervals = score_intervals(actual, predicted, probabilities, resamples=1000)
    scores = {
        "macro_f1": f1_score(actual, predicted, average="macro"),
        "log_loss": log_loss(actual, probabilities),
        "calibration_error": calibration_error(
            actual=actual, predicted=predicted, probabilities=probabilities
        ),
    }
    assert set(intervals) == set(scores)
    for name, (low, high) in intervals.items():
        assert low < scores[name] < high


def test_more_products_narrow_every_interval() -> None:
    few = score_intervals(*predictions(100), resamples=1000)
    many = score_intervals(*predictions(4000), resamples=1000)
    for name, (low, high) in many.items():
        assert high - low < (few[name][1] - few[name][0]) / 3


def test_the_same_seed_gives_the_same_intervals() -> None:
    again = [score_intervals(*predictions(100), resamples=200, seed=1) for _ in range(2)]
    assert again[0] == again[1]


def test_macro_f1_and_losses_agree_with_scikit_learn() -> None:
    actual, predicted, probabilities = predictions(200)
    probabilities[0] = np.eye(CLASSES)[(actual[0] + 1) % CLASSES]  # sure, and wrong
    table = confusion(actual=actual, predicted=predicted, classes=CLASSES)
    assert macro_f1(table) == pytest.approx(f1_score(actual, predicted, average="macro"))
    mean = losses(actual=actual, probabilities=probabilities).mean()
    floored = np.maximum(probabilities, FLOOR)
    floored /= floored.sum(axis=1, keepdims=True)
    assert mean == pytest.approx(log_loss(actual, floored), abs=1e-6)


def test_macro_f1_of_equal_categories_has_the_interval_of_a_share() -> None:
    """Two categories of 50, 40 of each right: macro-F1 0.8, spread √(0.8 · 0.2 / 100) = 0.04."""
    actual = np.repeat([0, 1], 50)
    predicted = np.where(np.arange(100) % 5 == 0, 1 - actual, actual)
    probabilities = np.full((100, 2), 0.5)
    low, high = score_intervals(actual, predicted, probabilities)["macro_f1"]
    assert (low, high) == pytest.approx((0.711, 0.867), abs=0.005)  # Wilson for 80 of 100


def test_macro_f1_has_an_interval_even_if_all_is_right() -> None:
    actual = np.repeat([0, 1], 20)
    low, high = score_intervals(actual, actual, np.eye(2)[actual])["macro_f1"]
    assert (low, high) == pytest.approx((0.912, 1.0), abs=1e-3)  # Wilson for 40 of 40


def test_a_category_may_be_missing_from_test() -> None:
    actual = np.array([0, 0, 1, 1] * 10)
    probabilities = np.tile([0.5, 0.3, 0.2], (40, 1))
    intervals = score_intervals(actual, np.zeros(40, dtype=int), probabilities, resamples=100)
    assert np.isfinite(list(intervals.values())).all()


def test_the_same_loss_for_every_product_has_no_interval() -> None:
    """A candidate that always says one half has log 2 on any test set."""
    actual = np.repeat([0, 1], 20)
    interval = score_intervals(actual, actual * 0, np.full((40, 2), 0.5))["log_loss"]
    assert interval == pytest.approx((np.log(2), np.log(2)))


def test_one_confident_mistake_reaches_further_up_than_down() -> None:
    actual = np.repeat([0, 1], 50)
    probabilities = np.where(np.eye(2)[actual] > 0, 0.8, 0.2)
    probabilities[::10] = probabilities[::10] * 0.9 + 0.05
    probabilities[0] = [1e-6, 1 - 1e-6]
    mean = losses(actual=actual, probabilities=probabilities).mean()
    low, high = score_intervals(actual, actual, probabilities)["log_loss"]
    assert high - mean > 2 * (mean - low)


def test_a_calibrated_candidate_may_have_no_calibration_error() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([1] * CLASSES, 200)
    actual = (probabilities.cumsum(axis=1) < generator.random((200, 1))).sum(axis=1)
    predicted = probabilities.argmax(axis=1)
    error = calibration_error(actual=actual, predicted=predicted, probabilities=probabilities)
    low, high = score_intervals(actual, predicted, probabilities)["calibration_error"]
    assert low == 0
    assert error < high < 2 * error  # less than what chance may add: that is above the error


def test_an_overconfident_candidate_surely_has_a_calibration_error() -> None:
    """Says 0.99, is right in 6 of 10."""
    actual = np.repeat([0, 1], 100)
    predicted = np.where(np.arange(200) % 5 < 2, 1 - actual, actual)
    probabilities = np.where(np.eye(2)[predicted] > 0, 0.99, 0.01)
    low, high = score_intervals(actual, predicted, probabilities)["calibration_error"]
    assert 0.3 < low < 0.39 < high < 0.48


def draw(values: np.ndarray, strata: np.ndarray) -> Means:
    return resampled_means(
        values,
        strata=strata,
        resamples=8000,
        generator=np.random.default_rng(0),
    )


def test_resamples_keep_each_category() -> None:
    """Values that are the category's number: every resample has the same mean, no spread."""
    strata = np.array([0, 2, 1, 2, 0, 2])
    means = draw(strata[:, None].astype(float), strata)
    assert means.drawn == pytest.approx(strata.mean())
    assert means.error == pytest.approx(0)


def test_resampled_means_have_the_spread_of_the_formula() -> None:
    """Two categories of (0, 1, 2) and (0, 3, 6): variances 2/3 and 6, √(3 · 6.667) / 6 = 0.745."""
    means = draw(np.array([[0.0], [1], [2], [0], [3], [6]]), np.repeat([0, 1], 3))
    assert means.error == pytest.approx(0.745, abs=1e-3)
    assert means.drawn.std() == pytest.approx(0.745, abs=0.02)


def test_each_resample_has_its_own_standard_error() -> None:
    """Of 3 drawn from 3 the variance is 2/3 of theirs on average: 0.5556 · 2/3 = 0.3704."""
    means = draw(np.array([[0.0], [1], [2], [0], [3], [6]]), np.repeat([0, 1], 3))
    assert (means.drawn_error**2).mean() == pytest.approx(0.3704, rel=0.03)
    assert means.drawn_error.min() == 0  # three times the same product, in both categories


def test_the_normal_limit_agrees_with_drawing_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    actual, predicted, probabilities = predictions(3000)
    gap = (actual == predicted) - probabilities.max(axis=1)
    values = np.stack([losses(actual=actual, probabilities=probabilities), gap], axis=1)
    one_by_one = draw(values, actual)
    monkeypatch.setattr(stratified, "DRAWN_ONE_BY_ONE", 0)
    limit = draw(values, actual)
    assert limit.mean == pytest.approx(one_by_one.mean)
    assert limit.error == pytest.approx(one_by_one.error)
    for probability in (0.025, 0.5, 0.975):
        ours, theirs = (
            np.quantile(each.drawn, probability, axis=0) for each in (limit, one_by_one)
        )
        assert np.abs(ours - theirs) / limit.error == pytest.approx(0, abs=0.12)
    together = [np.corrcoef(each.drawn.T)[0, 1] for each in (limit, one_by_one)]
    assert together[0] == pytest.approx(together[1], abs=0.05)


def test_the_intervals_of_both_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = predictions(3000)
    one_by_one = score_intervals(*sample, resamples=4000)
    monkeypatch.setattr(stratified, "DRAWN_ONE_BY_ONE", 0)
    limit = score_intervals(*sample, resamples=4000)
    assert limit["log_loss"] != one_by_one["log_loss"]
    for name, (low, high) in limit.items():
        assert one_by_one[name] == pytest.approx((low, high), abs=0.06 * (high - low))
