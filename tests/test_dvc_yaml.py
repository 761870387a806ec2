"""dvc.yaml says what is true: each stage depends on exactly what it imports."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from modules import direct_imports, files, has_code, module_at, source
from ruamel.yaml import YAML

from aisle.methods.common import registry
from aisle.paths import stage_record
from aisle.report.rendering import TEMPLATES
from aisle.settings.params import load
from aisle.stages.compare import stage_names

METHODS = [f"aisle.methods.{name}" for name in registry.names()]
FOLDER_OF_METHODS = "src/aisle/methods"


def stages() -> dict[str, Any]:
    content = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    return {name: stage.get("do", stage) for name, stage in content["stages"].items()}


def expanded() -> list[str]:
    """Return the names of all stages, one for each key or item of `foreach`, as DVC has them."""
    content = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    names = []
    for name, stage in content["stages"].items():
        if "foreach" not in stage:
            names.append(name)
            continue
        each = load(ROOT / "params.yaml")
        for part in stage["foreach"].strip("${}").split("."):
            each = each[part]
        names += [f"{name}@{key}" for key in each]
    return names


def modules_of(stage: dict[str, Any]) -> set[str]:
    """Return the modules a stage depends on: of a folder, each in it that holds code."""
    found = set()
    for dep in stage["deps"]:
        if not dep.startswith("src/"):
            continue
        if dep.endswith(".py"):
            found.add(dep)
        else:
            inside = (path.relative_to(ROOT) for path in (ROOT / dep).rglob("*.py"))
            found |= {path.as_posix() for path in inside if has_code(module_at(path))}
    return found


def test_the_stages_are_the_products_way() -> None:
    assert list(stages()) == [
        *("check", "catalogue", "extract", "split", "augment", "resize", "weights", "embed"),
        *("train", "evaluate", "combine", "refit", "compare", "explain", "figures", "report"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("catalogue", "extract", "split", "augment", "resize", "weights", "embed"),
        *("combine", "compare", "figures", "report"),
    ],
)
def test_a_stage_depends_on_each_module_it_imports_and_on_no_other(name: str) -> None:
    assert modules_of(stages()[name]) == files(f"aisle.stages.{name}")


def test_the_report_depends_on_each_template_it_renders() -> None:
    rendered = {"note.md.j2", "note.fr.md.j2", "page.html.j2"}
    for name in ("note.md.j2", "note.fr.md.j2"):
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        rendered |= set(re.findall(r'include "(.+?)"', text))
    listed = {dep for dep in stages()["report"]["deps"] if dep.endswith(".j2")}
    assert {Path(dep).name for dep in listed} == rendered
    assert all((ROOT / dep).is_file() for dep in listed)


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_a_candidates_stage_depends_on_its_method_and_what_that_imports(name: str) -> None:
    own = {"src/aisle/methods/${item.method}.py"}
    everything = files(f"aisle.stages.{name}", *METHODS)
    shared = {path for path in everything if not path.startswith(FOLDER_OF_METHODS)}
    assert modules_of(stages()[name]) == shared | own


def test_a_refit_depends_on_what_all_methods_share_and_on_the_model_for_its_own() -> None:
    everything = files("aisle.stages.refit", *METHODS)
    shared = {path for path in everything if not path.startswith(FOLDER_OF_METHODS)}
    assert modules_of(stages()["refit"]) == shared
    assert "data/models/${key}" in stages()["refit"]["deps"]


@pytest.mark.parametrize("name", ["check", "explain"])
def test_who_reads_all_candidates_depends_on_every_method(name: str) -> None:
    stage = stages()[name]
    assert FOLDER_OF_METHODS in stage["deps"]
    assert modules_of(stage) == files(f"aisle.stages.{name}", *METHODS)


def test_compare_knows_every_stage_up_to_itself_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert [*stage_names(), "explain", "figures", "report"] == expanded()


def test_every_stage_up_to_compare_records_what_it_took() -> None:
    for name, stage in stages().items():
        run_as = "@".join(stage["cmd"].split()[2:]).removeprefix("aisle.stages.")
        record = stage_record(run_as).as_posix()
        outs = [next(iter(out)) if isinstance(out, dict) else out for out in stage["outs"]]
        assert (record in outs) == (name not in ("compare", "explain", "figures", "report")), name


def test_every_stage_explains_itself() -> None:
    for name, stage in stages().items():
        assert len(stage["desc"]) > 40, name


def test_a_stage_keeps_earlier_results_or_has_a_run_cache() -> None:
    """DVC gives one or the other: `persist` switches the run cache off, and so does no cache."""
    for name, stage in stages().items():
        outs = [out for kind in ("outs", "metrics", "plots") for out in stage.get(kind, [])]
        options = [next(iter(out.values())) if isinstance(out, dict) else {} for out in outs]
        if name in ("resize", "embed", "train", "evaluate", "refit"):
            assert not any("persist" in option or "cache" in option for option in options), name
        else:
            assert all(option["persist"] for option in options), name


ROOMS = ("candidates", "methods", "catalogue", "statistics", "reporting", "pretraining")
BETWEEN = {"candidates", "methods"}
"""The registry finds the methods, and they share what the candidates' room has."""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_opens_no_door_to_another(room: str) -> None:
    folder = ROOT / "src" / "aisle" / room
    closed = {*ROOMS, "stages"} - (BETWEEN if room in BETWEEN else {room})
    for path in folder.rglob("*.py"):
        module = module_at(path.relative_to(ROOT))
        for imported in direct_imports(module):
            parts = imported.split(".")
            assert len(parts) < 2 or parts[1] not in closed, f"{module} imports {imported}"


def test_every_method_is_a_module_with_the_four_names() -> None:
    assert METHODS
    for name in registry.names():
        assert source(f"aisle.methods.{name}") is not None
        assert registry.method(name).settings.model_fields.keys() >= {"method", "photos"}


@pytest.mark.parametrize(
    "stage",
    [
        *("check", "catalogue", "extract", "split", "augment", "resize", "weights"),
        *("combine", "compare", "figures", "report"),
    ],
)
def test_a_stage_that_needs_no_network_does_not_load_one(stage: str) -> None:
    code = f"import sys, aisle.stages.{stage}; print('keras' in sys.modules, *sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert loaded[0] == "False"
    assert "tensorflow" not in loaded and "sklearn" not in loaded
