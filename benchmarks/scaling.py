"""Goal 6: time and memory of the pipeline as the catalogue grows, and memory of the real run.

Runs `dvc repro` on the embedded sample with 1, 2 and 4 times its products, with a forest, TF-IDF
and a fine-tuned B0 on small photos and a fixed number of epochs. Seconds per stage come from
reports/cost.json; memory is sampled from outside and includes DVC. The memory of the real run is
that of the largest stage in the published cost.json, plus DVC.
"""

import resource
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from aisle import files, paths
from aisle.errors import AisleError
from aisle.settings.editing import merge
from benchmarks import workspace
from benchmarks.goals import Given, Result

PER_CATEGORY = (30, 60, 120)
SIDE = 64
CANDIDATES = ("random_forest", "tfidf", "efficientnetv2_b0")
FIXED = {
    "photos": SIDE,
    "head_epochs": 5,
    "training": {"epochs": 3, "patience": 0, "learning_rate": 1e-4},
}
MOST_GB = 3.0
BENT = 1.25
"""Largest ratio, at the largest size, to the straight line through the two smaller sizes."""

WATCH = 0.1
"""Seconds between two samples of the memory."""

WALL, TIME = "`dvc repro`, s", "`dvc repro`, s of processor time"
MEMORY = "peak memory, all processes, GB"
PUBLISHED = Path("reports") / workspace.PROFILE.stem / paths.COST.name


def measure(given: Given) -> Result:
    """Run the pipeline at three sizes; read the memory of the real run."""
    runs = [run_sample(per_category) for per_category in PER_CATEGORY]
    products, figures, dvc = zip(*runs, strict=True)
    line = {name: extrapolated(products, [each[name] for each in figures]) for name in figures[0]}
    fixed = extrapolated((*products[:2], 0), [each[TIME] for each in figures])
    if line[TIME] <= fixed:
        raise AisleError(
            f"{products[1]} products took {figures[1][TIME]:.0f} s of processor time and "
            f"{products[0]} took {figures[0][TIME]:.0f} s; expected more for more products. "
            "Measure again while nothing else runs."
        )
    # subtract the start-up time, which would hide non-linear growth
    bent = (figures[-1][TIME] - fixed) / (line[TIME] - fixed)
    swollen = figures[-1][MEMORY] / line[MEMORY]
    stages = files.read_json(workspace.ROOT / PUBLISHED).get("stages")
    real = None
    if stages:
        real = max(stage["peak_megabytes"] for stage in stages.values()) / 1e3 + max(dvc)
    linear = bent <= BENT and swollen <= BENT
    met = linear if real is None else linear and real <= MOST_GB
    real_memory = "not measured" if real is None else f"{real:.2f} GB"
    return Result(
        measured=f"whole real run {real_memory}; with {products[-1] / products[0]:.1f} times the "
        f"products, {bent:.2f} of the time and {swollen:.2f} of the memory of linear growth",
        met=None if met and real is None else met,
        on=f"the embedded sample, random weights, B0 at {SIDE} px; the real run is {PUBLISHED}",
        table=[
            {
                "what": name,
                **{
                    f"{count:,} products": f"{each[name]:.2f}"
                    for count, each in zip(products, figures, strict=True)
                },
                f"{products[-1]:,} on the line": f"{line[name]:.2f}",
            }
            for name in figures[0]
        ],
        remarks=(
            f"The line goes through the two smaller sizes. According to it, start-up takes "
            f"{fixed:.0f} s of processor time and each product "
            f"{(line[TIME] - fixed) / products[-1]:.3f} s. The goal compares processor time "
            "without start-up, because other programs disturb it less than wall-clock time; it and "
            f"memory may be {BENT} times the line. Memory is the sum over all processes at one "
            "moment; shared pages count more than once.",
            "The memory of the real run is that of its largest stage, as recorded by the stage, "
            f"plus {max(dvc):.2f} GB for DVC's process."
            if real is not None
            else f"{PUBLISHED} has no memory per stage: run `make publish` to write it again.",
        ),
    )


def run_sample(per_category: int) -> tuple[int, dict[str, float], float]:
    """Return the number of products, the measurements by name, and the GB of DVC's process."""
    candidates = {name: workspace.candidate(name) for name in CANDIDATES}
    candidates["efficientnetv2_b0"] = merge(candidates["efficientnetv2_b0"], FIXED)
    sizes = sorted({one["photos"] for one in candidates.values()} - {paths.NONE})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace.make(
            folder,
            changes={
                "catalogue": {"sample": {"products_per_category": per_category}},
                "resize": {"sizes": sizes},
                "variants": {workspace.VARIANT: {"size": SIDE}},
            },
            candidates=candidates,
        )
        found, dvc = watched("dvc", "repro", "--quiet", folder=folder)
        by_stage: Counter[str] = Counter()
        for stage, cost in files.read_json(folder / paths.COST)["stages"].items():
            by_stage[stage.partition("@")[0]] += cost["seconds"]
        products = len(files.read_table(folder / paths.PRODUCTS))
    found |= {f"`{stage}`, s": seconds for stage, seconds in by_stage.items()}
    print(products, found, flush=True)
    return products, found, dvc


def extrapolated(at: Any, values: Any) -> float:
    """Return the value at the third position on the line through the first two points."""
    slope = (values[1] - values[0]) / (at[1] - at[0])
    return float(values[0] + slope * (at[2] - at[0]))


def watched(*command: str, folder: Path) -> tuple[dict[str, float], float]:
    """Run a command; return the cost of all its processes, and the peak GB of the main one."""
    started, before = time.perf_counter(), processor_seconds()
    everything = own = 0
    with subprocess.Popen(command, cwd=folder, env=workspace.environment(folder)) as running:
        root = psutil.Process(running.pid)
        while running.poll() is None:
            resident = [resident_bytes(one) for one in (root, *children(root))]
            everything, own = max(everything, sum(resident)), max(own, resident[0])
            time.sleep(WATCH)
    if running.returncode:
        raise AisleError(f"'{' '.join(command)}' failed; its message is above.")
    return {
        WALL: time.perf_counter() - started,
        TIME: processor_seconds() - before,
        MEMORY: everything / 1e9,
    }, own / 1e9


def processor_seconds() -> float:
    """Return the processor seconds of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def children(process: psutil.Process) -> list[psutil.Process]:
    """Return all descendants of a process; none if it has ended."""
    try:
        found: list[psutil.Process] = process.children(recursive=True)
        return found
    except psutil.NoSuchProcess:
        return []


def resident_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process in bytes; 0 if it has ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
