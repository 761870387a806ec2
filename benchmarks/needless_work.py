"""Goal 5: which photos pass through the backbone again after a change?

Uses a small catalogue, made from products of the embedded sample, in a temporary DVC repository.
After each change, `dvc repro` runs everything up to the fits, and the views that `embed` reports
are counted.
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
    """Count the views that are embedded after each change."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder)
        write(folder, products=PRODUCTS)
        rows = [embedded_after("the first run", changes={}, expected=PRODUCTS, folder=folder)]
        for what, changes in (
            ("another setting of a candidate", {"candidates": {"probe": {"C": [0.1]}}}),
            ("another split: cross_test", {"split": {"scheme": "cross_test"}}),
            ("another seed, and so another split", {"seed": 1}),
        ):
            rows.append(embedded_after(what, changes=changes, expected=0, folder=folder))
        write(folder, products=PRODUCTS + NEW)
        rows.append(embedded_after(f"{NEW} new products", changes={}, expected=NEW, folder=folder))
        reads_all = {"candidates": {"mean": PROBE | {"views": "mean"}}}
        others = (PRODUCTS + NEW) * (len(TRANSFORMS) - 1)
        what = f"a candidate that reads all {len(TRANSFORMS)} views"
        rows.append(embedded_after(what, changes=reads_all, expected=others, folder=folder))
        on = workspace.described(folder)
    wrong = [row for row in rows if row["views embedded"] != row["needed"]]
    return Result(
        measured="; ".join(f"{row['after']}: {row['views embedded']}" for row in wrong or rows[1:]),
        met=not wrong,
        on=f"{on}, B0 at {SIDE} px",
        table=rows,
        remarks=(
            f"In the first run the candidates read only the original of {len(TRANSFORMS)} views: "
            "the others were not embedded.",
        ),
    )


def draw(folder: Path) -> None:
    """Draw products and weights, and set them up as a user's catalogue and weights file.

    No two products are duplicates; categories alternate.
    """
    sizes = {"resize": {"sizes": [SIDE]}, "variants": {workspace.VARIANT: {"size": SIDE}}}
    per_category = {"catalogue": {"sample": {"products_per_category": 10}}}
    workspace.make(folder, changes=sizes | per_category, candidates={"probe": PROBE})
    workspace.run("dvc", "repro", "extract", f"weights@{workspace.VARIANT}", folder=folder)
    shutil.copytree(folder / paths.RAW_IMAGES, folder / SHOP / "images")
    weights = f"{SHOP}.weights.h5"  # a file, because random weights depend on the seed
    shutil.copyfile(folder / paths.weights(workspace.VARIANT), folder / weights)
    found = files.read_table(folder / paths.PRODUCTS, text=TEXT)
    distinct = found.drop_duplicates("group")
    alternating = distinct.groupby("category").cumcount().sort_values(kind="stable").index
    table = files.read_table(folder / paths.RAW_TABLE, all_text=True).set_index("uniq_id")
    ordered = table.loc[distinct["product_id"].loc[alternating]].reset_index()
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
    """Write a catalogue of the first `products` products."""
    table = files.read_table(folder / SHOP / "all.csv", all_text=True)
    files.write_table(table[:products], folder / SHOP / "now.csv")


def embedded_after(
    what: str, *, changes: dict[str, Any], expected: int, folder: Path
) -> dict[str, str]:
    """Apply a change, run up to the fits; return how many views were embedded and had to be."""
    workspace.change(changes, folder=folder)
    output = workspace.run("dvc", "repro", "train", folder=folder)
    embedded = sum(int(ran) for ran, _ in workspace.EMBEDDED.findall(output))
    row = {"after": what, "views embedded": str(embedded), "needed": str(expected)}
    print(row, flush=True)
    return row
