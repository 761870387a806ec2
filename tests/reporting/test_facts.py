"""The headline: who won, how sure, with which weights."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_report

from aisle.errors import AisleError
from aisle.reporting import facts


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scores(correct: int, *, products: int = 100, low: float, high: float) -> dict[str, float]:
    return {
        "accuracy": correct / products,
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": 0.5,
        "log_loss": 1.0,
        "correct": correct,
        "products": products,
    }


def write(root: Path, metrics: dict[str, dict[str, float]], **sources: str) -> None:
    tiny_report.write(root, per_category=8, candidates=list(metrics), sources=sources)
    (root / "reports/metrics.json").write_text(json.dumps(metrics))


def test_the_headline_says_who_is_ahead_of_whom_and_that_overlapping_intervals_decide_nothing(
    tmp_path: Path,
) -> None:
    metrics = {
        "random_forest": scores(74, low=0.65, high=0.82),
        "efficientnetv2_b0": scores(71, low=0.61, high=0.79),
    }
    write(tmp_path, metrics, b0="imagenet")
    assert facts.headline() == (
        "random_forest 0.740 (74/100, 95 % interval 0.650–0.820) is ahead of efficientnetv2_b0 "
        "0.710; the intervals overlap, so this test cannot separate them."
    )


def test_separate_intervals_are_called_separate(tmp_path: Path) -> None:
    metrics = {
        "random_forest": scores(60, low=0.5, high=0.69),
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
    }
    write(tmp_path, metrics, b0="imagenet")
    headline = facts.headline()
    assert headline.startswith("efficientnetv2_b0 0.900")
    assert "the intervals do not overlap, so this test separates them" in headline
    assert "Weights" not in headline


def test_a_winning_network_is_compared_with_the_forest_not_with_its_sibling(tmp_path: Path) -> None:
    metrics = {
        "random_forest": scores(60, low=0.5, high=0.69),
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
        "efficientnetv2_b1": scores(89, low=0.82, high=0.94),
    }
    write(tmp_path, metrics, b0="imagenet", b1="imagenet")
    headline = facts.headline()
    assert "ahead of random_forest 0.600" in headline
    assert "b1" not in headline


def test_random_weights_are_named_and_never_called_transfer_learning(tmp_path: Path) -> None:
    metrics = {
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
        "efficientnetv2_b1": scores(60, low=0.5, high=0.69),
    }
    write(tmp_path, metrics, b0="random", b1="random")
    assert facts.headline().endswith("Weights were random: no transfer learning was measured.")


def test_only_the_variants_with_random_weights_are_named(tmp_path: Path) -> None:
    metrics = {
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
        "efficientnetv2_b1": scores(60, low=0.5, high=0.69),
    }
    write(tmp_path, metrics, b0="file", b1="random")
    headline = facts.headline()
    assert "Weights of b1 were random: no transfer learning was measured there." in headline
    assert "Weights of b0 (file my_food.weights.h5) are not the official" in headline


def test_a_tie_is_called_level(tmp_path: Path) -> None:
    metrics = {
        "random_forest": scores(74, low=0.65, high=0.82),
        "efficientnetv2_b0": scores(74, low=0.65, high=0.82),
    }
    write(tmp_path, metrics, b0="imagenet")
    assert facts.headline().startswith("random_forest and efficientnetv2_b0 are level: 0.740")


def test_a_single_candidate_is_not_compared_with_anybody(tmp_path: Path) -> None:
    write(tmp_path, {"random_forest": scores(74, low=0.65, high=0.82)})
    assert facts.headline().endswith("is the only candidate.")


def test_a_control_that_nobody_beats_is_said_plainly(tmp_path: Path) -> None:
    metrics = {
        "majority": scores(30, low=0.2, high=0.4),
        "random_forest": scores(20, low=0.1, high=0.3),
    }
    write(tmp_path, metrics)
    assert "No candidate beats the control" in facts.headline()


def test_a_candidate_without_scores_is_an_error_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, {"random_forest": scores(74, low=0.65, high=0.82)})
    tiny_report.edit_params(
        tmp_path, candidates={name: tiny_report.CANDIDATES[name] for name in ["majority"]}
    )
    with pytest.raises(AisleError, match=r"has no scores for majority.*dvc repro"):
        facts.headline()


def test_the_headline_loads_no_table_or_drawing_library() -> None:
    probe = "import sys, aisle.reporting.facts; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], check=False, capture_output=True, text=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert not {"pandas", "matplotlib", "tensorflow", "sklearn"} & set(loaded.stdout.split())
