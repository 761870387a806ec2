"""The results page: measurements are stored as JSON and rendered as Markdown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisle import files
from benchmarks.goals import Goal

KEPT = "results.json"
PAGE = "RESULTS.md"


def load(folder: Path) -> dict[str, Any]:
    """Return the stored measurements by goal name; empty if there are none."""
    path = folder / KEPT
    return files.read_json(path) if path.exists() else {}


def write(measured: Mapping[str, Any], *, goals: Sequence[Goal], folder: Path) -> None:
    """Write the JSON file and the page."""
    files.write_json(measured, folder / KEPT)
    files.write_text(markdown(measured, goals=goals), folder / PAGE)


def markdown(measured: Mapping[str, Any], *, goals: Sequence[Goal]) -> str:
    """Return the page: runs, an overview of all goals, then a section per goal."""
    runs: list[Any] = []
    for goal in goals:
        run = measured.get(goal.name, {}).get("run")
        if run is not None and run not in runs:
            runs.append(run)
    lines = ["# Benchmarks", "", "`make benchmark` writes this page.", ""]
    lines += [f"- {_run(run, number=number)}" for number, run in enumerate(runs, start=1)]
    head = ["", "goal", "target", "measured", "met"]
    rows = []
    for number, goal in enumerate(goals, start=1):
        found = measured.get(goal.name)
        result, met = ("not measured", "") if found is None else (found["measured"], found["met"])
        if found is not None and len(runs) > 1:
            result += f" (run {runs.index(found['run']) + 1})"
        cells = [str(number), goal.title, goal.target, result, met]
        rows.append(dict(zip(head, cells, strict=True)))
    lines += ["", *_table(rows)]
    for number, goal in enumerate(goals, start=1):
        found = measured.get(goal.name)
        if found is None or not found["table"]:
            continue
        lines += ["", f"## {number}. {goal.title}", "", f"On {found['on']}.", ""]
        lines += _table(found["table"])
        for remark in found["remarks"]:
            lines += ["", remark]
    return "\n".join(lines) + "\n"


def _run(run: Mapping[str, Any], *, number: int) -> str:
    machine = run["machine"]
    versions = [f"{name} {value}" for name, value in machine.items()][3:]
    return (
        f"Run {number}: {run['started']}, revision {run['revision']}; {machine['cores']} cores of "
        f"{machine['processor']}, {machine['memory_gb']} GB; {', '.join(versions)}; "
        f"load average at the start {run['load']}."
    )


def _table(rows: Sequence[Mapping[str, str]]) -> list[str]:
    head = list(rows[0])
    cells = [head, ["---"] * len(head), *([row[key] for key in head] for row in rows)]
    return [f"| {' | '.join(one.replace('|', '&#124;') for one in line)} |" for line in cells]
