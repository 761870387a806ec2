"""The benchmark that draws many samples and asks whether a first run decides."""

import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
def test_each_sample_seed_is_a_row_with_both_finalists_and_the_word() -> None:
    """In a process of its own: it forks one per seed, which must not have loaded TensorFlow."""
    changes = "catalogue.sample.products_per_category=10,variants.b0.size=32,resize.sizes=[32,96]"
    named = ["--candidates", "hog_svc", "b0_svc", "--changes", changes]
    command = [sys.executable, "-m", "benchmarks.first_runs", "1", "--first", "5", *named]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    row = done.stdout.splitlines()[2]
    assert row.startswith("| 5 | `b0_svc` ")
    assert " | `hog_svc` " in row
    assert row.split(" | ")[-1].removesuffix(" |") in ("better", "worse", "tie", "undecided")
