"""dvc.yaml says what is true: each stage depends on what it imports, and rooms import downwards."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from modules import all_imports, direct_imports, has_code, module_at, source
from ruamel.yaml import YAML

from aisle.methods.common import fitting, registry
from aisle.paths import COMPETITORS_FILE, PARAMS, timings
from aisle.settings import leftovers
from aisle.standings.costs import stage_names

METHODS = [f"aisle.methods.{name}" for name in registry.names()]

ROOMS = (
    *("cli", "studies", "stages", "serving", "revisions", "report", "methods", "standings"),
    *("training", "inputs", "backbones", "answers", "catalogue", "settings", "statistics"),
)
"""The rooms of DESIGN.md, each above those it may import; the other modules are below all."""

READS_ALL_METHODS = ("check", "explain", "winner", "report")
BY_THE_MODEL = ("evaluate", "refit")
"""These depend on origin.json of data/models, which changes with all that `train` depends on."""

AFTER_COMPARE = ("explain", "winner", "figures", "report")


def content() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    return loaded


def stages() -> dict[str, Any]:
    return {name: stage.get("do", stage) for name, stage in content()["stages"].items()}


def outs(stage: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the outputs of a stage with their options."""
    pairs = [out if isinstance(out, dict) else {out: {}} for out in stage["outs"]]
    return {path: options for pair in pairs for path, options in pair.items()}


def expanded() -> list[str]:
    """Return the names of all stages, one for each key or item of `foreach`, as DVC has them."""
    settings: dict[str, Any] = {}
    for path in (PARAMS, COMPETITORS_FILE):
        settings |= YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))
    names = []
    for name, stage in content()["stages"].items():
        if "foreach" not in stage:
            names.append(name)
            continue
        each = settings
        for part in stage["foreach"].strip("${}").split("."):
            each = each[part]
        names += [f"{name}@{key}" for key in each]
    return names


def room(module: str) -> str:
    """Return the room, or the module beside the rooms, that a module of `aisle` belongs to."""
    return module.split(".")[1] if "." in module else ""


def exempt(module: str) -> bool:
    """Return whether no stage lists it: beside the rooms, the settings, what all stages share."""
    beside = module.startswith("aisle") and room(module) not in ROOMS
    return beside or room(module) == "settings" or module in ("aisle.stages", "synthetic")


def needed(name: str) -> set[str]:
    """Return the files of the modules that a stage imports, of its method the file in dvc.yaml."""
    start = [f"aisle.stages.{name}"]
    if "aisle.methods.common.registry" in all_imports(*start):
        start += METHODS
    found = set()
    for module in all_imports(*start):
        path = source(module)
        if path is not None and has_code(module) and not exempt(module):
            found.add(path.relative_to(ROOT).as_posix())
    if name in BY_THE_MODEL:
        found -= needed("train")
    if name in READS_ALL_METHODS:
        return found
    return {path for path in found if not is_method(path)}


def is_method(path: str) -> bool:
    return Path(path).parent == Path("src/aisle/methods")


def listed(stage: dict[str, Any]) -> dict[str, set[str]]:
    """Return for each dependency on code the modules with code that it covers."""
    found: dict[str, set[str]] = {}
    for dep in stage["deps"]:
        if not dep.startswith("src/") or "${item.method}" in dep:
            continue
        path = ROOT / dep
        inside = [path] if path.is_file() else sorted(path.rglob("*.py"))
        relative = [one.relative_to(ROOT) for one in inside]
        found[dep] = {one.as_posix() for one in relative if has_code(module_at(one))}
    return found


def test_the_stages_are_the_products_way() -> None:
    assert list(stages()) == [
        *("check", "catalogue", "extract", "split", "augment", "resize", "weights", "embed"),
        *("reach", "train", "evaluate", "gather", "combine", "finalists", "refit", "compare"),
        *("explain", "winner", "figures", "report"),
    ]


def test_a_user_reads_it_in_one_sitting() -> None:
    assert len((ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines()) <= 320


@pytest.mark.parametrize("name", stages())
def test_a_stage_depends_on_each_module_it_imports_and_on_nothing_else(name: str) -> None:
    covered = listed(stages()[name])
    wanted = needed(name)
    missing = wanted - set().union(*covered.values())
    assert not missing, f"{name}: no dependency covers {sorted(missing)}"
    idle = [dep for dep, modules in covered.items() if not modules & wanted]
    assert not idle, f"{name}: nothing in {idle} is imported"


def test_a_training_depends_on_its_own_method_alone() -> None:
    deps = stages()["train"]["deps"]
    assert "src/aisle/methods/${item.method}.py" in deps
    assert "src/aisle/methods" not in deps


def test_what_uses_a_model_depends_on_what_it_comes_from_through_the_model() -> None:
    assert "data/models/${key}" in stages()["evaluate"]["deps"]
    assert "data/models" in stages()["finalists"]["deps"]
    assert "data/finalists/refits/${key}.json" in stages()["refit"]["deps"]
    code = {dep for dep in stages()["train"]["deps"] if dep.startswith("src/aisle/")}
    hashed = {f"src/aisle/{one}" for one in (*fitting.CODE, "methods/${item.method}.py")}
    assert code == hashed


def test_compare_knows_every_stage_before_itself_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert [*stage_names(), "compare", *AFTER_COMPARE] == expanded()


def test_every_stage_before_compare_writes_its_timings() -> None:
    for name, stage in stages().items():
        run_as = "@".join(stage["cmd"].split()[2:]).removeprefix("aisle.stages.")
        written = timings(run_as).as_posix() in outs(stage)
        assert written == (name not in ("compare", *AFTER_COMPARE)), name


def test_timings_reach_compare_and_nothing_before_it() -> None:
    for name, stage in stages().items():
        reads = [dep for dep in stage["deps"] if dep.startswith("data/timings")]
        assert reads == (["data/timings"] if name == "compare" else []), name


def test_seconds_change_the_note_and_its_figures_alone() -> None:
    readers = [name for name, stage in stages().items() if "reports/cost.json" in stage["deps"]]
    assert readers == ["figures", "report"]


def test_leftovers_are_looked_for_of_every_stage_that_runs_for_several() -> None:
    several = [name for name, stage in content()["stages"].items() if "foreach" in stage]
    assert several == list(leftovers.STAGES)


def test_the_language_of_the_note_reruns_figures_and_report_alone() -> None:
    readers = [name for name, stage in stages().items() if "report" in stage.get("params", [])]
    assert readers == ["figures", "report"]


def test_explain_reruns_only_when_a_finalists_fit_changes() -> None:
    data = [dep for dep in stages()["explain"]["deps"] if not dep.startswith("src/")]
    assert data == ["data/finalists/explained.json", "data/products.csv"]


def test_nothing_is_chosen_by_an_answer_on_test() -> None:
    data = {dep for dep in stages()["finalists"]["deps"] if not dep.startswith("src/")}
    assert "data/validation" in data and not {"data/predictions", "reports/answers.csv"} & data


def test_every_stage_explains_itself() -> None:
    for name, stage in stages().items():
        assert len(stage["desc"]) > 40, name


def test_a_stage_keeps_earlier_results_or_has_a_run_cache() -> None:
    """DVC gives one or the other: `persist` switches the run cache off, and so does no cache."""
    for name, stage in stages().items():
        options = outs(stage).values()
        if name in ("resize", "embed", "train", "evaluate", "refit"):
            assert not any(options), name
        else:
            assert all(option["persist"] for option in options), name


def test_rooms_import_downwards_only() -> None:
    order = {name: place for place, name in enumerate(ROOMS)}
    wrong = []
    for path in sorted((ROOT / "src" / "aisle").rglob("*.py")):
        module = module_at(path.relative_to(ROOT))
        here = order.get(room(module), len(ROOMS))
        wrong += [
            f"{module} imports {imported}"
            for imported in direct_imports(module)
            if imported.startswith("aisle.") and order.get(room(imported), len(ROOMS)) < here
        ]
    assert not wrong


def test_only_the_stage_catalogue_imports_the_synthetic_package() -> None:
    found = [
        module
        for path in (ROOT / "src" / "aisle").rglob("*.py")
        for module in [module_at(path.relative_to(ROOT))]
        if any(one.startswith("synthetic") for one in direct_imports(module))
    ]
    assert found == ["aisle.stages.catalogue"]


def test_every_method_is_a_module_with_the_names_of_the_contract() -> None:
    assert METHODS
    for name in registry.names():
        assert source(f"aisle.methods.{name}") is not None
        assert registry.method(name).settings.model_fields.keys() >= {"method", "photos"}


@pytest.mark.parametrize(
    "stage",
    [
        *("check", "catalogue", "extract", "split", "augment", "resize", "weights"),
        "reach",
        *("gather", "combine", "finalists", "compare", "winner", "figures", "report"),
    ],
)
def test_a_stage_that_needs_no_network_does_not_load_one(stage: str) -> None:
    code = f"import sys, aisle.stages.{stage}; print('keras' in sys.modules, *sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert loaded[0] == "False"
    assert "tensorflow" not in loaded and "sklearn" not in loaded
