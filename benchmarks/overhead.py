"""Goal 7: how much processor time does DVC itself take in a whole run of the sample?

Clones this repository twice, once at the last revision whose stages depended on single files, and
runs `dvc repro` in each with an empty cache. DVC's own time is that of its process, without the
stages, which are processes of their own.
"""

import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks import workspace
from benchmarks.goals import Given, Result

BEFORE = "01607a1"
"""The last revision whose stages depended on single files."""

RUN = """
import resource, sys, time
from dvc.cli import main
started = time.perf_counter()
code = main(["repro", "--quiet"])
own = resource.getrusage(resource.RUSAGE_SELF)
stages = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.perf_counter() - started
print("measured", own.ru_utime + own.ru_stime, stages.ru_utime + stages.ru_stime, seconds)
sys.exit(code)
"""


def measure(given: Given) -> Result:
    """Compare DVC's own processor time, dvc.yaml and dvc.lock before and now."""
    before, now = whole_run(BEFORE), whole_run("HEAD")
    ratio = now["dvc"] / before["dvc"]
    return Result(
        measured=f"{now['dvc']:.0f} s, {ratio:.2f} of {before['dvc']:.0f} s; dvc.lock "
        f"{now['lock'] / 1000:.0f} KB instead of {before['lock'] / 1000:.0f}",
        met=ratio <= 0.5,
        on="the embedded sample, in fresh clones with an empty cache",
        table=[
            row("single files", revision=BEFORE, found=before),
            row(
                "rooms",
                revision=workspace.run(
                    "git", "rev-parse", "--short", "HEAD", folder=workspace.ROOT
                ).strip(),
                found=now,
            ),
        ],
        remarks=("Seconds of processor time, user and system; the whole run in seconds of time.",),
    )


def whole_run(revision: str) -> dict[str, Any]:
    """Return seconds of DVC, of the stages and of the whole run; bytes, lines and stages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clone"
        workspace.run(
            "git", "clone", "--quiet", str(workspace.ROOT), str(folder), folder=Path(name)
        )
        workspace.run("git", "checkout", "--quiet", revision, folder=folder)
        printed = workspace.run("python", "-c", RUN, folder=folder)
        (line,) = [one for one in printed.splitlines() if one.startswith("measured ")]
        dvc, stages, whole = map(float, line.split()[1:])
        lock, pipeline = folder / "dvc.lock", folder / "dvc.yaml"
        return {
            "dvc": dvc,
            "stages": stages,
            "whole": whole,
            "lock": lock.stat().st_size,
            "yaml": len(pipeline.read_text(encoding="utf-8").splitlines()),
            "runs": len(YAML(typ="safe").load(lock.read_text(encoding="utf-8"))["stages"]),
        }


def row(what: str, *, revision: str, found: dict[str, Any]) -> dict[str, str]:
    """Return a row of the page."""
    return {
        "stages depend on": f"{what} (revision {revision})",
        "DVC": f"{found['dvc']:.1f}",
        "stages": f"{found['stages']:.0f}",
        "whole run": f"{found['whole']:.0f}",
        "stages run": str(found["runs"]),
        "bytes of dvc.lock": f"{found['lock']:,}",
        "lines of dvc.yaml": str(found["yaml"]),
    }
