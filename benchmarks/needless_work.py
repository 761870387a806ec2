"""Goal 5: which photos run through the backbone again when something changes.

A small catalogue, made of products of the embedded sample, in a DVC repository of its own. After
each change `dvc repro` runs everything up to the fits, and what `embed` says it ran is counted.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from aisle import files, paths
from aisle.inputs.views import TRANSFORMS
from benchmarks import workspace
from benchmarks.goals import Given, Result

PRODUCTS, NEW = 42, 10
SIDE = 64
PROBE: dict[str, Any] = {
    "method": "classical",
    "photos": "none",
    "backbone": workspace.VARIANT,
    "features": "embedding",
    "views": "original",
    "model": "logistic",
    "C": [0.01],
}
SHOP = "shop"
TEXT = ("product_id", "image")


def measure(given: Given) -> Result:
    """Count the views that are embedded after each change, and the stages that ran."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder)
        write(folder, products=PRODUCTS)
        rows = [after("the first run", changes={}, expected=PRODUCTS, folder=folder)]
        for what, changes in (
            ("another setting of a candidate", {"candidates": {"probe": {"C": [0.1]}}}),
            ("another split: cross_test", {"split": {"scheme": "cross_test"}}),
            ("another seed, which draws another split", {"seed": 1}),
        ):
            rows.append(after(what, changes=changes, expected=0, folder=folder))
        write(folder, products=PRODUCTS + NEW)
        rows.append(after(f"{NEW} products more", changes={}, expected=NEW, folder=folder))
        reads_all = {"candidates": {"mean": PROBE | {"views": "mean"}}}
        others = (PRODUCTS + NEW) * (len(TRANSFORMS) - 1)
        what = f"a candidate that reads all {len(TRANSFORMS)} views"
        rows.append(after(what, changes=reads_all, expected=others, folder=folder))
        on = workspace.described(folder)
    wrong = [row for row in rows if row["views embedded"] != row["needed"]]
    return Result(
        measured="; ".join(f"{row['after']}: {row['views embedded']}" for row in wrong or rows[1:]),
        met=not wrong,
        on=f"{on}, B0 at {SIDE} px",
        table=rows,
        remarks=(
            f"In the first run candidates read the original view alone, of the {len(TRANSFORMS)} "
            "that the table of views has: the others were not embedded.",
        ),
    )


def draw(folder: Path) -> None:
    """Draw the products and the weights, and keep both where they count as files of a user's.

    No two products are duplicates; the categories take turns.
    """
    sizes = {"resize": {"sizes": [SIDE]}, "variants": {workspace.VARIANT: {"size": SIDE}}}
    per_category = {"catalogue": {"sample": {"products_per_category": 10}}}
    workspace.make(folder, changes=sizes | per_category, candidates={"probe": PROBE})
    workspace.run("dvc", "repro", "extract", f"weights@{workspace.VARIANT}", folder=folder)
    shutil.copytree(folder / paths.RAW_IMAGES, folder / SHOP / "images")
    weights = f"{SHOP}.weights.h5"  # drawn from the seed, which will change
    shutil.copyfile(folder / paths.weights(workspace.VARIANT), folder / weights)
    found = files.read_table(folder / paths.PRODUCTS, text=TEXT)
    lone = found.drop_duplicates("group")
    in_turn = lone.groupby("category").cumcount().sort_values(kind="stable").index
    table = files.read_table(folder / paths.RAW_TABLE, all_text=True).set_index("uniq_id")
    ordered = table.loc[lone["product_id"].loc[in_turn]].reset_index()
    files.write_table(ordered, folder / SHOP / "all.csv")
    workspace.change(
        {
            "catalogue": {"source": "table", "path": SHOP, "table": "now.csv", "images": "images"},
            "weights": {"source": "file"},
            "variants": {workspace.VARIANT: {"file": weights}},
        },
        folder=folder,
    )


def write(folder: Path, *, products: int) -> None:
    """Make the first so many products the catalogue."""
    table = files.read_table(folder / SHOP / "all.csv", all_text=True)
    files.write_table(table[:products], folder / SHOP / "now.csv")


def after(what: str, *, changes: dict[str, Any], expected: int, folder: Path) -> dict[str, str]:
    """Run all up to the fits after a change; return how many views were embedded, and had to be."""
    workspace.change(changes, folder=folder)
    output = workspace.run("dvc", "repro", "train", folder=folder)
    embedded = sum(int(ran) for ran, _ in workspace.EMBEDDED.findall(output))
    row = {"after": what, "views embedded": str(embedded), "needed": str(expected)}
    print(row, flush=True)
    return row
