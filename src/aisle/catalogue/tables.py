"""Catalogue source `table`: a CSV or Parquet table and a folder of photos."""

import codecs
import csv
import io
import json
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from aisle import paths
from aisle.catalogue import raw
from aisle.errors import AisleError, did_you_mean
from aisle.settings import params

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = (",", ";", "\t")
PARQUET = (".parquet", ".pq")
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
REQUIRED = ("image", "category_tree")


def gather(
    *,
    path: Path,
    table: str,
    images: str,
    columns: params.Columns,
    folder: Path,
    origin: str | None = None,
) -> str:
    """Write `path`/`table` and its photos in `path`/`images` to `folder`.

    Returns a one-line summary. `origin` is the name of `path` in messages. Raises AisleError if the
    table or the folder is missing or unreadable, or if a column is missing.
    """
    origin = origin or str(path)
    for key, name in (("table", table), ("images", images)):
        if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
            raise AisleError(
                f"catalogue.{key} is '{name}'; expected a name inside '{origin}', the only place "
                "DVC watches. Set catalogue.path to a folder that holds both table and photos."
            )
    content = read(_existing_table(path, name=table, origin=origin))
    check_columns(list(content.columns), columns=columns, table=table)
    if not (path / images).is_dir():
        folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir())
        raise AisleError(
            f"no folder of photos '{images}' in '{origin}' (catalogue.images). "
            + (did_you_mean(images, folders) if folders else "It contains no folders.")
        )
    summary = raw.write(content, image_column=columns.image, images=path / images, folder=folder)
    if not any((folder / paths.RAW_IMAGES.name).iterdir()):
        raise AisleError(
            f"none of the photos that '{table}' names is in '{images}' of '{origin}'; the first is "
            f"'{content[columns.image].iloc[0]}'. Check catalogue.images and "
            "catalogue.columns.image; names are relative to that folder."
        )
    return summary


def read(path: Path) -> "pd.DataFrame":
    """Return every column of a CSV or Parquet file as strings, "" for a missing value."""
    table = _read_parquet(path) if path.suffix.lower() in PARQUET else _read_csv(path)
    if table.empty:
        raise AisleError(f"table '{path.name}' has a header but no rows; expected one per product.")
    return table


def check_columns(present: list[str], *, columns: params.Columns, table: str) -> None:
    """Raise AisleError for a column of params.yaml that the table lacks or has twice."""
    for key, name in columns.model_dump().items():
        if name == paths.NONE:
            if key in REQUIRED:
                raise AisleError(
                    f"catalogue.columns.{key} is none, but every product needs one. Name a column "
                    f"of '{table}': {', '.join(present)}."
                )
        elif name not in present:
            raise AisleError(
                f"no column '{name}' in '{table}' (catalogue.columns.{key}). "
                f"{did_you_mean(name, present)}"
                + ("" if key in REQUIRED else " Set it to none if the table has no such column.")
            )
        elif present.count(name) > 1:
            raise AisleError(
                f"'{table}' has {present.count(name)} columns called '{name}' "
                f"(catalogue.columns.{key}). Rename all but one."
            )


def _existing_table(path: Path, *, name: str, origin: str) -> Path:
    """Return the table's path; AisleError, listing the tables found, if it does not exist."""
    if not path.is_dir():
        found = "is a file" if path.exists() else "does not exist"
        raise AisleError(
            f"'{origin}' {found}; catalogue.path should be the folder that holds the table "
            "and the photos."
        )
    if not (path / name).is_file():
        tables = sorted(
            entry.relative_to(path).as_posix()
            for pattern in ("*", "*/*")
            for entry in path.glob(pattern)
            if entry.suffix.lower() in (".csv", *PARQUET) and entry.is_file()
        )
        raise AisleError(
            f"no table '{name}' in '{origin}' (catalogue.table). "
            + (did_you_mean(name, tables) if tables else "It contains no CSV or Parquet file.")
        )
    return path / name


def _read_csv(path: Path) -> "pd.DataFrame":
    import pandas as pd

    text = _decode(path)
    if not text.strip():
        raise AisleError(
            f"table '{path.name}' is empty; expected a header and one row per product."
        )
    try:
        # Read the header as a row, because pandas would rename columns with the same name.
        cells = pd.read_csv(
            io.StringIO(text, newline=""),
            sep=_separator(text),
            header=None,
            dtype=str,
            keep_default_na=False,
        ).fillna("")
    except (pd.errors.ParserError, csv.Error) as error:
        detail = str(error).removeprefix("Error tokenizing data. C error:")
        raise AisleError(
            f"table '{path.name}' is not a regular CSV: {' '.join(detail.split())}. Put cells that "
            'hold a separator or a line end between double quotes, and write " inside them as "".'
        ) from None
    return cells.iloc[1:].set_axis(cells.iloc[0].tolist(), axis="columns").reset_index(drop=True)


def _decode(path: Path) -> str:
    """Return the file's text: by its byte order mark, else UTF-8, else Windows-1252 and warn."""
    content = path.read_bytes()
    encodings = [name for mark, name in BOMS.items() if content.startswith(mark)]
    for encoding in encodings or ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding == "cp1252":
            print(
                f"aisle: warning: '{path.name}' is not UTF-8; read as Windows-1252. If accents "
                "look wrong in the note, save it as UTF-8.",
                file=sys.stderr,
            )
        return text
    raise AisleError(
        f"table '{path.name}' is not text in UTF-8, UTF-16 with a byte order mark, or "
        f"Windows-1252 (it begins with {content[:8]!r}). Save it as CSV (UTF-8) or Parquet."
    )


def _separator(text: str) -> str:
    """Return the separator that splits the header into the most columns."""

    def columns(separator: str) -> int:
        return len(
            next(csv.reader(io.StringIO(text.lstrip("\r\n "), newline=""), delimiter=separator))
        )

    return max(SEPARATORS, key=columns)


def _read_parquet(path: Path) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow
    from pyarrow import parquet

    try:
        content = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        detail = " ".join(str(error).split())
        raise AisleError(
            f"table '{path.name}' cannot be read as Parquet: {detail} Write it again."
        ) from None
    cells = {
        index: [_as_text(value, column=name, table=path.name) for value in column.to_pylist()]
        for index, (name, column) in enumerate(
            zip(content.column_names, content.columns, strict=True)
        )
    }
    return pd.DataFrame(cells, dtype=str).set_axis(content.column_names, axis="columns")


def _as_text(value: object, *, column: str, table: str) -> str:
    """Return a Parquet value as text, as in a CSV; lists and structures as JSON."""
    if value is None:
        return ""
    try:
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False)
        if not isinstance(value, bytes):
            return str(value)
    except TypeError:
        pass
    raise AisleError(
        f"column '{column}' of '{table}' holds bytes; expected text or numbers. Write the photos "
        "as files, name them in a column, and leave this one out."
    )
