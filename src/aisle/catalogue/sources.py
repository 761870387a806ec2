"""Read the raw catalogue from the source that params.yaml names: table, folder or archive.

The source `sample` is drawn by `synthetic`, which only the stage `catalogue` imports.
"""

from pathlib import Path

from aisle import paths
from aisle.catalogue import archives, folders, tables
from aisle.errors import AisleError
from aisle.settings import params

NOTHING = Path("data") / paths.NONE
"""`catalogue.path` of a source that reads nothing from disk."""


def check_source(settings: params.Catalogue) -> None:
    """Raise AisleError if `source`, `path` and `archive.url` contradict each other."""
    has_path, has_url = settings.path != NOTHING, settings.archive.url != paths.NONE
    if settings.source == "sample" and has_path:
        raise AisleError(
            f"catalogue.source is sample, which reads no path, but catalogue.path is "
            f"'{settings.path}'. Set source to table, folder or archive, or path to {NOTHING}."
        )
    if settings.source in ("table", "folder") and not has_path:
        raise AisleError(
            f"catalogue.source is {settings.source}, but catalogue.path is {NOTHING}. Set it to "
            "the folder to read."
        )
    if settings.source == "archive" and has_path == has_url:
        got = f"both: '{settings.path}' and '{settings.archive.url}'" if has_url else "neither"
        raise AisleError(
            "catalogue.source is archive, which needs either catalogue.path (a zip on disk) or "
            f"catalogue.archive.url; got {got}. Set one, and the other to "
            f"{NOTHING if has_url else 'what it is'}."
        )


def obtain(settings: params.Catalogue, *, folder: Path) -> str:
    """Write the raw catalogue to `folder`; return a one-line summary of its content."""
    path, columns = settings.path, settings.columns
    table, images = settings.table, settings.images
    if settings.source == "folder":
        return folders.gather(path=path, columns=columns, folder=folder)
    if settings.source == "archive":
        return archives.gather(
            path=path,
            table=table,
            images=images,
            columns=columns,
            settings=settings.archive,
            downloads=paths.DOWNLOADS,
            folder=folder,
        )
    return tables.gather(path=path, table=table, images=images, columns=columns, folder=folder)
