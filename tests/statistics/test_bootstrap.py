import numpy as np
import pytest
from sklearn.metrics import log_loss

from aisle.statistics import bootstrap
from aisle.statistics.bootstrap import Drawn, resampled_means, score_intervals
from aisle.statistics.calibration import calibration_error
from aisle.statistics.clustered import clusters
from aisle.statistics.log_loss import FLOOR, losses

CLASSES = 4


def predictions(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actual, predicted, probabilities of an overconfident candidate."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (n, CLASSES))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    actual = (probabilities.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)
    sharp = probabilities**2 / (probabilities**2).sum(axis=1, keepdims=True)
    return actual, sharp.argmax(axis=1), sharp


def intervals(
    actual: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    folds: np.ndarray | None = None,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    return score_intervals(
        actual,
        predicted,
        probabilities,
        clusters=clusters(len(actual), groups=groups, folds=folds),
        resamples=resamples,
        seed=seed,
    )


def test_each_interval_holds_its_score() -> None:
    actual, predicted, probabilities = predictions(300)
    found = intervals(actual, predicted, probabilities, resamples=1000)
    scores = {
        "log_loss": log_loss(actual, probabilities),
        "calibration_error": calibration_error(
            actual=actual, predicted=predicted, probabilities=probabilities
        ),
    }
    assert set(found) == set(scores)
    for name, (low, high) in found.items():
        assert low < scores[name] < high


def test_more_products_narrow_every_interval() -> None:
    few = intervals(*predictions(100), resamples=1000)
    many = intervals(*predictions(4000), resamples=1000)
    for name, (low, high) in many.items():
        assert high - low < (few[name][1] - few[name][0]) / 3


def test_the_same_seed_gives_the_same_intervals() -> None:
    again = [intervals(*predictions(100), resamples=200, seed=1) for _ in range(2)]
    assert again[0] == again[1]


def test_losses_agree_with_scikit_learn() -> None:
    actual, _, probabilities = predictions(200)
    probabilities[0] = np.eye(CLASSES)[(actual[0] + 1) % CLASSES]  # sure, and wrong
    mean = losses(actual=actual, probabilities=probabilities).mean()
    floored = np.maximum(probabilities, FLOOR)
    floored /= floored.sum(axis=1, keepdims=True)
    assert mean == pytest.approx(log_loss(actual, floored), abs=1e-6)


def test_a_category_may_be_missing_from_test() -> None:
    actual = np.array([0, 0, 1, 1] * 10)
    probabilities = np.tile([0.5, 0.3, 0.2], (40, 1))
    found = intervals(actual, np.zeros(40, dtype=int), probabilities, resamples=100)
    assert np.isfinite(list(found.values())).all()


def test_the_same_loss_for_every_product_has_no_interval() -> None:
    """A candidate that always says one half has log 2 on any test set."""
    actual = np.repeat([0, 1], 20)
    interval = intervals(actual, actual * 0, np.full((40, 2), 0.5))["log_loss"]
    assert interval == pytest.approx((np.log(2), np.log(2)))


def test_one_confident_mistake_reaches_further_up_than_down() -> None:
    actual = np.repeat([0, 1], 50)
    probabilities = np.where(np.eye(2)[actual] > 0, 0.8, 0.2)
    probabilities[::10] = probabilities[::10] * 0.9 + 0.05
    probabilities[0] = [1e-6, 1 - 1e-6]
    mean = losses(actual=actual, probabilities=probabilities).mean()
    low, high = intervals(actual, actual, probabilities)["log_loss"]
    assert high - mean > 2 * (mean - low)


def test_a_calibrated_candidate_may_have_no_calibration_error() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([1] * CLASSES, 200)
    actual = (probabilities.cumsum(axis=1) < generator.random((200, 1))).sum(axis=1)
    predicted = probabilities.argmax(axis=1)
    error = calibration_error(actual=actual, predicted=predicted, probabilities=probabilities)
    low, high = intervals(actual, predicted, probabilities)["calibration_error"]
    assert low == 0
    assert error < high < 2 * error  # less than what chance may add: that is above the error


def test_an_overconfident_candidate_surely_has_a_calibration_error() -> None:
    """Says 0.99, is right in 6 of 10."""
    actual = np.repeat([0, 1], 100)
    predicted = np.where(np.arange(200) % 5 < 2, 1 - actual, actual)
    probabilities = np.where(np.eye(2)[predicted] > 0, 0.99, 0.01)
    low, high = intervals(actual, predicted, probabilities)["calibration_error"]
    assert 0.3 < low < 0.39 < high < 0.48


def test_copies_of_the_products_tell_nothing_new() -> None:
    """Each product three times, in a group: the intervals are those of the products alone."""
    once = predictions(300)
    copies = [np.repeat(part, 3, axis=0) for part in once]
    alone = intervals(*once, resamples=4000)
    grouped = intervals(*copies, groups=np.repeat(np.arange(300), 3), resamples=4000)
    ignored = intervals(*copies, resamples=4000)
    for name, (low, high) in alone.items():
        assert grouped[name] == pytest.approx((low, high))
        assert ignored[name][1] - ignored[name][0] < 0.8 * (high - low)


def test_the_log_loss_of_folds_that_differ_is_less_certain() -> None:
    """In one of five folds the training failed: it says the same for every product."""
    actual, predicted, probabilities = predictions(500)
    folds = np.arange(500) % 5
    probabilities[folds == 0] = 1 / CLASSES
    ignored = intervals(actual, predicted, probabilities)
    known = intervals(actual, predicted, probabilities, folds=folds)
    assert known["log_loss"][0] < ignored["log_loss"][0]
    assert known["log_loss"][1] > ignored["log_loss"][1]
    assert known["calibration_error"] == ignored["calibration_error"]


def draw(values: list[float], groups: list[int] | None = None) -> Drawn:
    together = clusters(len(values), groups=None if groups is None else np.array(groups))
    return resampled_means(
        np.array([values]),
        clusters=together,
        resamples=8000,
        generator=np.random.default_rng(0),
    )


def test_resampled_means_have_the_spread_of_the_formula() -> None:
    """Of (0, 1, 2) the variance is 2/3, that of a mean of three 2/9 = 0.471²."""
    drawn = draw([0.0, 1, 2])
    assert drawn.means.mean() == pytest.approx(1, abs=0.02)
    assert drawn.means.std() == pytest.approx(0.471, abs=0.02)


def test_a_group_is_drawn_whole() -> None:
    """(0, 0), (3, 3): the mean is 0, 1.5 or 3."""
    drawn = draw([0.0, 3, 0, 3], groups=[0, 1, 0, 1])
    assert set(np.unique(drawn.means)) == {0, 1.5, 3}


def test_each_resample_has_its_own_standard_error() -> None:
    """Of two drawn from (0, 3), half are alike: no spread; else √(4.5 / 2)."""
    drawn = draw([0.0, 3])
    assert set(np.unique(drawn.errors.round(6))) == {0, 1.5}


def test_the_normal_limit_agrees_with_drawing_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    actual, predicted, probabilities = predictions(3000)
    gap = (actual == predicted) - probabilities.max(axis=1)
    values = np.stack([losses(actual=actual, probabilities=probabilities), gap])
    together = clusters(3000, groups=np.arange(3000) * 2 // 3)

    def drawn() -> np.ndarray:
        generator = np.random.default_rng(0)
        return resampled_means(values, clusters=together, resamples=8000, generator=generator).means

    one_by_one = drawn()
    monkeypatch.setattr(bootstrap, "DRAWN_ONE_BY_ONE", 0)
    limit = drawn()
    spread = one_by_one.std(axis=0)
    for probability in (0.025, 0.5, 0.975):
        ours, theirs = (np.quantile(each, probability, axis=0) for each in (limit, one_by_one))
        assert np.abs(ours - theirs) / spread == pytest.approx(0, abs=0.12)
    together_move = [np.corrcoef(each.T)[0, 1] for each in (limit, one_by_one)]
    assert together_move[0] == pytest.approx(together_move[1], abs=0.05)


def test_the_intervals_of_both_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = predictions(3000)
    one_by_one = intervals(*sample, resamples=4000)
    monkeypatch.setattr(bootstrap, "DRAWN_ONE_BY_ONE", 0)
    limit = intervals(*sample, resamples=4000)
    assert limit["log_loss"] != one_by_one["log_loss"]
    for name, (low, high) in limit.items():
        assert one_by_one[name] == pytest.approx((low, high), abs=0.06 * (high - low))
