"""Embeddings that an earlier run left, and which of them still stand."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from aisle import files, paths

ARRAYS = (paths.EMBEDDINGS, paths.ACTIVATIONS)
CARD = "card.json"


@dataclass(frozen=True)
class Embedded:
    """The two arrays of one backbone, what each row is of, and the seconds one view took.

    `embeddings` float32 [n, views, widths], `activations` float16 [n, views, h, w, c], `photos`
    the n `digests`.
    """

    embeddings: np.ndarray
    activations: np.ndarray
    photos: list[str]
    views: list[str]
    seconds: float

    def fill(
        self,
        embeddings: np.ndarray,
        activations: np.ndarray,
        *,
        photos: Sequence[str],
        views: Sequence[str],
    ) -> list[tuple[int, int]]:
        """Copy what is here into arrays of these photos and views; return what is not here.

        The latter as positions (photo, view). Row by row, as the arrays may not fit in memory.
        """
        rows = {digest: row for row, digest in enumerate(self.photos)}
        columns = {view: column for column, view in enumerate(self.views)}
        missing = []
        for at in np.ndindex(len(photos), len(views)):
            digest, view = photos[at[0]], views[at[1]]
            if digest in rows and view in columns:
                there = rows[digest], columns[view]
                embeddings[at], activations[at] = self.embeddings[there], self.activations[there]
            else:
                missing.append(at)
        return missing


def digests(photos: np.ndarray) -> list[str]:
    """Return the SHA-256 of each photo's pixels, uint8 [n, side, side, 3]."""
    return [hashlib.sha256(photo.tobytes()).hexdigest() for photo in photos]


def left(variant: str, *, origin: str) -> Embedded | None:
    """Return what was kept, if it is of this origin."""
    folder = paths.embedded(variant)
    if not all((folder / name).is_file() for name in (*ARRAYS, CARD)):
        return None
    found = files.read_json(folder / CARD)
    if found.pop("origin") != origin:
        return None
    arrays = (np.load(folder / name, mmap_mode="r") for name in ARRAYS)
    return Embedded(*arrays, **found)


def keep(
    variant: str, *, origin: str, photos: Sequence[str], views: Sequence[str], seconds: float
) -> None:
    """Keep what lies in data/embeddings for the next run, beside DVC, which empties that folder.

    By hard links, so that nothing is copied; a disk that has none keeps nothing. It is a copy of
    its own from when DVC puts its own in place of what it found.
    """
    card = {"photos": photos, "views": views, "seconds": seconds, "origin": origin}
    with suppress(OSError), files.replacing(paths.embedded(variant)) as temporary:
        temporary.mkdir()
        for name in ARRAYS:
            (temporary / name).hardlink_to(paths.embeddings(variant) / name)
        files.write_json(card, temporary / CARD)
