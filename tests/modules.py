"""Which of our modules a module really imports, read from its source: nothing is run."""

import ast
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"


def source(module: str) -> Path | None:
    """Return a module's file, or None where it is not one of ours."""
    path = SRC.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def module_at(path: Path) -> str:
    """Return the module that a file of the repository, by its path below it, holds."""
    return ".".join(path.relative_to("src").with_suffix("").parts).removesuffix(".__init__")


def direct_imports(module: str) -> set[str]:
    """Return our modules that `module` names in an import, at any depth of its code."""
    path = source(module)
    assert path is not None, module
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith(("aisle", "synthetic")) and source(name)}


def all_imports(*modules: str) -> set[str]:
    """Return `modules`, what they import, and so on."""
    seen: set[str] = set()
    todo = list(modules)
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += direct_imports(module)
    return seen


def has_code(module: str) -> bool:
    """Return whether a module is more than a docstring: an empty room's door changes nothing."""
    path = source(module)
    return path is not None and len(ast.parse(path.read_text(encoding="utf-8")).body) > 1


def files(*modules: str) -> set[str]:
    """Return the repository paths of all imported modules that hold code."""
    found = set()
    for module in all_imports(*modules):
        path = source(module)
        if path is not None and has_code(module):
            found.add(path.relative_to(SRC.parent).as_posix())
    return found
