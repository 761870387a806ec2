"""Embeddings that an earlier run left, and which of them still stand."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisle import files, paths

ARRAYS = (paths.EMBEDDINGS, paths.ACTIVATIONS)
CARD = "card.json"


@dataclass(frozen=True)
class Embedded:
    """The two arrays of one backbone, which photo and view each row is of, and what one took.

    `embeddings` float32 [n, views, widths], `activations` float16 [n, views, h, w, c], `photos`
    `digests`, n of them, `seconds` of one view.
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
    ) -> None:
        """Copy what is here of these photos and views into arrays of the same kind."""
        rows = {digest: row for row, digest in enumerate(self.photos)}
        known = [row for row, digest in enumerate(photos) if digest in rows]
        there = [rows[photos[row]] for row in known]
        for column, view in enumerate(views):
            if view in self.views:
                source = self.views.index(view)
                embeddings[known, column] = self.embeddings[there, source]
                activations[known, column] = self.activations[there, source]

    def lacks(self, *, photos: Sequence[str], views: Sequence[str]) -> list[tuple[int, int]]:
        """Return the positions (photo, view) of what is not here."""
        rows, columns = set(self.photos), set(self.views)
        return [
            (row, column)
            for row, digest in enumerate(photos)
            for column, view in enumerate(views)
            if digest not in rows or view not in columns
        ]


def digests(photos: np.ndarray) -> list[str]:
    """Return the SHA-256 of each photo's pixels, uint8 [n, side, side, 3]."""
    return [hashlib.sha256(photo.tobytes()).hexdigest() for photo in photos]


def origin(*, read: Sequence[Path], said: Sequence[str]) -> str:
    """Return one hash of everything but the photos that an embedding comes from.

    `read` are files, weights and code; `said` settings and versions.
    """
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in read]
    return hashlib.sha256("\n".join([*parts, *said]).encode()).hexdigest()


def left(variant: str, *, origin: str) -> Embedded | None:
    """Return what was kept, if it is of this origin."""
    folder = paths.embedded(variant)
    if not (folder / CARD).is_file():
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

    By hard links, which take no space; a disk that has none keeps nothing.
    """
    card = {"photos": photos, "views": views, "seconds": seconds, "origin": origin}
    with suppress(OSError), files.replacing(paths.embedded(variant)) as temporary:
        temporary.mkdir()
        for name in ARRAYS:
            (temporary / name).hardlink_to(paths.embeddings(variant) / name)
        files.write_json(card, temporary / CARD)
