"""Audit of duplicate pairs: which there are, which of them a split separates, and a picture.

Arrays and tables in, numbers and tables out; only `picture` reads photos and writes a file.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from aisle import paths
from aisle.catalogue import photos
from aisle.catalogue.duplicates import ROWS_AT_ONCE, normalise
from aisle.catalogue.partitions import PARTITIONS
from aisle.errors import AisleError

TRAIN, VAL, TEST = PARTITIONS
KINDS = ("file", "look", "text")
"""Kinds of duplicates: identical photo files, photos that look alike, identical texts."""

SIDE, GAP, BETWEEN, LINE = 96, 4, 24, 15
"""In pixels: side of a thumbnail, gap within a pair, gap between pairs, height of a text line."""
PER_ROW = 4
FONT = 12
INK = "#1f2328"
COLOURS = 256


def pairs(products: pd.DataFrame, *, texts: Sequence[str], bits: int) -> pd.DataFrame:
    """Return every pair of duplicates, one row each, in catalogue order.

    `products` is data/products.csv. Columns: `left` and `right`, positions in it; `file`: identical
    photo files; `look`: different files whose perceptual hashes are at most `bits` of 64 apart;
    `bits`: that distance; `text`: those of the columns `texts` whose normalised texts are equal and
    not empty, joined by " and ". A pair may be of two kinds, but not both `file` and `look`. Unlike
    a duplicate group, a pair is direct: it is not linked by a third product.
    """
    n = len(products)
    codes = np.asarray([int(code, 16) for code in products["phash"]], dtype=np.uint64)
    same_file = _equal(products["sha256"].tolist(), n=n)
    same_text = {
        column: _equal([normalise(text) for text in products[column]], n=n) for column in texts
    }
    keys = np.unique(np.concatenate([same_file, _near(codes, bits=bits), *same_text.values()]))
    left, right = keys // n, keys % n
    file = np.isin(keys, same_file)
    distance = np.bitwise_count(codes[left] ^ codes[right]).astype(int)
    shared = [np.where(np.isin(keys, found), name, "") for name, found in same_text.items()]
    return pd.DataFrame(
        {
            "left": left,
            "right": right,
            "file": file,
            "look": ~file & (distance <= bits),
            "bits": distance,
            "text": [" and ".join(filter(None, names)) for names in zip(*shared, strict=True)]
            if shared
            else "",
        }
    )


def counts(found: pd.DataFrame) -> dict[str, int]:
    """Return the number of pairs of each kind, and of all pairs as `any`."""
    masks = {"file": found["file"], "look": found["look"], "text": found["text"] != ""}
    return {kind: int(masks[kind].sum()) for kind in KINDS} | {"any": len(found)}


def separated(found: pd.DataFrame, *, folds: Sequence[np.ndarray]) -> np.ndarray:
    """Return which pairs are separated by the split in at least one fold, bool [pairs].

    `folds` has, per fold, the partition of each product, str [n].
    """
    sides = [fold[found["left"]] != fold[found["right"]] for fold in folds]
    return np.asarray(np.any(sides, axis=0))


def has_twin(found: pd.DataFrame, *, among: np.ndarray) -> np.ndarray:
    """Return which products have a duplicate in the subset `among`; both bool [n]."""
    left, right = found["left"].to_numpy(), found["right"].to_numpy()
    result = np.zeros(len(among), dtype=bool)
    result[left[among[right]]] = True
    result[right[among[left]]] = True
    return result


def split_counts(found: pd.DataFrame, *, folds: Sequence[np.ndarray]) -> dict[str, int]:
    """Return how many pairs of each kind a split separates, and how many test products leak.

    `test` counts the test products of all folds, `test_with_twin` those with a duplicate in the
    train partition of the same fold.
    """
    twins = [(fold == TEST) & has_twin(found, among=fold == TRAIN) for fold in folds]
    return counts(found[separated(found, folds=folds)]) | {
        "test_with_twin": int(np.sum(twins)),
        "test": int(sum((fold == TEST).sum() for fold in folds)),
    }


def plain_split(
    categories: np.ndarray, *, like: Sequence[np.ndarray], seed: int
) -> list[np.ndarray]:
    """Return a split stratified by category that ignores duplicates, per fold, str [n].

    Most pipelines split like this: scikit-learn's `train_test_split` with `stratify` for one fold,
    StratifiedKFold for several; val is drawn from the rest by `train_test_split`. Val and test are
    as large as in the folds of `like` (within one or two products for StratifiedKFold).
    """
    from sklearn.model_selection import StratifiedKFold, train_test_split

    all_products = np.arange(len(categories))

    def drawn(among: np.ndarray, number: int) -> np.ndarray:
        chosen = train_test_split(
            among, test_size=number, stratify=categories[among], random_state=seed
        )[1]
        return np.asarray(chosen)

    if len(like) == 1:
        tests = [drawn(all_products, int((like[0] == TEST).sum()))]
    else:
        splitter = StratifiedKFold(len(like), shuffle=True, random_state=seed)
        tests = [test for _, test in splitter.split(all_products, categories)]
    folds = []
    for test, model in zip(tests, like, strict=True):
        partition = np.full(len(categories), TRAIN, dtype=object)
        partition[test] = TEST
        partition[drawn(np.setdiff1d(all_products, test), int((model == VAL).sum()))] = VAL
        folds.append(partition)
    return folds


def partitions_by_fold(split: pd.DataFrame, *, products: pd.DataFrame) -> list[np.ndarray]:
    """Return, per fold, the partition of each product, str [n]; AisleError if one is missing."""
    found = []
    for _, fold in split.groupby("fold"):
        partition = fold.set_index("product_id")["partition"].reindex(products["product_id"])
        if partition.isna().any():
            raise AisleError(
                f"'{paths.SPLIT}' lacks products of '{paths.PRODUCTS}'; expected each in every "
                "fold. Run 'dvc repro' to recreate both."
            )
        found.append(partition.to_numpy(dtype=object))
    return found


def catalogue_counts(
    products: pd.DataFrame, split: pd.DataFrame, *, texts: Sequence[str], bits: int, seed: int
) -> dict[str, Any]:
    """Return the pairs in data/products.csv, and those that this split and a plain one separate.

    `plain` is None if a category has too few products for scikit-learn's split.
    """
    found = pairs(products, texts=texts, bits=bits)
    folds = partitions_by_fold(split, products=products)
    try:
        other = plain_split(products["category_id"].to_numpy(), like=folds, seed=seed)
    except ValueError:
        other = None
    return {
        "pairs": counts(found),
        "as_it_is": split_counts(found, folds=folds),
        "plain": None if other is None else split_counts(found, folds=other),
    }


def examples(found: pd.DataFrame, *, groups: np.ndarray, number: int) -> pd.DataFrame:
    """Return at most `number` example pairs: alternating kinds, one pair per duplicate group.

    `groups` is the duplicate group of each product, int [n].
    """
    waiting = {
        kind: found.index[found[kind] if kind != "text" else found["text"] != ""].tolist()
        for kind in KINDS
    }
    chosen: list[int] = []
    seen: set[int] = set()
    while len(chosen) < number and any(waiting.values()):
        for queue in waiting.values():
            while queue:
                at = queue.pop(0)
                group = int(groups[found.at[at, "left"]])
                if group not in seen:
                    chosen.append(at)
                    seen.add(group)
                    break
    return found.loc[chosen[:number]]


def caption(pair: "pd.Series[object]") -> list[str]:
    """Return what a pair has in common: "same file", "same look, 2 bits apart", "same name"."""
    parts = []
    if pair["file"]:
        parts.append("same file")
    if pair["look"]:
        parts.append(f"same look, {pair['bits']} bit{'s' * (pair['bits'] != 1)} apart")
    if pair["text"]:
        parts.append(f"same {pair['text']}")
    return parts


def picture(
    pairs_shown: pd.DataFrame, *, images: Sequence[Path], sides: Sequence[str], path: Path
) -> None:
    """Draw thumbnails of the pairs, each with its caption and a line of `sides` below.

    `images` are the photo files in the order of products.csv. `sides` says, per pair, to which
    partitions the split assigned it.
    """
    font = ImageFont.load_default(FONT)
    across = min(PER_ROW, len(pairs_shown))
    below = [
        [*caption(pair), side]
        for (_, pair), side in zip(pairs_shown.iterrows(), sides, strict=True)
    ]
    lines = max(len(texts) for texts in below)
    wide, high = 2 * SIDE + GAP + BETWEEN, SIDE + lines * LINE + 3 * GAP
    rows = -(-len(pairs_shown) // PER_ROW)
    canvas = Image.new("RGB", (across * wide + GAP, rows * high + 2 * GAP), "white")
    pen = ImageDraw.Draw(canvas)
    both = pairs_shown[["left", "right"]].to_numpy()
    for number, (products, texts) in enumerate(zip(both, below, strict=True)):
        x = BETWEEN // 2 + number % PER_ROW * wide
        y = 2 * GAP + number // PER_ROW * high
        for place, product in enumerate(products):
            photo = Image.fromarray(photos.square(images[product], side=SIDE, fit="pad"))
            canvas.paste(photo, (x + place * (SIDE + GAP), y))
        for line, text in enumerate(texts):
            pen.text((x, y + SIDE + GAP + line * LINE), text, fill=INK, font=font)
    packed = io.BytesIO()
    flat = canvas.quantize(COLOURS, dither=Image.Dither.NONE)
    flat.save(packed, format="png", optimize=True)
    path.write_bytes(packed.getvalue())


def _equal(values: Sequence[str], *, n: int) -> np.ndarray:
    """Return the key `left * n + right` of each pair of equal values, except empty ones."""
    alike = pd.Series(np.arange(n)).groupby(np.asarray(values, dtype=object)).indices
    keys = [np.empty(0, dtype=int)]
    for value, positions in alike.items():
        if value and len(positions) > 1:
            left, right = np.triu_indices(len(positions), k=1)
            keys.append(positions[left] * n + positions[right])
    return np.concatenate(keys)


def _near(codes: np.ndarray, *, bits: int) -> np.ndarray:
    """Return the key of each pair of 64-bit hashes at a Hamming distance of at most `bits`."""
    keys = [np.empty(0, dtype=int)]
    for start in range(0, len(codes), ROWS_AT_ONCE):
        distance = np.bitwise_count(codes[start : start + ROWS_AT_ONCE, None] ^ codes[None, :])
        left, right = np.nonzero(distance <= bits)
        keys.append(((left + start) * len(codes) + right)[left + start < right])
    return np.concatenate(keys)
