"""Catalogue source `folder`: one folder of photos per category, as in Keras."""

import os
from pathlib import Path

from aisle import paths
from aisle.catalogue import raw
from aisle.catalogue.tables import REQUIRED
from aisle.errors import AisleError
from aisle.settings import params

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")


def gather(*, path: Path, columns: params.Columns, folder: Path, origin: str | None = None) -> str:
    """Write the photos below `path`, and a table of them, to `folder`; return a one-line summary.

    A category is a folder directly in `path`; photos may lie in sub-folders of it. Hidden files
    and folders are ignored. `origin` is the name of `path` in messages. Raises AisleError if there
    is no such folder, no photo, or only one category.
    """
    import pandas as pd

    origin = origin or str(path)
    for key in REQUIRED:
        if getattr(columns, key) == paths.NONE:
            raise AisleError(
                f"catalogue.columns.{key} is none, but the table made of '{origin}' needs it. "
                f"Give it a name, such as {key}."
            )
    if columns.group != paths.NONE:
        raise AisleError(
            f"catalogue.columns.group is '{columns.group}', but '{origin}' holds folders of photos "
            "and no table that could have such a column. Set it to none."
        )
    if not path.is_dir():
        found = "is a file" if path.exists() else "does not exist"
        raise AisleError(
            f"'{origin}' {found}; catalogue.path should be a folder with one folder per category."
        )
    photos, ignored = find(path)
    categories = sorted({name.split("/")[0] for name in photos})
    if not photos:
        raise AisleError(
            f"no photo in '{origin}'; expected one folder per category, with photos "
            f"({' '.join(SUFFIXES)}) in it. Check catalogue.path."
        )
    if len(categories) < 2:
        raise AisleError(
            f"'{origin}' holds one category only, '{categories[0]}'; expected at least two folders "
            f"of photos. If the categories are the folders inside '{categories[0]}', set "
            "catalogue.path to that folder."
        )
    try:
        "".join(photos).encode()
    except UnicodeEncodeError:
        name = next(name for name in photos if not name.isprintable())
        raise AisleError(
            f"a file name in '{origin}' is not UTF-8: {name!r}. Rename the file or its folder."
        ) from None
    # This order lets the photo and its category win if two columns have the same name.
    values = {
        columns.name: [""] * len(photos),
        columns.description: [""] * len(photos),
        columns.specifications: [""] * len(photos),
        columns.id: photos,
        columns.category_tree: [f'["{name.split("/")[0]}"]' for name in photos],
        columns.image: photos,
    }
    table = pd.DataFrame({name: cells for name, cells in values.items() if name != paths.NONE})
    summary = raw.write(table, image_column=columns.image, images=path, folder=folder)
    note = f"; {ignored} other files ignored" if ignored else ""
    return f"{len(categories)} categories, {summary}{note}"


def find(path: Path) -> tuple[list[str], int]:
    """Return the photos as sorted names "category/…/file", and the number of other files."""
    photos, ignored = [], 0
    for parent, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            relative = (Path(parent) / name).relative_to(path)
            hidden = name.startswith(".")
            if len(relative.parts) > 1 and relative.suffix.lower() in SUFFIXES and not hidden:
                photos.append(relative.as_posix())
            else:
                ignored += 1
    return sorted(photos), ignored
