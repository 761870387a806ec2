"""Split into train, val and test: stratified by category, duplicate groups kept together."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from aisle.errors import AisleError
from aisle.settings import params

PARTITIONS = ("train", "val", "test")


def assign(products: pd.DataFrame, *, settings: params.Split, seed: int) -> pd.DataFrame:
    """Return the split as a table: product_id, fold, partition; one row per product and fold.

    Raises AisleError, with the category's name, when it has too few distinct products.
    """
    categories = products["category_id"].to_numpy()
    groups = products["group"].to_numpy()
    try:
        if settings.scheme == "holdout":
            folds = holdout(
                categories=categories,
                groups=groups,
                test=settings.test,
                val=settings.val,
                seed=seed,
            )
        else:
            rest = 1 - 1 / settings.folds
            folds = cross_test(
                categories=categories,
                groups=groups,
                folds=settings.folds,
                val=rest * settings.val / (settings.train + settings.val),
                seed=seed,
            )
    except TooFewGroups as error:
        name = products.loc[products["category_id"] == error.category_id, "category"].iloc[0]
        raise AisleError(
            f"category '{name}' has {error.got} distinct products (duplicates count once); "
            f"split.scheme {settings.scheme} needs at least {error.at_least}, one for each side. "
            "Add products, use fewer folds, or choose another extract.level."
        ) from None
    return pd.concat(
        [
            pd.DataFrame(
                {"product_id": products["product_id"], "fold": fold, "partition": partition}
            )
            for fold, partition in enumerate(folds)
        ],
        ignore_index=True,
    )


def holdout(
    *, categories: np.ndarray, groups: np.ndarray, test: float, val: float, seed: int
) -> list[np.ndarray]:
    """Return a list of one fold: the partition of each product, str [n].

    Test is drawn first, then val from the rest; each is the given share of every category.
    """
    generator = np.random.default_rng(seed)
    strata = group_strata(categories=categories, groups=groups)
    _check_groups(categories=categories, groups=groups, at_least=3)
    partition = np.full(len(categories), "train", dtype=object)
    for name, share in (("test", test), ("val", val)):
        chosen = draw(
            strata=strata,
            groups=groups,
            free=partition == "train",
            share=share,
            generator=generator,
        )
        partition[chosen] = name
    return [partition]


def cross_test(
    *, categories: np.ndarray, groups: np.ndarray, folds: int, val: float, seed: int
) -> list[np.ndarray]:
    """Return `folds` folds, str [n] each; every product is test in exactly one of them.

    The test folds are scikit-learn's StratifiedGroupKFold. Each fold's val is drawn from the rest;
    its size is the share `val` of the whole category.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    _check_groups(categories=categories, groups=groups, at_least=folds + 1)
    generator = np.random.default_rng(seed)
    strata = group_strata(categories=categories, groups=groups)
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    result = []
    for _, test_rows in splitter.split(np.zeros(len(strata)), strata, groups):
        partition = np.full(len(categories), "train", dtype=object)
        partition[test_rows] = "test"
        chosen = draw(
            strata=strata,
            groups=groups,
            free=partition == "train",
            share=val,
            generator=generator,
        )
        partition[chosen] = "val"
        result.append(partition)
    return result


def group_strata(*, categories: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return for each product the most frequent category of its group, int [n]; ties: the smallest.

    Duplicates may have different labels, but the group stays together.
    """
    counts: dict[int, Counter[int]] = {}
    for group, category in zip(groups.tolist(), categories.tolist(), strict=True):
        counts.setdefault(group, Counter())[category] += 1
    # most_common keeps insertion order in ties, so sort to let the smallest category win
    main = {
        group: Counter(dict(sorted(counter.items()))).most_common(1)[0][0]
        for group, counter in counts.items()
    }
    return np.asarray([main[group] for group in groups.tolist()])


def draw(
    *,
    strata: np.ndarray,
    groups: np.ndarray,
    free: np.ndarray,
    share: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw `share` of every stratum, whole groups only; return which products, bool [n].

    Groups are visited in random order and taken if they fit, so the quota is met exactly if there
    are enough products without duplicates. At least one group per stratum is drawn.
    """
    chosen = np.zeros(len(strata), dtype=bool)
    for stratum in np.unique(strata):
        members = strata == stratum
        quota = max(1, round(share * members.sum()))
        candidates = np.unique(groups[members & free])
        sizes = {group: int((groups == group).sum()) for group in candidates.tolist()}
        order = generator.permutation(candidates).tolist()
        smallest = min(sizes.values())
        if smallest > quota:
            order = [group for group in order if sizes[group] == smallest][:1]
            quota = smallest
        for group in order:
            if sizes[group] <= quota:
                chosen |= groups == group
                quota -= sizes[group]
    return chosen


def split_report(split: pd.DataFrame, *, products: pd.DataFrame, scheme: str) -> dict[str, Any]:
    """Return the content of reports/split.json: sizes, groups, leaks and balance.

    The sizes of train, val and test are those of fold 0. Raises AisleError if anything leaks.
    """
    leaks = leak_checks(split, products=products)
    if any(leaks.values()):
        raise AisleError(f"the split leaks: {leaks} lie on two sides. Please report this defect.")
    sizes = products.groupby("group").size()
    first = split[split["fold"] == 0]["partition"].value_counts()
    return {
        "scheme": scheme,
        "folds": int(split["fold"].nunique()),
        "products": len(products),
        "groups": len(sizes),
        "products_in_groups": int(sizes[sizes > 1].sum()),
        **{name: int(first.get(name, 0)) for name in PARTITIONS},
        "leaks": leaks,
        "largest_share_gap": round(largest_share_gap(split, products=products), 4),
    }


def leak_checks(split: pd.DataFrame, *, products: pd.DataFrame) -> dict[str, int]:
    """Count the products, photos (by hash) and groups that are in two partitions of one fold.

    `split` has product_id, fold, partition. All three counts must be zero.
    """
    joined = split.merge(products[["product_id", "sha256", "group"]], on="product_id")
    columns = {"products": "product_id", "photos": "sha256", "groups": "group"}
    return {
        name: int((joined.groupby(["fold", column])["partition"].nunique() > 1).sum())
        for name, column in columns.items()
    }


def largest_share_gap(split: pd.DataFrame, *, products: pd.DataFrame) -> float:
    """Return the largest gap between a category's share in a partition and in the catalogue."""
    joined = split.merge(products[["product_id", "category"]], on="product_id")
    counts = joined.groupby(["fold", "partition", "category"]).size().unstack(fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0)
    overall = products["category"].value_counts(normalize=True)
    return float((shares - overall).abs().to_numpy().max())


def _check_groups(*, categories: np.ndarray, groups: np.ndarray, at_least: int) -> None:
    pairs = pd.DataFrame({"category": categories, "group": groups}).drop_duplicates()
    sizes = pairs.groupby("category").size()
    small = sizes[sizes < at_least]
    if not small.empty:
        raise TooFewGroups(int(small.index[0]), got=int(small.iloc[0]), at_least=at_least)


class TooFewGroups(AisleError):
    """Raised when a category has too few duplicate groups to appear in every partition."""

    def __init__(self, category_id: int, *, got: int, at_least: int) -> None:
        super().__init__(f"category {category_id} has {got} groups; {at_least} are needed")
        self.category_id, self.got, self.at_least = category_id, got, at_least
