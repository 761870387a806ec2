"""Advice: what a reader should do, by the verdicts of the pairs that were tested."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_report

from aisle.report.advice import advice
from aisle.report.translation import speaking
from aisle.standings import standings
from aisle.standings.standings import Standings
from aisle.standings.verdicts import Pair, from_pairs
from aisle.statistics.paired import Word

EVERYBODY: dict[str, Any] = {
    "candidates": list(tiny_report.CANDIDATES),
    "ensembles": list(tiny_report.ENSEMBLES),
    "sources": {"b0": "imagenet", "b1": "imagenet"},
    "per_category": 60,
    "folds": 3,
    "skill": {"b0_knn": 0.92, "efficientnetv2_b0": 0.9, "tfidf": 0.99, "late_fusion": 0.95},
}


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def found(root: Path, words: dict[tuple[str, str], Word], **settings: Any) -> Standings:
    """Return standings in which every pair is undecided but those given, first against second."""
    tiny_report.write(root, **(EVERYBODY | settings))
    loaded = standings.load()

    def decided(pair: Pair) -> Pair:
        opposite: dict[Word, Word] = {"better": "worse", "worse": "better"}
        if (pair.first, pair.second) in words:
            return replace(pair, word=words[pair.first, pair.second])
        word = words.get((pair.second, pair.first), "undecided")
        return replace(pair, word=opposite.get(word, word))

    return replace(loaded, verdicts=from_pairs([decided(pair) for pair in loaded.verdicts]))


def said(standing: Standings) -> str:
    return "\n".join(advice(standing, fit=lambda c: f"{len(c.name)} s"))


CONTROL: dict[tuple[str, str], Word] = {("b0_knn", "majority"): "better"}


def test_the_text_is_advised_where_it_beats_photos_and_the_photo_adds_nothing(
    tmp_path: Path,
) -> None:
    standing = found(tmp_path, CONTROL | {("tfidf", "b0_knn"): "better"})
    text = said(standing)
    assert standing.champion.name == "b0_knn"
    assert "**With texts:** use them. `tfidf` gets" in text
    assert "This test shows no gain from adding the photo: with both, `late_fusion` gets" in text


def test_advice_from_a_family_that_only_explores_is_called_a_hint(tmp_path: Path) -> None:
    standing = found(tmp_path, CONTROL | {("tfidf", "b0_knn"): "better"})
    text = said(replace(standing, confirmatory=frozenset({"contest"})))
    assert "exploratory verdict: better (" in text
    assert "). Take that as a hint, not as proof. This test shows no gain" in text
    text = said(replace(standing, confirmatory=frozenset({"contest", "inputs"})))
    assert "exploratory" not in text.partition("\n")[0] and "hint" not in text


def test_a_gain_of_both_over_the_text_is_left_open_because_nothing_tests_it(tmp_path: Path) -> None:
    skill = EVERYBODY["skill"] | {"tfidf": 0.95, "late_fusion": 0.99}
    words = CONTROL | {("tfidf", "b0_knn"): "better", ("late_fusion", "tfidf"): "better"}
    text = said(found(tmp_path, words, skill=skill))
    assert "that pair was not tested, so this test cannot tell whether the photo adds" in text


def test_both_together_are_advised_where_only_they_beat_the_photo(tmp_path: Path) -> None:
    text = said(found(tmp_path, CONTROL | {("late_fusion", "b0_knn"): "better"}))
    assert "cannot tell whether they or the photos are better. `tfidf` gets" in text
    assert "better than the photo alone: `late_fusion` gets" in text


def test_with_photos_alone_the_winner_of_the_contest_is_advised_with_its_reasons(
    tmp_path: Path,
) -> None:
    text = said(found(tmp_path, CONTROL | {("b0_knn", "random_forest"): "better"}))
    assert "**With photos alone:** use `b0_knn`, which gets" in text
    assert "and takes 6 s to train. It gets" in text
    assert "more than `random_forest`, which takes 13 s; verdict: better (" in text


def test_an_undecided_contest_gives_no_name_to_use(tmp_path: Path) -> None:
    text = said(found(tmp_path, CONTROL))
    assert "this test does not single out one candidate. `b0_knn` gets" in text
    assert "cannot tell whether `random_forest`, which takes 13 s, is as good." in text
    assert "use " not in text


def test_who_is_not_better_than_a_control_is_not_advised(tmp_path: Path) -> None:
    text = said(found(tmp_path, {}))
    assert "no advice, because `b0_knn` is not shown to be better than a control" in text


@pytest.mark.parametrize(
    ("word", "opening"),
    [
        ("better", "**Fine-tuning** gained. `efficientnetv2_b0` gets"),
        ("worse", "**Fine-tuning** did harm. `efficientnetv2_b0` gets"),
        ("tie", "**Fine-tuning** made no difference that matters. `efficientnetv2_b0` gets"),
        ("undecided", "**Fine-tuning:** this test cannot tell whether it gains anything."),
    ],
)
def test_fine_tuning_is_judged_against_frozen_features_of_the_same_backbone(
    tmp_path: Path, word: Word, opening: str
) -> None:
    text = said(found(tmp_path, CONTROL | {("efficientnetv2_b0", "b0_knn"): word}))
    assert opening in text
    assert "`b0_knn`, a model on frozen features, and takes 17 s to train, not 6 s;" in text


def test_fine_tuning_is_left_open_where_its_pair_was_not_tested(tmp_path: Path) -> None:
    words: dict[tuple[str, str], Word] = {("efficientnetv2_b0", "b0_knn"): "better"}
    skill = EVERYBODY["skill"] | {"random_forest": 0.99}
    text = said(found(tmp_path, words, skill=skill))
    assert "That pair was not tested, so this test cannot tell whether fine-tuning gains" in text


def test_candidates_on_random_weights_say_nothing_of_fine_tuning(tmp_path: Path) -> None:
    text = said(found(tmp_path, CONTROL, sources={"b0": "random", "b1": "random"}))
    assert "Fine-tuning" not in text


def test_advice_speaks_french(tmp_path: Path) -> None:
    standing = found(tmp_path, CONTROL | {("tfidf", "b0_knn"): "better"})
    with speaking("fr"):
        text = said(standing)
    assert "utilisez-les. `tfidf` en classe correctement" in text
    assert "Réglage fin" in text
