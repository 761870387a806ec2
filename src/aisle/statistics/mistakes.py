"""Mistakes: which categories are confused, and suspect labels."""

import math

import numpy as np


def confused(actual: np.ndarray, predicted: np.ndarray, classes: int) -> list[tuple[int, int, int]]:
    """Return (true, predicted, count) for every pair of confused categories, most frequent first.

    `actual`, `predicted`: category ids [n], below `classes`. Equal counts are ordered by id.
    """
    counts = np.bincount(actual * classes + predicted, minlength=classes**2)
    counts[:: classes + 1] = 0  # right answers
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    return [(int(cell) // classes, int(cell) % classes, int(counts[cell])) for cell in order]


AGREED = 0.8
"""Share of the candidates that must contradict a label. Asked of all, a few weak ones among dozens
would clear nearly every label; a bare majority would list what is only hard. Between the consensus
and the majority filter of C. Brodley and M. Friedl, "Identifying mislabeled training data", JAIR 11
(1999), section 3: the first misses wrong labels, the second throws out right ones."""


def suspects(actual: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the products whose label most candidates contradict, most suspect first, and scores.

    `actual`: category ids [n]; `probabilities`: [candidates, n, classes]. A candidate's threshold
    for a category is its mean probability for that category over the products with that label. It
    contradicts a label when the likeliest category among those at or above their threshold is
    another one. A product is suspect where at least AGREED of the candidates do so. Returns
    indices, int [suspects], and scores, float [suspects]: threshold of the label minus its
    probability, averaged over candidates. A suspect is a product to look at, not a proven error.

    Source: C. Northcutt, L. Jiang and I. Chuang, "Confident learning", JAIR 70 (2021), section 3.
    """
    n, classes = len(actual), probabilities.shape[2]
    contradicting, score = np.zeros(n, dtype=int), np.zeros(n)
    sizes = np.bincount(actual, minlength=classes)
    for given in probabilities:  # one candidate at a time: copies stay small
        of_label = given[np.arange(n), actual]
        sums = np.bincount(actual, weights=of_label, minlength=classes)
        threshold = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
        confident = np.where(given >= threshold, given, -1.0)
        likeliest = confident.argmax(axis=1)
        contradicting += (likeliest != actual) & (confident.max(axis=1) >= 0)
        score += threshold[actual] - of_label
    least = math.ceil(round(AGREED * len(probabilities), 9))
    found = np.flatnonzero(contradicting >= least)
    score = score[found] / len(probabilities)
    order = np.argsort(-score, kind="stable")
    return found[order], score[order]
