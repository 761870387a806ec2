"""Outputs of what is no longer in the settings go; those of what is stay."""

from pathlib import Path

import pytest

from aisle import files, paths
from aisle.settings import leftovers

LISTED = {
    "candidates": ["forest", "words"],
    "ensembles": ["both"],
    "refits": ["forest"],
    "variants": ["b0"],
}


def written(*names: tuple[str, str, str, str, str]) -> list[Path]:
    """Return one file of each kind for these candidates, ensembles, refits, variants, sizes."""
    found = []
    for candidate, ensemble, refit, variant, size in names:
        found += [
            paths.models(candidate) / "fold_0" / "model.skops",
            paths.history(candidate),
            paths.predictions(candidate),
            paths.validation(candidate),
            paths.facts("evaluate", candidate),
            paths.timings(f"train@{candidate}"),
            paths.ensemble_predictions(ensemble),
            paths.facts("combine", ensemble),
            paths.timings(f"combine@{ensemble}"),
            paths.refit(refit),
            paths.timings(f"refit@{refit}"),
            paths.facts("weights", variant),
            paths.facts("embed", variant),
            paths.timings(f"embed@{variant}"),
            paths.timings(f"resize@{size}"),
        ]
    for path in found:
        files.write_text("content", path)
    return found


def test_only_what_is_listed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = written(("forest", "both", "forest", "b0", "32"))
    shared = [paths.REFITS / paths.NONE, paths.timings("split"), paths.PRODUCTS]
    for path in shared:
        files.write_text("content", path)
    gone = written(("cnn", "vote", "words", "b1", "64"))
    removed = leftovers.remove(leftovers.expected(LISTED, sizes=[32]))
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in (*kept, *shared))
    assert paths.models("cnn") in removed and len(removed) == len(gone)


def test_nothing_is_removed_before_there_is_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert leftovers.remove(leftovers.expected(LISTED, sizes=[32])) == []
