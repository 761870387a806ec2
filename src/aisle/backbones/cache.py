"""The embeddings of an earlier run, and which of them can be reused."""

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
    """The two arrays of one backbone, the photo and view of each entry, and the seconds per view.

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
        """Copy into arrays of these photos and views; return the positions that are still empty.

        Positions are (photo, view). Copies row by row, as the arrays may not fit in memory.
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


def reusable(variant: str, *, origin: str) -> Embedded | None:
    """Return the arrays of the last run, if they have the same origin."""
    folder = paths.embedded(variant)
    if not all((folder / name).is_file() for name in (*ARRAYS, CARD)):
        return None
    card = files.read_json(folder / CARD)
    if card.pop("origin") != origin:
        return None
    arrays = (np.load(folder / name, mmap_mode="r") for name in ARRAYS)
    return Embedded(*arrays, **card)


def keep(
    variant: str, *, origin: str, photos: Sequence[str], views: Sequence[str], seconds: float
) -> None:
    """Keep the arrays in data/embeddings for the next run, in a folder that DVC does not empty.

    As hard links, so nothing is copied; on a file system without them nothing is kept. When DVC
    replaces the originals by links into its cache, these stay as the only copy outside it.
    """
    card = {"photos": photos, "views": views, "seconds": seconds, "origin": origin}
    with suppress(OSError), files.replacing(paths.embedded(variant)) as temporary:
        temporary.mkdir()
        for name in ARRAYS:
            (temporary / name).hardlink_to(paths.embeddings(variant) / name)
        files.write_json(card, temporary / CARD)
