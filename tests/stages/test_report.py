"""What a user relies on when `dvc repro` writes the note."""

import subprocess
import sys
from pathlib import Path

import pytest
import tiny_report

from aisle.errors import AisleError
from aisle.stages import figures, report


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tiny_report.write(tmp_path, per_category=20, epochs=3)


def test_the_note_shows_what_was_drawn_and_nothing_else_is_there(tmp_path: Path) -> None:
    figures.main()
    report.main()
    names = {path.name for path in (tmp_path / "reports/figures").iterdir()}
    assert names == {
        "examples.png",
        "results.png",
        "curves.png",
        "confusion.png",
        "verdicts.png",
        "learning.png",
        "mixed_up.png",
        "per_category.png",
        "frontier.png",
        "occlusion.png",
        "suspects.png",
    }
    assert (tmp_path / "reports/note.md").read_text(encoding="utf-8").startswith("# Does")


def test_an_earlier_figure_that_is_no_longer_drawn_vanishes(tmp_path: Path) -> None:
    (tmp_path / "reports/figures").mkdir()
    for name in ("old.png", "curves.png", "results.png"):
        (tmp_path / "reports/figures" / name).touch()
    classical = {"random_forest": tiny_report.CANDIDATES["random_forest"]}
    tiny_report.edit_params(
        tmp_path,
        candidates=classical,
        report={"examples": 0, "language": "en", "published": "none", "weights": "none"},
    )
    figures.main()
    names = {path.name for path in (tmp_path / "reports/figures").iterdir()}
    assert names == {
        *("results.png", "confusion.png", "mixed_up.png", "learning.png"),
        *("per_category.png", "occlusion.png", "suspects.png"),
    }
    assert (tmp_path / "reports/figures/results.png").stat().st_size > 0


def test_a_missing_result_is_one_message_and_the_earlier_note_stays(tmp_path: Path) -> None:
    figures.main()
    (tmp_path / "reports/note.md").write_text("earlier")
    (tmp_path / "reports/answers.csv").unlink()
    with pytest.raises(AisleError, match=r"answers\.csv' is missing.*dvc repro"):
        report.main()
    assert (tmp_path / "reports/note.md").read_text() == "earlier"


def test_the_stages_start_without_heavy_libraries() -> None:
    probe = "import sys, aisle.stages.report, aisle.stages.figures; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], check=False, capture_output=True, text=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert not {"pandas", "matplotlib", "tensorflow"} & set(loaded.stdout.split())


def test_another_wording_needs_no_drawing() -> None:
    parts = ("figure_texts", "evidence", "note", "page")
    probe = f"import sys; from aisle.report import {', '.join(parts)}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], check=True, capture_output=True, text=True
    )
    assert "matplotlib" not in loaded.stdout.split()
