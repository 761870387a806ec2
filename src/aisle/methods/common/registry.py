"""Methods by name: the modules in the folder `methods`."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from aisle import methods
from aisle.errors import AisleError, did_you_mean
from aisle.methods.common.contract import Method
from aisle.settings import params
from aisle.standings import competitors

OFFERED = ("Settings", "fit", "load", "frozen_pass", "describe")
"""Names that the module of a method must have; contract.py documents them."""


def names() -> list[str]:
    """Return the names of all methods: the modules in the folder. None is imported."""
    modules = pkgutil.iter_modules(methods.__path__)
    return sorted(module.name for module in modules if not module.ispkg)


def method(name: str) -> Method:
    """Return the method of that name; AisleError for an unknown name or an incomplete module."""
    if name not in names():
        raise AisleError(f"method '{name}' is not known. {did_you_mean(name, names())}")
    module = importlib.import_module(f"{methods.__name__}.{name}")
    _check(module, name=name)
    return Method(
        settings=module.Settings,
        fit=module.fit,
        load=module.load,
        frozen_pass=module.frozen_pass,
        describe=module.describe,
    )


def candidate(name: str) -> tuple[Method, Any]:
    """Return the method of a candidate of params.yaml and its checked settings."""
    return parse(params.candidate(name), where=f"candidates.{name}")


def parse(raw: dict[str, Any], *, where: str) -> tuple[Method, Any]:
    """Return the method that an entry names and its checked settings; `where` is its place."""
    if "method" not in raw:
        raise AisleError(
            f"{params.file_of(where)}: '{where}.method' is missing. Valid: {', '.join(names())}."
        )
    try:
        found = method(str(raw["method"]))
    except AisleError as error:
        raise AisleError(f"{params.file_of(where)}: {where}: {error}") from None
    return found, params.parse(raw, shape=found.settings, where=where)


def described() -> dict[str, dict[str, Any]]:
    """Return the candidates and ensembles for data/competitors.json.

    Each candidate with method, kind, reads and all its settings; each ensemble with method, kind,
    reads and members.
    """
    candidates: dict[str, dict[str, Any]] = {}
    for name in params.candidate_names():
        found, settings = candidate(name)
        description = found.describe(settings)
        candidates[name] = {
            "method": settings.method,
            "kind": description.kind,
            "reads": description.reads,
            "settings": settings.model_dump(mode="json"),
        }
    ensembles = {name: _ensemble(name, candidates) for name in params.ensemble_names()}
    return {"candidates": candidates, "ensembles": ensembles}


def _ensemble(name: str, candidates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    settings = params.ensemble(name)
    reads = competitors.read_together(candidates[one]["reads"] for one in settings.members)
    return {
        "method": settings.method,
        "kind": competitors.kind_of_ensemble(reads),
        "reads": reads,
        "members": list(settings.members),
    }


def _check(module: ModuleType, *, name: str) -> None:
    missing = [one for one in OFFERED if not callable(getattr(module, one, None))]
    if missing:
        raise AisleError(
            f"the module of the method '{name}' ('{module.__file__}') lacks {', '.join(missing)}. "
            f"Expected {', '.join(OFFERED)}; docs/adding-a-method.md shows a whole one."
        )
    if not (isinstance(module.Settings, type) and issubclass(module.Settings, params.Candidate)):
        raise AisleError(
            f"Settings of the method '{name}' ('{module.__file__}') is no subclass of "
            "params.Candidate. Derive it from that, so that the settings can be checked."
        )
