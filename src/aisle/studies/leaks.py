"""Effect of leaks on accuracy: the same candidates on honest splits and on two that leak.

Counts the duplicates that the split and a plain one separate (`catalogue.audit`), then fits. All is
computed in memory; data/ does not change. Test is opened only to measure the effect; nothing is
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
from aisle.catalogue.partitions import assign, look_alikes
from aisle.catalogue.squares import has_squares
from aisle.errors import AisleError, LeftOut
from aisle.inputs import looks, rows
from aisle.inputs.views import ORIGINAL
from aisle.methods.common import registry
from aisle.methods.common.contract import Method
from aisle.report.headline import weights_sentences
from aisle.report.rendering import markdown_templates
from aisle.settings import params, sections
from aisle.standings.competitors import Weights
from aisle.standings.standings import weights_of
from aisle.statistics.intervals import wilson
from aisle.statistics.resampling import corrected_error

HONEST, DUPLICATES, VIEWS = "honest", "duplicates cut", "augmented before the split"
"""The set-ups: this pipeline's split; a plain stratified split; a plain split of single views."""

TOGETHER, CUT = "look-alikes together", "look-alikes cut"
"""The pipeline's split with the other value of `split.keep_together`: of duplicates, or of look."""

COMPARED = (
    (DUPLICATES, DUPLICATES, HONEST),
    (VIEWS, VIEWS, HONEST),
    (CUT, HONEST, TOGETHER),
    (CUT, CUT, HONEST),
)
"""Each leak with the set-up that has it and the one that has not."""

ABSENT = ""
"""Partition of a view that does not exist."""

ALL = "all"
DIGITS = 4

PICTURE = paths.LEAK_PRICE.with_suffix(".png")
LOOKS = paths.LEAK_PRICE.with_name("leaks-look.png")

Parsed: TypeAlias = dict[str, tuple[Method, Any]]
"""Candidate → its method and settings."""


@dataclass(frozen=True)
class Catalogue:
    """What is split: products, pairs of duplicates, views (the original first).

    `augmented` are the partitions whose products have more views than the original. `other` are the
    groups int [n] that the other value of `split.keep_together` keeps; None where no backbone says
    what looks alike.
    """

    products: pd.DataFrame
    pairs: pd.DataFrame
    views: tuple[str, ...]
    augmented: tuple[str, ...]
    other: np.ndarray | None = None

    @property
    def categories(self) -> np.ndarray:
        """The category id of each product, int [n]."""
        return np.asarray(self.products["category_id"])


@dataclass(frozen=True)
class Outcome:
    """Result of one candidate in one set-up with one seed, summed over the folds.

    `train`: views it was fitted on, mean over folds. `products`: test products, each scored once on
    its original photo; `correct`: right answers among them; `seen`: how many of them were in train
    as another view or as a duplicate. `twins`: test products with a duplicate in any partition;
    `twins_correct`: right answers among these.
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
    """Return the partition of each view, str [n, views]: the same for all views of a product.

    Only products in the partitions of `augment` have more than the original view.
    """
    assigned = np.repeat(partition[:, np.newaxis], len(catalogue.views), axis=1)
    only_original = ~np.isin(partition, catalogue.augmented)
    assigned[only_original, 1:] = ABSENT
    return assigned


def by_view(*, catalogue: Catalogue, like: Sequence[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return, per fold, the partition of each view, str [n, views]: each view split separately.

    The views of all products are pooled and split at random, stratified by category and kind of
    view. The originals are split as in the plain split of the same seed, so that train, val and
    test have the same sizes and the same products are scored.
    """
    seeds = [seed]
    for number in range(1, len(catalogue.views)):
        seeds.append(int(np.random.default_rng([seed, number]).integers(2**31)))
    splits = [audit.plain_split(catalogue.categories, like=like, seed=one) for one in seeds]
    return [np.stack(one_fold, axis=1) for one_fold in zip(*splits, strict=True)]


def set_ups(
    catalogue: Catalogue, *, honest: Sequence[np.ndarray], seed: int
) -> dict[str, list[np.ndarray]]:
    """Return, per set-up and fold, the partition of each view, str [n, views]."""
    plain = audit.plain_split(catalogue.categories, like=honest, seed=seed)
    return {
        HONEST: [by_product(fold, catalogue=catalogue) for fold in honest],
        DUPLICATES: [by_product(fold, catalogue=catalogue) for fold in plain],
        VIEWS: by_view(catalogue=catalogue, like=honest, seed=seed),
    }


def outcomes(
    parsed: Parsed,
    *,
    catalogue: Catalogue,
    as_it_is: Sequence[np.ndarray],
    split: params.Split,
    seeds: Sequence[int],
) -> Iterator[Outcome]:
    """Yield the outcome of each candidate in each set-up for each seed.

    `as_it_is` is the pipeline's split, used as the honest split of the first seed. A candidate that
    does not learn from all views has no outcome in VIEWS, because that leak does not affect it.
    """
    inputs = {name: rows.Inputs(chosen, catalogue.products) for name, (_, chosen) in parsed.items()}
    for seed in seeds:
        honest = as_it_is
        if seed != seeds[0]:
            drawn = assign(catalogue.products, settings=split, seed=seed)
            honest = audit.partitions_by_fold(drawn, products=catalogue.products)
        compared = set_ups(catalogue, honest=honest, seed=seed)
        if catalogue.other is not None:
            set_up, others = _other(catalogue, split=split, seed=seed)
            compared[set_up] = [by_product(fold, catalogue=catalogue) for fold in others]
        for set_up, assigned in compared.items():
            for name, (method, settings) in parsed.items():
                if set_up == VIEWS and not _learns_from_views(settings):
                    continue
                folds = [
                    _one_fold(
                        method,
                        settings=settings,
                        assigned=one,
                        inputs=inputs[name],
                        catalogue=catalogue,
                        seed=seed + fold,
                    )
                    for fold, one in enumerate(assigned)
                ]
                total = {key: int(sum(one[key] for one in folds)) for key in folds[0]}
                total["train"] = round(total["train"] / len(folds))
                yield Outcome(candidate=name, set_up=set_up, seed=seed, **total)


def _other(catalogue: Catalogue, *, split: params.Split, seed: int) -> tuple[str, list[np.ndarray]]:
    """Return the set-up with the other value of `split.keep_together`, and its folds."""
    together = split.keep_together == "duplicates"
    drawn = assign(
        catalogue.products.assign(group=catalogue.other),
        settings=split.model_copy(update={"keep_together": "look" if together else "duplicates"}),
        seed=seed,
    )
    folds = audit.partitions_by_fold(drawn, products=catalogue.products)
    return TOGETHER if together else CUT, folds


def _one_fold(
    method: Method,
    *,
    settings: Any,
    assigned: np.ndarray,
    inputs: rows.Inputs,
    catalogue: Catalogue,
    seed: int,
) -> dict[str, int]:
    """Fit on one fold and return the counts that `Outcome` sums."""
    train, val, test = (
        _rows(assigned, partition=partition, inputs=inputs, catalogue=catalogue)
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
    all_products = np.ones(len(assigned), dtype=bool)
    has_twin = audit.has_twin(catalogue.pairs, among=all_products)[test.products]
    in_train = np.isin(np.arange(len(assigned)), train.products)
    seen = in_train | audit.has_twin(catalogue.pairs, among=in_train)
    return {
        "train": len(train),
        "products": len(test),
        "correct": int(right.sum()),
        "seen": int(seen[test.products].sum()),
        "twins": int(has_twin.sum()),
        "twins_correct": int((has_twin & right).sum()),
    }


def _rows(
    assigned: np.ndarray, *, partition: str, inputs: rows.Inputs, catalogue: Catalogue
) -> rows.Rows:
    """Return a partition's rows, in the order of products and views."""
    products, views = np.nonzero(assigned == partition)
    names = np.asarray(catalogue.views, dtype=object)
    return rows.Rows(products, names[views], catalogue.categories[products], inputs)


def summary(measured: Sequence[Outcome], *, confidence: float) -> list[dict[str, Any]]:
    """Return one row per candidate and set-up: sums and means over the seeds.

    `accuracy` is a mean. Its Wilson interval counts the products that one seed tests, because all
    seeds test the same catalogue. Counts are sums over the seeds; `train` is a mean.
    """
    table = pd.DataFrame([asdict(outcome) for outcome in measured])
    by_both = dict(iter(table.groupby(["candidate", "set_up"])))
    order = product(dict.fromkeys(table["candidate"]), (HONEST, DUPLICATES, VIEWS, TOGETHER, CUT))
    found = []
    for candidate, set_up in order:
        if (candidate, set_up) not in by_both:
            continue
        group = by_both[candidate, set_up]
        counts = group[["products", "correct", "seen", "twins", "twins_correct"]].sum()
        trials = round(group["products"].mean())
        accuracy = float((group["correct"] / group["products"]).mean())
        low, high = wilson(successes=round(accuracy * trials), trials=trials, confidence=confidence)
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


def differences(
    measured: Sequence[Outcome], *, ratio: float, confidence: float
) -> list[dict[str, Any]]:
    """Return how much accuracy each candidate gains from each leak, paired by seed.

    `ratio` is test products / train products in a fold; see `mean`.
    """
    table = pd.DataFrame([asdict(outcome) for outcome in measured])
    table["accuracy"] = table["correct"] / table["products"]
    wide = table.pivot_table(
        index=["candidate", "seed"], columns="set_up", values="accuracy", sort=False
    )
    found = []
    for candidate, by_seed in wide.groupby("candidate", sort=False):
        for leak, with_it, without in COMPARED:
            if with_it in by_seed and without in by_seed and by_seed[with_it].notna().all():
                gains = (by_seed[with_it] - by_seed[without]).to_numpy()
                gain = mean(gains, ratio=ratio, confidence=confidence)
                found.append({"candidate": candidate, "leak": leak, **gain})
    return found


def mean(differences: np.ndarray, *, ratio: float, confidence: float) -> dict[str, float]:
    """Return the mean of differences [seeds], its standard error and interval.

    `corrected_error` allows for the seeds splitting the same products; `ratio` is test products /
    train products. With several folds per seed the interval is conservative.
    """
    error, half = corrected_error(differences, ratio=ratio, confidence=confidence)
    middle = float(differences.mean())
    found = {
        "difference": middle,
        "standard_error": error,
        "low": middle - half,
        "high": middle + half,
    }
    return {key: round(value, DIGITS) for key, value in found.items()}


def leaks() -> dict[str, Any]:
    """Audit the split, measure the leaks; write JSON, page and picture, return the JSON content."""
    settings = params.read("leaks", sections.Leaks)
    extract, augment = (
        params.read("extract", params.Extract),
        params.read("augment", params.Augment),
    )
    split, seed = params.read("split", params.Split), params.seed()
    confidence = params.read("compare", sections.Compare).confidence
    views = (ORIGINAL, *augment.transforms)
    parsed = _parsed(settings.candidates, views=views, augment=augment)
    text = ("product_id", "category", "image", "sha256", "phash", *rows.TEXTS)
    products = files.read_table(paths.PRODUCTS, text=text)
    pairs = audit.pairs(products, texts=extract.duplicate_texts, bits=extract.near_duplicate_bits)
    groups, alike = products["group"].to_numpy(), None
    if split.look.backbone != paths.NONE:
        _check_looks(split.look.backbone)
        along = looks.looks(split.look.backbone)
        alike = look_alikes(products, looks=along, settings=split.look)
    if alike is not None and split.keep_together == "look":
        groups, alike = alike, groups
    products = products.assign(group=groups)
    catalogue = Catalogue(products, pairs, views, augment.partitions, alike)
    as_it_is = audit.partitions_by_fold(
        files.read_table(paths.SPLIT, text=("product_id",)), products=catalogue.products
    )
    if len(as_it_is) != (split.folds if split.scheme == "cross_test" else 1):
        raise AisleError(
            f"'{paths.SPLIT}' has {len(as_it_is)} folds, and params.yaml says split.scheme "
            f"{split.scheme}. Run 'dvc repro' first."
        )
    try:
        plain = audit.plain_split(catalogue.categories, like=as_it_is, seed=seed)
        measured = []
        for outcome in outcomes(
            parsed,
            catalogue=catalogue,
            as_it_is=as_it_is,
            split=split,
            seeds=range(seed, seed + settings.repetitions),
        ):
            measured.append(outcome)
            print(
                f"{outcome.candidate}, {outcome.set_up}, seed {outcome.seed}: {outcome.correct} of "
                f"{outcome.products} right",
                flush=True,
            )
    except LeftOut as reason:
        raise AisleError(f"params.yaml: leaks.candidates: {reason}") from None
    ids = products["product_id"].to_numpy()
    separated = pairs[audit.separated(pairs, folds=as_it_is)]
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
            "as_it_is": audit.split_counts(pairs, folds=as_it_is),
            "plain": audit.split_counts(pairs, folds=plain),
        },
        "cut_as_it_is": [
            [str(ids[pair["left"]]), str(ids[pair["right"]]), ", ".join(audit.caption(pair))]
            for _, pair in separated.iterrows()
        ],
        "confidence": confidence,
        "accuracies": summary(measured, confidence=confidence),
        "differences": differences(measured, ratio=_test_to_train(as_it_is), confidence=confidence),
        "by_seed": [asdict(outcome) for outcome in measured],
    }
    pictured = _draw(catalogue, folds=plain, number=settings.pictured)
    if alike is None:
        files.remove(LOOKS)
    else:
        joined = groups if split.keep_together == "look" else alike
        facts["look"] = split.look.model_dump() | {
            "groups": len(np.unique(joined)),
            "in_groups": int((np.bincount(joined)[joined] > 1).sum()),
            "largest": int(np.bincount(joined).max()),
            "pictured": _draw_looks(
                catalogue, joined=joined, along=along, split=split, number=settings.pictured
            ),
        }
    files.write_json(facts, paths.LEAK_PRICE)
    files.write_text(page(facts, pictured=pictured), paths.LEAK_PRICE.with_suffix(".md"))
    return facts


def page(facts: Mapping[str, Any], *, pictured: int) -> str:
    """Return the content of reports/leaks.md; every number comes from `facts`."""
    environment = markdown_templates()
    found = facts["differences"]
    proven = sorted(
        (one for one in found if one["low"] > 0), key=lambda one: -float(one["difference"])
    )
    first = facts["accuracies"][0]["candidate"]
    of_first = {row["set_up"]: row for row in facts["accuracies"] if row["candidate"] == first}
    return environment.get_template("leaks.md.j2").render(
        **({"look": None} | dict(facts)),
        of_weights=weights_sentences([Weights(**one) for one in facts["weights"]]),
        honest=HONEST,
        duplicates=DUPLICATES,
        by_views=VIEWS,
        proven=proven,
        of_first=of_first,
        priced_by_views=[one["candidate"] for one in found if one["leak"] == VIEWS],
        pictured=pictured,
        picture=PICTURE.name,
        cut=CUT,
        together=TOGETHER,
        picture_of_looks=LOOKS.name,
    )


def _parsed(
    candidates: Mapping[str, Any], *, views: Sequence[str], augment: params.Augment
) -> Parsed:
    """Return each candidate's method and settings; AisleError if its inputs are missing."""
    found: Parsed = {}
    for name, raw in candidates.items():
        where = f"leaks.candidates.{name}"
        found[name] = method, settings = registry.parse(raw, where=where)
        if _learns_from_views(settings) and (
            len(views) == 1 or audit.TRAIN not in augment.partitions
        ):
            raise AisleError(
                f"params.yaml: {where}.views is all, but augment gives train no view beside the "
                "original. Set it to original, or set augment.transforms and add train to "
                "augment.partitions."
            )
        if settings.photos != paths.NONE and not has_squares(paths.resized(settings.photos)):
            raise AisleError(
                f"params.yaml: {where}.photos is {settings.photos}, and "
                f"'{paths.resized(settings.photos)}' is missing or empty. Choose one of "
                "resize.sizes that a competitor reads, then run 'dvc repro'."
            )
        if method.frozen_pass(settings) != "never":
            _check_embedded(settings, where=where, views=views)
    return found


def _backbones(parsed: Parsed) -> list[str]:
    found = parsed.values()
    return sorted({own.backbone for method, own in found if method.frozen_pass(own) != "never"})


def _check_embedded(settings: Any, *, where: str, views: Sequence[str]) -> None:
    card = paths.embeddings(settings.backbone) / paths.EMBEDDING_CARD
    stored = files.read_json(card)["views"] if card.exists() else []
    needed = [ORIGINAL] if getattr(settings, "views", ORIGINAL) == ORIGINAL else list(views)
    missing = [view for view in needed if view not in stored]
    if missing:
        raise AisleError(
            f"params.yaml: {where} reads the embeddings of {settings.backbone}, which hold "
            f"{', '.join(stored) or 'no view'}; missing: {', '.join(missing)}. Only the views "
            "that candidates read are embedded: choose another backbone or views: original, or "
            "run 'dvc repro' with a candidate that reads the same."
        )


def _learns_from_views(settings: Any) -> bool:
    return getattr(settings, "views", ORIGINAL) == ALL


def _draw(catalogue: Catalogue, *, folds: Sequence[np.ndarray], number: int) -> int:
    """Draw at most `number` pairs that these folds separate; return how many. None: no picture.

    The line below each pair names the two partitions in the first fold that separates it.
    """
    pairs = catalogue.pairs
    chosen = audit.examples(
        pairs[audit.separated(pairs, folds=folds)],
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


def _check_looks(backbone: str) -> None:
    if not looks.embedded(backbone):
        raise AisleError(
            f"split.look.backbone is {backbone}, and '{paths.embeddings(backbone)}' has no photo. "
            "Run 'dvc repro' first."
        )


def _draw_looks(
    catalogue: Catalogue,
    *,
    joined: np.ndarray,
    along: np.ndarray,
    split: params.Split,
    number: int,
) -> int:
    """Draw at most `number` pairs of look-alikes; return how many. None: no picture.

    They are in one group of `joined` int [n], no duplicates, and the least similar of those that
    are similar enough alone: what a reader must find alike if the threshold is right.
    """
    duplicates = set(zip(catalogue.pairs["left"], catalogue.pairs["right"], strict=True))
    found = []
    for members in pd.Series(np.arange(len(joined))).groupby(joined).indices.values():
        left, right = np.triu_indices(len(members), k=1)
        alike = (along[members] @ along[members].T)[left, right]
        enough = np.flatnonzero(alike >= split.look.similarity)
        enough = enough[np.argsort(alike[enough], kind="stable")]
        pairs = [(int(members[left[at]]), int(members[right[at]]), alike[at]) for at in enough]
        found += [pair for pair in pairs if pair[:2] not in duplicates][:1]
    found = sorted(found, key=lambda pair: float(pair[2]))[:number]
    if not found:
        files.remove(LOOKS)
        return 0
    shown = pd.DataFrame(found, columns=["left", "right", "similarity"])
    images = [paths.RAW_IMAGES / image for image in catalogue.products["image"]]
    with files.replacing(LOOKS) as temporary:
        audit.picture(
            shown.assign(file=False, look=False, text=""),
            images=images,
            sides=[f"similarity {one:.2f}" for one in shown["similarity"]],
            path=temporary,
        )
    return len(shown)


def _test_to_train(folds: Sequence[np.ndarray]) -> float:
    """Return test products / train products, over all folds."""
    test, train = (
        sum((fold == part).sum() for fold in folds) for part in (audit.TEST, audit.TRAIN)
    )
    return float(test / train)
