"""The benchmark that draws many samples and asks whether a first run decides."""

import sys

import pytest
from conftest import ROOT

from benchmarks import first_runs


@pytest.mark.slow
def test_each_sample_seed_is_a_row_with_both_finalists_and_the_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = "catalogue.sample.products_per_category=10,variants.b0.size=32,resize.sizes=[32,96]"
    monkeypatch.chdir(ROOT)
    named = ["--candidates", "hog_svc", "b0_svc", "--changes", changes]
    monkeypatch.setattr(sys, "argv", ["first_runs", "1", "--first", "5", *named])
    first_runs.main()
    row = capsys.readouterr().out.splitlines()[2]
    assert row.startswith("| 5 | `b0_svc` ")
    assert " | `hog_svc` " in row
    assert row.split(" | ")[-1].removesuffix(" |") in ("better", "worse", "tie", "undecided")
