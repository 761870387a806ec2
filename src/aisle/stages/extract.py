"""Reads trees, checks photos, groups duplicates: data/raw → data/products.csv, rejects.csv."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from aisle import files, paths
from aisle.catalogue import duplicates, photos, tree
from aisle.errors import AisleError
from aisle.parallel import cores, ordered
from aisle.settings import params
from aisle.stages import run

FIRST_ROW = 2
"""Rows are counted as a spreadsheet does: the header is row 1."""

COLUMNS = (
    *("product_id", "row", "category_id", "category", "image"),
    *("name", "description", "specifications"),
    *("width", "height", "bytes", "sha256", "phash", "group"),
)
"""Of data/products.csv, which data/README.md explains."""


def standard_columns(raw: pd.DataFrame, *, columns: params.Columns) -> pd.DataFrame:
    """Return the table under our own column names, one row per raw row, plus `row`.

    A column named `none` is empty; without ids, a product is called by its row number. Spaces and
    line ends in texts become single spaces.
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


def judge_rows(table: pd.DataFrame, *, level: int) -> pd.DataFrame:
    """Return the table with `category`, and `kind` and `reason` where a row cannot be used."""
    judged = table.assign(
        category=[tree.category(text, level=level) for text in table["category_tree"]],
        kind="",
        reason="",
    )
    first_row: dict[str, int] = {}
    for index, row in judged.iterrows():
        seen = first_row.setdefault(row["product_id"], row["row"])
        if not row["product_id"]:
            found = ("missing id", "the row has no id")
        elif seen != row["row"]:
            found = ("duplicate id", f"id '{row['product_id']}' was already used in row {seen}")
        elif pd.isna(row["category"]):
            text = row["category_tree"][:60]
            found = ("unreadable tree", f"no level {level} in category tree '{text}'")
        else:
            continue
        judged.loc[index, ["kind", "reason"]] = found
    return judged


def examine(image: str, *, folder: Path, max_megapixels: float) -> dict[str, Any]:
    """Return a photo's facts, or the kind and reason why it cannot be used."""
    try:
        path = photos.locate(image, folder=folder)
        return vars(photos.examine(path, max_megapixels=max_megapixels))
    except photos.UnusablePhoto as error:
        return {"kind": error.kind, "reason": str(error)}


def products_and_rejects(
    raw: pd.DataFrame, *, columns: params.Columns, settings: params.Extract, folder: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the usable products and the rejected rows with their reason."""
    judged = judge_rows(standard_columns(raw, columns=columns), level=settings.level)
    candidates = judged[judged["kind"] == ""].drop(columns=["kind", "reason"])
    check = partial(examine, folder=folder, max_megapixels=settings.max_megapixels)
    facts = ordered(check, candidates["image"].tolist(), what="checking photos")
    examined = candidates.join(pd.DataFrame(facts, index=candidates.index))
    unusable = examined.reindex(columns=[*candidates.columns, "kind", "reason"]).dropna(
        subset="kind"
    )
    rejects = pd.concat([judged[judged["kind"] != ""], unusable]).sort_values("row")
    usable = examined.drop(index=unusable.index)
    if usable["category"].nunique() < 2:
        raise AisleError(_too_few(usable, rejects=rejects, level=settings.level))
    return _finish(usable, settings=settings), rejects[
        ["row", "product_id", "image", "kind", "reason"]
    ]


def _too_few(usable: pd.DataFrame, *, rejects: pd.DataFrame, level: int) -> str:
    """Return why there is nothing to compare: how many rows fell out, and the first reason."""
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


def _finish(usable: pd.DataFrame, *, settings: params.Extract) -> pd.DataFrame:
    names = sorted(usable["category"].unique())
    group = duplicates.groups(
        sha256=usable["sha256"].tolist(),
        phash=usable["phash"].tolist(),
        texts=[usable[column].tolist() for column in settings.duplicate_texts],
        bits=settings.near_duplicate_bits,
    )
    numbered = usable.assign(
        category_id=usable["category"].map({name: index for index, name in enumerate(names)}),
        group=group,
    ).astype({"width": int, "height": int, "bytes": int})
    return numbered[list(COLUMNS)]


def main() -> None:
    """Write the products and the rejects."""
    settings = params.read("extract", params.Extract)
    columns = params.read("catalogue", params.Catalogue).columns
    raw = files.read_table(paths.RAW_TABLE, all_text=True)
    products, rejects = products_and_rejects(
        raw, columns=columns, settings=settings, folder=paths.RAW_IMAGES
    )
    files.write_table(products, paths.PRODUCTS)
    files.write_table(rejects, paths.REJECTS)
    print(
        f"{len(products)} products in {products['category_id'].nunique()} categories, "
        f"{products['group'].nunique()} groups; {len(rejects)} rows rejected"
    )


if __name__ == "__main__":
    run(main, workers=cores())
