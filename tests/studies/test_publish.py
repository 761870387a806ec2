"""Profiles: places are filled from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from aisle.errors import AisleError
from aisle.studies.publish import fill


def test_places_are_filled_at_every_depth() -> None:
    content = {"catalogue": {"path": "$CATALOGUE"}, "files": ["$WEIGHTS/b0.h5"], "seed": 7}
    assert fill(content, values={"CATALOGUE": "shop", "WEIGHTS": "w"}) == {
        "catalogue": {"path": "shop"},
        "files": ["w/b0.h5"],
        "seed": 7,
    }


def test_a_place_that_was_not_given_is_named() -> None:
    with pytest.raises(AisleError, match="needs --set WEIGHTS=PATH"):
        fill({"file": "$WEIGHTS/b0.h5"}, values={})


def test_a_place_without_a_path_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "aisle.cli", "publish", "flipkart", "--set", "CATALOGUE"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    refused = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert refused.returncode != 0 and "Traceback" not in refused.stderr
    assert "expected PLACE=PATH, got 'CATALOGUE'" in refused.stderr
