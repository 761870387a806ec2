"""What each competitor and each stage cost, and on which machine: the content of cost.json.

Reads data/facts and data/timings.
"""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aisle import files, paths
from aisle.parallel import cores
from aisle.settings import params
from aisle.settings.refits import refits

COSTS = ("fit_seconds", "embed_seconds", "predict_milliseconds", "parameters", "bytes")
USED = ("seconds", "peak_megabytes")
LIBRARIES = ("tensorflow", "keras", "scikit-learn", "numpy")


def per_competitor(members: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Return the cost of each competitor; a candidate is its own only member."""
    return {name: cost(*each) for name, each in members.items()}


def cost(*members: str) -> dict[str, float]:
    """Return what fitting, embedding and predicting cost for a candidate, or for several at once.

    Sums over the members. What is predicted from embeddings needs the backbone: its parameters,
    bytes and passes count, once for all members that read it.
    """
    totals: dict[str, float] = dict.fromkeys(COSTS, 0) | size(*members)
    for name in members:
        fitted = files.read_json(paths.timings(f"train@{name}"))
        predicted = files.read_json(paths.timings(f"evaluate@{name}"))
        totals["fit_seconds"] += fitted["fit_seconds"]
        totals["predict_milliseconds"] += predicted["predict_milliseconds"]
    for backbone, needed in _passes(members).items():
        timings = files.read_json(paths.timings(f"embed@{backbone}"))
        totals["embed_seconds"] += timings["embed_seconds"]
        totals["predict_milliseconds"] += needed * timings["predict_milliseconds"]
    return {key: round(value, 3) for key, value in totals.items()}


def size(*members: str) -> dict[str, float]:
    """Return the part of the cost that is the same on every run: parameters and bytes."""
    parts = [paths.facts("evaluate", name) for name in members]
    parts += [paths.facts("embed", one) for one, needed in _passes(members).items() if needed]
    facts = [files.read_json(part) for part in parts]
    return {key: sum(one[key] for one in facts) for key in ("parameters", "bytes")}


def _passes(members: Sequence[str]) -> dict[str, int]:
    """Return each backbone that embedded for these members, with the passes to answer."""
    found: dict[str, int] = {}
    for name in members:
        facts = files.read_json(paths.facts("evaluate", name))
        backbone = facts["embedded_by"]
        found[backbone] = max(facts["frozen_passes"], found.get(backbone, 0))
    return {backbone: found[backbone] for backbone in sorted(found.keys() - {paths.NONE})}


def stage_names() -> list[str]:
    """Return the stages of dvc.yaml before `compare`, in its order, as DVC calls them."""
    each = {
        "resize": params.read("resize", params.Resize).sizes,
        "weights": params.variant_names(),
        "embed": params.variant_names(),
        "reach": None,
        "train": params.candidate_names(),
        "evaluate": params.candidate_names(),
        "gather": None,
        "combine": params.ensemble_names(),
        "finalists": None,
        "refit": refits(),
    }
    found = ["check", "catalogue", "extract", "split", "augment"]
    for stage, keys in each.items():
        found += [stage] if keys is None else [f"{stage}@{key}" for key in keys]
    return found


def per_stage() -> dict[str, dict[str, float]]:
    """Return what each stage before `compare` used, in dvc.yaml's order.

    A stage that has not run, as may be without DVC, is left out.
    """
    timings = {name: paths.timings(name) for name in stage_names()}
    found = {name: files.read_json(path) for name, path in timings.items() if path.exists()}
    return {name: {key: one[key] for key in USED} for name, one in found.items()}


def machine() -> dict[str, Any]:
    """Return what the timings were measured on."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": round(memory / 1e9, 1),
        **versions(),
    }


def versions() -> dict[str, str]:
    """Return the installed versions of Python and of the libraries that fit and save models."""
    return {
        "python": platform.python_version(),
        **{library: _version(library) for library in LIBRARIES},
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(library: str) -> str:
    """Return an installed version; TensorFlow's package has two names."""
    names = (library, f"{library}-cpu") if library == "tensorflow" else (library,)
    for name in names:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return "not installed"
