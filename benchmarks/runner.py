"""Measure the goals one by one, each in a separate process with its own memory and threads.

The page is written after each goal, so that earlier results survive a failure.
"""

import os
import subprocess
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from aisle.errors import AisleError, did_you_mean
from benchmarks import page
from benchmarks.goals import Given, Goal, NotMeasured, Result

MET = {True: "yes", False: "**no**", None: "as far as measured"}


def benchmark(
    goals: Sequence[Goal], *, only: Sequence[str] = (), given: Given, folder: Path
) -> bool:
    """Measure the goals, or those named in `only`, write the page; return whether none failed.

    With `only`, earlier results of the other goals stay on the page, with their run. Raises
    AisleError for an unknown goal.
    """
    names = [goal.name for goal in goals]
    for name in only:
        if name not in names:
            raise AisleError(f"no goal is called '{name}'. {did_you_mean(name, names)}")
    measured = page.load(folder) if only else {}
    run, succeeded = describe_run(), True
    for goal in goals:
        if only and goal.name not in only:
            continue
        print(f"== {goal.name}: {goal.target}", flush=True)
        found = attempt(goal, given=given)
        succeeded &= found["met"] != "failed"
        measured[goal.name] = {**found, "run": run}
        page.write(measured, goals=goals, folder=folder)
        print(f"{goal.name}: {found['measured']} (met: {found['met'] or '–'})", flush=True)
    return succeeded


def attempt(goal: Goal, *, given: Given) -> dict[str, Any]:
    """Return the result of a goal, or its failure, as stored for the page."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        try:
            result = process.submit(measure, goal.measure, given).result()
        except NotMeasured as reason:
            return _nothing(f"not measured: {reason}", met="")
        except Exception as error:
            traceback.print_exception(error)
            first = (str(error).strip().splitlines() or [""])[0]
            return _nothing(f"failed: {type(error).__name__}: {first}", met="failed")
    return asdict(result) | {"met": MET[result.met]}


def measure(function: str, given: Given) -> Result:
    """Call a goal's function by its name."""
    result: Result = resolve_name(function)(given)
    return result


def describe_run() -> dict[str, Any]:
    """Return when, what and on which machine is measured."""
    from aisle.standings.costs import machine

    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "started": time.strftime("%Y-%m-%d %H:%M", time.gmtime()) + " UTC",
        "revision": described.stdout.strip(),
        "machine": machine(),
        "load": round(os.getloadavg()[0], 1),
    }


def _nothing(measured: str, *, met: str) -> dict[str, Any]:
    return {"measured": measured, "met": met, "on": "", "table": [], "remarks": []}
