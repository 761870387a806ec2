import numpy as np
import pytest

from aisle.statistics import similarity


def bursts(objects: int, shots: int, *, spread: float, seed: int = 0) -> np.ndarray:
    """Return features of objects that were each seen several times, one burst after the other."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(objects, 64))
    return np.repeat(centres, shots, axis=0) + rng.normal(0, spread, size=(objects * shots, 64))


def test_similarity_is_the_cosine_of_standardised_features() -> None:
    features = np.column_stack([np.random.default_rng(0).normal(5, [1, 100], (50, 2)), np.ones(50)])
    along = similarity.directions(features)
    standard = (features[:, :2] - features[:, :2].mean(axis=0)) / features[:, :2].std(axis=0)
    expected = standard[0] @ standard[1] / np.linalg.norm(standard[0]) / np.linalg.norm(standard[1])
    assert along[0] @ along[1] == pytest.approx(expected, abs=1e-5)
    assert np.linalg.norm(along, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_nearest_is_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    along = similarity.directions(bursts(20, 5, spread=0.3))
    of, among = np.arange(0, 100, 5), np.flatnonzero(np.arange(100) % 5 > 0)
    whole = similarity.nearest(along, of=of, among=among)
    assert (whole[0] // 5 == np.arange(20)).all() and (whole[1] > 0.8).all()
    monkeypatch.setattr(similarity, "ROWS_AT_ONCE", 7)
    found, similar = similarity.nearest(along, of=of, among=among)
    assert (found == whole[0]).all() and similar == pytest.approx(whole[1], abs=1e-5)


def test_bursts_are_the_groups() -> None:
    along = similarity.directions(bursts(20, 5, spread=0.3))
    found = similarity.groups(along, kinds=np.zeros(100, dtype=int), at_least=0.6)
    assert found.tolist() == np.repeat(np.arange(0, 100, 5), 5).tolist()


def test_a_chain_of_near_pairs_is_no_group() -> None:
    """A turn by 3 degrees a step: each is near the next, the first and the last are opposites."""
    angles = np.radians(np.arange(0, 180, 3))
    along = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    found = similarity.groups(along, kinds=np.zeros(60, dtype=int), at_least=0.9)
    for group in np.unique(found):
        members = along[found == group]
        assert (members @ members.T).mean() >= 0.9
    assert 2 < len(np.unique(found)) < 12


def test_a_group_is_of_one_kind_and_too_many_of_one_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    along = similarity.directions(bursts(10, 6, spread=0.1))
    found = similarity.groups(along, kinds=np.arange(60) % 2, at_least=0.5)
    assert len(np.unique(found)) == 20
    monkeypatch.setattr(similarity, "LARGEST", 20)
    with pytest.raises(similarity.TooMany, match="30 rows of kind 0"):
        similarity.groups(along, kinds=np.arange(60) % 2, at_least=0.5)


def test_groups_that_share_a_row_become_one() -> None:
    found = similarity.merged(np.array([0, 0, 1, 2, 3]), np.array([7, 8, 8, 9, 6]))
    assert found.tolist() == [0, 0, 0, 1, 2]
