"""docs/methods.md lists every setting of every method, with values and defaults.

The tables are generated: `REFRESH_GOLDEN=1 pytest tests/methods/test_docs.py` writes them again.
"""

import importlib
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ROOT
from pydantic import BaseModel

from aisle import methods
from aisle.methods.common import registry
from aisle.training.block import Training
from aisle.training.progressive import Stage

PAGE = ROOT / "docs" / "methods.md"
START, END = "<!-- settings: generated -->\n", "<!-- /settings -->"
COMMON = {
    "photos": "Side in pixels of the photos that are read, one of `resize.sizes`.",
    "backbone": "Variant of EfficientNetV2 whose weights or embeddings are read.",
}
TYPES = {"integer": "whole number", "number": "number", "boolean": "`true`, `false`"}
BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
}


def tables() -> str:
    parts = []
    for name in registry.names():
        module = importlib.import_module(f"{methods.__name__}.{name}")
        parts += [f"### `{name}`", "", str(module.__doc__).splitlines()[0], ""]
        parts += [*table(module.Settings, module=module), ""]
    parts += ["### `training`", "", "The block of `network` and `efficientnetv2`.", ""]
    parts += [*table(Training), ""]
    parts += ["### `progressive`", "", "Each stage of the list has all of these.", ""]
    parts += table(Stage)
    return "\n".join(parts) + "\n"


def table(shape: type[BaseModel], *, module: Any = None) -> Iterator[str]:
    schema = shape.model_json_schema()
    yield "| setting | values | default | meaning |"
    yield "|---|---|---|---|"
    for name, one in schema["properties"].items():
        if name != "method":
            meaning = COMMON.get(name) or one["description"]
            cells = [
                f"`{name}`",
                values(one, schema=schema),
                default(name, shape=shape, module=module),
                meaning,
            ]
            yield f"| {' | '.join(cells)} |"


def values(one: dict[str, Any], *, schema: dict[str, Any]) -> str:
    """Return what a setting may be, from its JSON schema."""
    if "anyOf" in one:
        kinds = [values(kind, schema=schema) for kind in one["anyOf"] if kind != {"type": "null"}]
        return " or ".join(kinds)
    if "$ref" in one:
        return f"[{anchor(one)}](#{anchor(one)})"
    if "enum" in one or "const" in one:
        return ", ".join(f"`{value}`" for value in one.get("enum", [one.get("const")]))
    if one["type"] == "array":
        return f"list: {values(one['items'], schema=schema)}"
    bounds = [words.format(f"{one[key]:g}") for key, words in BOUNDS.items() if key in one]
    return " ".join([TYPES[one["type"]], ", ".join(bounds)]).strip()


def anchor(one: dict[str, Any]) -> str:
    return "progressive" if one["$ref"].endswith("Stage") else "training"


def default(name: str, *, shape: type[BaseModel], module: Any) -> str:
    """Return a default; of a setting that depends on another one, that of each value."""
    tables_of_defaults = [value for key, value in vars(module or shape).items() if key[:3] == "BY_"]
    depends = {
        value: owned[name]
        for owners in tables_of_defaults
        for value, owned in owners.items()
        if name in owned
    }
    if depends:
        return ", ".join(f"{written(found)} ({value})" for value, found in depends.items())
    field = shape.model_fields[name]
    if field.is_required():
        return "must be stated"
    found = field.get_default(call_default_factory=True)
    if isinstance(found, Training):
        general = Training.model_fields
        own = {
            key: one.default
            for key, one in type(found).model_fields.items()
            if one.default != general[key].default
        }
        return ", ".join(f"`{key}` {written(value)}" for key, value in own.items())
    return written(found)


def written(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text}`"


def test_the_page_lists_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # the default step of efficientnetv2 comes from params.yaml
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    listed, after = rest.split(END)
    if os.environ.get("REFRESH_GOLDEN"):
        PAGE.write_text(before + START + "\n" + tables() + "\n" + END + after, encoding="utf-8")
        return
    assert listed == "\n" + tables() + "\n"
