"""Duplicate pairs are found, counted where a split separates them, and drawn."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aisle.catalogue import audit, partitions
from aisle.catalogue.duplicates import ROWS_AT_ONCE


def products(
    *, sha256: str, phash: list[int], name: list[str] | None = None, description: str = ""
) -> pd.DataFrame:
    """Return a table with one letter of `sha256` and of `description` per product."""
    n = len(sha256)
    return pd.DataFrame(
        {
            "sha256": list(sha256),
            "phash": [f"{code:016x}" for code in phash],
            "name": name or [f"thing {number}" for number in range(n)],
            "description": list(description) or [""] * n,
        }
    )


FAR = [0, (1 << 32) - 1, ((1 << 32) - 1) << 32, (1 << 64) - 1]


def found(table: pd.DataFrame, *, bits: int = 0) -> list[tuple[int, int, list[str]]]:
    pairs = audit.pairs(table, texts=("name", "description"), bits=bits)
    return [(pair["left"], pair["right"], audit.caption(pair)) for _, pair in pairs.iterrows()]


def test_each_kind_is_found_and_named() -> None:
    assert found(products(sha256="abcd", phash=FAR)) == []
    same_file = products(sha256="abca", phash=[0, *FAR[1:3], 0])
    assert found(same_file) == [(0, 3, ["same file"])]
    near = products(sha256="abcd", phash=[*FAR[:3], 0b101])
    assert found(near, bits=1) == []
    assert found(near, bits=2) == [(0, 3, ["same look, 2 bits apart"])]
    names = ["Blue Mug, 300 ml!", "red mug", " blue  MUG 300-ml", "mug"]
    assert found(products(sha256="abcd", phash=FAR, name=names, description="xyxz")) == [
        (0, 2, ["same name and description"])
    ]


def test_a_pair_can_be_the_same_in_photo_and_text_but_not_in_two_kinds_of_photo() -> None:
    table = products(sha256="aab", phash=[0, 0, 0], description="xyx")
    assert found(table) == [
        (0, 1, ["same file"]),
        (0, 2, ["same look, 0 bits apart", "same description"]),
        (1, 2, ["same look, 0 bits apart"]),
    ]
    pairs = audit.pairs(table, texts=("name", "description"), bits=0)
    assert audit.counts(pairs) == {"file": 1, "look": 2, "text": 1, "any": 3}


def test_a_pair_is_direct_and_empty_texts_match_nothing() -> None:
    chain = products(sha256="abc", phash=[0, 0b1, 0b11])
    assert [pair[:2] for pair in found(chain, bits=1)] == [(0, 1), (1, 2)]
    assert audit.pairs(chain, texts=(), bits=0).empty


def test_blocks_of_the_distances_give_all_pairs() -> None:
    codes = np.random.default_rng(0).integers(0, 1 << 62, size=ROWS_AT_ONCE + 9).tolist()
    codes[-1], codes[ROWS_AT_ONCE] = codes[0] ^ 1, codes[1] ^ 2
    table = products(sha256="".join(map(chr, range(0x4E00, 0x4E00 + len(codes)))), phash=codes)
    assert [pair[:2] for pair in found(table, bits=1)] == [
        *((0, len(codes) - 1), (1, ROWS_AT_ONCE))
    ]


def test_separated_pairs_are_counted_by_hand() -> None:
    pairs = audit.pairs(products(sha256="aabbcc", phash=[*range(6)]), texts=(), bits=0)
    pairs = pairs[pairs["file"]]
    assert pairs[["left", "right"]].to_numpy().tolist() == [[0, 1], [2, 3], [4, 5]]
    one = np.asarray(["train", "test", "val", "test", "test", "test"], dtype=object)
    assert audit.separated(pairs, folds=[one]).tolist() == [True, True, False]
    counted = audit.split_counts(pairs, folds=[one])
    assert counted == {"file": 2, "look": 0, "text": 0, "any": 2, "test_with_twin": 1, "test": 4}
    other = np.asarray(["val", "val", "train", "train", "test", "train"], dtype=object)
    both = audit.split_counts(pairs, folds=[one, other])
    assert (both["any"], both["test_with_twin"], both["test"]) == (3, 2, 5)


def twins(number: int) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return categories, groups and pairs of a catalogue in which every product is there twice."""
    groups = np.arange(2 * number) // 2
    letters = "".join(chr(0x4E00 + group) for group in groups)
    table = products(sha256=letters, phash=[1 << (group % 64) for group in groups.tolist()])
    pairs = audit.pairs(table, texts=(), bits=0)
    return groups % 3, groups, pairs[pairs["file"]]


@pytest.mark.parametrize("scheme", ["holdout", "cross_test"])
def test_the_plain_split_separates_duplicates_and_the_honest_one_does_not(scheme: str) -> None:
    categories, groups, pairs = twins(45)
    if scheme == "holdout":
        honest = partitions.holdout(categories=categories, groups=groups, test=0.2, val=0.2, seed=1)
    else:
        honest = partitions.cross_test(
            categories=categories, groups=groups, folds=5, val=0.2, seed=1
        )
    plain = audit.plain_split(categories, like=honest, seed=1)
    assert not audit.separated(pairs, folds=honest).any()
    assert audit.split_counts(pairs, folds=honest)["test_with_twin"] == 0
    counted = audit.split_counts(pairs, folds=plain)
    assert counted["any"] > 45 / 3
    assert counted["test_with_twin"] > counted["test"] / 3
    tested = np.sum([fold == "test" for fold in plain], axis=0)
    assert scheme == "holdout" or (tested == 1).all()
    for mine, like in zip(plain, honest, strict=True):
        for part in partitions.PARTITIONS:
            assert abs((mine == part).sum() - (like == part).sum()) <= 3 * (scheme != "holdout")
            of_part = np.bincount(categories[mine == part], minlength=3)
            assert of_part.max() - of_part.min() <= 1


def test_the_plain_split_is_scikit_learns_and_depends_on_the_seed() -> None:
    from sklearn.model_selection import train_test_split

    categories, groups, _ = twins(30)
    like = partitions.holdout(categories=categories, groups=groups, test=0.2, val=0.2, seed=1)
    first, again, other = (
        audit.plain_split(categories, like=like, seed=seed)[0] for seed in (4, 4, 5)
    )
    _, test = train_test_split(np.arange(60), test_size=12, stratify=categories, random_state=4)
    assert sorted(test) == np.flatnonzero(first == "test").tolist()
    assert (first == again).all() and (first != other).any()


def test_examples_alternate_kinds_and_show_one_pair_per_group() -> None:
    table = products(sha256="aaabbcdefg", phash=[0] * 3 + [1 << bit for bit in range(8, 29, 3)])
    table.loc[[5, 6], "name"] = "the same"
    table.loc[[8], "phash"] = table.loc[7, "phash"]
    groups = np.asarray([0, 0, 0, 1, 1, 2, 2, 3, 3, 4])
    pairs = audit.pairs(table, texts=("name",), bits=0)

    def chosen(number: int) -> list[list[int]]:
        shown = audit.examples(pairs, groups=groups, number=number)
        return [list(both) for both in shown[["left", "right"]].to_numpy().tolist()]

    assert chosen(9) == [[0, 1], [7, 8], [5, 6], [3, 4]]
    assert chosen(2) == chosen(9)[:2] and chosen(0) == []
    parted = {int(groups[one]) for one, _ in chosen(9)}
    assert parted == {
        int(groups[a]) for a, b in combinations(range(10), 2) if groups[a] == groups[b]
    }


def test_the_picture_shows_small_photos_side_by_side_and_is_the_same_every_time(
    tmp_path: Path,
) -> None:
    colours = ["red", "blue", "lime", "black"]
    images = [tmp_path / f"{colour}.png" for colour in colours]
    for image, colour in zip(images, colours, strict=True):
        Image.new("RGB", (300, 300), colour).save(image)
    pairs = audit.pairs(products(sha256="abab", phash=[0, 9, 0, 9]), texts=(), bits=0)
    drawn = [tmp_path / "one.png", tmp_path / "two.png"]
    for path in drawn:
        audit.picture(pairs, images=images, sides=["train | test", "test | val"], path=path)
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    picture = Image.open(drawn[0]).convert("RGB")
    pixels = np.asarray(picture).reshape(-1, 3).tolist()
    for shade in ((255, 0, 0), (0, 0, 255), (0, 255, 0)):
        assert pixels.count(list(shade)) == audit.SIDE**2 <= 96**2
    row = [picture.getpixel((x, 20)) for x in range(picture.width)]
    assert row.index((255, 0, 0)) < row.index((0, 255, 0)) < row.index((0, 0, 255))
