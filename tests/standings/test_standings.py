"""The headline: the winner, how sure that is, with which weights."""

import contextlib
import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_report

from aisle import paths
from aisle.errors import AisleError
from aisle.report import headline
from aisle.standings import standings, verdicts
from aisle.standings.verdicts import Family, Pair
from aisle.statistics.paired import Word


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
        "calibration_error": 0.1,
        "correct": correct,
        "products": products,
    }


def near(correct: int) -> dict[str, float]:
    """Return scores with an interval of 0.05 to either side."""
    return scores(correct, low=correct / 100 - 0.05, high=correct / 100 + 0.05)


def write(root: Path, metrics: dict[str, dict[str, float]], **sources: str) -> None:
    tiny_report.write(
        root,
        per_category=8,
        candidates=[name for name in tiny_report.CANDIDATES if name in metrics],
        ensembles=[name for name in tiny_report.ENSEMBLES if name in metrics],
        sources=sources,
    )
    tiny_report.write_scores(root, metrics)
    with contextlib.chdir(root):
        verdicts.write([pair(*two, metrics=metrics) for two in itertools.combinations(metrics, 2)])


def pair(first: str, second: str, *, metrics: dict[str, dict[str, float]]) -> Pair:
    """Return a verdict that is decided from 10 products on."""
    products = int(metrics[first]["correct"] - metrics[second]["correct"])
    word: Word = "undecided"
    if abs(products) >= 10:
        word = "better" if products > 0 else "worse"
    return Pair(
        family="all",
        first=first,
        second=second,
        word=word,
        difference=products / 100,
        low=products / 100 - 0.09,
        high=products / 100 + 0.09,
        only_first=max(products, 0),
        only_second=max(-products, 0),
        p=0.01,
        p_holm=0.04,
        both_wrong=5,
    )


EVERYTHING = {
    "majority": near(20),
    "random_forest": near(55),
    "efficientnetv2_b0": near(80),
    "efficientnetv2_b1": near(79),
    "hog_svc": near(60),
    "b0_knn": near(75),
    "cnn": near(58),
    "tfidf": near(93),
    "photo_and_text": near(82),
    "soft_vote": near(65),
    "late_fusion": near(94),
}


def test_the_answer_compares_the_best_of_both_sides_and_says_that_nothing_is_decided(
    tmp_path: Path,
) -> None:
    metrics = {
        "random_forest": scores(74, low=0.65, high=0.82),
        "efficientnetv2_b0": scores(71, low=0.61, high=0.79),
    }
    write(tmp_path, metrics, b0="imagenet")
    assert headline.headline() == (
        "This test cannot tell. The transfer-learning candidate efficientnetv2_b0 gets 71 of 100 "
        "test products right (0.710), the classical candidate random_forest gets 74 (0.740). "
        "random_forest leads by 3 products (0.030). The 95 % interval of the difference is −0.060 "
        "to +0.120; p = 0.010 (one test, no correction). They are the only transfer-learning "
        "candidate and the only classical candidate, so nothing had to be chosen."
    )


def test_a_verdict_answers_the_question(tmp_path: Path) -> None:
    metrics = {
        "random_forest": scores(60, low=0.5, high=0.69),
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
    }
    write(tmp_path, metrics, b0="imagenet")
    text = headline.headline()
    assert text.startswith("Yes. The transfer-learning candidate efficientnetv2_b0 gets 90 of 100")
    assert "efficientnetv2_b0 leads by 30 products (0.300). The 95 % interval of the" in text
    assert "verdict" not in text.lower(), "it was given as the answer"
    assert "Weights" not in text


def test_a_baseline_that_is_ahead_for_certain_answers_no(tmp_path: Path) -> None:
    metrics = {"random_forest": near(90), "efficientnetv2_b0": near(60)}
    write(tmp_path, metrics, b0="imagenet")
    text = headline.headline()
    assert text.startswith("No. The transfer-learning candidate efficientnetv2_b0 gets 60")
    assert "random_forest leads by 30 products (0.300)" in text


def test_text_both_and_ensembles_each_have_their_sentence_and_never_answer_for_the_photos(
    tmp_path: Path,
) -> None:
    write(tmp_path, EVERYTHING, b0="imagenet", b1="imagenet")
    found = standings.load()
    assert headline.answer(found, named=str) == [
        "Yes. The transfer-learning candidate efficientnetv2_b0 gets 80 of 100 test products right "
        "(0.800), the classical candidate hog_svc gets 60 (0.600).",
        "efficientnetv2_b0 leads by 20 products (0.200). The 95 % interval of the difference is "
        "+0.110 to +0.290; p = 0.010 (one test, no correction).",
        "Chosen on validation, before the test was opened: the best of 3 transfer-learning "
        "candidates, and the best of 2 classical candidates.",
    ]
    assert headline.beyond(found, named=str) == [
        "From the text alone, tfidf gets 93 right (0.930), 13 products (0.130) more than "
        "efficientnetv2_b0; exploratory verdict: better (+0.040 to +0.220).",
        "From photo and text together, late_fusion gets 94 right (0.940), 14 products (0.140) more "
        "than efficientnetv2_b0; exploratory verdict: better (+0.050 to +0.230).",
        "The ensemble of photo candidates, soft_vote, gets 65 right (0.650), 15 products (0.150) "
        "fewer than efficientnetv2_b0; exploratory verdict: worse (−0.240 to −0.060).",
    ]


def test_a_pair_named_in_the_settings_is_said_to_be(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING, b0="imagenet", b1="imagenet")
    two = ("b0_knn", "hog_svc")
    tiny_report.write_finalists(tmp_path, EVERYTHING, contest=two)
    text = headline.headline()
    assert text.startswith("Yes. The transfer-learning candidate b0_knn gets 75 of 100")
    assert "This pair was named in params.yaml, before the test was opened." in text
    assert "Chosen on validation" not in text


def test_only_verdicts_of_confirmatory_families_go_without_a_mark(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING, b0="imagenet", b1="imagenet")
    tested: list[tuple[Family, str, str]] = [
        ("contest", "efficientnetv2_b0", "hog_svc"),
        ("inputs", "tfidf", "efficientnetv2_b0"),
        ("inputs", "late_fusion", "efficientnetv2_b0"),
        ("finalist", "efficientnetv2_b0", "soft_vote"),
    ]
    pairs = [
        replace(pair(first, second, metrics=EVERYTHING), family=family)
        for family, first, second in tested
    ]
    everybody = itertools.combinations(EVERYTHING, 2)
    verdicts.write([*pairs, *(pair(*two, metrics=EVERYTHING) for two in everybody)])
    found = replace(standings.load(), confirmatory=frozenset({"contest", "inputs"}))
    text, both, ensemble, *_ = headline.beyond(found, named=str)
    assert text.endswith("than efficientnetv2_b0; verdict: better (+0.040 to +0.220).")
    assert "; verdict: better" in both
    assert "; exploratory verdict: worse" in ensemble


def test_a_photo_finalist_outside_the_contest_is_mentioned_and_one_that_is_lucky_on_test_is_not(
    tmp_path: Path,
) -> None:
    ahead = EVERYTHING | {"cnn": near(85)}
    write(tmp_path, ahead, b0="imagenet", b1="imagenet")
    assert "On photos, cnn was the best on validation; on test it gets 85 right (0.850), 5" in (
        headline.headline()
    )
    assert standings.load().champion.name == "cnn"
    tiny_report.write_finalists(tmp_path, EVERYTHING)
    assert "cnn" not in headline.headline(), "validation had it behind"


@pytest.mark.parametrize(
    ("name", "reads", "kind"),
    [
        ("majority", "nothing", "control"),
        ("random_forest", "photo", "classical"),
        ("hog_svc", "photo", "classical"),
        ("b0_knn", "photo", "transfer"),
        ("efficientnetv2_b0", "photo", "transfer"),
        ("cnn", "photo", "neural"),
        ("tfidf", "text", "text"),
        ("photo_and_text", "photo and text", "both"),
        ("soft_vote", "photo", "ensemble"),
        ("late_fusion", "photo and text", "both"),
    ],
)
def test_a_competitor_is_of_the_kind_of_what_it_reads_and_learns_from(
    tmp_path: Path, name: str, reads: str, kind: str
) -> None:
    write(tmp_path, EVERYTHING)
    (found,) = (c for c in standings.load().competitors if c.name == name)
    assert (found.reads, found.kind) == (reads, kind)


def test_the_leaders_are_the_best_of_each_kind_and_of_each_way_to_transfer(
    tmp_path: Path,
) -> None:
    write(tmp_path, EVERYTHING)
    assert [c.name for c in standings.load().leaders] == [
        *("majority", "hog_svc", "cnn", "efficientnetv2_b0", "efficientnetv2_b1", "b0_knn"),
        *("soft_vote", "tfidf", "late_fusion"),
    ]


def test_among_equals_the_lower_log_loss_comes_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        EVERYTHING | {"hog_svc": near(60) | {"log_loss": 1.0000001}, "random_forest": near(60)},
    )
    best = standings.load().best("classical")
    assert best is not None and best.name == "random_forest"


def test_an_ensemble_with_a_member_on_random_weights_is_untrained_too(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING, b0="random", b1="imagenet")
    untrained = [c.name for c in standings.load().competitors if c.untrained]
    assert untrained == ["efficientnetv2_b0", "b0_knn", "late_fusion"]


def test_the_pretrained_answer_for_transfer_learning_even_where_random_weights_do_better(
    tmp_path: Path,
) -> None:
    write(tmp_path, EVERYTHING, b0="random", b1="imagenet")
    assert headline.headline().startswith(
        "Yes. The transfer-learning candidate efficientnetv2_b1 gets"
    )


def test_left_out_competitors_are_named_and_take_no_part(tmp_path: Path) -> None:
    tiny_report.write(
        tmp_path,
        candidates=["random_forest", "efficientnetv2_b0", "tfidf"],
        ensembles=["late_fusion"],
        left_out={"tfidf": tiny_report.NO_TEXT},
    )
    found = standings.load()
    assert [c.name for c in found.competitors] == ["random_forest", "efficientnetv2_b0"]
    assert found.left_out["tfidf"] == tiny_report.NO_TEXT
    assert "member 'tfidf'" in found.left_out["late_fusion"]
    assert headline.headline().endswith("Left out: tfidf and late_fusion.")


def test_a_run_in_which_all_were_left_out_has_nothing_to_say(tmp_path: Path) -> None:
    tiny_report.write(tmp_path, candidates=["tfidf"], left_out={"tfidf": tiny_report.NO_TEXT})
    with pytest.raises(AisleError, match=r"every candidate was left out.*are empty"):
        headline.headline()


def test_scores_of_an_ensemble_whose_member_is_gone_are_refused(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING)
    path = tmp_path / paths.COMPETITORS
    competing = tiny_report.read_json(path)
    del competing["candidates"]["cnn"]
    tiny_report.write_json(path, competing)
    with pytest.raises(AisleError, match=r"scores for soft_vote, but none for cnn.*dvc repro"):
        headline.headline()


def test_random_weights_are_named_and_never_called_transfer_learning(tmp_path: Path) -> None:
    metrics = {
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
        "efficientnetv2_b1": scores(60, low=0.5, high=0.69),
    }
    write(tmp_path, metrics, b0="random", b1="random")
    assert headline.headline().endswith("Weights were random: no transfer learning was measured.")


def test_only_the_variants_with_random_weights_are_named(tmp_path: Path) -> None:
    metrics = {
        "efficientnetv2_b0": scores(90, low=0.83, high=0.95),
        "efficientnetv2_b1": scores(60, low=0.5, high=0.69),
    }
    write(tmp_path, metrics, b0="file", b1="random")
    text = headline.headline()
    assert "Weights of b1 were random: no transfer learning was measured there." in text
    assert "Weights of b0 (file my_food.weights.h5) were given as files; they" in text


def test_formula_weights_are_transfer_learning_and_named_as_not_from_photos(
    tmp_path: Path,
) -> None:
    metrics = {"random_forest": near(60), "efficientnetv2_b0": near(80)}
    write(tmp_path, metrics, b0="formula")
    assert headline.headline().startswith(
        "Yes. The transfer-learning candidate efficientnetv2_b0 gets"
    )
    assert headline.headline().endswith(
        "The weights come from pretraining on formula-generated images, not on photos; they are "
        "not the official ImageNet weights."
    )


def test_only_the_variants_with_formula_weights_are_named(tmp_path: Path) -> None:
    metrics = {"efficientnetv2_b0": near(80), "efficientnetv2_b1": near(60)}
    write(tmp_path, metrics, b0="imagenet", b1="formula")
    assert headline.headline().endswith(
        "The weights of b1 come from pretraining on formula-generated images, not on photos; they "
        "are not the official ImageNet weights."
    )
    assert [c.label for c in standings.load().candidates] == ["", "formula weights"]


def test_practical_equivalence_is_an_answer_of_its_own(tmp_path: Path) -> None:
    metrics = {"random_forest": near(74), "efficientnetv2_b0": near(75)}
    write(tmp_path, metrics, b0="imagenet")
    found = pair("random_forest", "efficientnetv2_b0", metrics=metrics)
    verdicts.write([replace(found, word="tie", low=-0.015, high=0.005)])
    assert headline.headline().startswith("They tie. The transfer-learning candidate effic")
    assert "95 % interval of the difference is −0.005 to +0.015" in headline.headline()


def test_equal_scores_are_called_level(tmp_path: Path) -> None:
    metrics = {
        "random_forest": scores(74, low=0.65, high=0.82),
        "efficientnetv2_b0": scores(74, low=0.65, high=0.82),
    }
    write(tmp_path, metrics, b0="imagenet")
    assert "They get the same number right. The 95 % interval" in headline.headline()


def test_a_single_candidate_is_compared_with_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"random_forest": scores(74, low=0.65, high=0.82)})
    assert headline.headline() == (
        "random_forest is the only competitor: it gets 74 of 100 test products right (0.740; 95 % "
        "interval 0.650–0.820)."
    )


def test_without_one_of_the_two_sides_the_best_two_are_compared_and_nothing_is_answered(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"majority": near(20), "random_forest": near(60), "tfidf": near(90)})
    text = headline.headline()
    assert text.startswith("tfidf gets 90 of 100 test products right")
    assert ", random_forest gets 60 (0.600)." in text
    assert "Verdict on tfidf: better. They were the best two candidates on validation" in text
    assert "From the text alone" not in text, "it was said already"


def test_a_control_that_no_candidate_beats_is_reported(tmp_path: Path) -> None:
    metrics = {
        "majority": scores(30, low=0.2, high=0.4),
        "random_forest": scores(20, low=0.1, high=0.3),
    }
    write(tmp_path, metrics)
    assert "No candidate beats the control majority (0.300): nothing useful was learned." in (
        headline.headline()
    )


def test_a_side_of_the_answer_that_a_control_matches_is_named(tmp_path: Path) -> None:
    metrics = EVERYTHING | {"majority": near(58), "hog_svc": near(60), "random_forest": near(57)}
    write(tmp_path, metrics, b0="imagenet", b1="imagenet")
    assert headline.headline().endswith(
        "hog_svc is ahead of the control majority (0.580); exploratory verdict: undecided (−0.070 "
        "to +0.110)."
    )
    found = standings.load()
    marked = [c.name for c in found.competitors if not found.beats_control(c)]
    assert marked == ["random_forest", "hog_svc", "cnn", "soft_vote"]


def test_a_candidate_without_scores_is_an_error_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, {"random_forest": scores(74, low=0.65, high=0.82)})
    tiny_report.edit_params(
        tmp_path, candidates={name: tiny_report.CANDIDATES[name] for name in ["majority"]}
    )
    with pytest.raises(AisleError, match=r"no scores for majority.*dvc repro"):
        headline.headline()


def test_the_headline_loads_no_table_or_drawing_library() -> None:
    probe = "import sys, aisle.standings.standings; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], check=False, capture_output=True, text=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert not {"pandas", "matplotlib", "tensorflow", "sklearn"} & set(loaded.stdout.split())
