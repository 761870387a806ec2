"""Split into train, val and test: stratified by category, duplicate groups kept together."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from aisle.errors import AisleError
from aisle.settings import params
from aisle.statistics import similarity

PARTITIONS = ("train", "val", "test")


def look_alikes(products: pd.DataFrame, *, looks: np.ndarray, settings: params.Look) -> np.ndarray:
    """Return a group per product, int [n], that joins its duplicates and what looks like it.

    `looks` are the directions of the products' embeddings. Look-alikes have the same category: one
    of another category cannot give the answer away. Raises AisleError if a category is too large.
    """
    categories = products["category_id"].to_numpy()
    try:
        alike = similarity.groups(looks, kinds=categories, at_least=settings.similarity)
    except similarity.TooMany as error:
        name = products.loc[products["category_id"] == error.kind, "category"].iloc[0]
        raise AisleError(
            f"split.keep_together is look, which compares all products of a category with each "
            f"other; '{name}' has {error.rows}, and at most {similarity.LARGEST} fit in memory. "
            "Name a column of groups instead (catalogue.columns.group), or split by a deeper "
            "extract.level."
        ) from None
    return similarity.merged(products["group"].to_numpy(), alike)


def assign(products: pd.DataFrame, *, settings: params.Split, seed: int) -> pd.DataFrame:
    """Return the split as a table: product_id, fold, partition, group; a row per product and fold.

    `products` has in `group` what stays on one side. Raises AisleError, with the category's name,
    when it has too few distinct products.
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
        alike, advice = "duplicates, and products of one catalogue.columns.group,", ["add products"]
        if settings.keep_together == "look":
            alike = "look-alikes"
            advice.insert(0, f"raise split.look.similarity ({settings.look.similarity:g})")
        if settings.scheme == "cross_test" and settings.folds > 2:
            advice.append("use fewer folds")
        distinct = "1 distinct product" if error.got == 1 else f"{error.got} distinct products"
        raise AisleError(
            f"category '{name}' has {distinct} ({alike} count once, for the category of most of "
            f"them); split.scheme {settings.scheme} needs at least {error.at_least}, one for each "
            f"side. {', '.join(advice).capitalize()}, or choose another extract.level."
        ) from None
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "product_id": products["product_id"],
                    "fold": fold,
                    "partition": partition,
                    "group": groups,
                }
            )
            for fold, partition in enumerate(folds)
        ],
        ignore_index=True,
    )


def groups_of(split: pd.DataFrame) -> pd.Series:
    """Return the group that each product stays with, int by product_id, from `assign`'s table."""
    return split.drop_duplicates("product_id").set_index("product_id")["group"]


def holdout(
    *, categories: np.ndarray, groups: np.ndarray, test: float, val: float, seed: int
) -> list[np.ndarray]:
    """Return a list of one fold: the partition of each product, str [n].

    Test is drawn first, then val from the rest; each is the given share of the groups of every
    category.
    """
    generator = np.random.default_rng(seed)
    strata = group_strata(categories=categories, groups=groups)
    _check_groups(categories=categories, strata=strata, groups=groups, at_least=3)
    partition = np.full(len(categories), "train", dtype=object)
    for name, share, leave in (("test", test, 2), ("val", val, 1)):
        chosen = draw(
            strata=strata,
            groups=groups,
            free=partition == "train",
            share=share,
            leave=leave,
            generator=generator,
        )
        partition[chosen] = name
    return [partition]


def cross_test(
    *, categories: np.ndarray, groups: np.ndarray, folds: int, val: float, seed: int
) -> list[np.ndarray]:
    """Return `folds` folds, str [n] each; every product is test in exactly one of them.

    The test folds are scikit-learn's StratifiedGroupKFold. Each fold's val is drawn from the rest:
    the share `val` of all groups of a category.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    strata = group_strata(categories=categories, groups=groups)
    _check_groups(categories=categories, strata=strata, groups=groups, at_least=folds + 1)
    generator = np.random.default_rng(seed)
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
            leave=1,
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
    leave: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw `share` of the groups of every stratum, of the `free` ones; return their products.

    `strata` int, `groups` int, `free` bool and what is returned bool [n]. Systematic sampling: a
    stratum's groups are sorted by size, those of one size in random order, and taken at equal steps
    from a random start. So a large group is as likely to be drawn as a small one. At least one
    group per stratum is drawn, and `leave` remain. Without duplicates the number of products is
    exact; with them it varies with the groups' sizes.

    Source: W. G. Cochran, "Sampling Techniques" (1977), chapter 8.
    """
    names, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    chosen = np.zeros(len(names), dtype=bool)
    for stratum in np.unique(strata):
        of_it = strata[first] == stratum
        candidates = generator.permutation(np.flatnonzero(of_it & free[first]))
        candidates = candidates[np.argsort(sizes[candidates], kind="stable")]
        n = len(candidates)
        wanted = min(max(1, round(share * of_it.sum())), n - leave)
        steps = (generator.integers(n) + wanted * np.arange(n + 1)) // n
        chosen[candidates[np.diff(steps) > 0]] = True
    return np.asarray(np.isin(groups, names[chosen]))


def split_report(
    split: pd.DataFrame, *, products: pd.DataFrame, settings: params.Split
) -> dict[str, Any]:
    """Return the content of reports/split.json: sizes, groups, leaks and balance.

    The sizes of train, val and test are those of fold 0. Raises AisleError if anything leaks.
    """
    leaks = leak_checks(split, products=products)
    if any(leaks.values()):
        raise AisleError(f"the split leaks: {leaks} lie on two sides. Please report this defect.")
    first = split[split["fold"] == 0]
    sizes = first.groupby("group").size()
    counts = first["partition"].value_counts()
    return {
        "scheme": settings.scheme,
        "keep_together": settings.keep_together,
        "folds": int(split["fold"].nunique()),
        "products": len(products),
        "groups": len(sizes),
        "products_in_groups": int(sizes[sizes > 1].sum()),
        **{name: int(counts.get(name, 0)) for name in PARTITIONS},
        "leaks": leaks,
        "largest_share_gap": round(largest_share_gap(split, products=products), 4),
    }


def leak_checks(split: pd.DataFrame, *, products: pd.DataFrame) -> dict[str, int]:
    """Count the products, photos (by hash) and groups that are in two partitions of one fold.

    `split` has product_id, fold, partition, group. All three counts must be zero.
    """
    joined = split.merge(products[["product_id", "sha256"]], on="product_id")
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


def _check_groups(
    *, categories: np.ndarray, strata: np.ndarray, groups: np.ndarray, at_least: int
) -> None:
    """Raise TooFewGroups for the first category that leads fewer than `at_least` groups."""
    led = pd.DataFrame({"category": strata, "group": groups}).drop_duplicates()
    sizes = led.groupby("category").size().reindex(np.unique(categories), fill_value=0)
    small = sizes[sizes < at_least]
    if not small.empty:
        raise TooFewGroups(int(small.index[0]), got=int(small.iloc[0]), at_least=at_least)


class TooFewGroups(AisleError):
    """Raised when a category leads too few groups to appear in every partition."""

    def __init__(self, category_id: int, *, got: int, at_least: int) -> None:
        super().__init__(f"category {category_id} leads {got} groups; {at_least} are needed")
        self.category_id, self.got, self.at_least = category_id, got, at_least
