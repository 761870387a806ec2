"""All settings at once, and the rules between settings that are valid one by one."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from aisle import paths
from aisle.errors import AisleError, did_you_mean
from aisle.settings import params
from aisle.settings.editing import merge
from aisle.settings.refits import ROLES, Refit, refit
from aisle.settings.sections import KEYS, SECTIONS, Ablation, Leaks

Value = TypeVar("Value")
Parse = Callable[..., Any]
"""Returns the settings of a candidate from its raw entry and, as keyword `where`, its place."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""A competitor's name is also that of its files and of its DVC stages."""

RESERVED = ("product_id", "fold", "actual", paths.NONE)
"""Names that other columns of reports/answers.csv, or a placeholder, already have."""


@dataclass(frozen=True)
class Settings:
    """Both settings files, parsed."""

    seed: int
    sections: Mapping[str, Any]
    variants: Mapping[str, params.Backbone]
    candidates: Mapping[str, Any]
    ensembles: Mapping[str, params.Ensemble]
    refits: Mapping[str, Refit]


def read_all(parse: Parse) -> Settings:
    """Return both settings files; AisleError with every mistake in them, one a line."""
    found: list[str] = []

    def attempt(read: Callable[..., Value], *arguments: Any, **named: Any) -> Value | None:
        try:
            return read(*arguments, **named)
        except AisleError as error:
            found.append(str(error))
            return None

    def each(section: str, read: Callable[[str], Value]) -> dict[str, Any]:
        return {name: attempt(read, name) for name in attempt(params.entries, section) or {}}

    found += misplaced(params.load(), file=paths.PARAMS)
    found += misplaced(params.load(paths.COMPETITORS_FILE), file=paths.COMPETITORS_FILE)
    settings = Settings(
        seed=attempt(params.seed) or 0,
        sections={name: attempt(params.read, name, shape) for name, shape in SECTIONS.items()},
        variants=each("variants", params.backbone),
        candidates=each(
            "candidates", lambda name: parse(params.candidate(name), where=f"candidates.{name}")
        ),
        ensembles=each("ensembles", params.ensemble),
        refits=each("refits", refit),
    )
    for where, raw in study_candidates(settings.sections):
        attempt(parse, raw, where=where)
    found = found or broken_rules(settings)
    if found:
        raise AisleError("\n".join(dict.fromkeys("\n".join(found).splitlines())))
    return settings


def misplaced(content: Mapping[str, Any], *, file: Path) -> list[str]:
    """Return a sentence for each top-level key that this settings file does not have."""
    own, other = (KEYS, params.COMPETITOR_KEYS)
    if file == paths.COMPETITORS_FILE:
        own, other = other, own
    found = []
    for key in content:
        if key in own:
            continue
        if key in other and file == paths.PARAMS:
            advice = (
                f"It belongs in {paths.COMPETITORS_FILE}. To try a value: dvc exp run -S "
                f"{paths.COMPETITORS_FILE}:{key}.NAME.key=value"
            )
        elif key in other:
            advice = f"It belongs in {paths.PARAMS}."
        elif key == "training":
            advice = (
                f"Training settings belong to each network in {paths.COMPETITORS_FILE}, under "
                "candidates.NAME.training."
            )
        else:
            advice = did_you_mean(str(key), own)
        found.append(f"{file}: '{key}' is not a setting. {advice}")
    return found


def study_candidates(sections: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return place and raw entry of each candidate of the sections `ablation` and `leaks`."""
    found = []
    ablation, leaks = sections.get("ablation"), sections.get("leaks")
    if isinstance(ablation, Ablation):
        found.append(("ablation.network", ablation.network))
        for name, change in ablation.changes.items():
            found.append((f"ablation.changes.{name}", merge(ablation.network, change)))
    if isinstance(leaks, Leaks):
        found += [(f"leaks.candidates.{name}", raw) for name, raw in leaks.candidates.items()]
    return found


def broken_rules(settings: Settings) -> list[str]:
    """Return a sentence for each rule that does not hold between sound settings."""
    found = [
        *_path_mistakes("catalogue.path", settings.sections["catalogue"].path),
        *_variant_mistakes(settings),
        *_look_mistakes(settings),
        *_candidate_mistakes(settings),
        *_ensemble_mistakes(settings),
        *_refit_mistakes(settings),
        *_contest_mistakes(settings),
    ]
    return [f"{params.file_of(sentence.split(':')[0])}: {sentence}" for sentence in found]


def _variant_mistakes(settings: Settings) -> list[str]:
    source, sizes = settings.sections["weights"].source, settings.sections["resize"].sizes
    found = []
    for name, backbone in settings.variants.items():
        where, formula = f"variants.{name}", paths.pretrained(name)
        if name not in get_args(params.Variant):
            found.append(
                f"{where} is not a variant. {did_you_mean(name, get_args(params.Variant))}"
            )
        if backbone.size not in sizes:
            found.append(f"{where}.size is {backbone.size}. {_add_size(backbone.size)}")
        if source == "file":
            found += _weights_mistakes(f"{where}.file", backbone.file)
        elif backbone.file != paths.NOTHING:
            found.append(
                f"{where}.file is '{backbone.file}', and weights.source is {source}, which does "
                f"not read it; expected {paths.NOTHING}, or weights.source: file."
            )
        if source == "formula" and not formula.is_file():
            found.append(
                f"{where}: weights.source is formula, but there is no '{formula}'. Make it with "
                f"'synthetic pretrain {name} --into {paths.PRETRAINED}', remove the variant, or "
                "set weights.source to imagenet, file or random."
            )
    return found


def _look_mistakes(settings: Settings) -> list[str]:
    backbone = settings.sections["split"].look.backbone
    if backbone == paths.NONE or backbone in settings.variants:
        return []
    near = did_you_mean(backbone, settings.variants)
    return [f"split.look.backbone '{backbone}' is not in variants. {near}"]


def _candidate_mistakes(settings: Settings) -> list[str]:
    sizes, variants = settings.sections["resize"].sizes, settings.variants
    found = [] if settings.candidates else ["candidates: empty; a comparison needs at least one."]
    for name, candidate in settings.candidates.items():
        where, backbone = f"candidates.{name}", candidate.backbone
        found += _name_mistakes(where, name)
        if candidate.photos not in (paths.NONE, *sizes):
            found.append(f"{where}.photos is {candidate.photos}. {_add_size(candidate.photos)}")
        found += [
            f"{where}.layers holds {layer}, which is not kept. Add {layer} to embed.layers in "
            f"{paths.PARAMS}."
            for layer in getattr(candidate, "layers", None) or ()
            if layer not in settings.sections["embed"].layers
        ]
        if backbone == paths.NONE:
            continue
        if backbone not in variants:
            near = did_you_mean(backbone, variants)
            found.append(f"{where}.backbone '{backbone}' is not in variants. {near}")
        elif candidate.photos not in (paths.NONE, variants[backbone].size):
            found.append(
                f"{where}.photos is {candidate.photos}, but variants.{backbone}.size is "
                f"{variants[backbone].size}; the two must be the same."
            )
    return found


def _ensemble_mistakes(settings: Settings) -> list[str]:
    ensembles, candidates = settings.ensembles, settings.candidates
    found = []
    for name, ensemble in ensembles.items():
        where = f"ensembles.{name}"
        found += _name_mistakes(where, name)
        if name in candidates:
            found.append(f"{where}: a candidate is called '{name}' too; rename one of the two.")
        for member in ensemble.members:
            if member in candidates:
                continue
            if member in ensembles:
                inner = ", ".join(ensembles[member].members)
                found.append(
                    f"{where}.members: '{member}' is an ensemble; members are candidates. Name its "
                    f"own members instead: {inner}."
                )
            else:
                near = did_you_mean(member, candidates)
                found.append(f"{where}.members: no candidate is called '{member}'. {near}")
    return found


def _refit_mistakes(settings: Settings) -> list[str]:
    candidates = settings.candidates
    found = [
        f"refits: no candidate is called '{name}'. {did_you_mean(name, [*candidates, *ROLES])}"
        for name in settings.refits
        if name not in (*candidates, *ROLES)
    ]
    for name, chosen in settings.refits.items():
        seeds = chosen.seeds
        if settings.seed in seeds or len(set(seeds)) < len(seeds):
            found.append(
                f"refits.{name}.seeds: expected seeds other than `seed` ({settings.seed}, fitted "
                f"anyway), each once; got {', '.join(map(str, seeds))}."
            )
    return found


def _contest_mistakes(settings: Settings) -> list[str]:
    contest = settings.sections["compare"].contest
    known = [*settings.candidates, *settings.ensembles]
    return [
        f"compare.contest: no competitor is called '{name}'. {did_you_mean(name, known)}"
        for name in (() if contest == "validation" else contest)
        if name not in known
    ]


def _name_mistakes(where: str, name: object) -> list[str]:
    if not NAME.fullmatch(str(name)):
        return [f"{where}: a name holds letters, digits, _ and - only."]
    if name in ROLES:
        return [f"{where}: '{name}' names what the stage finalists chooses. Choose another name."]
    if name in RESERVED or str(name).endswith("_p"):
        return [
            f"{where}: '{name}' is, or looks like, another column of reports/answers.csv. Choose a "
            f"name other than {', '.join(RESERVED)} that does not end in _p."
        ]
    return []


def _weights_mistakes(key: str, path: Path) -> list[str]:
    if path == paths.NOTHING:
        return [
            f"{key} is {path}, and weights.source is file; expected the path of the variant's "
            "weights, or another source."
        ]
    return _path_mistakes(key, path)


def _path_mistakes(key: str, path: Path) -> list[str]:
    """Return what is wrong with a path that DVC will watch; DVC's own message says less."""
    if path == paths.NOTHING or path.exists():
        return []
    near = did_you_mean(path.name, (entry.name for entry in _beside(path)))
    return [f"{key} is '{path}', which does not exist. In '{path.absolute().parent}': {near}"]


def _beside(path: Path) -> list[Path]:
    folder = path.absolute().parent
    return sorted(folder.iterdir())[:20] if folder.is_dir() else []


def _add_size(side: int) -> str:
    return f"Add {side} to resize.sizes in {paths.PARAMS}."


def views_needed(
    settings: Settings, *, variant: str, readers: Iterable[str], original: str
) -> list[str]:
    """Return the views that some candidates read of a backbone's frozen pass, the original first.

    `readers` are the candidates that read the frozen pass of their backbone. None is needed where
    they read other backbones only, unless `split.look` names it.
    """
    views = [
        getattr(settings.candidates[name], "views", original)
        for name in readers
        if settings.candidates[name].backbone == variant
    ]
    if settings.sections["split"].look.backbone == variant:
        views.append(original)
    if set(views) <= {original}:
        return [original] if views else []
    return [original, *settings.sections["augment"].transforms]


def sizes_needed(settings: Settings, *, views: Mapping[str, list[str]]) -> set[int]:
    """Return the sizes that candidates read, or that backbones read whose `views` are needed."""
    sizes = {one.photos for one in settings.candidates.values()} - {paths.NONE}
    return sizes | {settings.variants[name].size for name, needed in views.items() if needed}
