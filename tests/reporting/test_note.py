"""The note, as its reader finds it.

tests/reporting/golden/note.md is what the tiny report must give. After a wanted change, refresh it
with `REFRESH_GOLDEN=1 pytest tests/reporting/test_note.py` and read its diff.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import tiny_report

from aisle.reporting import evidence, facts, figures, note
from aisle.reporting.wording import GAP

GOLDEN = Path(__file__).parent / "golden" / "note.md"
TEMPLATE = note.TEMPLATES / "note.md.j2"
NAMES_WITH_DIGITS = ("EfficientNetV2", "macro-F1", "Macro-F1", "F1", "95 %", "SHA-256")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def render(root: Path, **settings: Any) -> str:
    """Return the note for a tiny report written with these settings."""
    tiny_report.write(root, **settings)
    return again()


def again() -> str:
    """Return the note for what is on disk, with figures that are named and not drawn."""
    names = ("categories", "examples", "results", "curves", "confusion")
    drawings = {name: figures.Drawing(f"{name}.png", f"All {name}.", "") for name in names}
    return note.render(evidence.load(facts.load()), drawings)


def drawn(root: Path, **settings: Any) -> str:
    """Return the note with its figures really drawn below `root`."""
    tiny_report.write(root, **settings)
    found = evidence.load(facts.load())
    (root / "reports/figures").mkdir()
    return note.render(found, figures.draw_all(found, root / "reports/figures"))


def table(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its header."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    end = next((i for i, line in enumerate(lines) if i and line.startswith("|---")), 1)
    rows = []
    for line in lines[end + 1 :]:
        if line.startswith("|---"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def test_the_tiny_report_gives_the_golden_note(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    if os.environ.get("REFRESH_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8", newline="\n")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_number_of_the_results_is_the_one_in_metrics_json(tmp_path: Path) -> None:
    text = render(tmp_path)
    metrics = tiny_report.read_json(tmp_path / "reports/metrics.json")
    rows = table(text, "Results")[: len(metrics)]
    assert len(rows) == len(metrics)
    for (name, scores), row in zip(metrics.items(), rows, strict=True):
        title, accuracy, interval, correct, macro_f1, log_loss = row[:6]
        assert f"`{name}`" in title
        assert accuracy.strip("*") == f"{scores['accuracy']:.3f}"
        assert interval == f"{scores['accuracy_low']:.3f}–{scores['accuracy_high']:.3f}"
        assert correct == f"{scores['correct']}/{scores['products']}"
        assert macro_f1 == f"{scores['macro_f1']:.3f}"
        assert log_loss == f"{scores['log_loss']:.3f}"


def test_a_changed_score_changes_the_note_and_the_winner(tmp_path: Path) -> None:
    render(tmp_path)
    path = tmp_path / "reports/metrics.json"
    metrics = tiny_report.read_json(path)
    metrics["efficientnetv2_b1"] |= {"accuracy": 0.9167, "correct": 11}
    tiny_report.write_json(path, metrics)
    text = again()
    assert "`efficientnetv2_b1` leads: 11 of 12 test products right (0.917" in text
    assert "**0.917**" in text


def test_costs_are_those_of_cost_json(tmp_path: Path) -> None:
    rows = {row[0]: row for row in table(render(tmp_path), "Results")}
    forest = [cell.replace(GAP, " ") for cell in rows["**`random_forest`**"]]
    assert forest[6:] == ["3.2 s", "–", "21 ms", "4.5 MB"]


def test_a_removed_candidate_leaves_the_note_even_if_its_files_stay(tmp_path: Path) -> None:
    assert "efficientnetv2_b1" in render(tmp_path)
    kept = {k: v for k, v in tiny_report.CANDIDATES.items() if k != "efficientnetv2_b1"}
    tiny_report.edit_params(tmp_path, candidates=kept)
    text = again()
    assert "efficientnetv2_b1" not in text
    assert "efficientnetv2_b0" in text


def test_random_weights_are_stated_before_any_result(tmp_path: Path) -> None:
    text = render(tmp_path)
    first = text.split("\n\n")[1]
    assert "**No transfer learning was measured.**" in first
    assert "`b0` and `b1` had random weights" in first
    assert "The hub did not answer" in first, "the reason belongs there too"
    assert "Not measured." in text.split("leads")[0]


def test_weights_from_a_file_are_named_and_not_called_imagenet(tmp_path: Path) -> None:
    text = render(tmp_path, sources={"b0": "file", "b1": "imagenet"})
    first = text.split("\n\n")[1]
    assert "`b0` (file `my_food.weights.h5`) are not the official ImageNet" in first
    assert "No transfer learning" not in text
    assert "| `b1` | the published ImageNet weights | `623162316231…` |" in text


def test_the_question_is_answered_only_where_the_intervals_part(tmp_path: Path) -> None:
    pretrained = {"b0": "imagenet", "b1": "imagenet"}
    skill = {"random_forest": 0.5, "efficientnetv2_b0": 0.98, "efficientnetv2_b1": 0.5}
    tiny_report.write(tmp_path, sources=pretrained, skill=skill, per_category=60, folds=3)
    assert "**Yes. `efficientnetv2_b0` wins" in again()
    metrics = tiny_report.read_json(tmp_path / "reports/metrics.json")
    metrics["efficientnetv2_b0"]["accuracy_low"] = metrics["random_forest"]["accuracy_high"]
    tiny_report.write_json(tmp_path / "reports/metrics.json", metrics)
    assert "**This test cannot tell. `efficientnetv2_b0` leads" in again()


def test_whom_the_leader_is_compared_with_is_said_truly(tmp_path: Path) -> None:
    text = render(tmp_path, skill={"efficientnetv2_b0": 0.98})
    assert "more than `random_forest`, the forest;" in text
    tiny_report.edit_params(
        tmp_path, candidates={k: v for k, v in tiny_report.CANDIDATES.items() if "net" in k}
    )
    assert "more than `efficientnetv2_b1`, the runner-up;" in again()


def test_a_synthetic_catalogue_is_called_so_and_a_real_one_is_not(tmp_path: Path) -> None:
    assert "The catalogue is **synthetic**" in render(tmp_path)
    content = tiny_report.read_json(tmp_path / "params.yaml")["catalogue"]
    tiny_report.edit_params(tmp_path, catalogue=content | {"source": "table"})
    assert "synthetic" not in again()


def test_special_characters_in_names_break_neither_tables_nor_html(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert r"Home \| Décor" in text
    assert r"Kitchen\_&amp;\_&lt;Dining&gt;" in text
    assert "<Dining>" not in text
    assert all(len(row) == 6 for row in table(text, "Split")[:5])


def test_every_figure_that_the_note_shows_exists_and_has_a_text(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    shown = re.findall(r"!\[(.+)\]\((.+)\)", text)
    assert len(shown) == 5
    for alternative, path in shown:
        assert len(alternative) > 20
        assert (tmp_path / "reports" / path).is_file()


def test_a_figure_that_was_not_drawn_leaves_a_sentence_with_the_reason(tmp_path: Path) -> None:
    text = drawn(tmp_path, examples=0, candidates=["majority"])
    assert "*No figure `examples.png`: `report.examples` in params.yaml is 0.*" in text
    assert "*No figure `confusion.png`: params.yaml lists only controls.*" in text


def test_rejected_rows_are_counted_by_kind_and_the_first_ones_quoted(tmp_path: Path) -> None:
    text = render(tmp_path, rejects=14)
    assert "14 of 94 rows could not be used" in text
    assert "| unreadable photo | 9 |\n| missing photo | 5 |" in text
    assert len(re.findall(r"\| \d+ \| bad", text)) == 10
    assert r"photo cannot be decoded: broken \| data" in text


def test_a_leak_is_shown_as_a_failed_check(tmp_path: Path) -> None:
    assert "failed" not in render(tmp_path)
    summary = tiny_report.read_json(tmp_path / "reports/split.json")
    summary["leaks"]["photos"] = 3
    tiny_report.write_json(tmp_path / "reports/split.json", summary)
    assert "| photos, byte for byte, on two sides | 3 | **failed** |" in again()


def test_what_only_the_tables_show_fails_its_check_too(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    for name in ("split", "views"):
        path = tmp_path / f"data/{name}.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join([*lines, lines[-1].replace("original", "rotate_90")]) + "\n")
    path = tmp_path / "data/predictions/random_forest.csv"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([first, *reversed(rest)]) + "\n")
    text = again()
    assert "| products tested more than once | 1 | **failed** |" in text
    assert "| test photos other than the original | 1 | **failed** |" in text
    assert "| candidates scored on other products, or in another order | 1 | **failed** |" in text


def test_cross_testing_is_described_and_counts_all_products(tmp_path: Path) -> None:
    text = render(tmp_path, folds=4)
    assert "Cross-testing in 4 folds" in text
    assert "all 80 products count" in text
    assert "| products tested more than once | 0 | passed |" in text
    assert "/80 |" in text


def test_networks_leave_with_everything_that_is_said_about_them(tmp_path: Path) -> None:
    text = render(tmp_path, candidates=["majority", "random_forest"])
    assert "EfficientNetV2" not in text
    assert "| embed |" not in text and "frozen pass" not in text
    assert text.startswith("# Which candidate recognises the categories best?")


def test_one_candidate_is_enough_for_a_note(tmp_path: Path) -> None:
    text = render(tmp_path, candidates=["random_forest"], rejects=0)
    assert "`random_forest` is the only candidate" in text
    assert "Every row could be used." in text


def test_many_categories_are_folded_away(tmp_path: Path) -> None:
    text = render(tmp_path, categories=[f"c{i:02d}" for i in range(30)], per_category=8)
    assert "<details><summary>Products per category and partition</summary>\n\n| cat" in text


def test_the_template_holds_no_result(tmp_path: Path) -> None:
    words = re.sub(r"\{[%{].*?[%}]\}", "", TEMPLATE.read_text(encoding="utf-8"))
    for name in NAMES_WITH_DIGITS:
        words = words.replace(name, "")
    assert not re.findall(r".*\d.*", words)


def test_the_note_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert str(tmp_path) not in text
    assert "/home/" not in text and "/tmp/" not in text
