"""Finds a method by the name params.yaml gives it: the modules of the folder `methods`."""

import importlib
import pkgutil
from typing import Any

from aisle import methods
from aisle.errors import AisleError, did_you_mean
from aisle.methods.common.contract import Method
from aisle.settings import params


def names() -> list[str]:
    """Return the methods there are, by looking into the folder; none is imported."""
    modules = pkgutil.iter_modules(methods.__path__)
    return sorted(module.name for module in modules if not module.ispkg)


def method(name: str) -> Method:
    """Return the method of that name; AisleError with the nearest name where there is none."""
    if name not in names():
        raise AisleError(f"method '{name}' is not known. {did_you_mean(name, names())}")
    module = importlib.import_module(f"{methods.__name__}.{name}")
    return Method(
        settings=module.Settings,
        fit=module.fit,
        load=module.load,
        frozen_pass=module.frozen_pass,
    )


def candidate(name: str) -> tuple[Method, Any]:
    """Return the method of a candidate of params.yaml and its checked settings."""
    return parse(params.candidate(name), where=f"candidates.{name}")


def parse(raw: dict[str, Any], *, where: str) -> tuple[Method, Any]:
    """Return the method that an entry names and its checked settings; `where` it stands."""
    if "method" not in raw:
        raise AisleError(
            f"{params.file_of(where)}: '{where}.method' is missing. Valid: {', '.join(names())}."
        )
    try:
        found = method(str(raw["method"]))
    except AisleError as error:
        raise AisleError(f"{params.file_of(where)}: {where}: {error}") from None
    return found, params.parse(raw, shape=found.settings, where=where)
