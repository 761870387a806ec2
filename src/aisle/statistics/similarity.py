"""How alike products are: cosine of standardised features, the nearest ones, groups of near ones.

Nothing here holds all pairs in memory: similarities are computed in blocks of rows.
"""

import numpy as np

ROWS_AT_ONCE = 1024
"""Rows of the matrix of similarities held in memory at a time: 180 MB for 44,000 products."""

LARGEST = 20_000
"""Most rows of one kind for `groups`, which holds their pairs in memory: 1.6 GB, and once more."""


class TooMany(ValueError):
    """Raised where more than `LARGEST` rows are of one kind."""

    def __init__(self, kind: int, *, rows: int) -> None:
        super().__init__(f"{rows} rows of kind {kind}; at most {LARGEST} can be grouped")
        self.kind, self.rows = kind, rows


def directions(features: np.ndarray) -> np.ndarray:
    """Return features [n, d] standardised over the n rows and scaled to length 1, float32 [n, d].

    The product of two rows is then their cosine similarity. A constant feature counts nothing.
    """
    values = np.asarray(features, dtype=np.float32)
    deviation = values.std(axis=0)
    centred = (values - values.mean(axis=0)) / np.where(deviation > 0, deviation, np.float32(1))
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(lengths > 0, lengths, np.float32(1)), dtype=np.float32)


def nearest(
    along: np.ndarray, *, of: np.ndarray, among: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row in `of` the nearest row in `among`, int [m], and its similarity [m].

    `along` is what `directions` returns; `of` int [m] and `among` int [k] are positions in it.
    """
    candidates = along[among]
    found, similarity = np.empty(len(of), dtype=int), np.empty(len(of), dtype=np.float32)
    for start in range(0, len(of), ROWS_AT_ONCE):
        here = slice(start, start + ROWS_AT_ONCE)
        block = along[of[here]] @ candidates.T
        at = block.argmax(axis=1)
        found[here], similarity[here] = among[at], block[np.arange(len(at)), at]
    return found, similarity


def groups(along: np.ndarray, *, kinds: np.ndarray, at_least: float) -> np.ndarray:
    """Return a group per row, int [n]: the position of its first row.

    A group holds rows of one kind only; `kinds` int [n].
    Average linkage: two groups are joined while the mean similarity of their pairs is `at_least` or
    more, the most similar first. Raises TooMany.

    Source: R. R. Sokal and C. D. Michener, University of Kansas Science Bulletin 38 (1958).
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    found = np.arange(len(along))
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        if len(rows) > LARGEST:
            raise TooMany(int(kind), rows=len(rows))
        if len(rows) > 1:
            tree = linkage(_distances(along[rows]), "average")
            own = fcluster(tree, 1 - at_least, "distance")
            found[rows] = rows[np.unique(own, return_index=True)[1]][own - 1]
    return found


def merged(*labels: np.ndarray) -> np.ndarray:
    """Return groups int [n] that join all rows which share a group in any of `labels`, int [n]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, start, left, right = len(labels[0]), len(labels[0]), [], []
    for one in labels:
        _, numbered = np.unique(one, return_inverse=True)
        left.append(np.arange(n))
        right.append(start + numbered)
        start += int(numbered.max()) + 1
    edges = (np.ones(n * len(labels), dtype=np.int8), (np.concatenate(left), np.concatenate(right)))
    nodes = connected_components(coo_array(edges, shape=(start, start)), directed=False)[1]
    _, found = np.unique(nodes[:n], return_inverse=True)
    return np.asarray(found, dtype=int)


def _distances(along: np.ndarray) -> np.ndarray:
    """Return 1 - similarity of each pair, float [n (n - 1) / 2], in the order that scipy wants."""
    n = len(along)
    found = np.empty(n * (n - 1) // 2)
    at = 0
    for start in range(0, n, ROWS_AT_ONCE):
        block = along[start : start + ROWS_AT_ONCE] @ along.T
        for row, similarity in enumerate(block, start):
            found[at : at + n - row - 1] = 1 - similarity[row + 1 :]
            at += n - row - 1
    return np.maximum(found, 0, out=found)
