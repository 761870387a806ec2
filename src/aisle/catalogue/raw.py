"""The raw layout that every catalogue source writes: products.csv and images/."""

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from aisle import paths
from aisle.catalogue import photos
from aisle.errors import AisleError

if TYPE_CHECKING:
    import pandas as pd


def write(table: "pd.DataFrame", *, image_column: str, images: Path, folder: Path) -> str:
    """Write the table of strings and copies of its photos to `folder`; return a one-line summary.

    Photo names are relative to `images`. A row whose photo is missing or outside that folder stays
    in the table: the `extract` stage rejects it with the reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Quote every cell: the csv module leaves a lone carriage return unquoted, which breaks the row.
    table.to_csv(
        folder / paths.RAW_TABLE.name,
        index=False,
        lineterminator="\n",
        quoting=csv.QUOTE_ALL,
    )
    names = table[image_column].str.strip()
    copied = copy(names.unique(), images=images, folder=folder / paths.RAW_IMAGES.name)
    without = int((~names.isin(copied)).sum())
    note = f"; {without} rows without a photo file" if without else ""
    return f"{len(table)} rows, {len(copied)} photos{note}"


def copy(names: Iterable[str], *, images: Path, folder: Path) -> set[str]:
    """Copy the named photos from `images` to `folder`, with their sub-folders; return those copied.

    Copies, not hard links: DVC makes cached files read-only, and the originals are the user's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copied = set()
    for name in tqdm(list(names), desc="copying photos", unit="photo", disable=None):
        try:
            photo = photos.locate(name, folder=images)
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(photo, target)
        except photos.UnusablePhoto:
            continue
        except PermissionError as error:
            raise AisleError(
                f"no permission to read '{error.filename}'. Make it readable or remove it."
            ) from None
        copied.add(name)
    return copied
