"""What README.md and data/README.md say is there, is there.

The answer table is generated: `REFRESH_GOLDEN=1 pytest tests/test_readme.py` writes it anew.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from conftest import ROOT, write_params
from ruamel.yaml import YAML

from aisle import cli, files, methods, paths
from aisle.methods.common import registry
from aisle.report import sentences
from aisle.report.wording import code, duration, share
from aisle.settings.params import Ensemble, load, parse
from aisle.stages.extract import COLUMNS
from aisle.standings import scores, standings, verdicts
from aisle.standings.competitors import KINDS
from aisle.studies.publish import ABLATION, KEPT, LEAKS

README = ROOT / "README.md"
START, END = "<!-- table: reports/flipkart -->\n", "<!-- /table -->"


def answer_table() -> str:
    """Return the README's table of the published Flipkart run: the best of each kind."""
    folder = ROOT / "reports" / "flipkart"
    metrics, cost = files.read_json(folder / "metrics.json"), files.read_json(folder / "cost.json")
    found = standings.standings(
        files.read_json(folder / paths.COMPETITORS.name),
        scores=scores.from_json(metrics),
        weights={},
        left_out={},
        split=files.read_json(folder / "split.json"),
        verdicts=verdicts.read(folder / verdicts.PAIRS.name),
    )
    answer = sentences.answer(found, named=code)
    lines = [
        f"**{answer[0]}** {answer[1]}",
        "",
        "| kind | best | accuracy | 95 % interval | right | one fit | frozen pass |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for shown in found.foremost:
        score, spent = shown.score, cost["candidates"][shown.name]
        mark = "**" if shown in found.contest else ""
        cells = [
            KINDS[shown.kind],
            f"{mark}`{shown.name}`{mark}",
            f"{mark}{share(score.accuracy)}{mark}",
            f"{share(score.accuracy_low)}–{share(score.accuracy_high)}",
            f"{score.correct}/{score.products}",
            duration(spent["fit_seconds"]),
            duration(spent["embed_seconds"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        f"*{found.champion.score.products} Flipkart products, each tested once in a "
        f"{found.split['folds']}-fold cross test; the backbones' weights descend from Food-101 and "
        "are not the official ImageNet ones, B1 and B2 were grown from B0. All "
        f"{len(found.competitors)} competitors: [the whole note](reports/flipkart/note.md).*",
    ]
    return "\n".join(lines) + "\n"


def test_the_answer_table_is_that_of_the_published_run() -> None:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(START)
    table, after = rest.split(END)
    if os.environ.get("REFRESH_GOLDEN"):
        README.write_text(before + START + answer_table() + END + after, encoding="utf-8")
        return
    assert table == answer_table()


@pytest.mark.parametrize(
    "page",
    [
        *("README.md", "data/README.md"),
        *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    ],
)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), target


def test_the_price_of_staged_is_that_of_the_benchmark() -> None:
    measured = files.read_json(ROOT / "benchmarks" / "results.json")["recipes"]["measured"]
    assert f"[{measured}](benchmarks/RESULTS.md)" in README.read_text(encoding="utf-8")


def test_every_section_of_the_note_named_is_one() -> None:
    text = README.read_text(encoding="utf-8")
    note = (ROOT / "reports" / "note.md").read_text(encoding="utf-8")
    rows = text.split("## Reading the note")[1].split("\n## ")[0].splitlines()
    cells = [row.split("|")[2] for row in rows if row.startswith("| ") and "section" not in row]
    named = [part.split(":")[0].strip() for cell in cells for part in cell.split(";")]
    assert len(named) >= 9
    assert set(named) <= set(re.findall(r"^## (.+)$", note, flags=re.M))


def test_every_make_verb_named_is_one() -> None:
    text = README.read_text(encoding="utf-8")
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    verbs = set(re.findall(r"make ([a-z]+)", listed))
    assert set(re.findall(r"^make ([a-z]+)", text, flags=re.M)) <= verbs
    assert {"reproduce", "test", "help", "lint", "publish"} <= verbs


def test_every_setting_named_exists() -> None:
    content = load(ROOT / "params.yaml")
    text = README.read_text(encoding="utf-8")
    keys = re.findall(r"-S ([\w.]+)=", text) + re.findall(
        r"`((?:extract|variants|resize)\.[\w.]+)", text
    )
    assert keys
    for key in keys:
        value = content
        for part in key.split("."):
            assert part in value, key
            value = value[part]


def test_every_way_to_combine_has_its_line() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    ensembles = text.split("\n## Ensembles")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)`", ensembles, flags=re.M)
    assert tuple(named) == get_args(Ensemble.model_fields["method"].annotation)


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
    section = text.split("## products.csv")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    assert named == list(COLUMNS)


def test_the_folders_of_the_annotated_tree_exist() -> None:
    tree = README.read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    for line in tree.splitlines():
        name = line.strip().split()[0]
        where = ROOT / "src" / "aisle" if line.startswith("  ") else ROOT
        assert (where / name).exists(), name


def test_the_command_line_explains_each_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parser().parse_args(["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert all(verb in printed for verb in ("check", "headline", "publish"))


def test_no_published_report_holds_rows_or_a_path_of_one_machine() -> None:
    folder = ROOT / "reports" / "flipkart"
    names = {path.name for path in folder.iterdir()}
    always = {*KEPT, paths.PARAMS.name, paths.COMPETITORS.name}
    assert always <= names <= always | {*ABLATION, *LEAKS}
    for path in (path for path in folder.glob("*.*") if path.suffix != ".png"):
        text = path.read_text(encoding="utf-8")
        assert str(ROOT.parent) not in text and str(Path.home()) not in text
    settings = load(folder / "params.yaml")
    assert settings["catalogue"]["path"] == "$CATALOGUE"
