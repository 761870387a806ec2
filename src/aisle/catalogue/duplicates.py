"""Duplicate groups: products that share a photo file, a look or a text."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

ROWS_AT_ONCE = 1024
"""Rows of the distance matrix held in memory at a time: 80 MB for 10,000 products, not 800."""


def normalise(text: str) -> str:
    """Return the words of a text in lower case, without accents, punctuation or extra spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain)) or " ".join(text.lower().split())


def groups(
    *,
    sha256: Sequence[str],
    phash: Sequence[str],
    texts: Sequence[Sequence[str]],
    named: Sequence[str] = (),
    bits: int,
) -> np.ndarray:
    """Return a group number per product, int [n], numbered by first appearance.

    Two products share a group if they have the same file hash, the same normalised text in one of
    the `texts` columns, the same name of a group in `named` (empty ones never match), or 64-bit
    perceptual hashes (hex) that differ in at most `bits` bits. Links are transitive: a and c share
    a group if both share one with b.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(sha256)
    pairs = [_same(sha256), _near(phash, bits=bits), _same(named)]
    pairs += [_same([normalise(text) for text in column]) for column in texts]
    left, right = np.concatenate(pairs, axis=1)
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    labels = connected_components(links, directed=False)[1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=int)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse], dtype=int)


def _same(values: Sequence[str]) -> np.ndarray:
    """Return links [2, m] from each repeated value to its first appearance."""
    first: dict[str, int] = {}
    links = [
        (first[value], position)
        for position, value in enumerate(values)
        if value and first.setdefault(value, position) != position
    ]
    return np.asarray(links, dtype=int).reshape(-1, 2).T


def _near(phash: Sequence[str], *, bits: int) -> np.ndarray:
    """Return links [2, m] between 64-bit hashes at a Hamming distance of at most `bits`."""
    codes = np.asarray([int(code, 16) for code in phash], dtype=np.uint64)
    links = []
    for start in range(0, len(codes), ROWS_AT_ONCE):
        block = codes[start : start + ROWS_AT_ONCE]
        distance = np.bitwise_count(block[:, None] ^ codes[None, :])
        left, right = np.nonzero(distance <= bits)
        links.append(np.stack([left + start, right])[:, left + start < right])
    return np.concatenate(links, axis=1) if links else np.empty((2, 0), dtype=int)
