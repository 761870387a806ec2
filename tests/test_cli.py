"""The command line starts fast: libraries that only fit or draw are imported when needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_report
from conftest import ROOT

START = """
import contextlib, sys
from aisle import cli
sys.argv = ["aisle", *{arguments}]
with contextlib.suppress(SystemExit):
    cli.main()
slow = {{"tensorflow", "keras", "sklearn", "matplotlib", "dvc"}} & set(sys.modules)
sys.exit(f"imported: {{slow}}" if slow else 0)
"""


def starts(*arguments: str, folder: Path) -> str:
    """Return what a command printed, after it imported nothing that takes seconds."""
    done = subprocess.run(
        [sys.executable, "-c", START.format(arguments=list(arguments))],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_help_lists_every_verb(tmp_path: Path) -> None:
    printed = starts("--help", folder=tmp_path)
    for verb in ("check", "headline", "predict", "export", "compare"):
        assert f"    {verb} " in printed


def test_check_reads_the_committed_settings(workspace: Path) -> None:
    starts("check", folder=workspace)


def test_the_headline_is_that_of_the_note(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    assert "The whole note: reports/note.md" in starts("headline", folder=tmp_path)


@pytest.mark.parametrize("verb", ["compare", "predict"])
def test_the_help_of_a_verb_names_its_exit_codes(tmp_path: Path, verb: str) -> None:
    assert "Exit code: 0" in starts(verb, "--help", folder=tmp_path)
