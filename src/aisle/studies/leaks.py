"""What a leak is worth: the same candidates on honest splits and on two that leak, side by side.

First counts the duplicates that the split and a plain one cut (`catalogue.audit`), then fits. All
is computed in memory: data/ stays as it is. Test is opened only to price the leaks; nothing is
chosen by it. Writes reports/leaks.json, reports/leaks.md and reports/leaks.png.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.catalogue import audit
from aisle.errors import AisleError, LeftOut
from aisle.inputs import rows
from aisle.inputs.views import ORIGINAL
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.report.headline import weights_sentences
from aisle.report.rendering import markdown_templates
from aisle.settings import params, sections
from aisle.stages.split import assign
from aisle.standings.competitors import Weights
from aisle.standings.standings import weights_of
from aisle.statistics.intervals import CONFIDENCE, wilson
from aisle.statistics.resampling import corrected_error

HONEST, DUPLICATES, VIEWS = "honest", "duplicates cut", "augmented before the split"
"""The set-ups: the split as it is; a plain stratified one; a plain one of views, not products."""

NOBODY = ""
ALL = "all"
DIGITS = 4

PICTURE = paths.LEAK_PRICE.with_suffix(".png")

Parsed: TypeAlias = dict[str, tuple[Method, Any]]
"""Candidate → its method and settings."""


@dataclass(frozen=True)
class Catalogue:
    """What is split: the products, their twins, the views there are (the original first)."""

    products: pd.DataFrame
    pairs: pd.DataFrame
    views: tuple[str, ...]
    augmented: tuple[str, ...]

    @property
    def categories(self) -> np.ndarray:
        """The category id of each product, int [n]."""
        return np.asarray(self.products["category_id"])


@dataclass(frozen=True)
class Outcome:
    """One candidate in one set-up on the split of one seed, summed over its folds.

    `train`: views it was fitted on, a fold's mean. `products`: test products, each scored once on
    its original photo; `correct`: right answers among them; `seen`: how many of them were in train
    as another view or as a twin. `twins`, `twins_correct`: those that have a twin anywhere.
    """

    candidate: str
    set_up: str
    seed: int
    train: int
    products: int
    correct: int
    seen: int
    twins: int
    twins_correct: int


def by_product(partition: np.ndarray, *, catalogue: Catalogue) -> np.ndarray:
    """Return in which partition each view is, str [n, views]: all views of a product in one.

    Only the partitions of `augment` have more than the original.
    """
    dealt = np.repeat(partition[:, np.newaxis], len(catalogue.views), axis=1)
    alone = ~np.isin(partition, catalogue.augmented)
    dealt[alone, 1:] = NOBODY
    return dealt


def by_view(*, catalogue: Catalogue, like: Sequence[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return per fold in which partition each view is, str [n, views]: each view on its own.

    So the views of all products are pooled and split at random, stratified by category and kind of
    view. The originals lie as in the plain split of the same seed, so that train, val and test are
    as large as there and the same products are scored.
    """
    seeds = [seed]
    for number in range(1, len(catalogue.views)):
        seeds.append(int(np.random.default_rng([seed, number]).integers(2**31)))
    dealt = [audit.plain(catalogue.categories, like=like, seed=one) for one in seeds]
    return [np.stack(one_fold, axis=1) for one_fold in zip(*dealt, strict=True)]


def set_ups(
    catalogue: Catalogue, *, honest: Sequence[np.ndarray], seed: int
) -> dict[str, list[np.ndarray]]:
    """Return, per set-up and fold, in which partition each view is, str [n, views]."""
    plain = audit.plain(catalogue.categories, like=honest, seed=seed)
    return {
        HONEST: [by_product(fold, catalogue=catalogue) for fold in honest],
        DUPLICATES: [by_product(fold, catalogue=catalogue) for fold in plain],
        VIEWS: by_view(catalogue=catalogue, like=honest, seed=seed),
    }


def price(
    parsed: Parsed,
    *,
    catalogue: Catalogue,
    as_it_is: Sequence[np.ndarray],
    split: params.Split,
    seeds: Sequence[int],
) -> Iterator[Outcome]:
    """Yield the outcome of each candidate in each set-up for each seed.

    The first seed's honest split is the one `as_it_is`. A candidate that does not learn from all
    views has no outcome in VIEWS, where views are what leaks.
    """
    inputs = {name: rows.Inputs(chosen, catalogue.products) for name, (_, chosen) in parsed.items()}
    for seed in seeds:
        honest = as_it_is
        if seed != seeds[0]:
            drawn = assign(catalogue.products, settings=split, seed=seed)
            honest = audit.folds_of(drawn, products=catalogue.products)
        for set_up, dealt in set_ups(catalogue, honest=honest, seed=seed).items():
            for name, (method, settings) in parsed.items():
                if set_up == VIEWS and not _learns_from_views(settings):
                    continue
                folds = [
                    _one_fold(
                        method,
                        settings=settings,
                        dealt=one,
                        inputs=inputs[name],
                        catalogue=catalogue,
                        seed=seed + fold,
                    )
                    for fold, one in enumerate(dealt)
                ]
                total = {key: int(sum(one[key] for one in folds)) for key in folds[0]}
                total["train"] = round(total["train"] / len(folds))
                yield Outcome(candidate=name, set_up=set_up, seed=seed, **total)


def _one_fold(
    method: Method,
    *,
    settings: Any,
    dealt: np.ndarray,
    inputs: rows.Inputs,
    catalogue: Catalogue,
    seed: int,
) -> dict[str, int]:
    """Fit on one fold and return what `Outcome` sums up."""
    train, val, test = (
        _part(dealt, partition=partition, inputs=inputs, catalogue=catalogue)
        for partition in (audit.TRAIN, audit.VAL, audit.TEST)
    )
    if not _learns_from_views(settings):
        train, val = train.only_originals(), val.only_originals()
    test = test.only_originals()
    with tempfile.TemporaryDirectory() as folder:
        method.fit(
            settings=settings,
            train=train,
            val=val,
            classes=int(catalogue.categories.max()) + 1,
            folder=Path(folder),
            seed=seed,
        )
        answers = method.load(folder=Path(folder)).probabilities(test).argmax(axis=1)
    right = answers == test.labels
    everyone = np.ones(len(dealt), dtype=bool)
    has_twin = audit.beside(catalogue.pairs, present=everyone)[test.products]
    in_train = np.isin(np.arange(len(dealt)), train.products)
    seen = in_train | audit.beside(catalogue.pairs, present=in_train)
    return {
        "train": len(train),
        "products": len(test),
        "correct": int(right.sum()),
        "seen": int(seen[test.products].sum()),
        "twins": int(has_twin.sum()),
        "twins_correct": int((has_twin & right).sum()),
    }


def _part(
    dealt: np.ndarray, *, partition: str, inputs: rows.Inputs, catalogue: Catalogue
) -> rows.Rows:
    """Return a partition's rows, in catalogue order and in the order of the views."""
    products, views = np.nonzero(dealt == partition)
    names = np.asarray(catalogue.views, dtype=object)
    return rows.Rows(products, names[views], catalogue.categories[products], inputs)


def summary(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return one row per candidate and set-up: sums and means over the seeds.

    `accuracy` is the mean; its Wilson interval is that of as many products as one seed tests, for
    the seeds test the same catalogue again. Counts are sums over the seeds, but `train`.
    """
    table = pd.DataFrame([asdict(outcome) for outcome in outcomes])
    by_both = dict(iter(table.groupby(["candidate", "set_up"])))
    order = product(dict.fromkeys(table["candidate"]), (HONEST, DUPLICATES, VIEWS))
    found = []
    for candidate, set_up in order:
        if (candidate, set_up) not in by_both:
            continue
        group = by_both[candidate, set_up]
        counts = group[["products", "correct", "seen", "twins", "twins_correct"]].sum()
        trials = round(group["products"].mean())
        accuracy = float((group["correct"] / group["products"]).mean())
        low, high = wilson(successes=round(accuracy * trials), trials=trials)
        found.append(
            {
                "candidate": candidate,
                "set_up": set_up,
                "accuracy": round(accuracy, DIGITS),
                "accuracy_low": round(low, DIGITS),
                "accuracy_high": round(high, DIGITS),
                "train": round(group["train"].mean()),
                **{key: int(value) for key, value in counts.items()},
            }
        )
    return found


def differences(outcomes: Sequence[Outcome], *, ratio: float) -> list[dict[str, Any]]:
    """Return how much better each candidate looks in each set-up that leaks, seed by seed.

    `ratio` is that of test to train products in a fold, which `mean` needs.
    """
    table = pd.DataFrame([asdict(outcome) for outcome in outcomes])
    table["accuracy"] = table["correct"] / table["products"]
    wide = table.pivot_table(
        index=["candidate", "seed"], columns="set_up", values="accuracy", sort=False
    )
    found = []
    for candidate, by_seed in wide.groupby("candidate", sort=False):
        for leak in (DUPLICATES, VIEWS):
            if leak in by_seed and by_seed[leak].notna().all():
                apart = (by_seed[leak] - by_seed[HONEST]).to_numpy()
                found.append({"candidate": candidate, "leak": leak, **mean(apart, ratio=ratio)})
    return found


def mean(differences: np.ndarray, *, ratio: float) -> dict[str, float]:
    """Return the mean of differences [seeds], its standard error and 95 % interval.

    The seeds split the same products, which `corrected_error` knows: `ratio` is that of test to
    train products. With several folds a seed it is cautious.
    """
    error, half = corrected_error(differences, ratio=ratio, confidence=CONFIDENCE)
    middle = float(differences.mean())
    found = {
        "difference": middle,
        "standard_error": error,
        "low": middle - half,
        "high": middle + half,
    }
    return {key: round(value, DIGITS) for key, value in found.items()}


def leaks() -> dict[str, Any]:
    """Audit the split, price the leaks, write JSON, page and picture; return the JSON's content."""
    settings = params.read("leaks", sections.Leaks)
    extract, augment = (
        params.read("extract", params.Extract),
        params.read("augment", params.Augment),
    )
    split, seed = params.read("split", params.Split), params.seed()
    views = (ORIGINAL, *augment.transforms)
    parsed = _parsed(settings.candidates, views=views, augment=augment)
    text = ("product_id", "category", "image", "sha256", "phash", *rows.TEXTS)
    products = files.read_table(paths.PRODUCTS, text=text)
    pairs = audit.pairs(products, texts=extract.duplicate_texts, bits=extract.near_duplicate_bits)
    catalogue = Catalogue(products, pairs, views, augment.partitions)
    as_it_is = audit.folds_of(
        files.read_table(paths.SPLIT, text=("product_id",)), products=catalogue.products
    )
    if len(as_it_is) != (split.folds if split.scheme == "cross_test" else 1):
        raise AisleError(
            f"'{paths.SPLIT}' has {len(as_it_is)} folds, and params.yaml says split.scheme "
            f"{split.scheme}. Run 'dvc repro' first."
        )
    try:
        plain = audit.plain(catalogue.categories, like=as_it_is, seed=seed)
        outcomes = []
        for outcome in price(
            parsed,
            catalogue=catalogue,
            as_it_is=as_it_is,
            split=split,
            seeds=range(seed, seed + settings.repetitions),
        ):
            outcomes.append(outcome)
            print(
                f"{outcome.candidate}, {outcome.set_up}, seed {outcome.seed}: {outcome.correct} of "
                f"{outcome.products} right",
                flush=True,
            )
    except LeftOut as reason:
        raise AisleError(f"params.yaml: leaks.candidates: {reason}") from None
    ids = products["product_id"].to_numpy()
    cut = pairs[audit.cut(pairs, folds=as_it_is)]
    facts = {
        "products": len(products),
        "scheme": split.scheme,
        "folds": len(as_it_is),
        "seed": seed,
        "repetitions": settings.repetitions,
        "views": list(views),
        "weights": [asdict(weights_of(variant)) for variant in _backbones(parsed)],
        "near_duplicate_bits": extract.near_duplicate_bits,
        "duplicate_texts": list(extract.duplicate_texts),
        "pairs": audit.counts(pairs),
        "audit": {
            "as_it_is": audit.of_split(pairs, folds=as_it_is),
            "plain": audit.of_split(pairs, folds=plain),
        },
        "cut_as_it_is": [
            [str(ids[pair["left"]]), str(ids[pair["right"]]), ", ".join(audit.caption(pair))]
            for _, pair in cut.iterrows()
        ],
        "accuracies": summary(outcomes),
        "differences": differences(outcomes, ratio=_ratio(as_it_is)),
        "by_seed": [asdict(outcome) for outcome in outcomes],
    }
    pictured = _draw(catalogue, folds=plain, number=settings.pictured)
    files.write_json(facts, paths.LEAK_PRICE)
    files.write_text(page(facts, pictured=pictured), paths.LEAK_PRICE.with_suffix(".md"))
    return facts


def page(facts: Mapping[str, Any], *, pictured: int) -> str:
    """Return reports/leaks.md; every number in it is one of `facts`."""
    environment = markdown_templates()
    found = facts["differences"]
    proven = sorted(
        (one for one in found if one["low"] > 0), key=lambda one: -float(one["difference"])
    )
    first = facts["accuracies"][0]["candidate"]
    of_first = {row["set_up"]: row for row in facts["accuracies"] if row["candidate"] == first}
    return environment.get_template("leaks.md.j2").render(
        **facts,
        of_weights=weights_sentences([Weights(**one) for one in facts["weights"]]),
        honest=HONEST,
        duplicates=DUPLICATES,
        by_views=VIEWS,
        proven=proven,
        of_first=of_first,
        priced_by_views=[one["candidate"] for one in found if one["leak"] == VIEWS],
        pictured=pictured,
        picture=PICTURE.name,
    )


def _parsed(
    candidates: Mapping[str, Any], *, views: Sequence[str], augment: params.Augment
) -> Parsed:
    """Return each candidate's method and settings; AisleError where what it reads is not there."""
    found: Parsed = {}
    for name, raw in candidates.items():
        where = f"leaks.candidates.{name}"
        found[name] = method, settings = registry.parse(raw, where=where)
        if _learns_from_views(settings) and (
            len(views) == 1 or audit.TRAIN not in augment.partitions
        ):
            raise AisleError(
                f"params.yaml: {where}.views is all, but augment gives train no view beside the "
                "original. Set it to original, or name transforms, and train among the partitions."
            )
        if settings.photos != paths.NONE and not paths.resized(settings.photos).exists():
            raise AisleError(
                f"params.yaml: {where}.photos is {settings.photos}, and "
                f"'{paths.resized(settings.photos)}' is missing. Choose one of resize.sizes, then "
                "run 'dvc repro'."
            )
        if method.frozen_pass(settings) != "never":
            _require_embedded(settings, where=where, views=views)
    return found


def _backbones(parsed: Parsed) -> list[str]:
    found = parsed.values()
    return sorted({own.backbone for method, own in found if method.frozen_pass(own) != "never"})


def _require_embedded(settings: Any, *, where: str, views: Sequence[str]) -> None:
    card = paths.embeddings(settings.backbone) / paths.EMBEDDING_CARD
    stored = files.read_json(card)["views"] if card.exists() else []
    needed = [ORIGINAL] if getattr(settings, "views", ORIGINAL) == ORIGINAL else list(views)
    missing = [view for view in needed if view not in stored]
    if missing:
        raise AisleError(
            f"params.yaml: {where} reads the embeddings of {settings.backbone}, which hold "
            f"{', '.join(stored) or 'no view'}; missing: {', '.join(missing)}. A backbone embeds "
            "what `candidates` read of it: choose another backbone or views: original, or run "
            "'dvc repro' with a candidate that reads the same."
        )


def _learns_from_views(settings: Any) -> bool:
    return getattr(settings, "views", ORIGINAL) == ALL


def _draw(catalogue: Catalogue, *, folds: Sequence[np.ndarray], number: int) -> int:
    """Draw some pairs that these folds cut, and return how many; without any, no picture is left.

    Below each pair stands where its two are in the first fold that cuts it.
    """
    pairs = catalogue.pairs
    chosen = audit.shown(
        pairs[audit.cut(pairs, folds=folds)],
        groups=catalogue.products["group"].to_numpy(),
        number=number,
    )
    if chosen.empty:
        files.remove(PICTURE)
        return 0
    sides = []
    for left, right in zip(chosen["left"], chosen["right"], strict=True):
        fold = next(fold for fold in folds if fold[left] != fold[right])
        sides.append(f"{fold[left]} | {fold[right]}")
    images = [paths.RAW_IMAGES / image for image in catalogue.products["image"]]
    with files.replacing(PICTURE) as temporary:
        audit.picture(chosen, images=images, sides=sides, path=temporary)
    return len(chosen)


def _ratio(folds: Sequence[np.ndarray]) -> float:
    """Return how many test products there are for one of train, over all folds."""
    test, train = (
        sum((fold == part).sum() for fold in folds) for part in (audit.TEST, audit.TRAIN)
    )
    return float(test / train)
