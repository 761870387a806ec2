"""Reads all of params.yaml before anything runs: every mistake is named here, none later."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aisle import backbones, files, params, paths
from aisle.candidates import registry
from aisle.errors import AisleError, did_you_mean
from aisle.stages import run

Value = TypeVar("Value")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""A candidate's name is also the name of its files and of its DVC stages."""


def mistakes() -> list[str]:
    """Return every mistake in params.yaml, one sentence each; none when it is sound."""
    found: list[str] = []

    def attempt(read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except AisleError as error:
            found.append(str(error))
            return None

    found += [
        f"params.yaml: '{key}' is not a setting. {did_you_mean(str(key), params.KEYS)}"
        for key in params.load()
        if key not in params.KEYS
    ]
    attempt(params.seed)
    sections = {
        name: attempt(lambda name=name, shape=shape: params.read(name, shape))  # type: ignore[misc]
        for name, shape in params.SECTIONS.items()
    }
    variants = {
        name: attempt(lambda name=name: params.backbone(name))  # type: ignore[misc]
        for name in attempt(params.variant_names) or []
    }
    candidates = {
        name: attempt(lambda name=name: registry.candidate(name)[1])  # type: ignore[misc]
        for name in attempt(params.candidate_names) or []
    }
    if not found:
        found += _between(sections, variants=variants, candidates=candidates)
    return found


def _between(
    sections: dict[str, Any], *, variants: dict[str, Any], candidates: dict[str, Any]
) -> list[str]:
    """Return what is wrong between sections that are each sound."""
    sizes = sections["resize"].sizes
    found = [_missing("catalogue.path", sections["catalogue"].path)]
    for name, backbone in variants.items():
        found.append(_missing(f"variants.{name}.file", backbone.file))
        if name not in backbones.CLASSES:
            found.append(f"variants.{name} is no variant. {did_you_mean(name, backbones.CLASSES)}")
        if backbone.size not in sizes:
            found.append(f"variants.{name}.size is {backbone.size}. {_add_size(backbone.size)}")
    if not candidates:
        found.append("candidates is empty; a comparison needs at least one.")
    for name, candidate in candidates.items():
        where = f"candidates.{name}"
        if not NAME.fullmatch(name):
            found.append(f"{where}: a name holds letters, digits, _ and - only.")
        if candidate.photos not in (paths.NONE, *sizes):
            found.append(f"{where}.photos is {candidate.photos}. {_add_size(candidate.photos)}")
        if candidate.backbone == paths.NONE:
            continue
        if candidate.backbone not in variants:
            near = did_you_mean(candidate.backbone, variants)
            found.append(f"{where}.backbone '{candidate.backbone}' is not in variants. {near}")
        elif candidate.photos not in (paths.NONE, variants[candidate.backbone].size):
            found.append(
                f"{where}.photos is {candidate.photos}, but variants.{candidate.backbone}.size is "
                f"{variants[candidate.backbone].size}; the two must be the same."
            )
        elif getattr(candidate, "views", None) == "all" != variants[candidate.backbone].views:
            found.append(
                f"{where}.views is all, but variants.{candidate.backbone}.views is original; set "
                "that to all too, so that every view is embedded."
            )
    return [f"params.yaml: {sentence}" for sentence in found if sentence]


def _missing(key: str, path: Path) -> str:
    """Return what is wrong with a path DVC will watch, or nothing; DVC's own words are fewer."""
    if path.exists():
        return ""
    near = did_you_mean(path.name, (entry.name for entry in _beside(path)))
    return f"{key} is '{path}', which does not exist. In '{path.absolute().parent}': {near}"


def _beside(path: Path) -> list[Path]:
    folder = path.absolute().parent
    return sorted(folder.iterdir())[:20] if folder.is_dir() else []


def _add_size(side: int) -> str:
    return f"Add {side} to resize.sizes."


def check() -> list[str]:
    """Return the names of the candidates; AisleError with every mistake, one a line."""
    found = mistakes()
    if found:
        raise AisleError("\n".join(found))
    return params.candidate_names()


def main() -> None:
    """Write a file that says the settings are sound; its content never changes."""
    names = check()
    files.write_text("params.yaml was read and is sound.\n", paths.CHECKED)
    print(f"{len(names)} candidates: {', '.join(names)}")


if __name__ == "__main__":
    run(main)
