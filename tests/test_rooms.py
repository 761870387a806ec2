"""The rooms of the house: a module imports only from its own room and from rooms below it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

ROOMS = (
    *("cli", "studies", "stages", "serving", "revisions", "report", "methods", "standings"),
    *("training", "inputs", "backbones", "answers", "catalogue", "settings", "statistics"),
    *("parallel", "files", "paths", "errors"),
)
"""From the top down."""

SOURCE = ROOT / "src"
MODULES = sorted((SOURCE / "aisle").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a module imports, at its top or in its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(path: Path) -> str:
    return path.relative_to(SOURCE / "aisle").parts[0].removesuffix(".py")


def test_every_module_has_a_room() -> None:
    assert {room(path) for path in MODULES} == {*ROOMS, "__init__"}


@pytest.mark.parametrize("name", ROOMS)
def test_no_import_runs_upwards(name: str) -> None:
    above = ROOMS[: ROOMS.index(name)]
    upwards = [
        f"{path.relative_to(SOURCE)} imports {module}"
        for path in MODULES
        if room(path) == name
        for module in imported(path)
        if module.startswith("aisle.") and module.split(".")[1] in above
    ]
    assert not upwards


def test_only_the_catalogue_stage_draws_photos() -> None:
    drawing = {
        path.relative_to(SOURCE).as_posix()
        for path in MODULES
        if any(module.split(".")[0] == "synthetic" for module in imported(path))
    }
    assert drawing == {"aisle/stages/catalogue.py"}
