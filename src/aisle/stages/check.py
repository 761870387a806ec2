"""Reads all of params.yaml before anything runs: every mistake is named here, none later."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError, did_you_mean
from aisle.inputs.views import ORIGINAL
from aisle.methods.common import registry
from aisle.settings import params
from aisle.settings.refits import Refit, refit, refits
from aisle.settings.sections import KEYS, SECTIONS
from aisle.stages import run
from aisle.training.block import Training

Value = TypeVar("Value")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""A candidate's or ensemble's name is also that of its files and of its DVC stages."""


class Competitors(params.Section):
    """One of `sets`: what `candidates`, `ensembles` and `refits` may stand for."""

    candidates: dict[str, dict[str, Any]]
    ensembles: dict[str, dict[str, Any]]
    refits: dict[str, Refit]


def mistakes() -> list[str]:
    """Return every mistake in params.yaml, one sentence each; none when it is sound."""
    found: list[str] = []

    def attempt(read: Callable[..., Value], *arguments: Any, **named: Any) -> Value | None:
        try:
            return read(*arguments, **named)
        except AisleError as error:
            found.append(str(error))
            return None

    content = params.load()
    found += [
        f"params.yaml: '{key}' is not a setting. {did_you_mean(str(key), KEYS)}"
        for key in content
        if key not in KEYS
    ]
    attempt(params.seed)
    sections = {name: attempt(params.read, name, shape) for name, shape in SECTIONS.items()}
    variants = {
        name: attempt(params.backbone, name) for name in attempt(params.variant_names) or []
    }
    candidates = {
        name: attempt(lambda name=name: registry.candidate(name)[1])
        for name in attempt(params.candidate_names) or []
    }
    ensembles = {
        name: attempt(params.ensemble, name) for name in attempt(params.ensemble_names) or []
    }
    again = {name: attempt(refit, name) for name in attempt(refits) or {}}
    if "training" in content:
        attempt(params.read, "training", Training)
    sets = content.get("sets", {})
    if isinstance(sets, dict):
        run_now = [content["candidates"][name] for name in candidates]
        run_now += [content["ensembles"][name] for name in ensembles]
        _try_sets(sets, tried=run_now, attempt=attempt)
    else:
        found.append(f"params.yaml: sets is {sets!r}; expected sets of competitors by name.")
    if not found:
        found += _between(sections, variants=variants, candidates=candidates)
        found += _members(ensembles, candidates=candidates)
        found += _refits(again, candidates=candidates)
    return found


def _try_sets(sets: dict[str, Any], *, tried: list[object], attempt: Callable[..., Any]) -> None:
    """Try the settings of each competitor in `sets` that is not the same as one tried before."""
    for name, raw in sets.items():
        where = f"sets.{name}"
        competitors = attempt(params.parse, raw, shape=Competitors, where=where)
        if competitors is None:
            continue
        for key, entry in competitors.candidates.items():
            if entry not in tried:
                tried.append(entry)
                attempt(registry.parse, entry, where=f"{where}.candidates.{key}")
        for key, entry in competitors.ensembles.items():
            if entry not in tried:
                tried.append(entry)
                at = f"{where}.ensembles.{key}"
                attempt(params.parse, entry, shape=params.Ensemble, where=at)


def _members(ensembles: dict[str, Any], *, candidates: dict[str, Any]) -> list[str]:
    """Return what is wrong between ensembles and candidates that are each sound."""
    found = []
    for name, ensemble in ensembles.items():
        where = f"ensembles.{name}"
        if not NAME.fullmatch(str(name)):
            found.append(f"{where}: a name holds letters, digits, _ and - only.")
        if name in candidates:
            found.append(f"{where}: a candidate is called '{name}' too; rename one of the two.")
        for member in ensemble.members:
            if member in candidates:
                continue
            if member in ensembles:
                inner = ", ".join(ensembles[member].members)
                found.append(
                    f"{where}.members: '{member}' is an ensemble; members are candidates. Name "
                    f"its own members instead: {inner}."
                )
            else:
                near = did_you_mean(member, candidates)
                found.append(f"{where}.members: no candidate is called '{member}'. {near}")
    return [f"params.yaml: {sentence}" for sentence in found]


def _refits(again: dict[str, Any], *, candidates: dict[str, Any]) -> list[str]:
    """Return what is wrong between refits and candidates that are each sound."""
    found = [
        f"params.yaml: refits: no candidate is called '{name}'. {did_you_mean(name, candidates)}"
        for name in again
        if name not in candidates
    ]
    for name, chosen in again.items():
        if params.seed() in chosen.seeds or len(set(chosen.seeds)) < len(chosen.seeds):
            got = ", ".join(map(str, chosen.seeds))
            found.append(
                f"params.yaml: refits.{name}.seeds: expected seeds other than `seed` "
                f"({params.seed()}, fitted anyway), each once; got {got}."
            )
    return found


def _between(
    sections: dict[str, Any], *, variants: dict[str, Any], candidates: dict[str, Any]
) -> list[str]:
    """Return what is wrong between sections that are each sound."""
    sizes = sections["resize"].sizes
    found = [_missing("catalogue.path", sections["catalogue"].path)]
    for name, backbone in variants.items():
        found.append(_missing(f"variants.{name}.file", backbone.file))
        if backbone.weights == "formula" and not paths.pretrained(name).is_file():
            found.append(
                f"variants.{name}.weights is formula, but there is no '{paths.pretrained(name)}'. "
                f"Make it with 'synthetic pretrain {name} --into {paths.PRETRAINED}', or choose "
                "auto, file or random."
            )
        if name not in architecture.CLASSES:
            found.append(
                f"variants.{name} is no variant. {did_you_mean(name, architecture.CLASSES)}"
            )
        if backbone.size not in sizes:
            found.append(f"variants.{name}.size is {backbone.size}. {_add_size(backbone.size)}")
    if not candidates:
        found.append("candidates is empty; a comparison needs at least one.")
    for name, candidate in candidates.items():
        where = f"candidates.{name}"
        if not NAME.fullmatch(str(name)):
            found.append(f"{where}: a name holds letters, digits, _ and - only.")
        if candidate.photos not in (paths.NONE, *sizes):
            found.append(f"{where}.photos is {candidate.photos}. {_add_size(candidate.photos)}")
        found += [
            f"{where}.layers holds {layer}, which is not kept. Add {layer} to embed.layers."
            for layer in getattr(candidate, "layers", None) or ()
            if layer not in sections["embed"].layers
        ]
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


def needed_views(variant: str) -> list[str]:
    """Return the views that candidates read of a backbone's frozen pass, the original first.

    Of params.yaml without mistakes. None where no candidate reads that backbone.
    """
    readers = []
    for name in params.candidate_names():
        method, settings = registry.candidate(name)
        if settings.backbone == variant and method.frozen_pass(settings) != "never":
            readers.append(settings)
    if not readers:
        return []
    if all(getattr(settings, "views", ORIGINAL) == ORIGINAL for settings in readers):
        return [ORIGINAL]
    return [ORIGINAL, *params.read("augment", params.Augment).transforms]


def check() -> list[str]:
    """Return the names of the candidates; AisleError with every mistake, one a line."""
    found = mistakes()
    if found:
        raise AisleError("\n".join(found))
    return params.candidate_names()


def main() -> None:
    """Write what is needed of each backbone, who competes, and that the settings are sound.

    And a file in each folder that may stay empty otherwise. What says that all is sound never
    changes, so that most settings change nothing downstream.
    """
    names = check()
    with files.replacing(paths.NEEDS) as temporary:
        temporary.mkdir()
        for variant in params.variant_names():
            needs = {"views": needed_views(variant)}
            files.write_json(needs, temporary / paths.needs(variant).name)
    content = params.load()
    others = {key: content.get(key) for key in ("variants", "refits")}
    files.write_json(registry.described() | others, paths.COMPETITORS)
    for folder in (paths.ENSEMBLES, paths.REFITS):
        files.write_text("This folder is here before anything is in it.\n", folder / paths.NONE)
    files.write_text("params.yaml was read and is sound.\n", paths.CHECKED)
    print(f"{len(names)} candidates: {', '.join(names)}")


if __name__ == "__main__":
    run(main)
