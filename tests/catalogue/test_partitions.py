import numpy as np
import pytest

from aisle.catalogue import partitions

CATEGORIES = np.repeat(np.arange(7), 30)
ALONE = np.arange(210)


def counts(partition: np.ndarray, name: str) -> list[int]:
    found: list[int] = np.bincount(CATEGORIES[partition == name], minlength=7).tolist()
    return found


def test_a_holdout_has_the_requested_shares_in_every_category() -> None:
    (fold,) = partitions.holdout(categories=CATEGORIES, groups=ALONE, test=0.2, val=0.1, seed=1)
    assert counts(fold, "test") == [6] * 7
    assert counts(fold, "val") == [3] * 7
    assert counts(fold, "train") == [21] * 7


def test_groups_are_never_separated() -> None:
    groups = ALONE // 3
    folds = partitions.holdout(categories=CATEGORIES, groups=groups, test=0.15, val=0.15, seed=1)
    folds += partitions.cross_test(categories=CATEGORIES, groups=groups, folds=5, val=0.1, seed=1)
    for fold in folds:
        for group in np.unique(groups):
            assert len(set(fold[groups == group])) == 1
        assert set(fold) == {"train", "val", "test"}


def test_every_product_is_test_exactly_once_in_a_cross_test() -> None:
    folds = partitions.cross_test(
        categories=CATEGORIES, groups=ALONE // 2, folds=5, val=0.12, seed=3
    )
    tested = np.sum([fold == "test" for fold in folds], axis=0)
    assert (tested == 1).all()
    assert all(min(counts(fold, "val")) >= 1 for fold in folds)


def test_the_seed_decides_the_split() -> None:
    def draw(seed: int) -> list[str]:
        kept = {"categories": CATEGORIES, "groups": ALONE}
        (fold,) = partitions.holdout(**kept, test=0.2, val=0.2, seed=seed)
        return list(fold)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_a_category_needs_a_group_for_every_partition() -> None:
    categories = np.array([0, 0, 0, 1, 1])
    with pytest.raises(partitions.TooFewGroups) as caught:
        partitions.holdout(categories=categories, groups=np.arange(5), test=0.2, val=0.2, seed=1)
    assert (caught.value.category_id, caught.value.got) == (1, 2)
    duplicated = np.array([0, 1, 1, 2, 3, 4])
    with pytest.raises(partitions.TooFewGroups):
        partitions.holdout(
            categories=np.array([0, 0, 0, 1, 1, 1]), groups=duplicated, test=0.2, val=0.2, seed=1
        )


def test_three_products_are_enough_for_three_partitions() -> None:
    (fold,) = partitions.holdout(
        categories=np.zeros(3, dtype=int), groups=np.arange(3), test=0.1, val=0.1, seed=0
    )
    assert sorted(fold) == ["test", "train", "val"]


def test_a_group_with_two_labels_stays_together() -> None:
    categories = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    groups = np.array([0, 1, 2, 3, 0, 4, 5, 6])
    strata = partitions.group_strata(categories=categories, groups=groups)
    assert strata.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    (fold,) = partitions.holdout(categories=categories, groups=groups, test=0.3, val=0.3, seed=0)
    assert fold[0] == fold[4]


def test_a_category_led_by_others_in_all_its_groups_is_refused_by_name() -> None:
    """It would be drawn with the others, so that nothing keeps it in train and test."""
    categories = np.array([0] * 8 + [1] * 4)
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 3])
    with pytest.raises(partitions.TooFewGroups) as caught:
        partitions.holdout(categories=categories, groups=groups, test=0.2, val=0.2, seed=0)
    assert (caught.value.category_id, caught.value.got) == (1, 0)
    with pytest.raises(partitions.TooFewGroups):
        partitions.cross_test(categories=categories, groups=groups, folds=3, val=0.2, seed=0)


def test_large_groups_reach_test_as_often_as_small_ones() -> None:
    """One category of 40 products alone and 8 groups of 10."""
    groups = np.concatenate([np.arange(40), np.repeat(np.arange(40, 48), 10)])
    drawn = []
    for seed in range(400):
        (fold,) = partitions.holdout(
            categories=np.zeros(120, dtype=int), groups=groups, test=0.25, val=0.25, seed=seed
        )
        drawn.append([fold == "test", fold == "val"])
    shares = np.mean(drawn, axis=0)
    assert shares[:, :40].mean(axis=1) == pytest.approx(0.25, abs=0.01)
    assert shares[:, 40:].mean(axis=1) == pytest.approx(0.25, abs=0.01)


def test_every_category_has_a_product_in_every_partition_however_large_the_shares() -> None:
    groups = np.repeat(np.arange(6), [1, 1, 9, 1, 5, 5])
    categories = np.repeat([0, 0, 0, 1, 1, 1], [1, 1, 9, 1, 5, 5])
    for seed in range(30):
        (fold,) = partitions.holdout(
            categories=categories, groups=groups, test=0.9, val=0.09, seed=seed
        )
        for category in (0, 1):
            assert set(fold[categories == category]) == {"train", "val", "test"}
