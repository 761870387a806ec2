"""What README.md and data/README.md say is there, is there."""

import csv
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import ROOT, write_params
from ruamel.yaml import YAML

from aisle import cli, files, methods, paths
from aisle.catalogue.products import COLUMNS
from aisle.methods.common import registry
from aisle.settings.params import Ensemble, parse
from aisle.standings import scores, standings
from synthetic import cli as synthetic_cli

README = (ROOT / "README.md").read_text(encoding="utf-8")
FLIPKART = ROOT / "reports" / "flipkart"
TABLE = re.compile(
    r"^\| [a-z ]+ \| `(\w+)`.*? \| (\d+) \| ([\d.]+) \(([\d.]+)–([\d.]+)\) \| (.+?) \|$", re.M
)
PAGES = ["README.md", "data/README.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def settings(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_the_table_has_the_numbers_of_the_published_run() -> None:
    metrics = files.read_json(FLIPKART / "metrics.json")
    costs = files.read_json(FLIPKART / "cost.json")["candidates"]
    rows = TABLE.findall(README)
    assert 0 < len(rows) <= 6
    assert f"All {len(metrics)} competitors" in README
    for name, right, *accuracy, time in rows:
        score, cost = metrics[name], costs[name]
        assert (int(right), 840) == (score["correct"], score["products"])
        found = [score[key] for key in ("accuracy", "accuracy_low", "accuracy_high")]
        assert accuracy == [f"{value:.3f}" for value in found], name
        times = [cost["fit_seconds"], *([cost["embed_seconds"]] if cost["embed_seconds"] else [])]
        assert time == " + ".join(f"{seconds:.0f} s" for seconds in times), name


def test_the_answer_is_the_verdict_of_the_published_run() -> None:
    with (FLIPKART / "comparison.csv").open(encoding="utf-8") as file:
        pairs = {(row["first"], row["second"]): row for row in csv.DictReader(file)}
    pair = pairs["hog_forest", "b2_layers"]
    assert pair["word"] == "worse"  # about the first
    won = int(pair["only_second"]) - int(pair["only_first"])
    gap, low, high = (f"{-float(pair[key]):.3f}" for key in ("difference", "high", "low"))
    answer = f"{won} more (difference {gap}, 95 % interval {low} to {high}; verdict *better*)"
    assert answer in " ".join(README.split())


def test_the_readme_is_short() -> None:
    lines = README.splitlines()
    assert len(lines) <= 200
    assert [line for line in lines if len(line) > 120] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target, _, anchor in re.findall(r"\]\(([^)#]*)(#([^)]+))?\)", text):
        if target.startswith("http"):
            continue
        leads_to = (ROOT / page).parent / target if target else ROOT / page
        assert leads_to.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", leads_to.read_text(encoding="utf-8"), flags=re.M)
            slugs = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
            assert anchor in slugs, f"{target}#{anchor}"


def test_the_price_of_staged_is_that_of_the_benchmark() -> None:
    measured = files.read_json(ROOT / "benchmarks" / "results.json")["recipes"]["measured"]
    choices = (ROOT / "docs" / "choices.md").read_text(encoding="utf-8")
    assert f"[{measured}](../benchmarks/RESULTS.md)" in " ".join(choices.split())


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_is_one(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout.decode()
    verbs = {"make": re.findall(r"make ([a-z-]+)", listed)}
    for name, parser in (("aisle", cli.parser()), ("synthetic", synthetic_cli.parser())):
        with pytest.raises(SystemExit):
            parser.parse_args(["--help"])
        verbs[name] = re.findall(r"^ {4}(\w+)", capsys.readouterr().out, flags=re.M)
    code = re.findall(r"^```bash$(.+?)^```$|`([^`\n]+)`", text, flags=re.M | re.S)
    commands = "\n".join(f"{block}{inline}" for block, inline in code)
    found = re.findall(r"(?:^|&& )(make|aisle|synthetic) ([a-z-]+)", commands, flags=re.M)
    older = {("aisle", "pretrain")}  # at the revisions that docs/formula-pretraining.md names
    assert [(top, verb) for top, verb in set(found) - older if verb not in verbs[top]] == []


def test_every_setting_named_exists() -> None:
    named = re.findall(r"-S (?:([\w.]+):)?([\w.]+)=", README)
    assert len(named) >= 3
    for file, key in named:
        value = settings(ROOT / (file or "params.yaml"))
        for part in key.split("."):
            assert part in value, key
            value = value[part]


def test_every_method_has_its_line() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    candidates, ensembles = (
        text.split("\n## ")[0],
        text.split("\n## Ensembles")[1].split("\n## ")[0],
    )
    named = re.compile(r"^\| `(\w+)`", flags=re.M)
    assert sorted(named.findall(candidates)) == registry.names()
    assert tuple(named.findall(ensembles)) == get_args(Ensemble.model_fields["method"].annotation)


def test_the_entry_shown_is_sound() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    ((name, entry),) = (
        YAML(typ="safe").load(text.split("```yaml\n")[1].split("```")[0])["candidates"].items()
    )
    parse(entry, shape=registry.method(entry["method"]).settings, where=f"candidates.{name}")


def test_the_guides_method_is_one_module_and_one_entry(
    workspace: Path, until: Callable[[str], None], stage: Callable[..., None]
) -> None:
    guide = (ROOT / "docs" / "adding-a-method.md").read_text(encoding="utf-8")
    name = re.findall(r"methods/(\w+)\.py`:", guide)[0]
    (workspace / "more").mkdir()
    module = guide.split("```python\n")[1].split("```")[0]
    (workspace / "more" / f"{name}.py").write_text(module, encoding="utf-8")
    entry = YAML(typ="safe").load(guide.split("```yaml\n")[1].split("```")[0])["candidates"]
    write_params(workspace, candidates={name: entry[name] | {"photos": 16}})
    folders = [*methods.__path__, str(workspace / "more")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "__path__", folders)
        until("resize")
        for step in ("train", "evaluate"):
            stage(step, name)
        for step in ("compare", "explain", "figures", "report"):
            stage(step)
        assert scores.read()[name].accuracy > 1 / 3
        found = standings.load().champion
        assert (found.name, found.kind, found.reads) == (name, "classical", "photo")
        note = paths.NOTE.read_text(encoding="utf-8")
        words = "linear discriminant on pixels; shrinkage 0.5 | photo, 16 × 16 pixels"
        assert f"| `{name}` | {words} |" in note


def test_every_column_of_products_is_explained_in_order() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.+?) \|", section(text, "products.csv"), flags=re.M)
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == list(COLUMNS)


def test_the_paths_of_the_annotated_tree_exist() -> None:
    tree = section(README, "What is where").split("```text\n")[1].split("```")[0]
    for line in tree.splitlines():
        parent = ROOT / "src" / "aisle" if line.startswith("  ") else ROOT
        assert (parent / line.split()[0]).exists(), line


def test_no_published_report_holds_rows_or_a_path_of_one_machine() -> None:
    names = {path.name for path in FLIPKART.iterdir()}
    assert {"note.md", "params.yaml"} <= names
    assert not names & {"rejects.csv", "products.csv"}  # rows of somebody's catalogue
    for path in (path for path in FLIPKART.glob("*.*") if path.suffix != ".png"):
        text = path.read_text(encoding="utf-8")
        assert str(ROOT.parent) not in text and str(Path.home()) not in text
    assert settings(FLIPKART / "params.yaml")["catalogue"]["path"] == "$CATALOGUE"
