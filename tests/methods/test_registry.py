"""A method is a module that offers five names; what it lacks is named."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import write_params

from aisle import methods
from aisle.errors import AisleError
from aisle.methods.common import listing, registry

WHOLE = """
from aisle.settings import params

class Settings(params.Candidate): ...
def fit(**given): ...
def load(**given): ...
def frozen_pass(settings): ...
def describe(settings): ...
"""


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("without_words", ("def describe(settings): ...", ""), "lacks describe. Expected Settings"),
        ("without_two", ("def load(**given): ...", "fit = 3"), "lacks fit, load."),
        ("without_base", ("(params.Candidate)", ""), "is no subclass of params.Candidate"),
    ],
)
def test_a_module_that_is_no_whole_method_is_refused_by_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Any, message: str
) -> None:
    (tmp_path / f"{name}.py").write_text(WHOLE.replace(*change), encoding="utf-8")
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(tmp_path)])
    with pytest.raises(AisleError, match=rf"'{name}'.*{re.escape(message)}"):
        registry.method(name)


def test_the_competitors_have_a_kind_an_input_and_all_their_settings(workspace: Path) -> None:
    words = {"method": "tfidf", "photos": "none", "backbone": "none"}
    pixels = {"method": "network", "architecture": "cnn", "photos": 16, "backbone": "none"}
    write_params(
        workspace,
        candidates={"words": words, "pixels": pixels},
        ensembles={"fused": {"method": "late_fusion", "members": ["words", "pixels"]}},
    )
    found = listing.described()
    one = found["candidates"]["words"]
    assert (one["method"], one["kind"], one["reads"]) == ("tfidf", "text", "text")
    assert (one["settings"]["ngrams"], one["settings"]["trees"]) == (2, None)
    assert found["candidates"]["pixels"]["kind"] == "neural"
    assert found["candidates"]["pixels"]["settings"]["training"]["learning_rate"] == 3e-4
    assert found["ensembles"]["fused"] == {
        "method": "late_fusion",
        "kind": "both",
        "reads": "photo and text",
        "members": ["words", "pixels"],
    }


@pytest.mark.parametrize("module", ["standings.standings", "serving.predict", "stages.compare"])
def test_standings_and_what_uses_them_import_neither_the_report_nor_a_method(module: str) -> None:
    probe = f"import sys, aisle.{module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not [name for name in loaded if name.startswith("aisle.report")]
    inside = {name for name in loaded if name.startswith("aisle.methods.")}
    assert not {name for name in inside if not name.startswith("aisle.methods.common")}
    assert not (inside and module.startswith("standings"))
