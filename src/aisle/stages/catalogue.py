"""Obtains the raw catalogue from the source in params.yaml: data/raw/products.csv and images/."""

from pathlib import Path

from aisle import files, paths
from aisle.catalogue import archives, folders, tables
from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages import run
from synthetic import catalogue

NOTHING = Path("data") / paths.NONE
"""The `path` of a source that reads nothing from disk."""


def check(settings: params.Catalogue) -> None:
    """Raise AisleError where `source`, `path` and `archive.url` contradict each other."""
    has_path, has_url = settings.path != NOTHING, settings.archive.url != paths.NONE
    if settings.source == "sample" and has_path:
        raise AisleError(
            f"catalogue.source is sample, which reads nothing, but catalogue.path is "
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
    """Write the raw catalogue to `folder`; return what it holds, in words."""
    path, columns = settings.path, settings.columns
    table, images = settings.table, settings.images
    match settings.source:
        case "table":
            return tables.gather(
                path=path, table=table, images=images, columns=columns, folder=folder
            )
        case "folder":
            return folders.gather(path=path, columns=columns, folder=folder)
        case "archive":
            return archives.gather(
                path=path,
                table=table,
                images=images,
                columns=columns,
                settings=settings.archive,
                downloads=paths.DOWNLOADS,
                folder=folder,
            )
        case "sample":
            tables.check_columns(list(catalogue.COLUMNS), columns=columns, table="the sample")
            catalogue.generate(
                products_per_category=settings.sample.products_per_category,
                seed=settings.sample.seed,
                folder=folder,
            )
            return f"the embedded sample, {settings.sample.products_per_category} per category"


def main() -> None:
    """Write data/raw."""
    settings = params.read("catalogue", params.Catalogue)
    check(settings)
    with files.replacing(paths.RAW) as folder:
        print(obtain(settings, folder=folder))


if __name__ == "__main__":
    run(main)
