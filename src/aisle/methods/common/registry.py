"""Methods by name: the modules in the folder `methods`."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from aisle import methods
from aisle.errors import AisleError, did_you_mean
from aisle.methods.common.contract import Method
from aisle.settings import params

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
    """Return the method of a candidate of competitors.yaml and its checked settings."""
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
