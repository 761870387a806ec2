"""Goals 3 and 4: results of the benchmarks `resize` and `embed`, which can also run separately."""

import tempfile
from pathlib import Path
from typing import TypeAlias

from benchmarks import embed as of_embed
from benchmarks import resize as of_resize
from benchmarks import workspace
from benchmarks.goals import Given, Result
from benchmarks.needless_work import PROBE

Rows: TypeAlias = list[tuple[str, str, str, bool]]
"""Rows of (what, target, measured, met)."""


def resize(given: Given) -> Result:
    """Measure `resize` on drawn photos."""
    return _result(of_resize.measure(), on="drawn photos", complete=True)


def embed(given: Given) -> Result:
    """Measure `embed` on the real photos and weights, or on random ones without them."""
    if not given.real:
        return _result(of_embed.measure(), on="random photos, random weights", complete=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = {workspace.VARIANT: {"size": workspace.SIDE}}
        workspace.make(
            folder,
            given=given,
            changes={"resize": {"sizes": [workspace.SIDE]}, "variants": size},
            candidates={"probe": PROBE},
        )
        targets = ("split", "resize", f"weights@{workspace.VARIANT}")
        workspace.run("dvc", "repro", *targets, folder=folder)
        on = workspace.described(folder, given=given)
        return _result(of_embed.measure(folder), on=on, complete=True)


def _result(rows: Rows, *, on: str, complete: bool) -> Result:
    """Return a goal's rows as one result; `complete` is False if rows are missing."""
    met = all(one for *_, one in rows)
    return Result(
        measured="; ".join(f"{what}: {measured}" for what, _, measured, _ in rows),
        met=None if met and not complete else met,
        on=on,
        table=[
            {
                "what": what,
                "target": target,
                "measured": measured,
                "met": "yes" if one else "**no**",
            }
            for what, target, measured, one in rows
        ],
        remarks=() if complete else ("The accuracy of a probe needs CATALOGUE and WEIGHTS.",),
    )
