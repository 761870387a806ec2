"""Pairs of products that are the same thing twice, what a split does to them, and a picture.

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
"""How two products can be the same: one photo byte for byte, photos that look alike, one text."""

SIDE, GAP, BETWEEN, LINE = 96, 4, 24, 15
"""Pixels: a thumbnail's side, between the two of a pair, between pairs, from line to line below."""
PER_ROW = 4
FONT = 12
INK = "#1f2328"
COLOURS = 256


def pairs(products: pd.DataFrame, *, texts: Sequence[str], bits: int) -> pd.DataFrame:
    """Return every pair of twins, one row each, in catalogue order.

    `products` is data/products.csv. Columns: `left` and `right`, positions in it; `file`, the same
    photo byte for byte; `look`, another file whose perceptual hash is at most `bits` of 64 away;
    `bits`, that distance; `text`, those of the columns `texts` whose normalised text is the same
    (an empty text is like no other), joined by " and ". A pair may be of two kinds, but not both
    `file` and `look`. Unlike a group of duplicates, a pair is direct: no third product links it.
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
    """Return how many of these pairs are of each kind, and how many there are."""
    masks = {"file": found["file"], "look": found["look"], "text": found["text"] != ""}
    return {kind: int(masks[kind].sum()) for kind in KINDS} | {"any": len(found)}


def cut(found: pd.DataFrame, *, folds: Sequence[np.ndarray]) -> np.ndarray:
    """Return which pairs lie on two sides of at least one fold, bool [pairs].

    `folds` has the partition of each product, str [n], per fold.
    """
    sides = [fold[found["left"]] != fold[found["right"]] for fold in folds]
    return np.asarray(np.any(sides, axis=0))


def beside(found: pd.DataFrame, *, present: np.ndarray) -> np.ndarray:
    """Return which products have a twin among those `present`; both bool [n]."""
    left, right = found["left"].to_numpy(), found["right"].to_numpy()
    result = np.zeros(len(present), dtype=bool)
    result[left[present[right]]] = True
    result[right[present[left]]] = True
    return result


def of_split(found: pd.DataFrame, *, folds: Sequence[np.ndarray]) -> dict[str, int]:
    """Return the pairs of each kind that a split cuts, and what that does to its test.

    `test` counts the test products of all folds, `test_with_twin` those with a twin in the train
    of their fold.
    """
    twins = [(fold == TEST) & beside(found, present=fold == TRAIN) for fold in folds]
    return counts(found[cut(found, folds=folds)]) | {
        "test_with_twin": int(np.sum(twins)),
        "test": int(sum((fold == TEST).sum() for fold in folds)),
    }


def plain(categories: np.ndarray, *, like: Sequence[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return the split that looks at categories only, as most pipelines draw it, per fold, str [n].

    scikit-learn's `train_test_split` with `stratify` for one fold, its StratifiedKFold for several;
    val is drawn from the rest by `train_test_split`. Val and test are as large as in the folds of
    `like` (the test folds of StratifiedKFold: but for one product or two).
    """
    from sklearn.model_selection import StratifiedKFold, train_test_split

    everyone = np.arange(len(categories))

    def drawn(among: np.ndarray, number: int) -> np.ndarray:
        chosen = train_test_split(
            among, test_size=number, stratify=categories[among], random_state=seed
        )[1]
        return np.asarray(chosen)

    if len(like) == 1:
        tests = [drawn(everyone, int((like[0] == TEST).sum()))]
    else:
        splitter = StratifiedKFold(len(like), shuffle=True, random_state=seed)
        tests = [test for _, test in splitter.split(everyone, categories)]
    folds = []
    for test, model in zip(tests, like, strict=True):
        partition = np.full(len(categories), TRAIN, dtype=object)
        partition[test] = TEST
        partition[drawn(np.setdiff1d(everyone, test), int((model == VAL).sum()))] = VAL
        folds.append(partition)
    return folds


def folds_of(split: pd.DataFrame, *, products: pd.DataFrame) -> list[np.ndarray]:
    """Return the partition of each product per fold, str [n]; AisleError where one is missing."""
    found = []
    for _, fold in split.groupby("fold"):
        partition = fold.set_index("product_id")["partition"].reindex(products["product_id"])
        if partition.isna().any():
            raise AisleError(
                f"'{paths.SPLIT}' lacks products of '{paths.PRODUCTS}'; expected each in every "
                "fold. Run 'dvc repro', which makes both anew."
            )
        found.append(partition.to_numpy(dtype=object))
    return found


def of_catalogue(
    products: pd.DataFrame, split: pd.DataFrame, *, texts: Sequence[str], bits: int, seed: int
) -> dict[str, Any]:
    """Return the twins in data/products.csv, those that the split cuts, and that a plain one would.

    `plain` is None where a category has too few products for scikit-learn to draw one.
    """
    found = pairs(products, texts=texts, bits=bits)
    folds = folds_of(split, products=products)
    try:
        other = plain(products["category_id"].to_numpy(), like=folds, seed=seed)
    except ValueError:
        other = None
    return {
        "pairs": counts(found),
        "as_it_is": of_split(found, folds=folds),
        "plain": None if other is None else of_split(found, folds=other),
    }


def shown(found: pd.DataFrame, *, groups: np.ndarray, number: int) -> pd.DataFrame:
    """Return at most `number` pairs: the kinds by turns, in catalogue order, one of a group.

    `groups` is the group of duplicates of each product, int [n].
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
    """Return in what a pair is the same: "same file", "same look, 2 bits apart", "same name"."""
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
    """Draw pairs side by side, small, each with what is the same in it and where the split put it.

    `images` are the photos' files in the order of products.csv, `sides` a line below each pair.
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
    """Return the key `left * n + right` of each pair of equal values, but the empty one."""
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
