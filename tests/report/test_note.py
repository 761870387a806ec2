"""The note, as its reader finds it.

tests/report/golden/ holds what the tiny report must give, in each language. After a wanted
change, refresh it with `REFRESH_GOLDEN=1 pytest tests/report/test_note.py` and read its diff.
"""

import itertools
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_report

from aisle import files, paths
from aisle.report import evidence, figures, headline, note, rendering
from aisle.report.evidence import Evidence
from aisle.report.figure_texts import FigureText
from aisle.report.published import CONTRASTS
from aisle.report.translation import Language, speaking
from aisle.report.wording import GAP, JOINER, duration, size
from aisle.standings import standings, verdicts
from aisle.studies.leaks import HONEST, VIEWS

GOLDEN = Path(__file__).parent / "golden"
TEMPLATE = rendering.TEMPLATES / "note.md.j2"
EVERYBODY: dict[str, Any] = {
    "candidates": list(tiny_report.CANDIDATES),
    "ensembles": list(tiny_report.ENSEMBLES),
}
NAMES_WITH_DIGITS = ("EfficientNetV2", "macro-F1", "Macro-F1", "F1", "SHA-256")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def render(root: Path, **settings: Any) -> str:
    """Return the note for a tiny report written with these settings."""
    tiny_report.write(root, **settings)
    return again()


def again() -> str:
    """Return the note for what is on disk, with figures that are named and not drawn."""
    return noted(evidence.load(standings.load()))


def noted(found: Evidence) -> str:
    """Return the note for this evidence, with figures that are named and not drawn."""
    names = [
        *("examples", "results", "curves", "confusion", "verdicts", "learning", "mixed_up"),
        *("suspects", "per_category", "frontier", "occlusion"),
    ]
    texts = {name: FigureText(f"{name}.png", f"All {name}.", "") for name in names}
    return note.render(found, texts)


def drawn(root: Path, **settings: Any) -> str:
    """Return the note with its figures really drawn below `root`."""
    tiny_report.write(root, **settings)
    found = evidence.load(standings.load())
    (root / "reports/figures").mkdir()
    return note.render(found, figures.draw_all(found, root / "reports/figures"))


def table(text: str, heading: str, *, start: str = "|") -> list[list[str]]:
    """Return the cells, without the header, of the first table below a heading that starts so."""
    section = re.split(rf"\n(?:#+ |<details><summary>){re.escape(heading)}(?:\n|<)", text)[1]
    lines = section[section.index(f"\n{start}") + 1 :].splitlines()
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in list(rows)[2:]
    ]


def render_again(root: Path, **settings: Any) -> str:
    """Return the note for another tiny report in the same place."""
    for name in ("data", "reports"):
        shutil.rmtree(root / name)
    return render(root, **settings)


@pytest.mark.parametrize(("language", "name"), [("en", "note.md"), ("fr", "note.fr.md")])
def test_the_tiny_report_gives_the_golden_note(
    tmp_path: Path, language: Language, name: str
) -> None:
    with speaking(language):
        text = drawn(tmp_path, **EVERYBODY)
    if os.environ.get("REFRESH_GOLDEN"):
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "said"), [("en", "90 %"), ("fr", "à 90 %")])
def test_note_and_figures_say_the_confidence_in_force(
    tmp_path: Path, language: Language, said: str
) -> None:
    with speaking(language):
        text = drawn(tmp_path, confidence=0.9, **EVERYBODY).replace(GAP, " ")
        one_line = headline.headline().replace(GAP, " ")
    assert "95 %" not in text + one_line
    assert said in one_line
    assert text.count(said) >= 6


def results(text: str) -> dict[str, list[str]]:
    """Return the cells of the results after the first, by competitor; `**` and marks removed."""
    rows = [row for row in table(text, "Results") if "`" in row[0]]
    return {re.findall(r"`(.+)`", row[0])[0]: [cell.strip("*") for cell in row[1:]] for row in rows}


def test_every_number_of_the_results_is_that_of_the_standings(tmp_path: Path) -> None:
    text = render(tmp_path, **EVERYBODY)
    competitors = standings.load().competitors
    rows = results(text)
    assert set(rows) == {c.name for c in competitors}
    for c in competitors:
        assert rows[c.name][:5] == [
            f"{c.score.accuracy:.3f}",
            f"{c.score.accuracy_low:.3f}–{JOINER}{c.score.accuracy_high:.3f}",
            f"{c.score.correct}",
            f"{c.score.macro_f1:.3f}",
            f"{c.score.log_loss:.3f}",
        ]


def test_results_stand_in_groups_the_best_of_each_first_and_bold(tmp_path: Path) -> None:
    rows = table(render(tmp_path, per_category=60, **EVERYBODY), "Results")
    groups: dict[str, list[list[str]]] = {}
    for row in rows:
        if not any(row[1:]):
            groups[row[0].strip("*")] = []
        else:
            groups[list(groups)[-1]].append(row)
    assert list(groups) == [
        "Controls",
        "Photo: classical",
        "Photo: networks from scratch",
        "Photo: transfer learning",
        "Photo: ensembles",
        "Text",
        "Photo and text",
    ]
    for members in groups.values():
        right = [int(row[3]) for row in members]
        assert right == sorted(right, reverse=True)
        assert [row[0].startswith("**") for row in members] == [n == right[0] for n in right]


def test_only_competitors_that_do_not_beat_the_controls_are_marked(tmp_path: Path) -> None:
    text = render(tmp_path, per_category=60, skill={"cnn": 0.05}, **EVERYBODY)
    marked = [row[0] for row in table(text, "Results") if "†" in row[0]]
    assert "**`cnn`** †" in marked
    assert not any("late_fusion" in title or "majority" in title for title in marked)
    assert "† The verdict against the best control, `majority`, is not *better*." in text
    assert "†" not in render_again(tmp_path, per_category=60, candidates=["majority", "tfidf"])


def test_a_score_on_test_changes_the_note_but_not_who_competes(tmp_path: Path) -> None:
    render(tmp_path)
    found = standings.load()
    better = replace(
        next(c for c in found.competitors if c.name == "efficientnetv2_b1"),
        score=replace(found.competitors[0].score, accuracy=0.9167, correct=11),
    )
    competitors = tuple(better if c.name == better.name else c for c in found.competitors)
    text = noted(replace(evidence.load(found), standings=replace(found, competitors=competitors)))
    assert "**0.917**" in text
    assert "The candidate `efficientnetv2_b0`, on random weights, gets" in text


def test_costs_are_those_of_cost_json(tmp_path: Path) -> None:
    rows = results(render(tmp_path, **EVERYBODY))
    plain = {name: [cell.replace(GAP, " ") for cell in cells] for name, cells in rows.items()}
    assert plain["random_forest"][6:] == ["3.2 s", "21 ms"]
    assert plain["efficientnetv2_b0"][6:] == ["3 min 16 s", "85 ms"], "with the frozen pass"
    rows_of_candidates = table(again(), "The candidates", start="| candidate |")
    forest = next(row for row in rows_of_candidates if "random_forest" in row[0])
    assert [cell.replace(GAP, " ") for cell in forest[3:]] == ["91 k nodes", "4.5 MB", "3.2 s", "–"]


def test_the_minutes_of_all_stages_are_listed_the_longest_first(tmp_path: Path) -> None:
    text = render(tmp_path, **EVERYBODY)
    *rows, together = table(text, "Computing time")
    stages = tiny_report.read_json(tmp_path / "reports/cost.json")["stages"]
    seconds = {name: cost["seconds"] for name, cost in stages.items()}
    fits = [seconds[name] for name in seconds if name.startswith("train@")]
    assert rows[0][:3] == ["`train`", "9", duration(sum(fits))]
    assert rows[0][4] == f"`train@efficientnetv2_b1`: {duration(max(fits))}"
    assert [row[0] for row in rows[1:3]] == ["`evaluate`", "`catalogue`"]
    assert rows[-1][:2] == ["3 others", "3"], "check, split and augment"
    assert together[:3] == ["**total**", f"{len(stages)}", duration(sum(seconds.values()))]
    most = size(1e6 * max(cost["peak_megabytes"] for cost in stages.values()))
    assert f"`train@efficientnetv2_b1` used the most memory, {most}." in text


def test_a_removed_candidate_leaves_the_note_even_if_its_files_stay(tmp_path: Path) -> None:
    assert "efficientnetv2_b1" in render(tmp_path)
    kept = {k: tiny_report.CANDIDATES[k] for k in tiny_report.FEW if k != "efficientnetv2_b1"}
    tiny_report.edit_params(tmp_path, candidates=kept)
    cost = tiny_report.read_json(tmp_path / "reports/cost.json")
    for name in ("train@efficientnetv2_b1", "evaluate@efficientnetv2_b1"):
        del cost["stages"][name]  # compare, which runs before the note, lists the rest
    tiny_report.write_json(tmp_path / "reports/cost.json", cost)
    text = again()
    assert "efficientnetv2_b1" not in text
    assert "efficientnetv2_b0" in text


def test_random_weights_are_stated_right_below_the_answer(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert "\n\n**Not measured. The candidate `efficientnetv2_b0`, on random weights" in text
    assert "Weights were random: no transfer learning was measured." in warning(text)


def warning(text: str) -> str:
    """Return the warning below the answer, without the mark of its box."""
    mark, _, line = text.split("\n\n")[2].partition("\n")
    assert mark == "> [!WARNING]"
    return line.removeprefix("> ")


def test_the_answer_comes_first_and_the_method_last(tmp_path: Path) -> None:
    text = render(tmp_path, **EVERYBODY)
    before, _, rest = text.partition("\n## ")
    assert (
        before.index("**Not measured.") < before.index("[!WARNING]") < before.index("results.png")
    )
    assert re.findall(r"^## (.+)$", f"## {rest}", flags=re.M) == [
        *(
            "Advice",
            "Results",
            "Errors",
            "What the answers rely on",
            "Random variation and more data",
        ),
        *("Limits", "Method", "Appendix", "References"),
    ]
    folded = re.findall(r"<details><summary>(.+)</summary>", text.partition("## Appendix")[2])
    assert folded == ["How EfficientNetV2 works", "Computing time", "Environment"]


def test_mistakes_in_common_are_counted(tmp_path: Path) -> None:
    text = render(tmp_path, per_category=60, **EVERYBODY)
    found = evidence.load(standings.load()).predictions
    wrong = {
        name: set(answers.loc[answers["actual"] != answers["predicted"], "product_id"])
        for name, answers in found.items()
    }
    header = "| pair | mistakes of the better one that the other makes too |"
    rows = table(text, "Errors", start=header)
    assert len(rows) == 3
    for pair, both, *_ in rows:
        first, second = re.findall(r"`(.+?)`", pair)
        fewest = min(len(wrong[first]), len(wrong[second]))
        assert both == f"{len(wrong[first] & wrong[second])} of {fewest}"


def test_weights_from_a_file_are_named_and_not_called_imagenet(tmp_path: Path) -> None:
    text = render(tmp_path, sources={"b0": "file", "b1": "imagenet"})
    assert (
        "Weights of b0 (file my\\_food.weights.h5) were given as files; they are not known to be"
        in warning(text)
    )
    assert "no transfer learning" not in text
    assert "| `b1` | the published ImageNet weights | `623162316231…` |" in text


@pytest.mark.parametrize(
    ("spoken", "warned", "worth"),
    [
        (
            "en",
            "The weights come from pretraining on formula-generated images, not on photos; they "
            "are not the official ImageNet weights. The photos are synthetic drawings",
            "a linear model on their frozen features gets 60–61 % of 840 products right; 48 % on "
            "random weights, 81–82 % on weights pretrained on photos (Food-101).",
        ),
        (
            "fr",
            "Les poids ont été préentraînés sur des images engendrées par des formules, pas sur "
            "des photos ; ce ne sont pas les poids officiels d'ImageNet.",
            "sur 840 produits, un modèle linéaire sur leurs caractéristiques gelées en classe "
            "correctement 60–61 %, contre 48 % avec des poids aléatoires et 81–82 % avec",
        ),
    ],
)
def test_weights_from_formulas_are_stated_below_the_answer_and_their_worth_in_the_method(
    tmp_path: Path, spoken: Language, warned: str, worth: str
) -> None:
    with speaking(spoken):
        text = render(tmp_path, sources={"b0": "formula", "b1": "formula"}).replace(GAP, " ")
    assert warned in warning(text)
    assert worth in text
    assert "(random weights)" not in text and "(poids aléatoires)" not in text
    assert "Not measured." not in text and "Non mesuré" not in text


def test_what_the_user_says_of_weights_from_files_stands_among_the_warnings(tmp_path: Path) -> None:
    said = "Trained on food_101; b1 was grown from b0."
    tiny_report.write(tmp_path, sources={"b0": "file", "b1": "file"})
    report = tiny_report.read_json(tmp_path / "params.yaml")["report"]
    tiny_report.edit_params(tmp_path, report=report | {"weights": said})
    assert "Trained on food\\_101; b1 was grown from b0." in warning(again())
    assert "food" not in render_again(tmp_path)  # random weights, and nothing to say


def published(root: Path, **settings: Any) -> str:
    """Return the note with the results published on the Flipkart catalogue beside these."""
    tiny_report.write(root, **settings)
    report = tiny_report.read_json(root / "params.yaml")["report"]
    tiny_report.edit_params(root, report=report | {"published": "flipkart"})
    return again()


def test_the_studys_reversed_result_is_told_with_its_name_and_the_price_of_pooled_views(
    tmp_path: Path,
) -> None:
    skill = {"random_forest": 0.4, "efficientnetv2_b0": 0.9}
    text = published(tmp_path, skill=skill, per_category=60)
    right = {c.name: c.score.correct for c in standings.load().competitors}
    assert right["efficientnetv2_b0"] > right["random_forest"]
    assert (
        "*Note méthodologique : POC*, the study reproduced here, found its random forest ahead of "
        "its EfficientNetV2-B0 (0.829 against 0.797). Here it is the other way round: "
        f"`efficientnetv2_b0` gets {right['efficientnetv2_b0']} of 36 right"
    ) in text
    assert "from 0.590 to 0.753 ([leaks](leaks.md))" in text
    skill = {"random_forest": 0.9, "efficientnetv2_b0": 0.4}
    shutil.rmtree(tmp_path / "data")
    text = published(tmp_path, skill=skill, per_category=60)
    assert (
        "(0.829 against 0.797). Here too: `random_forest` gets" in text and "leaks.md" not in text
    )


def test_without_published_results_nothing_is_said_of_a_study_or_of_earlier_choices(
    tmp_path: Path,
) -> None:
    text = render(tmp_path)
    assert "the study" not in text and "strictly blind" not in text
    text = published(tmp_path, folds=4)
    assert "they are test products here, so the figures are not strictly blind" in text


def test_the_price_of_pooled_views_is_that_of_the_published_page() -> None:
    pooled = CONTRASTS["flipkart"].pooled_views
    page = Path(__file__).parents[2] / "reports" / "flipkart" / pooled.page
    found = {
        row["set_up"]: round(row["accuracy"], 3)
        for row in tiny_report.read_json(page.with_suffix(".json"))["accuracies"]
        if row["candidate"] == "forest"
    }
    assert (pooled.honest, pooled.pooled) == (found[HONEST], found[VIEWS])


def test_texts_that_may_come_after_the_category_are_warned_of_only_beyond_chance(
    tmp_path: Path,
) -> None:
    few = render(tmp_path, **EVERYBODY)
    assert "written only after the category is known" not in few
    many = render_again(tmp_path, per_category=120, **EVERYBODY)
    sentence = next(line for line in many.splitlines() if "after the category is known" in line)
    assert sentence.startswith("`tfidf` falls from 0.625 to 0.250 (another description): beyond")
    assert "another name" not in sentence, "0.500 could be chance"


def test_mixed_weights_are_named_one_by_one(tmp_path: Path) -> None:
    text = render(tmp_path, sources={"b0": "formula", "b1": "random"})
    assert warning(text).startswith(
        "Weights of b1 were random: no transfer learning was measured there. The weights of b0 "
        "come from pretraining on formula-generated images"
    )
    assert "| `efficientnetv2_b0` (formula weights) |" in text
    assert "| `efficientnetv2_b1` (random weights) |" in text
    assert (
        "| `b0` | `efficientnetv2-b0_formula.weights.h5`, pretrained on formula-generated images "
        "| `623062306230…` |"
    ) in text


def test_what_a_backbone_that_was_not_embedded_computes_is_left_open(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    tiny_report.write_json(tmp_path / "data/facts/embed/b1.json", {})
    (row,) = [
        line for line in again().splitlines() if line.startswith("| `efficientnetv2_b1` | 0.")
    ]
    assert row.split(" | ")[5] == "–"


def test_the_question_is_answered_by_the_verdict_alone(tmp_path: Path) -> None:
    pretrained = {"b0": "imagenet", "b1": "imagenet"}
    skill = {"random_forest": 0.5, "efficientnetv2_b0": 0.98, "efficientnetv2_b1": 0.5}
    tiny_report.write(tmp_path, sources=pretrained, skill=skill, per_category=60, folds=3)
    text = again()
    assert "**Yes. The transfer-learning candidate `efficientnetv2_b0` gets" in text
    found = verdicts.read()
    verdicts.write([replace(one, word="undecided") for one in found])
    text = again()
    assert "**This test cannot tell. The transfer-learning candidate `effici" in text


def test_families_are_listed_in_their_order_and_explore_once_a_pair_was_left_open(
    tmp_path: Path,
) -> None:
    rows = table(render(tmp_path, **EVERYBODY), "Verdicts")
    found = tiny_report.read_json(tmp_path / "reports/comparison.json")["families"]
    assert [row[0] for row in rows] == ["contest", "inputs", "controls", "finalist", "all pairs"]
    assert [row[2:4] for row in rows] == [[f"{one['pairs']}", f"{one['decided']}"] for one in found]
    assert [row[4] for row in rows] == ["confirmatory", *["exploratory"] * 4]
    assert "exploratory verdict: undecided" in again()


def test_each_verdict_against_the_photo_finalist_is_that_of_its_family(tmp_path: Path) -> None:
    text = render(tmp_path, per_category=60, folds=3, **EVERYBODY)
    found = standings.load()
    rows = table(text, "Verdicts", start="| competitor |")
    assert {row[1] for row in rows} == {"contest", "inputs", "controls", "finalist"}
    for row in rows:
        name = row[0].strip("`")
        pair = found.verdicts.between(name, found.champion.name, family=row[1])  # type: ignore[arg-type]
        assert row[4] == pair.word


def power(root: Path, **values: Any) -> str:
    """Return the paragraph on power, with some values of it replaced."""
    path = root / "reports/comparison.json"
    found = tiny_report.read_json(path)
    tiny_report.write_json(path, found | {"test": found["test"] | values})
    (line,) = [line for line in again().splitlines() if line.startswith("**Power.**")]
    return line


def test_the_power_is_told_in_round_numbers_and_where_no_number_helps_that_is_said(
    tmp_path: Path,
) -> None:
    tiny_report.write(tmp_path)
    known = {"discordant": 0.312, "products": 840, "smallest_difference": 0.0534}
    text = power(tmp_path, **known, needed={"0.1": 352, "0.02": None, "0.05": 1437})
    assert (
        "exactly one of the two was right. 840 test products then show a difference of 0.053 (45 "
        "products) in four tests out of five."
    ) in text
    assert "Test products that it would take: about 1,400 for 0.05 and about 350 for 0.1." in text
    assert "No number of products is enough for 0.02. A pair in a larger family" in text
    text = power(tmp_path, **known, training_deviation=0.021, needed={"0.02": None, "0.05": None})
    assert "their accuracy varied by 0.021 (standard deviation)" in text
    assert "enough for 0.02 or 0.05, since the trainings themselves differ: more folds" in text
    text = power(tmp_path, smallest_difference=None)
    assert "840 test products are then too few to show any difference reliably." in text
    assert "cannot be estimated" in power(tmp_path, discordant=None)


def test_the_note_says_whether_verdicts_know_of_the_training(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert "The verdicts know of the products only: with another seed" in text
    assert "McNemar" in text and "Satterthwaite" not in text and "Nadeau" not in text
    path = tmp_path / "reports/comparison.json"
    found = tiny_report.read_json(path)
    noise = found["noise"]["random_forest"]
    tiny_report.write_json(path, found | {"noise": found["noise"] | {"efficientnetv2_b0": noise}})
    text = again()
    assert "Verdicts between `random_forest` and `efficientnetv2_b0` take both into account" in text
    assert "the larger p and the wider interval count" in text
    assert "The spread of the seeds is not counted here" in text
    text = render_again(tmp_path, folds=3)
    assert "take both into account, since each fold is a new training" in text
    assert "Nadeau" in text and "McNemar" not in text


def test_the_winner_is_told_with_its_reason(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, per_category=60)
    found = verdicts.read()
    best = standings.load().champion.name
    assert f"By the rule, `{best}` wins: it was the best on validation. The test" in again()
    verdicts.write([replace(one, word="tie") for one in found])
    other = "random_forest"
    assert best != other
    assert (
        f"`{other}` wins: on test it ties with `{best}`, the best on validation, and costs less."
    ) in again()


def test_the_note_and_the_headline_say_the_same(tmp_path: Path) -> None:
    pretrained = {"b0": "imagenet", "b1": "imagenet"}
    text = render(tmp_path, sources=pretrained, source="table", **EVERYBODY)
    opening = text.partition("![")[0].replace("`", "").replace("**", "")
    found = standings.load()
    for sentence in (*headline.answer(found, named=str), *headline.beyond(found, named=str)):
        assert sentence in headline.headline()
        assert sentence in opening


def test_left_out_competitors_are_in_the_first_part_with_the_reason_and_in_no_table(
    tmp_path: Path,
) -> None:
    lost = dict.fromkeys(("tfidf", "photo_and_text"), tiny_report.NO_TEXT)
    text = render(tmp_path, left_out=lost, **EVERYBODY)
    first = text.partition("\n## ")[0]
    assert (
        "Left out, and in none of the tables: `tfidf`, `photo_and_text` and `late_fusion`" in first
    )
    assert "are empty for all 56 train products" in first
    assert not re.findall(r"^\|.*`(?:tfidf|late_fusion)`", text, flags=re.M)


def test_every_ensemble_is_described_member_by_member(tmp_path: Path) -> None:
    text = render(tmp_path, folds=4, **EVERYBODY)
    accuracies = {c.name: c.score.accuracy for c in standings.load().competitors}
    found = evidence.load(standings.load())
    rows = {row[0].strip("`"): row for row in table(text, "Ensembles")}
    assert set(rows) == set(tiny_report.ENSEMBLES)
    for name, row in rows.items():
        for member in tiny_report.ENSEMBLES[name]["members"]:
            assert f"`{member}`" in row[2]
            assert f"{accuracies[member]:.3f}" in row[2]
        assert row[3] == f"{accuracies[name]:.3f}"
        assert row[5] == f"{found.combined[name]['disagree']:.3f}"
    assert "`tfidf` 0.65 (0.50–0.80) | 0.98 (0.90–1.05) |" in text, "its weights: 0.8 to 0.5"


def test_small_models_together_are_compared_with_a_big_one_and_the_price_is_named(
    tmp_path: Path,
) -> None:
    skill = {"efficientnetv2_b1": 0.95, "soft_vote": 0.3}
    text = render(tmp_path, per_category=120, folds=3, skill=skill, **EVERYBODY)
    assert "match a big one? Not here. `soft_vote`, the best vote without" in text
    sentence = next(line for line in text.splitlines() if "match a big one?" in line)
    assert "`efficientnetv2_b1`, the best single candidate on photos" in sentence
    assert "verdict: worse (" in sentence
    plain = sentence.replace(GAP, " ")
    assert "Its 3 members cost 21 s to train per fold, 26 ms per prediction" in plain
    assert "`efficientnetv2_b1` costs 1 h 16 min to train per fold, 85 ms per prediction" in plain


def test_a_vote_with_the_biggest_network_in_it_says_nothing_of_small_models(
    tmp_path: Path,
) -> None:
    candidates = ["random_forest", "hog_svc", "cnn"]
    text = render(tmp_path, candidates=candidates, ensembles=["soft_vote"])
    assert "`cnn`, the biggest network, is a member of every vote" in text


def test_a_fine_tuning_that_was_rolled_back_is_not_called_one(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, folds=3)
    path = tmp_path / "data/facts/train/efficientnetv2_b0.json"
    good = {"kept": "tail", "val_loss": {"head": 0.4, "tail": 0.3}, "rolled_back": {}}
    bad = {"kept": "head", "val_loss": {"head": 0.389}, "rolled_back": {"tail": 0.528}}

    def told(*fits: dict[str, Any]) -> str:
        tiny_report.write_json(path, {"fits": [one | {"fold": at} for at, one in enumerate(fits)]})
        return again()

    text = told(good, good, good)
    assert "EfficientNetV2-B0, fine-tuned (last blocks)" in text and ", head only" not in text
    text = told(good, bad, good)
    assert "EfficientNetV2-B0, fine-tuned (last blocks), head only in 1 of 3 folds" in text
    assert "| `efficientnetv2_b0` | 1 | head and last blocks | 0.400 | 0.300 |" in text
    assert "| `efficientnetv2_b0` | 2 | the head only | 0.389 | 0.528 |" in text
    text = told(bad, bad, bad)
    assert "EfficientNetV2-B0, head only" in text and "B0, fine-tuned" not in text


def test_the_training_is_described_as_the_blocks_set_it(tmp_path: Path) -> None:
    text = render(tmp_path, **EVERYBODY)
    assert "The 3 networks minimise the cross-entropy on the training set" in text
    assert "; optimizer: Adam and SGD." in text
    assert (
        "after 2 epochs without a better `val_loss` or 8 epochs without a better `val_acc" in text
    )
    assert "label smoothing 0.1 (`cnn`)" in text
    candidates = tiny_report.read_json(tmp_path / "competitors.yaml")["candidates"]
    block = candidates["cnn"]["training"] | {"loss": "poisson", "label_smoothing": 0, "patience": 0}
    candidates["cnn"]["training"] = block
    tiny_report.edit_params(tmp_path, candidates=candidates)
    text = again()
    assert "minimise the cross-entropy and `poisson` on the training set; optimizer: Adam" in text
    assert "label smoothing" not in text and "val_accuracy" not in text


def test_a_stages_own_settings_stand_in_for_those_of_the_block(tmp_path: Path) -> None:
    render(tmp_path, **EVERYBODY)
    candidates = tiny_report.read_json(tmp_path / "competitors.yaml")["candidates"]
    stage = {"size": 16, "augmentation": 0.0, "dropout": 0.1, "mixup": 0.0, "epochs": 7}
    last = stage | {"size": 32, "dropout": 0.4, "epochs": 9}
    candidates["cnn"] |= {"architecture": "cnn_sequential", "progressive": [stage, last]}
    tiny_report.edit_params(tmp_path, candidates=candidates)
    text = again()
    assert "at most 7 and 9 epochs, dropout 0.1 and 0.4, photos of 16 and 32 pixels" in text
    assert "photos that grow from stage to stage" in text


def test_a_synthetic_catalogue_is_called_so_and_a_real_one_is_not(tmp_path: Path) -> None:
    assert "The photos are synthetic drawings" in render(tmp_path)
    content = tiny_report.read_json(tmp_path / "params.yaml")["catalogue"]
    tiny_report.edit_params(tmp_path, catalogue=content | {"source": "table"})
    assert "synthetic" not in again()


def test_special_characters_in_names_break_neither_tables_nor_html(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert r"Home \| Décor" in text
    assert r"Kitchen\_&amp;\_&lt;Dining&gt;" in text
    assert "<Dining>" not in text
    assert all(len(row) == 6 for row in table(text, "The split")[:5])


def test_every_figure_that_the_note_shows_exists_and_has_a_text(tmp_path: Path) -> None:
    text = drawn(tmp_path, **EVERYBODY)
    shown = re.findall(r"!\[(.+)\]\((.+)\)", text)
    assert len(shown) == 10, "no label is contradicted by most"
    for alternative, path in shown:
        assert len(alternative) > 20
        assert (tmp_path / "reports" / path).is_file()


def test_a_figure_that_was_not_drawn_leaves_a_sentence_with_the_reason(tmp_path: Path) -> None:
    text = drawn(tmp_path, examples=0, candidates=["majority"])
    assert "*No figure `examples.png`: `report.examples` in params.yaml is 0.*" in text
    assert "*No figure `confusion.png`: competitors.yaml lists only controls.*" in text


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
    assert "| identical photo files on two sides | 3 | **failed** |" in again()


def test_what_only_the_tables_show_fails_its_check_too(tmp_path: Path) -> None:
    tiny_report.write(tmp_path)
    for name in ("split", "views"):
        path = tmp_path / f"data/{name}.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join([*lines, lines[-1].replace("original", "rotate_90")]) + "\n")
    path = tmp_path / "reports/answers.csv"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([first, *rest[1:]]) + "\n")
    text = again()
    assert "| products tested more than once | 1 | **failed** |" in text
    assert "| test photos other than the original | 1 | **failed** |" in text
    assert "| competitors scored on other products | 4 | **failed** |" in text


def test_cross_testing_is_described_and_counts_all_products(tmp_path: Path) -> None:
    text = render(tmp_path, folds=4)
    assert "Cross-validation in 4 folds" in text
    assert "each of the 80 products is tested exactly once" in text
    assert "| products tested more than once | 0 | passed |" in text
    assert "| right of 80 |" in text


def test_without_networks_nothing_about_them_is_in_the_note(tmp_path: Path) -> None:
    text = render(tmp_path, candidates=["majority", "random_forest"])
    assert "EfficientNetV2" not in text
    assert "frozen pass" not in text and "epoch" not in text.replace("more than one epoch", "")
    assert text.startswith("# Which candidate recognises the categories best?")


def test_an_omitted_part_leaves_no_gap(tmp_path: Path) -> None:
    assert "\n\n\n" not in render(tmp_path, candidates=["majority"])
    assert "\n\n\n" not in render_again(tmp_path, **EVERYBODY)


def test_one_candidate_is_enough_for_a_note(tmp_path: Path) -> None:
    text = render(tmp_path, candidates=["random_forest"], rejects=0)
    assert "`random_forest` is the only competitor" in text
    assert "**Power.**" not in text and "Holm" not in text
    assert "Every row could be used." in text


def test_many_categories_are_folded_away(tmp_path: Path) -> None:
    text = render(tmp_path, categories=[f"c{i:02d}" for i in range(30)], per_category=8)
    assert "<details><summary>Products per category and partition</summary>\n\n| cat" in text


def test_the_template_holds_no_result() -> None:
    words = re.sub(r"\{[%#].*?[%#]\}", "", TEMPLATE.read_text(encoding="utf-8"))
    said = " ".join(re.findall(r'\b_\("(.*?)"[,)]', words))
    plain = re.sub(r"\{\{.*?\}\}", "", words, flags=re.DOTALL)
    for name in NAMES_WITH_DIGITS:
        said = said.replace(name, "")
    assert not re.findall(r"\S*\d\S*", said) and not re.findall(r"\S*\d\S*", plain)


def test_the_note_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    text = render(tmp_path)
    assert str(tmp_path) not in text
    assert "/home/" not in text and "/tmp/" not in text


def test_a_score_that_leans_on_near_twins_is_warned_about(tmp_path: Path) -> None:
    text = render(tmp_path, **EVERYBODY)
    assert "Chance explains the gap" in text and "leans on near twins" not in text
    comparison = files.read_json(paths.COMPARISON)
    for one in comparison["reach"]["competitors"].values():
        one["far"] = one["far"] | {"share": 0.125}
        one["p"] = 0.001
    files.write_json(comparison, paths.COMPARISON)
    text = again()
    assert text.count("leans on near twins: ") == 2
    assert "0.125 without, which chance does not explain" in text
    assert "expect the last figure" in text
    for one in comparison["reach"]["competitors"].values():
        one["far"] = one["far"] | {"share": 1.0}
    files.write_json(comparison, paths.COMPARISON)
    text = again()
    assert "right more often, which chance does not explain" in text and "leans on" not in text
    for one in comparison["reach"]["competitors"].values():
        one["near"] = one["p"] = None
    comparison["reach"]["with_twin"] = 0
    files.write_json(comparison, paths.COMPARISON)
    assert "unlike what was learned from" in again()
    files.write_json(comparison | {"reach": None}, paths.COMPARISON)
    assert "How far the scores reach" not in again()
