"""Pools and votes on answers one can check by hand."""

import numpy as np
import pytest

from aisle.answers import table
from aisle.answers.combining import (
    HOTTEST,
    SHARPEST,
    Pool,
    combine,
    disagreement,
    fit_pool,
    hard_vote,
    late_fusion,
    soft_vote,
)
from aisle.statistics.log_loss import losses


def normalised(values: np.ndarray) -> np.ndarray:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))


def sharpened(probabilities: np.ndarray, *, temperature: float) -> np.ndarray:
    return normalised(probabilities ** (1 / temperature))


def honest(*, products: int, categories: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities [products, categories] and labels drawn with just those."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(categories), size=products)
    drawn = generator.random((products, 1)) > probabilities.cumsum(axis=1)
    return probabilities, drawn.sum(axis=1).clip(max=categories - 1)


def specialists(labels: np.ndarray) -> np.ndarray:
    """Return two members [2, products, 4]: one tells 0 from 1, the other 2 from 3, and no more."""
    members = np.full((2, len(labels), 4), 0.05)
    for member, (own, others) in enumerate([((0, 1), (2, 3)), ((2, 3), (0, 1))]):
        knows = np.isin(labels, own)
        members[member, knows, labels[knows]] = 0.85
        members[member, ~knows] = np.where(np.isin(np.arange(4), others), 0.45, 0.05)
    return members


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def test_two_members_that_each_know_half_the_categories_beat_either() -> None:
    val, test = np.random.default_rng(0).integers(0, 4, size=(2, 200))
    pool = fit_pool(specialists(val), labels=val)
    fused = late_fusion(specialists(test), pool=pool)
    alone = [(member.argmax(axis=1) == test).mean() for member in specialists(test)]
    assert max(alone) < 0.9
    assert (fused.argmax(axis=1) == test).all()
    assert log_loss(fused, test) < min(log_loss(one, test) for one in specialists(test))
    assert fused.sum(axis=1) == pytest.approx(1)


def test_weight_goes_to_the_member_that_knows() -> None:
    knows, labels = honest(products=2000, categories=3, seed=0)
    guesses = np.random.default_rng(1).dirichlet(np.ones(3), size=2000)
    pool = fit_pool(np.stack([guesses, knows]), labels=labels)
    assert pool.weights.sum() == pytest.approx(1)
    assert pool.weights[1] > 0.95


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_a_scaled_member_is_found(temperature: float) -> None:
    """A member sharpened by 1 / T is honest again at T."""
    probabilities, labels = honest(products=5000, categories=4, seed=2)
    scaled = sharpened(probabilities, temperature=1 / temperature)
    pool = fit_pool(np.stack([scaled, np.full_like(scaled, 0.25)]), labels=labels)
    share = pool.weights[0] / pool.temperature
    assert 1 / share == pytest.approx(temperature, rel=0.05)
    fused = late_fusion(np.stack([scaled, np.full_like(scaled, 0.25)]), pool=pool)
    assert log_loss(fused, labels) == pytest.approx(log_loss(probabilities, labels), abs=0.01)


def test_the_pool_that_drew_the_labels_is_found_and_no_other_fits_better() -> None:
    generator = np.random.default_rng(3)
    members = generator.dirichlet(np.ones(3), size=(2, 4000))
    truth = Pool(np.array([0.75, 0.25]), 0.5)
    chances = late_fusion(members, pool=truth)
    labels = (generator.random((4000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    pool = fit_pool(members, labels=labels)
    assert pool.weights == pytest.approx(truth.weights, abs=0.03)
    assert pool.temperature == pytest.approx(truth.temperature, rel=0.05)
    best = log_loss(late_fusion(members, pool=pool), labels)
    for step in ([0.05, 0], [-0.05, 0], [0, 0.05], [0, -0.05]):
        shares = pool.weights / pool.temperature + step
        other = Pool(shares / shares.sum(), 1 / shares.sum())
        assert log_loss(late_fusion(members, pool=other), labels) > best


def test_a_perfect_val_does_not_make_the_pool_certain() -> None:
    probabilities = np.tile([[0.6, 0.4], [0.4, 0.6]], (2, 10, 1))
    pool = fit_pool(probabilities, labels=np.tile([0, 1], 10))
    assert pool.weights == pytest.approx([0.5, 0.5])
    assert pool.temperature == pytest.approx(1 / (2 * SHARPEST))
    assert late_fusion(probabilities, pool=pool).max() < 0.95


def test_members_worse_than_none_are_pooled_evenly_at_the_highest_temperature() -> None:
    wrong = np.tile([[0.9, 0.1], [0.1, 0.9]], (2, 10, 1))
    pool = fit_pool(wrong, labels=np.tile([1, 0], 10))
    assert pool.weights.tolist() == [0.5, 0.5] and pool.temperature == HOTTEST
    assert late_fusion(wrong, pool=pool) == pytest.approx(0.5, abs=0.02)


def test_a_zero_of_one_member_is_no_veto_and_costs_what_a_score_costs() -> None:
    pool = Pool(np.array([0.5, 0.5]), 0.5)
    fused = late_fusion(np.array([[[0.0, 1.0]], [[0.9, 0.1]]]), pool=pool)
    assert 0 < fused[0, 0] < 1e-4
    nats = losses(actual=np.array([0]), probabilities=np.array([[0.0, 1.0]]))
    assert nats.tolist() == pytest.approx([16.118], abs=1e-3)
    at_the_floor = late_fusion(np.array([[[1e-7, 1.0]], [[0.9, 0.1]]]), pool=pool)
    assert (at_the_floor == fused).all()


def test_the_same_answers_give_the_same_pool() -> None:
    probabilities, labels = honest(products=50, categories=3, seed=5)
    members = np.stack([probabilities, probabilities[::-1]])
    first, second = (fit_pool(members, labels=labels) for _ in range(2))
    assert first.weights.tolist() == second.weights.tolist()
    assert first.temperature == second.temperature


def test_votes_decide_and_probabilities_only_break_ties() -> None:
    probabilities = np.array(
        [
            # two votes for 0, by a hair; the third is certain of 1
            [[0.34, 0.33, 0.33], [0.5, 0.4, 0.1], [1.0, 0.0, 0.0]],
            [[0.34, 0.33, 0.33], [0.2, 0.6, 0.2], [1.0, 0.0, 0.0]],
            [[0.0, 1.0, 0.0], [0.1, 0.2, 0.7], [1.0, 0.0, 0.0]],
        ]
    )
    scores = hard_vote(probabilities, answers=probabilities.argmax(axis=2))
    assert scores.argmax(axis=1).tolist() == [0, 1, 0]
    assert soft_vote(probabilities).argmax(axis=1).tolist() == [1, 1, 0]
    assert scores.sum(axis=1) == pytest.approx(1)
    assert scores[0] == pytest.approx([(2 + 0.68 / 3) / 4, (1 + 1.66 / 3) / 4, (0.66 / 3) / 4])
    assert scores[1] == pytest.approx([(1 + 0.8 / 3) / 4, (1 + 1.2 / 3) / 4, (1 + 1.0 / 3) / 4])
    assert scores[2].tolist() == [1, 0, 0]


def test_a_majority_of_votes_wins_whatever_the_probabilities() -> None:
    generator = np.random.default_rng(6)
    probabilities = generator.dirichlet(np.full(4, 0.2), size=(5, 500))
    answers = probabilities.argmax(axis=2)
    votes = (answers[:, :, None] == np.arange(4)).sum(axis=0)
    chosen = hard_vote(probabilities, answers=answers).argmax(axis=1)
    leading = votes == votes.max(axis=1, keepdims=True)
    assert (leading.sum(axis=1) > 1).any() and (leading.sum(axis=1) == 1).any()
    among = np.where(leading, probabilities.mean(axis=0), -1).argmax(axis=1)
    assert chosen.tolist() == among.tolist()


def test_a_soft_vote_is_the_mean() -> None:
    assert soft_vote(np.array([[[0.2, 0.8]], [[0.6, 0.4]]])).tolist() == [[0.4, pytest.approx(0.6)]]


def test_members_disagree_where_one_of_them_differs() -> None:
    assert disagreement(np.array([[0, 1, 2, 0], [0, 1, 1, 0], [0, 2, 1, 0]])) == 0.5
    assert disagreement(np.array([[3, 3], [3, 3]])) == 0


def test_answers_on_val_are_not_flattered_by_the_fit_on_it() -> None:
    """Members that know nothing look useful to a pool fitted on 12 products, and not to this."""
    generator = np.random.default_rng(0)
    names, products = ["a", "b", "c"], [str(at) for at in range(60)]
    folds, labels = np.repeat(np.arange(5), 12), generator.integers(0, 3, size=60)
    members = {
        name: table.make(
            generator.dirichlet(np.ones(3), size=60),
            products=products,
            fold=folds,
            actual=labels,
            categories=names,
        )
        for name in "uvwxyz"
    }
    seen, watched, _ = combine(members, validation=members, method="late_fusion")
    flattered, honest = (log_loss(table.normalised(one), labels) for one in (seen, watched))
    assert flattered < np.log(3) < honest
    again = combine(members, validation=members, method="late_fusion")[1]
    assert again.equals(watched)
