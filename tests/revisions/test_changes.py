"""`aisle compare` in real git and DVC repositories: 60 products, and stages of one short script."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from dvc.repo import Repo
from ruamel.yaml import YAML

from aisle import cli, files, paths
from aisle.revisions import changes
from aisle.revisions.changes import outdated
from aisle.settings import params

PRODUCTS = 60

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # DVC's own

ANSWER = '''\
"""Write the products, or answers that are wrong from one place up to another, or the reports."""

import json
import sys
from pathlib import Path

path, *values = sys.argv[1:]
path = Path(path)
path.parent.mkdir(parents=True, exist_ok=True)
if path.name == "split.csv":
    number, *labels = values
    lines = ["product_id,category,group"]
    lines += [f"p{at},{labels[at % 2]},{at}" for at in range(int(number))]
elif path.name == "cost.json":
    spent = {"fit_seconds": float(values[0]), "predict_milliseconds": 2.0, "bytes": 1000}
    names = [table.stem for table in Path("data").glob("**/predictions/*.csv")]
    costs = {"machine": {"processor": "A", "cores": 2}, "candidates": dict.fromkeys(names, spent)}
    lines = [json.dumps(costs)]
elif path.name == "answers.csv":
    tables = {table.stem: table for table in Path("data").glob("**/predictions/*.csv")}
    rows = {name: table.read_text().splitlines()[1:] for name, table in tables.items()}
    first = [row.rpartition(",")[0] for row in next(iter(rows.values()))]
    answered = [[f"{row.rpartition(',')[2]},0.5" for row in column] for column in rows.values()]
    heads = ["product_id,fold,actual", *(f"{name},{name}_p" for name in rows)]
    lines = [",".join(line) for line in (heads, *zip(first, *answered))]
else:
    low, high = map(int, values[0].split("-"))
    lines = ["product_id,fold,actual,predicted"]
    for at, row in enumerate(Path("data/split.csv").read_text().splitlines()[1:]):
        product, actual, _ = row.split(",")
        lines.append(f"{product},0,{actual},{'other' if low <= at < high else actual}")
path.write_text("\\n".join(lines) + "\\n")
'''
PIPELINE = """\
vars: [competitors.yaml]
stages:
  products:
    cmd: PYTHON answer.py data/split.csv ${products} ${labels[0]} ${labels[1]}
    params: [labels, products]
    outs: [data/split.csv]
  evaluate:
    foreach: ${candidates}
    do:
      cmd: PYTHON answer.py data/predictions/${key}.csv ${item.wrong}
      params: [{competitors.yaml: ["candidates.${key}"]}]
      deps: [data/split.csv]
      outs: ["data/predictions/${key}.csv"]
  combine:
    foreach: ${ensembles}
    do:
      cmd: PYTHON answer.py data/ensembles/predictions/${key}.csv ${item.wrong}
      params: [{competitors.yaml: ["ensembles.${key}"]}]
      deps: [data/predictions, data/split.csv]
      outs: ["data/ensembles/predictions/${key}.csv"]
  compare:
    cmd:
      - PYTHON answer.py reports/cost.json ${seconds}
      - PYTHON answer.py reports/answers.csv
    params: [seconds]
    deps: [data/predictions, data/ensembles/predictions]
    outs: [reports/cost.json: {cache: false}, reports/answers.csv: {cache: false}]
""".replace("PYTHON", f"{sys.executable} -I -S")
SETTINGS: dict[str, Any] = {
    "seed": 1,
    "products": PRODUCTS,
    "labels": ["Boxes", "Rings"],
    "seconds": 1.0,
    "candidates": {"forest": {"wrong": "0-20"}, "words": {"wrong": "0-5"}},
    "ensembles": {"vote": {"wrong": "0-4"}},
}
"""Of a candidate, the products from one place up to another are wrong."""


def run(folder: Path, *command: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    }
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def change(folder: Path, **changes: Any) -> None:
    """Write SETTINGS with whole top-level entries changed, and a margin of 0.05."""
    compare = params.load(ROOT / paths.PARAMS)["compare"] | {"margin": 0.05}
    settings = {"compare": compare} | SETTINGS | changes
    competitors = {key: settings.pop(key) for key in ("candidates", "ensembles")}
    for path, content in ((paths.PARAMS, settings), (paths.COMPETITORS_FILE, competitors)):
        with (folder / path).open("w", encoding="utf-8") as file:
            YAML().dump(content, file)


def reproduce(folder: Path) -> None:
    """Do as `dvc repro` does, without starting a process for it."""
    with contextlib.chdir(folder), Repo() as repo:
        repo.reproduce()


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose `main` was run and committed."""
    folder = tmp_path_factory.mktemp("committed")
    (folder / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (folder / "answer.py").write_text(ANSWER, encoding="utf-8")
    (folder / ".gitignore").write_text("/data/\n", encoding="utf-8")
    change(folder)
    run(folder, "git", "init", "--quiet", "--initial-branch", "main")
    run(folder, "git", "config", "user.email", "test@example.org")
    run(folder, "git", "config", "user.name", "Test")
    run(folder, "dvc", "init", "--quiet")
    run(folder, "dvc", "config", "core.analytics", "false")
    reproduce(folder)
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", "run")
    return folder


@pytest.fixture
def repository(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy, on a new branch, that a test may change."""
    copy = Path(shutil.copytree(committed, tmp_path / "repository", symlinks=True))
    run(copy, "git", "checkout", "--quiet", "-b", "branch")
    monkeypatch.chdir(copy)
    return copy


def rerun(folder: Path, **changes: Any) -> None:
    change(folder, **changes)
    reproduce(folder)


def compare(*arguments: str) -> int:
    """Return the exit code of `aisle compare`; what it prints goes where it always goes."""
    parsed = cli.parser().parse_args(["compare", *arguments])
    with pytest.raises(SystemExit) as caught:
        parsed.verb(parsed)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def forest(wrong: str) -> dict[str, Any]:
    return {**SETTINGS["candidates"], "forest": {"wrong": wrong}}


Printed = pytest.CaptureFixture[str]


def test_a_better_branch_is_no_regression(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates=forest("0-2"), seconds=3.0)
    assert compare("main") == changes.NO_REGRESSION
    printed = capsys.readouterr().out
    assert "on the same 60 test products" in printed
    row = next(line for line in printed.splitlines() if line.startswith("forest")).split()
    assert row[:4] == ["forest", "0.667", "0.967", "+0.300"]
    assert row[-3:] == ["18", "0", "better"]
    assert "same answers: words (0.917), vote (0.933)" in printed
    assert "1.0 s → 3.0 s" in printed
    assert printed.endswith(
        "No regression is shown at a margin of 0.05. 1 better, 2 same answers.\n"
    )


def test_a_regression_beyond_the_margin_is_1(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates=forest("0-35"))
    assert compare("main") == changes.REGRESSION
    printed = capsys.readouterr().out
    assert "−0.250" in printed
    assert "Regression at a margin of 0.05: forest. 1 worse" in printed


def test_an_undecided_drop_is_no_regression(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates=forest("0-24"))
    assert compare("main") == changes.NO_REGRESSION
    assert "1 undecided" in capsys.readouterr().out


@pytest.mark.parametrize(("margin", "word"), [(0.15, "worse"), (0.5, "tie")])
def test_a_loss_below_the_margin_is_no_regression(
    repository: Path, capsys: Printed, margin: float, word: str
) -> None:
    settings = params.load()["compare"] | {"margin": margin}
    rerun(repository, candidates=forest("0-26"), compare=settings)
    assert compare("main") == changes.NO_REGRESSION
    printed = capsys.readouterr().out
    assert "−0.100" in printed and f"1 {word}, 2 same answers" in printed


def test_several_that_changed_are_a_family(repository: Path, capsys: Printed) -> None:
    """Six lost products have p = 0.031 alone; a second change beside them doubles it."""
    rerun(repository, candidates=forest("0-26"))
    assert compare("main") == changes.REGRESSION
    others = {"words": {"wrong": "0-6"}}
    rerun(repository, candidates=forest("0-26") | others)
    capsys.readouterr()
    assert compare("main") == changes.NO_REGRESSION
    assert "2 undecided, 1 same answers" in capsys.readouterr().out


def test_no_change_is_reported_as_such(repository: Path, capsys: Printed) -> None:
    assert compare("main") == changes.NO_REGRESSION
    printed = capsys.readouterr().out
    assert "same answers: forest (0.667), words (0.917), vote (0.933)" in printed
    assert "nothing was measured again" in printed
    assert "verdict" not in printed


def test_markdown_is_a_table_and_nothing_else(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates=forest("0-35"), seconds=3.0)
    capsys.readouterr()
    assert compare("main", "--markdown") == changes.REGRESSION
    printed = capsys.readouterr().out
    assert printed.startswith("### main (")
    assert "| `forest` | 0.667 | 0.417 | −0.250 |" in printed
    assert "<details><summary>Cost</summary>\n\n| |" in printed
    assert "\n\n\n" not in printed


def test_competitors_of_one_side_are_new_or_gone(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates={"words": {"wrong": "0-5"}, "knn": {"wrong": "0-6"}})
    assert (repository / paths.predictions("forest")).exists()  # a ghost is not looked at
    assert compare("main") == changes.NO_REGRESSION
    printed = capsys.readouterr().out
    assert "new: knn (0.900)" in printed
    assert "gone: forest (0.667)" in printed


def test_what_was_left_out_on_one_side_is_on_the_other_only(
    repository: Path, capsys: Printed
) -> None:
    answers = files.read_table(paths.ANSWERS)
    files.write_table(answers.drop(columns=["forest", "forest_p"]), paths.ANSWERS)
    assert compare("main") == changes.NO_REGRESSION
    assert "gone: forest" in capsys.readouterr().out


def test_other_machines_are_named(repository: Path, capsys: Printed) -> None:
    cost = files.read_json(paths.COST)
    cost["machine"]["processor"] = "B"
    cost["candidates"]["forest"]["bytes"] = 5000
    files.write_json(cost, paths.COST)
    assert compare("main") == changes.NO_REGRESSION
    printed = capsys.readouterr().out
    assert "1.0 kB → 5.0 kB" in printed
    assert "the machine or its libraries do (processor A there, B here)" in printed


def test_experiments_are_revisions(repository: Path, capsys: Printed) -> None:
    run(
        repository,
        *(
            "dvc",
            "exp",
            "run",
            "--quiet",
            "--name",
            "worse",
            "-S",
            "competitors.yaml:candidates.forest.wrong=0-35",
        ),
    )
    run(
        repository,
        *(
            "dvc",
            "exp",
            "run",
            "--quiet",
            "--name",
            "good",
            "-S",
            "competitors.yaml:candidates.forest.wrong=0-2",
        ),
    )
    assert compare("worse") == changes.NO_REGRESSION
    assert "+0.550" in capsys.readouterr().out
    run(repository, "dvc", "exp", "apply", "--quiet", "worse")
    assert compare("good") == changes.REGRESSION
    assert compare("HEAD") == changes.REGRESSION
    capsys.readouterr()
    assert compare("goood") == changes.NOT_COMPARABLE
    assert "Nearest: good" in capsys.readouterr().err


def refused(capsys: Printed, *arguments: str) -> str:
    """Return the one line that says why there is no comparison."""
    capsys.readouterr()
    assert compare(*arguments) == changes.NOT_COMPARABLE
    printed = capsys.readouterr()
    assert not printed.out
    lines = printed.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("aisle: not comparable: "), printed.err
    return lines[0]


def test_an_unknown_revision_is_refused_with_the_nearest_names(
    repository: Path, capsys: Printed
) -> None:
    said = refused(capsys, "mian")
    assert "'mian'. Nearest: main." in said and "git fetch" in said


def test_other_test_products_are_not_compared(repository: Path, capsys: Printed) -> None:
    rerun(repository, products=50)
    said = refused(capsys, "main")
    assert "10 are only in main" in said and "0 only in this workspace and 50 in both" in said


def test_other_labels_are_not_compared(repository: Path, capsys: Printed) -> None:
    rerun(repository, labels=["Boxes", "Circles"])
    said = refused(capsys, "main")
    assert "30 of 60 test products have another category: 'p1' is 'Rings' in main" in said
    assert "'Circles' in this workspace" in said


def test_other_folds_are_not_compared(repository: Path, capsys: Printed) -> None:
    answers = files.read_table(paths.ANSWERS)
    files.write_table(answers.assign(fold=[0, 1] * (PRODUCTS // 2)), paths.ANSWERS)
    assert "30 of 60 were tested in another fold" in refused(capsys, "main")


@pytest.mark.parametrize(
    ("wrong", "code"), [("0-2", changes.NO_REGRESSION), ("0-35", changes.REGRESSION)]
)
def test_a_clone_compares_with_answers_that_it_never_made(
    committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, code: int
) -> None:
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "--quiet", str(committed), str(clone))
    run(clone, "git", "checkout", "--quiet", "-b", "branch")
    monkeypatch.chdir(clone)
    assert not (clone / ".dvc" / "cache").exists() and not Path("data").exists()
    rerun(clone, candidates=forest(wrong))
    assert compare("main") == code


def test_a_revision_from_before_answers_were_kept_says_so(
    repository: Path, capsys: Printed
) -> None:
    run(repository, "git", "rm", "--quiet", "--cached", str(paths.ANSWERS))
    run(repository, "git", "commit", "--quiet", "--message", "as it was before")
    said = refused(capsys, "HEAD")
    assert "'HEAD' has no reports/answers.csv: it was committed before answers were kept" in said
    assert "git log --all -- reports/answers.csv" in said


def test_a_revision_that_was_not_run_is_refused(repository: Path, capsys: Printed) -> None:
    change(repository, candidates=SETTINGS["candidates"] | {"knn": {"wrong": "0-6"}})
    run(repository, "git", "commit", "--quiet", "--all", "--message", "not run")
    run(repository, "git", "tag", "unrun")
    run(repository, "git", "checkout", "--quiet", "main")
    said = refused(capsys, "unrun")
    assert "unrun (" in said and "before these settings were changed: candidates.knn" in said


def test_a_workspace_without_answers_is_refused(repository: Path, capsys: Printed) -> None:
    (repository / paths.ANSWERS).unlink()
    assert "Run 'dvc repro'" in refused(capsys, "main")


def test_a_workspace_that_was_not_run_again_is_refused(repository: Path, capsys: Printed) -> None:
    change(repository, candidates=forest("0-2"))
    said = refused(capsys, "main")
    assert "this workspace has answers that were made before" in said
    assert "changed: candidates.forest. Run 'dvc repro'" in said


def test_nothing_in_common_is_refused(repository: Path, capsys: Printed) -> None:
    rerun(repository, candidates={"knn": {"wrong": "0-6"}}, ensembles={})
    said = refused(capsys, "main")
    assert "no competitor is on both sides: forest, words, vote in main" in said


def test_without_git_there_is_nothing_to_compare_with(
    repository: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(repository / ".git")
    run(repository, "dvc", "config", "core.no_scm", "true")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.parent))
    assert "this is not a git repository" in refused(capsys, "main")


def test_the_command_line_returns_the_same_codes(repository: Path) -> None:
    command = [sys.executable, "-m", "aisle.cli", "compare", "mian"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == changes.NOT_COMPARABLE
    assert "Traceback" not in done.stderr


def test_only_settings_that_answers_come_from_make_them_old() -> None:
    lock = {
        "stages": {
            "check": {
                "deps": [{"path": "params.yaml"}],
                "outs": [{"path": "data/checked.txt"}],
            },
            "split": {
                "deps": [{"path": "data/checked.txt"}],
                "outs": [{"path": "data/split.csv"}],
                "params": {"params.yaml": {"seed": 1}},
            },
            "evaluate@a": {
                "deps": [{"path": "data/split.csv"}],
                "outs": [{"path": "data/predictions/a.csv"}],
                "params": {"competitors.yaml": {"candidates.a": {"trees": 3}, "candidates.old": 1}},
            },
            "evaluate@b": {
                "outs": [{"path": "data/predictions/b.csv"}],
                "params": {"competitors.yaml": {"candidates.b": 1}},
            },
            "report": {
                "deps": [{"path": "data/predictions"}],
                "outs": [{"path": "reports/note.md"}],
                "params": {"params.yaml": {"report": 1}},
            },
        }
    }
    now: dict[str, dict[str, Any]] = {
        "params.yaml": {"seed": 2, "report": 2},
        "competitors.yaml": {"candidates": {"a": {"trees": 3}, "b": 2}},
    }
    assert outdated(lock, settings=now, names=["a"]) == ["seed"]
    assert outdated(lock, settings=now, names=["a", "b"]) == ["candidates.b", "seed"]


def test_a_stage_that_dvc_lock_keeps_of_a_removed_competitor_does_not_count() -> None:
    lock = {
        "stages": {
            "evaluate@a": {"outs": [{"path": "data/predictions/a.csv"}]},
            "evaluate@removed": {
                "outs": [{"path": "data/predictions/removed.csv"}],
                "params": {"params.yaml": {"weights": {"source": "formula"}}},
            },
            "combine@both": {
                "deps": [{"path": "data/predictions"}],
                "outs": [{"path": "data/ensembles/predictions/both.csv"}],
            },
        }
    }
    now: dict[str, dict[str, Any]] = {
        "params.yaml": {"weights": {"source": "file"}},
        "competitors.yaml": {"candidates": {"a": {}, "removed": {}}, "ensembles": {"both": {}}},
    }
    assert outdated(lock, settings=now, names=["both"]) == ["weights"]
    del now["competitors.yaml"]["candidates"]["removed"]
    assert outdated(lock, settings=now, names=["both"]) == []


def test_duplicates_count_as_one(repository: Path, capsys: Printed) -> None:
    """Fifteen lost products that are duplicates of one are no evidence."""
    products = pd.read_csv(paths.SPLIT)
    products.loc[20:34, "group"] = 20
    files.write_table(products, paths.SPLIT)
    rerun(repository, candidates=forest("0-35"))
    files.write_table(products, paths.SPLIT)
    capsys.readouterr()
    assert compare("main") == changes.NO_REGRESSION
    assert "1 undecided" in capsys.readouterr().out
