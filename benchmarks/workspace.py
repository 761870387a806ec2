"""A temporary repository for a measurement: this code and DVC with other settings, no results."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aisle import files, paths
from aisle.errors import AisleError
from aisle.settings import params
from aisle.settings.editing import merge, write_settings
from aisle.studies.publish import fill
from benchmarks.goals import Given

ROOT = Path(__file__).parents[1]
PROFILE = ROOT / "profiles" / "flipkart.yaml"
OF_PARAMS = ("catalogue", "split", "weights", "variants")
"""What of the profile says which catalogue and weights are read."""

VARIANT: params.Variant = "b0"
SIDE = 224
"""What B0 was designed for; the speeds in benchmarks/RESULTS.md are those of this side."""

EMBEDDED = re.compile(rf"^{VARIANT}: (\d+) of (\d+) views", re.MULTILINE)
SAMPLE = Given()


def make(
    folder: Path,
    *,
    given: Given = SAMPLE,
    changes: Mapping[str, Any] | None = None,
    candidates: Mapping[str, Any],
) -> None:
    """Write the code and settings with these candidates alone, and B0, to an empty folder.

    The catalogue and weights are the real ones if given, else the sample and random weights;
    `changes` override these settings.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src", "data", "dvc.yaml", ".dvcignore", ".gitignore"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    content = params.load(ROOT / paths.PARAMS)
    content = merge(content, _real(given) if given.real else {"weights": {"source": "random"}})
    content["variants"] = {VARIANT: content["variants"][VARIANT]}
    competitors = {"candidates": dict(candidates), "ensembles": {}, "refits": {}}
    write(merge(content, changes or {}), folder / paths.PARAMS)
    write(competitors, folder / paths.COMPETITORS_FILE)
    run("git", "init", "--quiet", folder=folder)
    run("dvc", "init", "--quiet", folder=folder)
    run("dvc", "config", "core.analytics", "false", folder=folder)


def write(content: Mapping[str, Any], path: Path) -> None:
    """Write a settings file, without comments."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def change(changes: Mapping[str, Any], *, folder: Path) -> None:
    """Merge `changes` into the settings there."""
    write_settings(folder, changes=changes)


def candidate(name: str) -> dict[str, Any]:
    """Return an entry of the committed set `complete`."""
    complete = params.load(ROOT / paths.COMPETITOR_SETS / "complete.yaml")
    entry: dict[str, Any] = complete["candidates"][name]
    return entry


def run(*command: str, folder: Path) -> str:
    """Run a command of this environment in the folder, return its output; AisleError on failure."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise AisleError(f"'{' '.join(command)}' failed; its message is above.")
    return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """Return the environment variables for running the folder's code."""
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "src"),
    }


def described(folder: Path, *, given: Given = SAMPLE) -> str:
    """Return which photos and weights the folder's pipeline has read."""
    products = len(files.read_table(folder / paths.PRODUCTS))
    with chdir(folder):
        weights = files.read_json(paths.facts("weights", VARIANT))
    if given.catalogue is None:
        return f"{products:,} products of the embedded sample, random weights"
    return (
        f"{products:,} products of `{given.catalogue.name}`, weights `{weights['file']}` "
        f"(sha256 {weights['sha256'][:12]}…), not the official ImageNet ones"
    )


@contextmanager
def embedded(
    name: str, entry: Mapping[str, Any], *, scheme: str, given: Given
) -> Iterator[tuple[Path, str]]:
    """Run the pipeline with only this candidate, up to its fit.

    Yields the folder, and a description of the photos and weights.
    """
    side = entry["photos"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(
            folder,
            given=given,
            changes={
                "split": {"scheme": scheme},
                "resize": {"sizes": [side]},
                "variants": {VARIANT: {"size": side}},
            },
            candidates={name: dict(entry)},
        )
        print(run("dvc", "repro", f"embed@{VARIANT}", "augment", folder=folder))
        yield folder, described(folder, given=given)


def _real(given: Given) -> dict[str, Any]:
    profile = YAML(typ="safe").load(PROFILE.read_text(encoding="utf-8"))
    places = {"CATALOGUE": str(given.catalogue), "WEIGHTS": str(given.weights)}
    filled: dict[str, Any] = fill({key: profile[key] for key in OF_PARAMS}, values=places)
    return filled
