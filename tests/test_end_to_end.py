"""The whole pipeline as users run it: a real git and DVC repository, a tiny catalogue, `dvc repro`.

The classical candidates only, so that it takes seconds; .ci/run does the same with networks.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CLASSICAL, ROOT, write_params, write_shop
from ruamel.yaml import YAML

from aisle import files, paths


def run(folder: Path, *command: str, fails: bool = False) -> str:
    """Return what a command printed; a command that should fail must, and the reverse."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "src"),
    }
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def settle(folder: Path, message: str) -> None:
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", message)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which the pipeline ran once, everything committed on main."""
    folder = tmp_path_factory.mktemp("finished")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    write_shop(folder / "shop")
    write_params(folder, {"resize": {"sizes": [16]}})
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    start, end = text.index("\nvariants:"), text.index("\nweights:")
    text = f"{text[:start]}\nvariants: {{}}\n{text[end:]}"
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    run(folder, "git", "init", "--quiet", "--initial-branch", "main")
    run(folder, "git", "config", "user.email", "test@example.org")
    run(folder, "git", "config", "user.name", "Test")
    run(folder, "dvc", "init", "--quiet")
    run(folder, "dvc", "config", "core.analytics", "false")
    run(folder, "dvc", "repro")
    settle(folder, "run")
    return folder


@pytest.fixture
def repository(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished repository, free to change."""
    return Path(shutil.copytree(finished, tmp_path / "repository", symlinks=True))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def metrics(folder: Path) -> dict[str, str]:
    """Return the metrics of all competitors, as they are in their files."""
    found = sorted((folder / paths.METRICS).iterdir())
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


def ran(output: str) -> list[str]:
    """Return the stages that DVC says it ran."""
    lines = output.splitlines()
    return [line.split("'")[1] for line in lines if line.startswith("Running stage")]


def test_a_catalogue_becomes_a_note(finished: Path) -> None:
    note = (finished / paths.NOTE).read_text(encoding="utf-8")
    assert {path.stem for path in (finished / paths.METRICS).iterdir()} == set(CLASSICAL)
    for name in CLASSICAL:
        assert f"`{name}`" in note
        assert f"{files.read_json(finished / paths.metrics(name))['accuracy']:.3f}" in note


def test_the_cost_of_every_stage_up_to_compare_is_in_cost_json(finished: Path) -> None:
    lock = YAML(typ="safe").load((finished / "dvc.lock").read_text(encoding="utf-8"))
    stages = files.read_json(finished / paths.COST)["stages"]
    assert {*stages, "explain", "winner", "figures", "report"} == set(lock["stages"])
    assert all(cost["seconds"] > 0 and cost["peak_megabytes"] > 0 for cost in stages.values())
    assert "Computing time" in (finished / paths.NOTE).read_text(encoding="utf-8")


def test_nothing_runs_again_when_nothing_changed(finished: Path) -> None:
    assert ran(run(finished, "dvc", "repro")) == []
    assert "The whole note" in run(finished, sys.executable, "-m", "aisle.cli", "headline")
    assert "up to date" in run(finished, "dvc", "status")


def test_a_comment_in_params_runs_the_check_alone_and_a_changed_template_what_shows_it(
    repository: Path,
) -> None:
    with (repository / "params.yaml").open("a", encoding="utf-8") as file:
        file.write("# Nobody's setting.\n")
    template = repository / "src/aisle/report/templates/note.md.j2"
    edit(template, '## {{ _("Results") }}', "## What came out")
    assert ran(run(repository, "dvc", "repro")) == ["check", "figures", "report"]
    assert "## What came out" in (repository / paths.NOTE).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_changed_setting_refits_its_candidate_and_going_back_trains_nothing(
    repository: Path,
) -> None:
    def spent() -> object:
        return files.read_json(repository / paths.COST)["stages"]["train@random_forest"]

    before, spent_before = metrics(repository), spent()
    edit(repository / "competitors.yaml", "trees: 20", "trees: 3")
    assert sorted(ran(run(repository, "dvc", "repro"))) == [
        *("check", "compare", "evaluate@random_forest", "explain", "figures", "finalists"),
        *("gather", "report", "train@random_forest", "winner"),
    ]
    assert metrics(repository) != before
    edit(repository / "competitors.yaml", "trees: 3", "trees: 20")
    output = run(repository, "dvc", "repro", "compare")
    assert "Stage 'train@random_forest' is cached - skipping run" in output
    assert metrics(repository) == before
    assert spent() == spent_before


def test_a_removed_candidate_leaves_nothing_behind_and_a_clone_is_up_to_date(
    repository: Path, tmp_path: Path
) -> None:
    text = (repository / "competitors.yaml").read_text(encoding="utf-8")
    start, end = text.index("  random_forest_augmented:"), text.index("ensembles:")
    (repository / "competitors.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    own = repository / "data/predictions/notes.txt"
    own.write_text("mine", encoding="utf-8")
    output = run(repository, "dvc", "repro", "check")
    gone = [f"{stage}@random_forest_augmented" for stage in ("train", "evaluate")]
    assert f"removed the outputs of {', '.join(gone)}; DVC's cache keeps them" in output
    assert own.exists()
    own.unlink()
    assert sorted(ran(run(repository, "dvc", "repro"))) == [
        *("compare", "explain", "figures", "finalists", "gather", "report", "winner")
    ]
    assert list(metrics(repository)) == ["majority", "random_forest"]
    note = (repository / paths.NOTE).read_text(encoding="utf-8")
    assert "random_forest_augmented" not in note
    assert not list((repository / "data").rglob("*random_forest_augmented*"))
    settle(repository, "one candidate less")
    assert "up to date" in run(repository, "dvc", "status")
    clone = tmp_path / "clone"
    run(repository, "git", "clone", "--quiet", ".", str(clone))
    assert ran(run(clone, "dvc", "repro", "--dry", "--allow-missing")) == []
    shutil.copytree(repository / ".dvc" / "cache", clone / ".dvc" / "cache")
    run(clone, "dvc", "checkout")
    assert "up to date" in run(clone, "dvc", "status")


def test_an_ensemble_reruns_only_if_a_member_changed(repository: Path) -> None:
    voted = "ensembles:\n  both: {method: soft_vote, members: [majority, random_forest]}"
    edit(repository / "competitors.yaml", "ensembles: {}", voted)
    assert "combine@both" in ran(run(repository, "dvc", "repro"))
    edit(repository / "competitors.yaml", "views: all", "views: original")
    again = ran(run(repository, "dvc", "repro"))
    assert "gather" in again and "combine@both" not in again


def test_a_role_is_refitted_again_only_if_its_candidates_fit_changed(repository: Path) -> None:
    again = "{seeds: [1], shares: []}"
    roles = f"refits:\n  transfer_finalist: {again}\n  classical_finalist: {again}"
    edit(repository / "competitors.yaml", "refits: {}", roles)
    refits = ("refit@transfer_finalist", "refit@classical_finalist")
    assert set(refits) <= set(ran(run(repository, "dvc", "repro", *refits)))
    assert files.read_table(repository / paths.refit("transfer_finalist")).empty
    assert not files.read_table(repository / paths.refit("classical_finalist")).empty
    finalist = files.read_json(repository / paths.finalist("classical"))["name"]
    (other,) = {"random_forest", "random_forest_augmented"} - {finalist}
    for name, expected in ((other, set()), (finalist, {"refit@classical_finalist"})):
        text = (repository / "competitors.yaml").read_text(encoding="utf-8")
        start = text.index(f"  {name}:")
        changed = text[start:].replace("trees: 20", "trees: 19", 1)
        (repository / "competitors.yaml").write_text(text[:start] + changed, encoding="utf-8")
        stages = set(ran(run(repository, "dvc", "repro", *refits)))
        assert {f"train@{name}", "finalists"} <= stages and stages & set(refits) == expected


def test_another_language_reruns_figures_and_report_only(repository: Path) -> None:
    edit(repository / "params.yaml", "language: en", "language: fr")
    assert ran(run(repository, "dvc", "repro")) == ["check", "figures", "report"]


def test_the_winner_is_an_artifact_with_a_card(finished: Path) -> None:
    won = files.read_json(finished / paths.COMPARISON)["winner"]["winner"]
    assert files.read_json(finished / paths.WINNER / "card.json")["candidate"] == won


def test_the_metrics_are_a_narrow_table(repository: Path) -> None:
    shown = run(repository, "dvc", "metrics", "show")
    assert len(shown.splitlines()) == 1 + len(CLASSICAL)
    assert max(map(len, shown.splitlines())) <= 100


def test_the_plots_are_pictures_on_a_page_that_needs_no_network(repository: Path) -> None:
    run(repository, "dvc", "plots", "diff", "HEAD")
    page = (repository / "dvc_plots/index.html").read_text(encoding="utf-8")
    assert "HEAD_reports_figures_confusion.png" in page
    assert "http" not in page


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_again(repository: Path) -> None:
    def results() -> list[bytes]:
        kept = [paths.COMPARISON, paths.ANSWERS, paths.LEAK_CHECKS]
        kept += [paths.finalist("contest"), paths.finalist("ranking")]
        kept += [paths.metrics(name) for name in CLASSICAL]
        return [(repository / path).read_bytes() for path in kept]

    before = results()
    assert "train@random_forest" in ran(run(repository, "dvc", "repro", "--force", "compare"))
    assert results() == before


@pytest.mark.slow
def test_an_experiment_and_a_branch_can_be_compared_with_plain_dvc(repository: Path) -> None:
    run(repository, "git", "checkout", "--quiet", "-b", "more-trees")
    output = run(
        repository, "dvc", "exp", "run", "-S", "competitors.yaml:candidates.random_forest.trees=3"
    )
    assert "Ran experiment" in output
    settle(repository, "fewer trees")
    difference = run(repository, "dvc", "metrics", "diff", "main")
    assert "reports/metrics/random_forest.json" in difference
    assert "majority" not in difference
    assert "trees" in run(repository, "dvc", "params", "diff", "main")
    plots = run(repository, "dvc", "plots", "diff", "main")
    assert "index.html" in plots


@pytest.mark.slow
def test_the_experiments_of_the_readme_run(repository: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("## Experiments")[1].split("```bash\n")[1].split("```")[0]
    commands = [line.split("  #")[0].strip() for line in block.splitlines()]
    assert len(commands) >= 10
    photo = next((repository / paths.RAW_IMAGES).iterdir())
    shutil.copy(photo, repository / "photo.jpg")
    own = f'aisle() {{ "{sys.executable}" -m aisle.cli "$@"; }}; '
    said = {command: run(repository, "bash", "-ec", own + command) for command in commands}
    assert all("Traceback" not in output for output in said.values())
    assert (repository / "why.png").stat().st_size > 0
    assert (repository / "winner" / "card.json").is_file()
    assert (repository / paths.NOTE).read_text(encoding="utf-8").startswith("# Qu")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scheme: holdout", "scheme: houldout", "Did you mean 'holdout'?"),
        ("path: shop", "path: shap", "catalogue.path is 'shap', which does not exist"),
        ("table: shop.csv", "table: shap.csv", "shop.csv"),
        ("  level: 1", "  level: 9", "no level 9"),
    ],
)
def test_a_mistake_is_one_message_and_earlier_results_stay(
    repository: Path, old: str, new: str, message: str
) -> None:
    kept = [paths.COMPARISON, paths.NOTE, paths.PRODUCTS, paths.SPLIT, paths.RAW_TABLE]
    before = [(repository / path).read_bytes() for path in kept]
    edit(repository / "params.yaml", old, new)
    output = run(repository, "dvc", "repro", fails=True)
    assert message in output
    assert "Traceback" not in output
    assert [(repository / path).read_bytes() for path in kept] == before


def test_a_changed_photo_on_disk_is_noticed(repository: Path) -> None:
    shutil.copy(repository / "shop/photos/rings0.png", repository / "shop/photos/rings1.png")
    assert ran(run(repository, "dvc", "repro", "split")) == ["catalogue", "extract", "split"]
    assert files.read_json(repository / paths.LEAK_CHECKS)["products_in_groups"] == 2


VOTED = """\
candidates:
  # A comment says why.
  majority:
    method: majority
    photos: none
    backbone: none
  random_forest:
    method: classical
    model: forest
    trees: 300
    views: all
    photos: 16
    backbone: none
ensembles:
  both:
    members:
    - majority
    - random_forest
    method: late_fusion
refits:
  classical_finalist:
    seeds:
    - 1
    shares:
    - 0.5
"""


@pytest.mark.slow
def test_a_profile_is_run_in_a_clone_and_only_its_reports_come_back(repository: Path) -> None:
    write_shop(repository.parent / "other", seed=5)
    profile = repository / "profiles" / "other.yaml"
    profile.parent.mkdir()
    change = "candidates:\n  random_forest:\n    trees: 20\n"
    text = f"competitors: voted\nseed: 5\ncatalogue:\n  path: $SHOP\n{change}"
    profile.write_text(text, encoding="utf-8")
    (repository / "competitors").mkdir()
    (repository / "competitors" / "voted.yaml").write_text(VOTED, encoding="utf-8")
    settle(repository, "add a profile")
    place = f"SHOP={repository.parent / 'other'}"
    aisle = (sys.executable, "-m", "aisle.cli")
    run(repository, *aisle, "publish", "other", "--set", place)
    published = repository / "reports" / "other"
    assert {path.name for path in published.iterdir()} == {
        *(
            "note.md",
            "note.html",
            "figures",
            "metrics",
            "cost.json",
            "split.json",
            "params.yaml",
        ),
        *("comparison.json", "comparison.csv", "competitors.yaml", "competitors.json"),
    }
    settings = (published / "params.yaml").read_text(encoding="utf-8")
    assert "seed: 5" in settings and "path: $SHOP" in settings
    competitors = (published / "competitors.yaml").read_text(encoding="utf-8")
    assert competitors == VOTED.replace("trees: 300", "trees: 20")
    scored = {path.stem for path in (published / "metrics").iterdir()}
    assert scored == {"majority", "random_forest", "both"}
    stages = files.read_json(published / "cost.json")["stages"]
    assert list(stages)[-3:] == ["finalists", "refit@classical_finalist", "compare"]
    assert run(repository, "git", "status", "--porcelain").split() == ["??", "reports/other/"]
    refused = run(repository, *aisle, "publish", "other", fails=True)
    assert "needs --set SHOP=PATH" in refused and "Traceback" not in refused
    assert "Did you mean 'other'?" in run(repository, *aisle, "publish", "otter", fails=True)
