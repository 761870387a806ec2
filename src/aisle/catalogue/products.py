"""Turn the raw table into products and rejects: tree level, photo checks, duplicate groups."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from aisle import paths
from aisle.catalogue import duplicates, photos, tree
from aisle.errors import AisleError
from aisle.parallel import ordered
from aisle.settings import params

FIRST_ROW = 2
"""Number of the first data row, as in a spreadsheet: the header is row 1."""

COLUMNS = (
    *("product_id", "row", "category_id", "category", "image"),
    *("name", "description", "specifications"),
    *("width", "height", "bytes", "sha256", "phash", "group"),
)
"""Columns of data/products.csv; data/README.md explains them."""


def standard_columns(raw: pd.DataFrame, *, columns: params.Columns) -> pd.DataFrame:
    """Return the raw table under our column names, one row per raw row, plus `row`.

    A column set to `none` is empty. Without an id column, the row number is the id. Runs of spaces
    and line ends in texts become one space.
    """
    names = columns.model_dump()
    table = pd.DataFrame({"row": range(FIRST_ROW, FIRST_ROW + len(raw))}, index=raw.index)
    for ours, theirs in names.items():
        table[ours] = raw[theirs].str.strip() if theirs != paths.NONE else ""
    if columns.id == paths.NONE:
        table["id"] = table["row"].astype(str)
    for text in ("id", "name", "description", "specifications"):
        table[text] = [" ".join(cell.split()) for cell in table[text]]
    return table.rename(columns={"id": "product_id"}).reset_index(drop=True)


def mark_rejects(table: pd.DataFrame, *, level: int) -> pd.DataFrame:
    """Add `category`, and the `kind` and `reason` of rejection ("" where the row is usable)."""
    marked = table.assign(
        category=[tree.category(text, level=level) for text in table["category_tree"]],
        kind="",
        reason="",
    )
    first_rows: dict[str, int] = {}
    for index, row in marked.iterrows():
        first_row = first_rows.setdefault(row["product_id"], row["row"])
        if not row["product_id"]:
            reject = ("missing id", "the row has no id")
        elif first_row != row["row"]:
            reject = (
                "duplicate id",
                f"id '{row['product_id']}' was already used in row {first_row}",
            )
        elif pd.isna(row["category"]):
            text = row["category_tree"][:60]
            reject = ("unreadable tree", f"no level {level} in category tree '{text}'")
        else:
            continue
        marked.loc[index, ["kind", "reason"]] = reject
    return marked


def photo_facts(image: str, *, folder: Path, max_megapixels: float) -> dict[str, Any]:
    """Return a photo's size and hashes, or the `kind` and `reason` of its rejection."""
    try:
        path = photos.locate(image, folder=folder)
        return vars(photos.examine(path, max_megapixels=max_megapixels))
    except photos.UnusablePhoto as error:
        return {"kind": error.kind, "reason": str(error)}


def products_and_rejects(
    raw: pd.DataFrame, *, columns: params.Columns, settings: params.Extract, folder: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return data/products.csv and reports/rejects.csv as tables.

    `folder` holds the photos. Raises AisleError when fewer than two categories remain.
    """
    marked = mark_rejects(standard_columns(raw, columns=columns), level=settings.level)
    candidates = marked[marked["kind"] == ""].drop(columns=["kind", "reason"])
    check = partial(photo_facts, folder=folder, max_megapixels=settings.max_megapixels)
    facts = ordered(check, candidates["image"].tolist(), what="checking photos")
    examined = candidates.join(pd.DataFrame(facts, index=candidates.index))
    unusable = examined.reindex(columns=[*candidates.columns, "kind", "reason"]).dropna(
        subset="kind"
    )
    rejects = pd.concat([marked[marked["kind"] != ""], unusable]).sort_values("row")
    usable = examined.drop(index=unusable.index)
    if usable["category"].nunique() < 2:
        raise AisleError(_too_few(usable, rejects=rejects, level=settings.level))
    return _number(usable, settings=settings), rejects[
        ["row", "product_id", "image", "kind", "reason"]
    ]


def _too_few(usable: pd.DataFrame, *, rejects: pd.DataFrame, level: int) -> str:
    """Explain why there is nothing to compare: the rows rejected, and the first reason."""
    rows = len(usable) + len(rejects)
    if usable.empty:
        what = f"none of the {rows} products can be used"
    else:
        what = (
            f"the catalogue has one category only at level {level}: '{usable['category'].iloc[0]}'"
        )
    advice = "A comparison needs at least two; try another extract.level."
    if rejects.empty:
        return f"{what}. {advice}"
    first = rejects.iloc[0]
    return (
        f"{what}; {len(rejects)} of {rows} rows were rejected, the first in row {first['row']}: "
        f"{first['reason']}. {advice}"
    )


def _number(usable: pd.DataFrame, *, settings: params.Extract) -> pd.DataFrame:
    """Add category ids, in the order of the sorted names, and duplicate groups."""
    names = sorted(usable["category"].unique())
    group = duplicates.groups(
        sha256=usable["sha256"].tolist(),
        phash=usable["phash"].tolist(),
        texts=[usable[column].tolist() for column in settings.duplicate_texts],
        named=usable["group"].tolist(),
        bits=settings.near_duplicate_bits,
    )
    numbered = usable.assign(
        category_id=usable["category"].map({name: index for index, name in enumerate(names)}),
        group=group,
    ).astype({"width": int, "height": int, "bytes": int})
    return numbered[list(COLUMNS)]
