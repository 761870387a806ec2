"""The competitors as their methods describe them, for data/competitors.json.

Separate from the registry, so that `train` and `evaluate` do not depend on the standings.
"""

from collections.abc import Mapping
from typing import Any

from aisle.methods.common import registry
from aisle.settings import params
from aisle.standings import competitors


def described() -> dict[str, dict[str, Any]]:
    """Return the candidates and ensembles for data/competitors.json.

    Each candidate with method, kind, reads and all its settings; each ensemble with method, kind,
    reads and members.
    """
    candidates: dict[str, dict[str, Any]] = {}
    for name in params.candidate_names():
        found, settings = registry.candidate(name)
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
    reads = competitors.ensemble_input(candidates[one]["reads"] for one in settings.members)
    return {
        "method": settings.method,
        "kind": competitors.kind_of_ensemble(reads),
        "reads": reads,
        "members": list(settings.members),
    }
